# SystemCallError and the Errno classes, numbered as on Linux.

module Errno
end

class SystemCallError
  def self.new(message = Primitive.undefined, number = nil, where = nil)
    if equal?(SystemCallError)
      raise ArgumentError, "wrong number of arguments (given 0, expected 1+)" if Primitive.undefined?(message)
      unless nil.equal?(number) || Integer === number
        raise TypeError, "no implicit conversion of #{number.class} into Integer" unless Numeric === number
        number = number.to_i
      end
      message = __str(message) unless nil.equal?(message) || Integer === message
      if Integer === message && nil.equal?(number)
        number = message
        message = nil
      end
      message = nil if Primitive.undefined?(message)
      found = Errno.__class_for(number)
      if found
        made = found.allocate
        made.__send__(:__fill, message, number, where)
        return made
      end
      made = allocate
      made.__send__(:__fill, message, number, where)
      return made
    end
    made = allocate
    made.__send__(:initialize, *(Primitive.undefined?(message) ? [] : [message, number].compact))
    made
  end

  def self.===(other)
    return true if super
    false
  end

  def initialize(message = nil, where = nil)
    number = self.class.const_defined?(:Errno) ? self.class::Errno : nil
    __fill(message, number, where)
  end

  def __fill(message, number, where)
    text = Errno.__text(number)
    text += " @ #{where}" if where
    text += " - #{message}" unless nil.equal?(message)
    __slot_put(1, text)
    @__errno = number
  end

  def errno
    @__errno
  end
end

module Errno
  TABLE = {
    1 => [:EPERM, "Operation not permitted"], 2 => [:ENOENT, "No such file or directory"], 3 => [:ESRCH, "No such process"],
    4 => [:EINTR, "Interrupted system call"], 5 => [:EIO, "Input/output error"], 6 => [:ENXIO, "No such device or address"],
    7 => [:E2BIG, "Argument list too long"], 8 => [:ENOEXEC, "Exec format error"], 9 => [:EBADF, "Bad file descriptor"],
    10 => [:ECHILD, "No child processes"], 11 => [:EAGAIN, "Resource temporarily unavailable"],
    12 => [:ENOMEM, "Cannot allocate memory"], 13 => [:EACCES, "Permission denied"], 14 => [:EFAULT, "Bad address"],
    16 => [:EBUSY, "Device or resource busy"], 17 => [:EEXIST, "File exists"], 18 => [:EXDEV, "Invalid cross-device link"],
    19 => [:ENODEV, "No such device"], 20 => [:ENOTDIR, "Not a directory"], 21 => [:EISDIR, "Is a directory"],
    22 => [:EINVAL, "Invalid argument"], 23 => [:ENFILE, "Too many open files in system"],
    24 => [:EMFILE, "Too many open files"], 25 => [:ENOTTY, "Inappropriate ioctl for device"],
    26 => [:ETXTBSY, "Text file busy"], 27 => [:EFBIG, "File too large"], 28 => [:ENOSPC, "No space left on device"],
    29 => [:ESPIPE, "Illegal seek"], 30 => [:EROFS, "Read-only file system"], 31 => [:EMLINK, "Too many links"],
    32 => [:EPIPE, "Broken pipe"], 33 => [:EDOM, "Numerical argument out of domain"],
    34 => [:ERANGE, "Numerical result out of range"], 35 => [:EDEADLK, "Resource deadlock avoided"],
    36 => [:ENAMETOOLONG, "File name too long"], 38 => [:ENOSYS, "Function not implemented"],
    39 => [:ENOTEMPTY, "Directory not empty"], 40 => [:ELOOP, "Too many levels of symbolic links"],
    71 => [:EPROTO, "Protocol error"], 88 => [:ENOTSOCK, "Socket operation on non-socket"],
    92 => [:ENOPROTOOPT, "Protocol not available"], 95 => [:EOPNOTSUPP, "Operation not supported"],
    97 => [:EAFNOSUPPORT, "Address family not supported by protocol"], 98 => [:EADDRINUSE, "Address already in use"],
    99 => [:EADDRNOTAVAIL, "Cannot assign requested address"], 101 => [:ENETUNREACH, "Network is unreachable"],
    103 => [:ECONNABORTED, "Software caused connection abort"], 104 => [:ECONNRESET, "Connection reset by peer"],
    106 => [:EISCONN, "Transport endpoint is already connected"], 107 => [:ENOTCONN, "Transport endpoint is not connected"],
    110 => [:ETIMEDOUT, "Connection timed out"], 111 => [:ECONNREFUSED, "Connection refused"],
    113 => [:EHOSTUNREACH, "No route to host"], 115 => [:EINPROGRESS, "Operation now in progress"]
  }
  private_constant :TABLE

  def self.__class_for(number)
    row = TABLE[number]
    row && const_get(row[0])
  end

  def self.__text(number)
    row = TABLE[number]
    return row[1].dup if row
    nil.equal?(number) ? +"unknown error" : "Unknown error #{number}"
  end

  def self.__raise(number, detail = nil, where = nil)
    raise IOError, detail || "input/output error" unless number
    raise SystemCallError.new(detail, number, where)
  end

  TABLE.each do |number, row|
    made = Class.new(SystemCallError)
    made.const_set(:Errno, number)
    const_set(row[0], made)
  end
  EWOULDBLOCK = EAGAIN
  ENOTSUP = EOPNOTSUPP
  EDEADLOCK = EDEADLK
  class NOERROR < SystemCallError
    Errno = 0
  end
end

module Kernel
  # Number of the operating system's error that made the last file primitive fail, or nil.
  def __errno
    Primitive.last_errno
    nil
  end

  # After a failed file primitive: raises the Errno class for its error.
  def __io_failed(detail = nil, where = nil)
    number = __errno
    unless number
      raise IOError, "closed stream" if IO === self && closed?
      raise ArgumentError, "string contains null byte" if String === detail && detail.include?("\0")
    end
    Errno.__raise(number, detail, where)
  end

  private :__errno, :__io_failed
end
