# Array: as a Hash, as text, as packed bytes.

class Array
  def to_h
    made = {}
    i = 0
    while i < __size
      item = __at(i)
      item = yield(item) if block_given?
      pair = __check_ary(item)
      unless pair
        raise TypeError, "wrong element type #{item.class} at #{i} (expected array)"
      end
      if pair.__size != 2
        raise ArgumentError, "wrong array length at #{i} (expected 2, was #{pair.size})"
      end
      made[pair.__at(0)] = pair.__at(1)
      i += 1
    end
    made
  end

  def to_a
    instance_of?(Array) ? self : __dup
  end

  alias entries to_a

  def to_ary
    self
  end

  def deconstruct
    self
  end

  def inspect
    return "[]" if __size == 0
    __guarded(:inspect, "[...]") do
      text = +"["
      i = 0
      while i < __size
        text << ", " if i > 0
        item = __at(i)
        shown = item.inspect
        text << (String === shown ? shown : __shown(item))
        i += 1
      end
      text << "]"
    end
  end

  alias to_s inspect

  def join(separator = nil)
    made = +""
    return made.force_encoding(Encoding::US_ASCII) if __size == 0
    if nil.equal?(separator)
      separator = $,
      warn("warning: $, is set to non-nil value", uplevel: 1) unless nil.equal?(separator)
    end
    separator = __str(separator) unless nil.equal?(separator)
    __join_into(made, separator)
    made
  end

  def __join_into(made, separator)
    done = __guarded(:join, nil) do
      i = 0
      while i < __size
        made << separator if i > 0 && separator
        item = __at(i)
        if String === item
          made << item
        elsif Array === item
          item.__join_into(made, separator)
        elsif (text = __check_str(item))
          made << text
        elsif (list = __check_ary(item))
          list.__join_into(made, separator)
        else
          made << item.to_s
        end
        i += 1
      end
      true
    end
    raise ArgumentError, "recursive array join" unless done
  end

  def pack(format, buffer: nil)
    packed = __pack_format(__str(format))
    return packed unless buffer
    raise TypeError, "buffer must be String, not #{buffer.class}" unless String === buffer
    buffer << packed
  end

  def __pack_format(format)
    Primitive.array_pack
    Maglev::Pack.pack(self, format)
  end

  include Enumerable
end
