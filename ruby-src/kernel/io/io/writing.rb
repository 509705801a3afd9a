# IO: text out.

class IO
  def write(*items)
    __check_writable
    total = 0
    i = 0
    while i < items.__size
      item = items.__at(i)
      total += __write(String === item ? item : item.to_s)
      i += 1
    end
    __flush if @__sync
    total
  end

  def syswrite(text)
    write(text)
  end

  def write_nonblock(text, exception: true)
    write(text)
  end

  def pwrite(text, offset)
    __elsewhere(offset) { write(text) }
  end

  def __write_line(text)
    write(text.end_with?("\n") ? text : text + "\n")
  end

  def <<(item)
    write(item)
    self
  end

  def print(*items)
    if items.empty?
      write($_)
    else
      text = +""
      items.each_with_index do |item, i|
        text << $, if $, && i > 0
        text << item.to_s
      end
      text << $\ if $\
      write(text)
    end
    nil
  end

  def puts(*items)
    if items.__size == 0
      write("\n")
      return nil
    end
    text = +""
    i = 0
    while i < items.__size
      IO.__put(items.__at(i), text)
      i += 1
    end
    write(text)
    nil
  end

  # Appends an item as puts shows it.
  def self.__put(item, text)
    if String === item
      line = item
    else
      list = Array === item ? item : (Integer === item || Symbol === item || nil.equal?(item) ? nil : __check_ary(item))
      if list
        shown = list.__guarded(:puts, nil) do
          j = 0
          while j < list.__size
            __put(list.__at(j), text)
            j += 1
          end
          true
        end
        text << "[...]\n" unless shown
        return
      end
      line = item.to_s
      line = item.__any_to_s unless String === line
    end
    text << line
    text << "\n" unless line.__ends_with("\n")
  end

  def putc(item)
    if String === item
      write(item[0])
    else
      write(String.__from_byte(__int(item) & 255))
    end
    item
  end

  def printf(template, *args)
    write(format(template, *args))
    nil
  end

  include Enumerable
end
