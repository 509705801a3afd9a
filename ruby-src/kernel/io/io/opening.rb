# IO: opening, copying and closing; streams to other processes.

class IO
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
end
