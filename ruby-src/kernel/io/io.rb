# IO: open files by descriptor. Slots (from 1): descriptor, path, mode, line, buffer. `buffer` holds bytes that ungetc put back.

class IO
  SEEK_SET = 0
  SEEK_CUR = 1
  SEEK_END = 2

  module WaitReadable
  end

  module WaitWritable
  end

  class TimeoutError < IOError
  end

  class EAGAINWaitReadable < Errno::EAGAIN
    include WaitReadable
  end

  class EAGAINWaitWritable < Errno::EAGAIN
    include WaitWritable
  end

  EWOULDBLOCKWaitReadable = EAGAINWaitReadable
  EWOULDBLOCKWaitWritable = EAGAINWaitWritable

  # --- primitives

  def self.__open(path, mode, permission)
    Primitive.file_open
    __io_failed(path, "rb_sysopen")
  end

  def __read(count)
    Primitive.file_read
    __io_failed(path)
  end

  def __read_line
    Primitive.file_read_line
    nil
  end

  def __write(text)
    Primitive.file_write
    __io_failed(path)
  end

  def __close
    Primitive.file_close
    nil
  end

  def __seek(offset, whence)
    Primitive.file_seek
    __io_failed(path)
  end

  def __tell
    Primitive.file_tell
    __io_failed(path)
  end

  def __eof
    Primitive.file_eof
    true
  end

  def __flush
    Primitive.file_flush
    nil
  end

  def __sync
    Primitive.file_sync
    nil
  end

  def __isatty
    Primitive.file_isatty
    false
  end

  def self.__pipe
    Primitive.file_pipe
    __io_failed
  end

  def self.__ready(read, write, milliseconds)
    Primitive.file_ready
    [read, write]
  end

  # Whether another thread could run now or will by itself.
  def self.__others_may_run
    Primitive.processes_waiting_to_run
    true
  end

  # Waits until the descriptor can be read (or written); false when the time in seconds is over. Only this thread waits.
  def self.__await(descriptor, write, seconds)
    read_list = write ? [] : [descriptor]
    write_list = write ? [descriptor] : []
    limit = seconds && Process.clock_gettime(Process::CLOCK_MONOTONIC) + seconds
    pause = 0.0002
    while true
      left = limit && limit - Process.clock_gettime(Process::CLOCK_MONOTONIC)
      left = 0 if left && left < 0
      others = __others_may_run
      return true if __ready(read_list, write_list, others ? 0 : (left && (left * 1000).ceil))
      return false if left == 0
      if others
        sleep(pause)
        pause = [pause * 1.5, 0.005].min
      end
    end
  end

  # A second descriptor of the same open file.
  def self.__dup_descriptor(descriptor)
    Primitive.file_dup
    __io_failed
  end

  # Makes a standard descriptor (0, 1, 2) mean the file of another one.
  def self.__redirect(standard, descriptor)
    Primitive.file_redirect
    __io_failed
  end

  # --- making

  def self.__from_descriptor(descriptor, mode, path = nil)
    made = allocate
    made.__attach(descriptor, mode, path)
    made
  end

  def __attach(descriptor, mode, path)
    __slot_put(1, descriptor)
    __slot_put(2, path)
    __slot_put(3, mode)
    __slot_put(4, 0)
  end

  def self.new(descriptor, mode = "r", **options)
    made = allocate
    made.__send__(:initialize, descriptor, mode, **options)
    made
  end

  class << self
    alias for_fd new
  end

  def initialize(descriptor, mode = "r", **options)
    __attach(__int(descriptor), mode, nil)
    __options(mode, options)
  end

  def self.open(*args, **options)
    made = new(*args, **options)
    return made unless block_given?
    begin
      yield made
    ensure
      made.close unless made.closed?
    end
  end

  def self.sysopen(path, mode = "r", permission = 0o666)
    __open(__path(path), mode, permission).fileno
  end

  # Splits "r:utf-8" and the keyword options into what the stream remembers.
  def __options(mode, options)
    text = String === mode ? mode : ""
    text = options[:mode] if String === options[:mode]
    name = options[:external_encoding] || options[:encoding]
    at = text.index(":")
    name = text[at + 1, text.size] if at && !name
    @__binary = true if text.include?("b") || options[:binmode]
    if name
      name = name.name if Encoding === name
      name = name.sub(/\ABOM\|/i, "").split(":")[0]
      @__external = Encoding.find(name)
    elsif @__binary
      @__external = Encoding::BINARY
    end
    self
  end

  def self.pipe(*)
    pair = __pipe
    list = [__from_descriptor(pair[0], "r"), __from_descriptor(pair[1], "w")]
    list[1].sync = true
    return list unless block_given?
    begin
      yield(*list)
    ensure
      list.each { |io| io.close unless io.closed? }
    end
  end

  def self.popen(command, mode = "r", **options)
    mode, options = "r", mode if Hash === mode
    command = command.drop(1) if Array === command && Hash === command[0]
    command = command.map { |word| Process.__quoted(word) }.join(" ") if Array === command
    command = "(#{command}\n) 2>&1" if options[:err] == [:child, :out]
    output = Process.__backtick(command)
    io = StringPipe.new(output)
    return io unless block_given?
    yield io
  end

  # What popen answers: the command's output, already read.
  class StringPipe
    include Enumerable

    def initialize(text)
      @text = text
      @at = 0
      @status = $?
    end

    def read(count = nil)
      rest = @text.byteslice(@at, @text.bytesize - @at) || +""
      rest = rest.byteslice(0, count) if count
      @at += rest.bytesize
      count && rest.empty? && count > 0 ? nil : rest
    end

    def gets(*)
      return nil if @at >= @text.bytesize
      stop = @text.byteindex("\n", @at)
      stop = stop ? stop + 1 : @text.bytesize
      line = @text.byteslice(@at, stop - @at)
      @at = stop
      line
    end

    def each_line
      return to_enum(:each_line) unless block_given?
      while (line = gets)
        yield line
      end
      self
    end

    alias each each_line

    def readlines(chomp: false)
      list = each_line.to_a
      chomp ? list.map { |l| l.chomp } : list
    end

    def eof?
      @at >= @text.bytesize
    end

    def write(*)
      0
    end

    alias puts write
    alias print write

    def close
      Process.__last_status = @status
      nil
    end

    def close_write
      nil
    end

    def closed?
      false
    end

    def pid
      @status && @status.pid
    end
  end

  def self.select(read, write = nil, error = nil, timeout = nil)
    milliseconds = nil.equal?(timeout) ? nil : (timeout * 1000).ceil
    read_list = (read || []).map { |io| io.to_io }
    write_list = (write || []).map { |io| io.to_io }
    ready = __ready(read_list.map { |io| io.fileno }, write_list.map { |io| io.fileno }, milliseconds)
    return nil unless ready
    [(read || []).select { |io| ready[0].include?(io.to_io.fileno) }, (write || []).select { |io| ready[1].include?(io.to_io.fileno) }, []]
  end

  # --- whole files

  def self.read(path, length = nil, offset = nil, mode: "r", **options)
    File.open(path, mode, **options) do |io|
      io.seek(offset) if offset
      io.read(length)
    end
  end

  def self.binread(path, length = nil, offset = nil)
    File.open(path, "rb") do |io|
      io.seek(offset) if offset
      io.read(length)
    end
  end

  def self.write(path, text, offset = nil, mode: nil, perm: 0o666, **options)
    mode ||= offset ? File::WRONLY | File::CREAT : "w"
    File.open(path, mode, perm, **options) do |io|
      io.seek(offset) if offset
      io.write(text)
    end
  end

  def self.binwrite(path, text, offset = nil, **options)
    write(path, text, offset, **options)
  end

  def self.readlines(path, *args, **options)
    named = options.reject { |k, _| k == :chomp }
    File.open(path, **named) { |io| io.readlines(*args, **options.slice(:chomp)) }
  end

  def self.foreach(path, *args, **options, &block)
    return to_enum(:foreach, path, *args, **options) unless block
    named = options.reject { |k, _| k == :chomp }
    File.open(path, **named) { |io| io.each_line(*args, **options.slice(:chomp), &block) }
    nil
  end

  def self.copy_stream(from, to, length = nil, offset = nil)
    source = from.respond_to?(:read) ? from : File.open(from, "rb")
    target = to.respond_to?(:write) ? to : File.open(to, "wb")
    source.seek(offset) if offset
    text = length ? source.read(length) : source.read
    text ||= ""
    target.write(text)
    source.close unless source.equal?(from)
    target.close unless target.equal?(to)
    text.bytesize
  end

  # --- state

  def fileno
    __check_open
    __slot(1)
  end

  alias to_i fileno

  def to_io
    self
  end

  def path
    __slot(2)
  end

  def closed?
    nil.equal?(__slot(1))
  end

  def __check_open
    raise IOError, "closed stream" if nil.equal?(__slot(1))
  end

  def __mode_text
    mode = __slot(3)
    String === mode ? mode : "r"
  end

  def __check_readable
    __check_open
    mode = __slot(3)
    if String === mode
      raise IOError, "not opened for reading" if (mode.start_with?("w") || mode.start_with?("a")) && !mode.include?("+")
    elsif Integer === mode
      raise IOError, "not opened for reading" if mode & 3 == 1
    end
  end

  def __check_writable
    __check_open
    mode = __slot(3)
    if String === mode
      raise IOError, "not opened for writing" if mode.start_with?("r") && !mode.include?("+")
    elsif Integer === mode
      raise IOError, "not opened for writing" if mode & 3 == 0
    end
  end

  def close
    return nil if closed?
    __close
    __slot_put(1, nil)
    nil
  end

  def close_read
    close if __mode_text.start_with?("r")
  end

  def close_write
    __check_open
    close unless __mode_text.start_with?("r") && !__mode_text.include?("+")
  end

  def autoclose?
    true
  end

  def autoclose=(value)
    value
  end

  def close_on_exec?
    true
  end

  def close_on_exec=(value)
    value
  end

  def sync
    __check_open
    @__sync ? true : false
  end

  def sync=(value)
    __check_open
    __flush
    @__sync = value ? true : false
  end

  def flush
    __check_open
    __flush
    self
  end

  def fsync
    __check_open
    __flush
    __sync
    0
  end

  alias fdatasync fsync

  def tty?
    __check_open
    __isatty
  end

  alias isatty tty?

  def pid
    nil
  end

  def binmode
    __check_open
    @__binary = true
    @__external = Encoding::BINARY
    self
  end

  def binmode?
    @__binary ? true : false
  end

  def external_encoding
    @__external || (__mode_text.start_with?("r") ? Encoding.default_external : nil)
  end

  def internal_encoding
    @__internal
  end

  def set_encoding(external, internal = nil, **options)
    if String === external && external.include?(":")
      external, internal = external.split(":", 2)
    end
    @__external = nil.equal?(external) ? nil : Encoding.find(String === external ? external.sub(/\ABOM\|/i, "") : external)
    @__internal = nil.equal?(internal) || internal == "-" ? nil : Encoding.find(internal)
    self
  end

  def set_encoding_by_bom
    head = read(3)
    if head && head.b == "\xEF\xBB\xBF".b
      return @__external = Encoding::UTF_8
    end
    ungetbyte(head) if head
    nil
  end

  def __tag(text)
    text && text.force_encoding(@__external || Encoding.default_external)
  end

  def lineno
    __check_readable
    __slot(4) || 0
  end

  def lineno=(number)
    __check_readable
    __slot_put(4, __int(number))
  end

  def stat
    File::Stat.__of(fileno, true)
  end

  def fcntl(*)
    0
  end

  def ioctl(*)
    0
  end

  def advise(*)
    nil
  end

  def timeout
    @__timeout
  end

  def timeout=(seconds)
    @__timeout = seconds
  end

  # --- positions

  def pos
    __check_open
    __tell - __pushed_size
  end

  alias tell pos

  def pos=(offset)
    seek(offset)
    offset
  end

  def seek(offset, whence = 0)
    __check_open
    whence = { SET: 0, CUR: 1, END: 2 }[whence] if Symbol === whence
    offset = __int(offset)
    offset -= __pushed_size if whence == 1
    __slot_put(5, nil)
    __seek(offset, whence)
    0
  end

  def sysseek(offset, whence = 0)
    seek(offset, whence)
    pos
  end

  def rewind
    seek(0)
    __slot_put(4, 0)
    0
  end

  def eof?
    __check_readable
    return false if __pushed_size > 0
    __eof
  end

  alias eof eof?

  def __pushed_size
    pushed = __slot(5)
    nil.equal?(pushed) ? 0 : pushed.bytesize
  end

  # --- reading

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
    text = read(count, buffer)
    raise EOFError, "end of file reached" if nil.equal?(text)
    text
  end

  alias sysread readpartial

  def read_nonblock(count, buffer = nil, exception: true)
    text = read(count, buffer)
    raise EOFError, "end of file reached" if nil.equal?(text) && exception
    text
  end

  def pread(count, offset, buffer = nil)
    before = pos
    seek(offset)
    text = read(count, buffer)
    seek(before)
    raise EOFError, "end of file reached" if nil.equal?(text)
    text
  end

  def getbyte
    __check_readable
    text = __take(1)
    text.empty? ? nil : text.getbyte(0)
  end

  def readbyte
    getbyte || raise(EOFError, "end of file reached")
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
    getc || raise(EOFError, "end of file reached")
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
    __check_readable
    pair = __line_arguments(separator, limit)
    line = __get_line(pair[0], pair[1], chomp)
    Kernel.__global_set(:$., __slot(4)) if line
    __set_caller_line(line)
    line
  end

  def readline(separator = Primitive.undefined, limit = Primitive.undefined, chomp: false)
    __check_readable
    pair = __line_arguments(separator, limit)
    line = __get_line(pair[0], pair[1], chomp)
    raise EOFError, "end of file reached" unless line
    Kernel.__global_set(:$., __slot(4))
    __set_caller_line(line)
    line
  end

  def readlines(separator = Primitive.undefined, limit = Primitive.undefined, chomp: false)
    __check_readable
    pair = __line_arguments(separator, limit)
    raise ArgumentError, "invalid limit: 0 for readlines" if pair[1] == 0
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
    pair = __line_arguments(separator, limit)
    raise ArgumentError, "invalid limit: 0 for each_line" if pair[1] == 0
    while (line = __get_line(pair[0], pair[1], chomp))
      Kernel.__global_set(:$., __slot(4))
      yield line
    end
    self
  end

  alias each each_line

  # --- writing

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
    before = pos
    seek(offset)
    count = write(text)
    seek(before)
    count
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

  def initialize_copy(other)
    other.__check_open
    __slot_put(1, IO.__dup_descriptor(other.fileno))
    self
  end

  def reopen(other, mode = nil, **options)
    if other.respond_to?(:to_io)
      other = other.to_io
      other.flush
    else
      other = File.open(other, mode || __mode_text, **options)
    end
    mine = __slot(1)
    __flush if mine
    if mine && mine < 3
      IO.__redirect(mine, other.fileno)
    else
      __close if mine
      __slot_put(1, IO.__dup_descriptor(other.fileno))
    end
    __slot_put(2, other.path)
    __slot_put(3, mode || other.__slot(3))
    __slot_put(5, nil)
    self
  end

  def wait_readable(timeout = nil)
    IO.select([self], nil, nil, timeout) && self
  end

  def wait_writable(timeout = nil)
    IO.select(nil, [self], nil, timeout) && self
  end

  def inspect
    name = path || (closed? ? nil : "fd #{__slot(1)}")
    "#<#{self.class}:#{name}#{closed? ? (name ? ' (closed)' : '(closed)') : ''}>"
  end

  include Enumerable
end
