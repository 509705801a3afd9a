# StringIO: a String that reads and writes like a file.

class StringIO
  include Enumerable

  VERSION = "3.1.2"

  def self.open(*args, **options)
    made = new(*args, **options)
    return made unless block_given?
    begin
      yield made
    ensure
      made.close unless made.closed?
    end
  end

  attr_reader :lineno

  def initialize(string = nil, mode = nil, **options)
    mode = options[:mode] if options.key?(:mode)
    given = !string.nil?
    @string = given ? string.to_str : +""
    mode ||= given && @string.frozen? ? "r" : "r+"
    if mode.is_a?(Integer)
      access = mode & 3
      @readable = access != 1
      @writable = access != 0
      @append = mode & IO::APPEND != 0
      @string.replace("") if mode & IO::TRUNC != 0
    else
      @readable = mode.start_with?("r") || mode.include?("+")
      @writable = !mode.start_with?("r") || mode.include?("+")
      @append = mode.start_with?("a")
      @string.replace("") if mode.start_with?("w")
    end
    raise Errno::EACCES, "Permission denied" if @writable && @string.frozen?
    @pos = 0
    @lineno = 0
    @sync = true
  end

  def string
    @string
  end

  def string=(text)
    @string = text.to_str
    @readable = true
    @writable = !@string.frozen?
    @append = false
    @pos = 0
    @lineno = 0
    text
  end

  def reopen(string = +"", mode = nil)
    initialize(string, mode)
    self
  end

  def lineno=(number)
    @lineno = number
  end

  def check_readable
    raise IOError, "not opened for reading" unless @readable
  end

  def check_writable
    raise IOError, "not opened for writing" unless @writable
  end

  private :check_readable, :check_writable

  # --- state

  def close
    @readable = false
    @writable = false
    nil
  end

  def close_read
    raise IOError, "closing non-duplex IO for reading" unless @readable
    @readable = false
    nil
  end

  def close_write
    raise IOError, "closing non-duplex IO for writing" unless @writable
    @writable = false
    nil
  end

  def closed?
    !@readable && !@writable
  end

  def closed_read?
    !@readable
  end

  def closed_write?
    !@writable
  end

  def sync
    true
  end

  def sync=(value)
    value
  end

  def flush
    self
  end

  def fsync
    0
  end

  def fileno
    nil
  end

  def pid
    nil
  end

  def tty?
    false
  end

  alias isatty tty?

  def fcntl(*)
    raise NotImplementedError, "fcntl() function is unimplemented on this machine"
  end

  def binmode
    @string.force_encoding(Encoding::BINARY) unless @string.frozen?
    self
  end

  def external_encoding
    @string.encoding
  end

  def internal_encoding
    nil
  end

  def set_encoding(encoding, *)
    @string.force_encoding(encoding || Encoding.default_external) unless @string.frozen?
    self
  end

  def size
    @string.bytesize
  end

  alias length size

  def pos
    @pos
  end

  alias tell pos

  def pos=(offset)
    raise Errno::EINVAL, "Invalid argument" if offset < 0
    @pos = offset
  end

  def seek(offset, whence = IO::SEEK_SET)
    raise IOError, "closed stream" if closed?
    base = case whence
    when 0, :SET then 0
    when 1, :CUR then @pos
    when 2, :END then @string.bytesize
    else raise Errno::EINVAL, "Invalid argument - invalid whence"
    end
    raise Errno::EINVAL, "Invalid argument" if base + offset < 0
    @pos = base + offset
    0
  end

  def rewind
    @pos = 0
    @lineno = 0
    0
  end

  def eof?
    check_readable
    @pos >= @string.bytesize
  end

  alias eof eof?

  # --- reading

  def read(count = nil, buffer = nil)
    check_readable
    left = @string.bytesize - @pos
    if count.nil?
      text = left > 0 ? @string.byteslice(@pos, left) : +""
      @pos = @string.bytesize if left > 0
    else
      raise ArgumentError, "negative length #{count} given" if count < 0
      if count > 0 && left <= 0
        buffer.replace("") if buffer
        return nil
      end
      text = (@string.byteslice(@pos, count) || "").b
      @pos += text.bytesize
    end
    buffer ? buffer.replace(text) : text
  end

  def pread(count, offset)
    raise ArgumentError, "negative string size (or size too big): #{count}" if count < 0
    raise Errno::EINVAL, "Invalid argument - pread: Invalid offset argument" if offset < 0
    return +"" if count == 0
    raise EOFError, "end of file reached" if offset >= @string.bytesize
    @string.byteslice(offset, count).b
  end

  def sysread(count = nil, buffer = nil)
    text = read(count, buffer)
    raise EOFError, "end of file reached" if text.nil?
    text
  end

  alias readpartial sysread

  def read_nonblock(count = nil, buffer = nil, exception: true)
    text = read(count, buffer)
    raise EOFError, "end of file reached" if text.nil? && exception
    text
  end

  def getbyte
    check_readable
    byte = @string.getbyte(@pos)
    @pos += 1 if byte
    byte
  end

  def readbyte
    getbyte || raise(EOFError, "end of file reached")
  end

  def getc
    check_readable
    return nil if @pos >= @string.bytesize
    c = @string.byteslice(@pos, 8)[0]
    @pos += c.bytesize
    c
  end

  def readchar
    getc || raise(EOFError, "end of file reached")
  end

  def ungetbyte(byte)
    return nil if byte.nil?
    check_readable
    text = byte.is_a?(Integer) ? (byte & 255).chr.b : byte.b
    put_back(text)
  end

  def ungetc(char)
    return nil if char.nil?
    check_readable
    put_back(char.is_a?(Integer) ? char.chr(external_encoding) : char.to_str)
  end

  def put_back(text)
    count = text.bytesize
    if count > @pos
      @string.replace(text.b + @string.byteslice(@pos, @string.bytesize).to_s.b)
      @string.force_encoding(Encoding::UTF_8)
      @pos = 0
    else
      @pos -= count
      @string.bytesplice(@pos, count, text.dup.force_encoding(@string.encoding))
    end
    nil
  end

  private :put_back

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

  def each_codepoint
    return to_enum(:each_codepoint) unless block_given?
    each_char { |c| yield c.ord }
  end

  def next_line(args, chomp)
    separator = $/
    limit = nil
    case args.size
    when 1
      if args[0].nil? || args[0].is_a?(String)
        separator = args[0]
      elsif args[0].respond_to?(:to_str)
        separator = args[0].to_str
      else
        limit = args[0].to_int
      end
    when 2
      separator = args[0]
      limit = args[1]
    end
    limit = nil if limit && limit < 0
    return +"" if limit == 0
    return nil if @pos >= @string.bytesize
    if separator == ""
      @pos += 1 while @string.getbyte(@pos) == 10
      return nil if @pos >= @string.bytesize
      at = @string.byteindex("\n\n", @pos)
      stop = at ? at + 2 : @string.bytesize
    elsif separator.nil?
      stop = @string.bytesize
    else
      at = @string.byteindex(separator, @pos)
      stop = at ? at + separator.bytesize : @string.bytesize
    end
    stop = @pos + limit if limit && stop - @pos > limit
    line = @string.byteslice(@pos, stop - @pos)
    until line.valid_encoding? || stop >= @string.bytesize || limit.nil?
      stop += 1
      line = @string.byteslice(@pos, stop - @pos)
    end
    @pos = stop
    if separator == ""
      @pos += 1 while @string.getbyte(@pos) == 10
    end
    @lineno += 1
    line = line.chomp(separator == "" ? "\n\n" : separator) if chomp && separator
    line
  end

  private :next_line

  def gets(*args, chomp: false)
    check_readable
    line = next_line(args, chomp)
    $. = @lineno if line
    __set_caller_line(line)
    line
  end

  def readline(*args, chomp: false)
    gets(*args, chomp: chomp) || raise(EOFError, "end of file reached")
  end

  def each_line(*args, chomp: false)
    return to_enum(:each_line, *args, chomp: chomp) unless block_given?
    check_readable
    raise ArgumentError, "invalid limit: 0 for each_line" if args.last == 0
    while (line = next_line(args, chomp))
      yield line
    end
    self
  end

  alias each each_line

  def readlines(*args, chomp: false)
    check_readable
    raise ArgumentError, "invalid limit: 0 for readlines" if args.last == 0
    made = []
    while (line = next_line(args, chomp))
      made << line
    end
    made
  end

  # --- writing

  def write(*items)
    check_writable
    items.sum { |item| write_one(item.to_s) }
  end

  def write_one(text)
    return 0 if text.empty?
    @pos = @string.bytesize if @append
    size = @string.bytesize
    if @pos == size
      if text.encoding == @string.encoding || text.ascii_only?
        @string << text
      else
        @string << text.dup.force_encoding(@string.encoding)
      end
    else
      @string << "\0" * (@pos - size) if @pos > size
      count = text.bytesize
      count = @string.bytesize - @pos if @pos + count > @string.bytesize
      encoding = @string.encoding
      head = @string.byteslice(0, @pos).b
      tail = @string.byteslice(@pos + count, @string.bytesize).to_s.b
      @string.replace(head << text.b << tail)
      @string.force_encoding(encoding)
    end
    @pos += text.bytesize
    text.bytesize
  end

  private :write_one

  def syswrite(item)
    write(item)
  end

  def write_nonblock(item, **)
    write(item)
  end

  def <<(item)
    write(item)
    self
  end

  def print(*items)
    items = [$_] if items.empty?
    text = items.map { |item| item.to_s }.join($, || "")
    text << $\ if $\
    write(text)
    nil
  end

  def puts(*items)
    if items.empty?
      write("\n")
    else
      items.each { |item| put_item(item) }
    end
    nil
  end

  def put_item(item)
    if item.is_a?(Array)
      item.each { |x| put_item(x) }
    else
      text = item.to_s
      write(text.end_with?("\n") ? text : text + "\n")
    end
  end

  private :put_item

  def printf(template, *args)
    write(format(template, *args))
    nil
  end

  def putc(item)
    write(item.is_a?(String) ? item[0] : (item.to_int & 255).chr)
    item
  end

  def truncate(size)
    check_writable
    raise Errno::EINVAL, "negative length" if size < 0
    before = @string.bytesize
    if size < before
      @string.replace(@string.byteslice(0, size))
    else
      @string << "\0" * (size - before)
    end
    0
  end

  def initialize_copy(other)
    super
    self
  end

  def inspect
    "#<StringIO:0x#{object_id.to_s(16)}>"
  end
end
