# File: files by path, and paths as text.

class File < IO
  module Constants
    RDONLY = 0
    WRONLY = 1
    RDWR = 2
    APPEND = 0o2000
    CREAT = 0o100
    EXCL = 0o200
    TRUNC = 0o1000
    NONBLOCK = 0o4000
    NOCTTY = 0o400
    BINARY = 0
    SHARE_DELETE = 0
    SYNC = 0o4010000
    DSYNC = 0o10000
    NOFOLLOW = 0o400000
    DIRECTORY = 0o200000
    LOCK_SH = 1
    LOCK_EX = 2
    LOCK_NB = 4
    LOCK_UN = 8
    FNM_NOESCAPE = 1
    FNM_PATHNAME = 2
    FNM_DOTMATCH = 4
    FNM_CASEFOLD = 8
    FNM_EXTGLOB = 16
    FNM_SYSCASE = 0
    FNM_SHORTNAME = 0
    NULL = "/dev/null"
  end

  include Constants

  SEPARATOR = "/"
  Separator = "/"
  ALT_SEPARATOR = nil
  PATH_SEPARATOR = ":"

  # --- primitives

  def self.__stat_array(path, follow)
    Primitive.file_stat
    nil
  end

  def self.__exists(path)
    Primitive.file_exists
    false
  end

  def self.__unlink(path)
    Primitive.file_unlink
    __io_failed(path, "apply2files")
  end

  def self.__rename(from, to)
    Primitive.file_rename
    __io_failed("(#{from}, #{to})", "rb_file_s_rename")
  end

  def self.__realpath(path)
    Primitive.file_realpath
    __io_failed(path, "rb_realpath_internal")
  end

  def self.__link(from, to)
    Primitive.file_link
    __io_failed("(#{from}, #{to})", "rb_file_s_link")
  end

  def self.__symlink(from, to)
    Primitive.file_symlink
    __io_failed("(#{from}, #{to})", "rb_file_s_symlink")
  end

  def self.__readlink(path)
    Primitive.file_readlink
    __io_failed(path, "rb_readlink")
  end

  def self.__chmod(path, mode)
    Primitive.file_chmod
    __io_failed(path, "apply2files")
  end

  def self.__utime(path, atime, mtime)
    Primitive.file_utime
    __io_failed(path, "apply2files")
  end

  def __truncate(size)
    Primitive.file_truncate
    __io_failed(path)
  end

  # --- opening

  def self.new(path, mode = nil, permission = 0o666, **options)
    made = nil
    if Integer === path
      made = allocate
      made.__attach(path, mode || "r", nil)
    else
      permission = options[:perm] || permission
      flags = options[:flags]
      mode = options[:mode] if nil.equal?(mode) && options.key?(:mode)
      mode ||= "r"
      path = __path(path)
      raise ArgumentError, "string contains null byte" if path.include?("\0")
      opening = mode
      if String === mode
        opening = mode.split(":", 2)[0]
        unless opening.match?(/\A[rwa](?:[bt]?\+?|\+?[bt]?)x?\z/)
          raise ArgumentError, "invalid access mode #{mode}"
        end
        if opening.include?("x")
          raise Errno::EEXIST, path if File.exist?(path)
          opening = opening.delete("x")
        end
        opening = __flags_of(opening) | flags if flags
      else
        opening = __int(mode) | (flags || 0)
      end
      made = __open(path, opening, nil.equal?(permission) ? 0o666 : permission)
      made.__slot_put(2, path)
      made.__slot_put(3, String === mode ? mode.split(":", 2)[0] : mode)
      made.__slot_put(4, 0)
    end
    made.__options(mode, options)
    made.__send__(:initialize, path, mode, permission, **options) unless equal?(File)
    made
  end

  def self.__flags_of(mode)
    flags = mode.include?("+") ? 2 : (mode.start_with?("r") ? 0 : 1)
    flags |= 0o1100 if mode.start_with?("w")
    flags |= 0o2100 if mode.start_with?("a")
    flags
  end

  def initialize(path = nil, mode = nil, permission = nil, **options)
  end

  # --- questions

  def self.__info(path, follow = true)
    if IO === path
      return __stat_array(path.fileno, true)
    end
    __stat_array(__path(path), follow)
  end

  def self.stat(path)
    Stat.__of(__path(path), true)
  end

  def self.lstat(path)
    Stat.__of(__path(path), false)
  end

  def self.exist?(path)
    return true if IO === path
    __exists(__path(path))
  end

  def self.__kind?(path, kind, follow = true)
    info = __info(path, follow)
    info ? info[2] & 0o170000 == kind : false
  end

  def self.file?(path)
    __kind?(path, 0o100000)
  end

  def self.directory?(path)
    __kind?(path, 0o040000)
  end

  def self.symlink?(path)
    __kind?(path, 0o120000, false)
  end

  def self.pipe?(path)
    __kind?(path, 0o010000)
  end

  def self.socket?(path)
    __kind?(path, 0o140000)
  end

  def self.blockdev?(path)
    __kind?(path, 0o060000)
  end

  def self.chardev?(path)
    __kind?(path, 0o020000)
  end

  def self.__may?(path, bit)
    info = __info(path)
    info ? Stat.__make(info).__may?(bit) : false
  end

  def self.readable?(path)
    __may?(path, 4)
  end

  def self.writable?(path)
    __may?(path, 2)
  end

  def self.executable?(path)
    __may?(path, 1)
  end

  def self.world_readable?(path)
    info = __info(path)
    info && info[2] & 4 != 0 ? info[2] & 0o777 : nil
  end

  def self.world_writable?(path)
    info = __info(path)
    info && info[2] & 2 != 0 ? info[2] & 0o777 : nil
  end

  class << self
    alias readable_real? readable?
    alias writable_real? writable?
    alias executable_real? executable?
  end

  def self.owned?(path)
    info = __info(path)
    info ? info[4] == Process.euid : false
  end

  def self.grpowned?(path)
    info = __info(path)
    info ? info[5] == Process.egid : false
  end

  def self.setuid?(path)
    info = __info(path)
    info ? info[2] & 0o4000 != 0 : false
  end

  def self.setgid?(path)
    info = __info(path)
    info ? info[2] & 0o2000 != 0 : false
  end

  def self.sticky?(path)
    info = __info(path)
    info ? info[2] & 0o1000 != 0 : false
  end

  def self.size(path)
    (__info(path) || __io_failed(path, "rb_file_s_size"))[7]
  end

  def self.size?(path)
    info = __info(path)
    info && info[7] > 0 ? info[7] : nil
  end

  def self.zero?(path)
    info = __info(path)
    info ? info[7] == 0 : false
  end

  class << self
    alias empty? zero?
  end

  def self.mtime(path)
    Stat.__of(IO === path ? path.fileno : __path(path), true).mtime
  end

  def self.atime(path)
    Stat.__of(IO === path ? path.fileno : __path(path), true).atime
  end

  def self.ctime(path)
    Stat.__of(IO === path ? path.fileno : __path(path), true).ctime
  end

  def self.birthtime(path)
    ctime(path)
  end

  def self.ftype(path)
    Stat.__of(__path(path), false).ftype
  end

  def self.identical?(a, b)
    x = __info(a)
    y = __info(b)
    x && y ? x[0] == y[0] && x[1] == y[1] : false
  end

  # --- changing

  def self.unlink(*paths)
    paths.each { |path| __unlink(__path(path)) }
    paths.size
  end

  class << self
    alias delete unlink
  end

  def self.rename(from, to)
    __rename(__path(from), __path(to))
    0
  end

  def self.link(from, to)
    __link(__path(from), __path(to))
    0
  end

  def self.symlink(from, to)
    __symlink(__path(from), __path(to))
    0
  end

  def self.readlink(path)
    __readlink(__path(path))
  end

  def self.chmod(mode, *paths)
    paths.each { |path| __chmod(__path(path), mode) }
    paths.size
  end

  def self.chown(owner, group, *paths)
    paths.size
  end

  def self.lchmod(mode, *paths)
    raise NotImplementedError, "lchmod() function is unimplemented on this machine"
  end

  def self.utime(atime, mtime, *paths)
    now = Time.now
    a = (atime || now)
    m = (mtime || now)
    a = Time.at(a) unless Time === a
    m = Time.at(m) unless Time === m
    paths.each { |path| __utime(__path(path), a.to_i * 1_000_000_000 + a.nsec, m.to_i * 1_000_000_000 + m.nsec) }
    paths.size
  end

  def self.truncate(path, size)
    open(path, "r+") { |f| f.truncate(size) }
    0
  end

  def self.mkfifo(path, mode = 0o666)
    system("mkfifo", __path(path))
    0
  end

  def self.umask(mask = nil)
    0o022
  end

  # --- paths as text

  def self.path(path)
    __path(path).dup
  end

  def self.absolute_path?(path)
    __path(path).start_with?("/")
  end

  def self.basename(path, suffix = nil)
    path = __path(path)
    return +"" if path.empty?
    stop = path.bytesize
    stop -= 1 while stop > 1 && path.__byte_at(stop - 1) == 47
    return +"/" if stop == 1 && path.__byte_at(0) == 47
    start = stop
    start -= 1 while start > 0 && path.__byte_at(start - 1) != 47
    name = path.byteslice(start, stop - start)
    if suffix
      suffix = __str(suffix)
      if suffix == ".*"
        at = name.rindex(".")
        name = name[0, at] if at && at > 0
      elsif name.end_with?(suffix) && name != suffix
        name = name.byteslice(0, name.bytesize - suffix.bytesize)
      end
    end
    name
  end

  def self.dirname(path, level = 1)
    raise ArgumentError, "negative level: #{level}" if level < 0
    path = __path(path)
    level.times { path = __dirname(path) }
    path.dup
  end

  def self.__dirname(path)
    stop = path.bytesize
    stop -= 1 while stop > 1 && path.__byte_at(stop - 1) == 47
    stop -= 1 while stop > 0 && path.__byte_at(stop - 1) != 47
    return +"." if stop == 0
    stop -= 1 while stop > 1 && path.__byte_at(stop - 1) == 47
    head = path.byteslice(0, stop)
    head.start_with?("//") ? head.sub(/\A\/+/, "/") : head
  end

  def self.extname(path)
    name = basename(path)
    at = name.rindex(".")
    return +"" if !at || at == 0 || name.delete_prefix(".").index(".").nil? && name.start_with?(".")
    at = name.rindex(".")
    return +"" if name[0, at].delete(".").empty?
    name[at, name.size]
  end

  def self.split(path)
    [dirname(path), basename(path)]
  end

  def self.join(*parts)
    made = nil
    __flat_parts(parts, []).each do |part|
      if made.nil?
        made = part.dup
      elsif part.start_with?("/")
        made = made.sub(/\/+\z/, "") << part
      elsif made.end_with?("/")
        made << part
      else
        made << "/" << part
      end
    end
    made || +""
  end

  def self.__flat_parts(parts, made)
    parts.each do |part|
      if Array === part
        raise ArgumentError, "recursive array" if part.__index_identical(part)
        __flat_parts(part, made)
      else
        made << __path(part)
      end
    end
    made
  end

  def self.expand_path(path, directory = nil)
    path = __path(path)
    if path.start_with?("~")
      name, rest = path.split("/", 2)
      home = name == "~" ? ENV["HOME"] : "/home/#{name[1..-1]}"
      raise ArgumentError, "couldn't find HOME environment -- expanding '~'" unless home
      path = rest ? "#{home}/#{rest}" : home
    end
    __absolute(path, directory)
  end

  def self.__absolute(path, directory)
    unless path.start_with?("/")
      base = nil.equal?(directory) ? Dir.pwd : expand_path(directory)
      path = base + "/" + path
    end
    made = []
    path.split("/").each do |part|
      if part == ".."
        made.pop
      elsif part != "." && part != ""
        made << part
      end
    end
    "/" + made.join("/")
  end

  def self.absolute_path(path, directory = nil)
    __absolute(__path(path), directory)
  end

  def self.realpath(path, directory = nil)
    __realpath(directory ? expand_path(path, directory) : __path(path))
  end

  def self.realdirpath(path, directory = nil)
    full = expand_path(path, directory)
    exist?(full) ? __realpath(full) : join(__realpath(dirname(full)), basename(full))
  end

  def self.fnmatch(pattern, path, flags = 0)
    Dir::Pattern.match?(__str(pattern), __path(path), flags)
  end

  class << self
    alias fnmatch? fnmatch
  end

  # --- instances

  def size
    __check_open
    __flush
    (File.__stat_array(fileno, true) || __io_failed)[7]
  end

  def lstat
    stat
  end

  def mtime
    stat.mtime
  end

  def atime
    stat.atime
  end

  def ctime
    stat.ctime
  end

  def truncate(size)
    __check_writable
    __flush
    __truncate(__int(size))
    0
  end

  def flock(operation)
    0
  end

  def chmod(mode)
    File.chmod(mode, path)
    0
  end

  def chown(owner, group)
    0
  end

  alias to_path path
end

class IO
  include File::Constants
end
