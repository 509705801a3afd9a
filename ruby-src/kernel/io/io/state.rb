# IO: what a stream is and how it behaves: mode, encodings, position, waiting.

class IO
  def self.select(read, write = nil, error = nil, timeout = nil)
    milliseconds = nil.equal?(timeout) ? nil : (timeout * 1000).ceil
    read_list = (read || []).map { |io| io.to_io }
    write_list = (write || []).map { |io| io.to_io }
    ready = __ready(read_list.map { |io| io.fileno }, write_list.map { |io| io.fileno }, milliseconds)
    return nil unless ready
    [(read || []).select { |io| ready[0].include?(io.to_io.fileno) }, (write || []).select { |io| ready[1].include?(io.to_io.fileno) }, []]
  end

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
end
