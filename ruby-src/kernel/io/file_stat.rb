# File::Stat: what the system says of a file.

class File::Stat
  include Comparable

  def self.__of(path, follow)
    info = File.__stat_array(path, follow)
    __io_failed(path, "rb_file_s_stat") unless info
    __make(info)
  end

  def self.__make(info)
    made = allocate
    made.__fill(info)
    made
  end

  def initialize(path)
    info = File.__stat_array(__path(path), true)
    __io_failed(path, "rb_file_s_stat") unless info
    __fill(info)
  end

  def __fill(info)
    @__info = info
  end

  def dev
    @__info[0]
  end

  def ino
    @__info[1]
  end

  def mode
    @__info[2]
  end

  def nlink
    @__info[3]
  end

  def uid
    @__info[4]
  end

  def gid
    @__info[5]
  end

  def rdev
    @__info[6]
  end

  def size
    @__info[7]
  end

  def blksize
    @__info[8]
  end

  def blocks
    @__info[9]
  end

  def atime
    Time.__at_nanoseconds(@__info[10])
  end

  def mtime
    Time.__at_nanoseconds(@__info[11])
  end

  def ctime
    Time.__at_nanoseconds(@__info[12])
  end

  alias birthtime ctime

  def __kind
    mode & 0o170000
  end

  def file?
    __kind == 0o100000
  end

  def directory?
    __kind == 0o040000
  end

  def symlink?
    __kind == 0o120000
  end

  def pipe?
    __kind == 0o010000
  end

  def socket?
    __kind == 0o140000
  end

  def blockdev?
    __kind == 0o060000
  end

  def chardev?
    __kind == 0o020000
  end

  def ftype
    case __kind
    when 0o100000 then "file"
    when 0o040000 then "directory"
    when 0o120000 then "link"
    when 0o010000 then "fifo"
    when 0o140000 then "socket"
    when 0o060000 then "blockSpecial"
    when 0o020000 then "characterSpecial"
    else "unknown"
    end
  end

  def __may?(bit)
    if Process.euid == 0
      return bit != 1 || mode & 0o111 != 0
    end
    return mode & (bit << 6) != 0 if uid == Process.euid
    return mode & (bit << 3) != 0 if gid == Process.egid
    mode & bit != 0
  end

  def readable?
    __may?(4)
  end

  def writable?
    __may?(2)
  end

  def executable?
    __may?(1)
  end

  alias readable_real? readable?
  alias writable_real? writable?
  alias executable_real? executable?

  # The permission bits when anybody may read, else nil.
  def world_readable?
    mode & 0o004 != 0 ? mode & 0o777 : nil
  end

  # The permission bits when anybody may write, else nil.
  def world_writable?
    mode & 0o002 != 0 ? mode & 0o777 : nil
  end

  def owned?
    uid == Process.euid
  end

  def size?
    size == 0 ? nil : size
  end

  def zero?
    size == 0
  end

  def setuid?
    mode & 0o4000 != 0
  end

  def setgid?
    mode & 0o2000 != 0
  end

  def sticky?
    mode & 0o1000 != 0
  end

  def <=>(other)
    File::Stat === other ? mtime <=> other.mtime : nil
  end

  def inspect
    "#<File::Stat dev=0x#{dev.to_s(16)}, ino=#{ino}, mode=0#{mode.to_s(8)}, nlink=#{nlink}, uid=#{uid}, gid=#{gid}, rdev=0x#{rdev.to_s(16)}, " \
      "size=#{size}, blksize=#{blksize}, blocks=#{blocks}, atime=#{atime.inspect}, mtime=#{mtime.inspect}, ctime=#{ctime.inspect}>"
  end
end
