# IO: bytes, characters and lines in.

class IO
  # Up to count bytes (nil: all), those put back first.
  def __take(count)
    pushed = __slot(5)
    if nil.equal?(pushed) || pushed.empty?
      return __read(count)
    end
    if count && pushed.bytesize > count
      __slot_put(5, pushed.byteslice(count, pushed.bytesize))
      return pushed.byteslice(0, count)
    end
    __slot_put(5, nil)
    pushed.b << __read(count && count - pushed.bytesize).b
  end

  def read(count = nil, buffer = nil)
    __check_readable
    if nil.equal?(count)
      text = __tag(__take(nil))
    else
      count = __int(count)
      raise ArgumentError, "negative length #{count} given" if count < 0
      text = count == 0 ? +"" : __take(count)
      text.force_encoding(Encoding::BINARY) if count > 0
    end
    nothing = count && count > 0 && text.empty?
    if buffer
      buffer.replace(text)
      return nothing ? nil : buffer
    end
    nothing ? nil : text
  end

  def readpartial(count, buffer = nil)
    __or_eof(read(count, buffer))
  end

  alias sysread readpartial

  def read_nonblock(count, buffer = nil, exception: true)
    text = read(count, buffer)
    exception ? __or_eof(text) : text
  end

  def pread(count, offset, buffer = nil)
    __or_eof(__elsewhere(offset) { read(count, buffer) })
  end

  # Runs the block at another position.
  def __elsewhere(offset)
    before = pos
    seek(offset)
    answer = yield
    seek(before)
    answer
  end

  def __or_eof(found)
    nil.equal?(found) ? raise(EOFError, "end of file reached") : found
  end

  def getbyte
    __check_readable
    text = __take(1)
    text.empty? ? nil : text.getbyte(0)
  end

  def readbyte
    __or_eof(getbyte)
  end

  def getc
    __check_readable
    text = __take(1)
    return nil if text.empty?
    encoding = @__external || Encoding.default_external
    byte = text.getbyte(0)
    if encoding == Encoding::UTF_8 && byte >= 0xc2
      more = byte >= 0xf0 ? 3 : (byte >= 0xe0 ? 2 : 1)
      text = text.b << __take(more).b
    end
    text.force_encoding(encoding)
  end

  def readchar
    __or_eof(getc)
  end

  def ungetbyte(byte)
    return nil if nil.equal?(byte)
    __check_readable
    text = Integer === byte ? String.__from_byte(byte & 255).b : __str(byte).b
    __slot_put(5, text << (__slot(5) || "").b)
    nil
  end

  def ungetc(char)
    return nil if nil.equal?(char)
    char = char.chr(external_encoding || Encoding::UTF_8) if Integer === char
    ungetbyte(char)
  end

  def each_byte
    return to_enum(:each_byte) unless block_given?
    while (byte = getbyte)
      yield byte
    end
    self
  end

  def each_char
    return to_enum(:each_char) unless block_given?
    while (c = getc)
      yield c
    end
    self
  end

  def __line_arguments(separator, limit)
    if Primitive.undefined?(separator)
      separator = $/
      limit = nil
    elsif Primitive.undefined?(limit)
      if Integer === separator
        limit = separator
        separator = $/
      elsif nil.equal?(separator) || String === separator
        limit = nil
      elsif separator.respond_to?(:to_str)
        separator = separator.to_str
        limit = nil
      else
        limit = __int(separator)
        separator = $/
      end
    else
      separator = nil.equal?(separator) ? nil : __str(separator)
      limit = nil.equal?(limit) ? nil : __int(limit)
    end
    limit = nil if limit && limit < 0
    [separator, limit]
  end

  def __lines_arguments(separator, limit, name)
    pair = __line_arguments(separator, limit)
    raise ArgumentError, "invalid limit: 0 for #{name}" if pair[1] == 0
    pair
  end

  def __get_line(separator, limit, chomp)
    return +"" if limit == 0
    if separator == "\n" && nil.equal?(limit) && __pushed_size == 0
      line = __read_line
      return nil unless line
      line = __tag(line)
      line = line.chomp if chomp
    else
      line = __get_line_slowly(separator, limit)
      return nil if line.empty?
      line = __tag(line)
      line = line.chomp(separator.empty? ? "\n\n" : separator) if chomp && separator
    end
    __slot_put(4, (__slot(4) || 0) + 1)
    line
  end

  def __get_line_slowly(separator, limit)
    return __take(limit) if nil.equal?(separator)
    paragraph = separator.empty?
    separator = "\n\n" if paragraph
    line = "".b
    if paragraph
      byte = getbyte
      byte = getbyte while byte == 10
      return line unless byte
      ungetbyte(byte)
    end
    ending = separator.b
    last = ending.getbyte(-1)
    while (byte = getbyte)
      line << String.__from_byte(byte).b
      if byte == last && line.__ends_with(ending)
        if paragraph
          byte = getbyte
          byte = getbyte while byte == 10
          ungetbyte(byte) if byte
        end
        break
      end
      if limit && line.bytesize >= limit
        # Never in the middle of a character.
        while !line.dup.force_encoding(external_encoding || Encoding::UTF_8).valid_encoding? && line.bytesize < limit + 4 && (more = getbyte)
          line << String.__from_byte(more).b
        end
        break
      end
    end
    line
  end

  def gets(separator = Primitive.undefined, limit = Primitive.undefined, chomp: false)
    line = __next_line(separator, limit, chomp)
    __set_caller_line(line)
    line
  end

  def readline(separator = Primitive.undefined, limit = Primitive.undefined, chomp: false)
    line = __or_eof(__next_line(separator, limit, chomp))
    __set_caller_line(line)
    line
  end

  # A line, counted in $., or nil.
  def __next_line(separator, limit, chomp)
    __check_readable
    pair = __line_arguments(separator, limit)
    line = __get_line(pair[0], pair[1], chomp)
    Kernel.__global_set(:$., __slot(4)) if line
    line
  end

  def readlines(separator = Primitive.undefined, limit = Primitive.undefined, chomp: false)
    __check_readable
    pair = __lines_arguments(separator, limit, "readlines")
    made = []
    while (line = __get_line(pair[0], pair[1], chomp))
      made << line
    end
    made
  end

  alias to_a readlines

  def each_line(separator = Primitive.undefined, limit = Primitive.undefined, chomp: false)
    unless block_given?
      args = Primitive.undefined?(separator) ? [] : (Primitive.undefined?(limit) ? [separator] : [separator, limit])
      return to_enum(:each_line, *args, chomp: chomp)
    end
    __check_readable
    pair = __lines_arguments(separator, limit, "each_line")
    while (line = __get_line(pair[0], pair[1], chomp))
      Kernel.__global_set(:$., __slot(4))
      yield line
    end
    self
  end

  alias each each_line

  private :__elsewhere, :__or_eof, :__next_line, :__lines_arguments
end
