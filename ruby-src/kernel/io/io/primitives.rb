# IO: its constants and errors, and primitives under names that only the kernel uses. Slots (from 1): descriptor, path, mode,
# line, buffer; `buffer` holds bytes that ungetc put back.

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
end
