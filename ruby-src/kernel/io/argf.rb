# ARGF: the files named by ARGV one after the other, or standard input.

ARGF = Object.new

class << ARGF
  include Enumerable

  def __current
    io = $__argf_current
    return io if io
    if !$__argf_started && ARGV.empty?
      $__argf_started = true
      Kernel.__global_set(:$FILENAME, "-")
      return $__argf_current = $stdin
    end
    $__argf_started = true
    return nil if ARGV.empty?
    name = ARGV.shift
    Kernel.__global_set(:$FILENAME, name)
    $__argf_current = name == "-" ? $stdin : File.open(name)
  end

  # Leaves the file at hand; the next one is opened when something is read.
  def __next
    io = $__argf_current
    io.close unless nil.equal?(io) || io.equal?($stdin) || io.closed?
    $__argf_current = nil
    $__argf_ended = true if io.equal?($stdin) && ARGV.empty?
  end

  def gets(*args, **options)
    until $__argf_ended
      io = __current
      return nil unless io
      line = io.gets(*args, **options)
      if line
        $__argf_line = ($__argf_line || 0) + 1
        Kernel.__global_set(:$., $__argf_line)
        return line
      end
      __next
    end
    nil
  end

  def readline(*args, **options)
    gets(*args, **options) || raise(EOFError, "end of file reached")
  end

  def each_line(*args, **options)
    return to_enum(:each_line, *args, **options) unless block_given?
    while (line = gets(*args, **options))
      yield line
    end
    self
  end

  alias each each_line

  def readlines(*args, **options)
    made = []
    while (line = gets(*args, **options))
      made << line
    end
    made
  end

  alias to_a readlines

  def read(count = nil)
    made = +""
    until $__argf_ended
      io = __current
      break unless io
      text = io.read(count && count - made.bytesize)
      made << text if text
      break if count && made.bytesize >= count
      __next
    end
    made
  end

  def each_char(&block)
    return to_enum(:each_char) unless block
    read.each_char(&block)
    self
  end

  def each_byte(&block)
    return to_enum(:each_byte) unless block
    read.each_byte(&block)
    self
  end

  def getc
    io = __current
    io && io.getc
  end

  def eof?
    io = __current
    raise IOError, "ARGF is not opened for reading" unless io
    io.eof?
  end

  alias eof eof?

  def file
    __current
  end

  def filename
    __current
    $FILENAME
  end

  alias path filename

  def lineno
    $__argf_line || 0
  end

  def lineno=(number)
    $__argf_line = number
  end

  def skip
    __next
    self
  end

  def close
    __next
    self
  end

  def closed?
    false
  end

  def argv
    ARGV
  end

  def binmode
    self
  end

  def to_s
    "ARGF"
  end

  alias inspect to_s
end
