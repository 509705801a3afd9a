# Pathname: paths as objects.

class Pathname
  SEPARATOR_LIST = "/"
  SEPARATOR_PAT = /\//

  def self.pwd
    new(Dir.pwd)
  end

  def self.glob(*args, **options, &block)
    list = Dir.glob(*args, **options).map { |path| new(path) }
    block ? list.each(&block) : list
  end

  def initialize(path)
    path = path.to_path if path.respond_to?(:to_path)
    @path = path.to_str.dup
    raise ArgumentError, "pathname contains null byte" if @path.include?("\0")
  end

  def to_s
    @path.dup
  end

  alias to_path to_s

  def ==(other)
    other.is_a?(Pathname) && @path == other.to_s
  end

  alias eql? ==
  alias === ==

  def <=>(other)
    other.is_a?(Pathname) ? @path.tr("/", "\0") <=> other.to_s.tr("/", "\0") : nil
  end

  def hash
    @path.hash
  end

  def inspect
    "#<Pathname:#{@path}>"
  end

  def sub(*args, &block)
    Pathname.new(@path.sub(*args, &block))
  end

  def sub_ext(extension)
    Pathname.new(@path.delete_suffix(File.extname(@path)) + extension)
  end

  def absolute?
    @path.start_with?("/")
  end

  def relative?
    !absolute?
  end

  def root?
    @path.match?(/\A\/+\z/)
  end

  def parent
    self + ".."
  end

  def +(other)
    other = other.to_s
    return Pathname.new(other) if other.start_with?("/")
    base = @path
    parts = other.split("/")
    while parts[0] == ".." || parts[0] == "."
      first = parts.shift
      next if first == "."
      name = File.basename(base)
      if base.match?(/\A\/+\z/)
        next
      elsif name == ".." || base == "" || base == "."
        parts.unshift("..")
        break if base == "" || base == "."
        return Pathname.new(File.join(base, *parts))
      else
        directory = File.dirname(base)
        base = directory == "." && !base.start_with?("./") ? "" : directory
      end
    end
    rest = parts.join("/")
    return Pathname.new(base.empty? ? "." : base) if rest.empty?
    Pathname.new(base.empty? || base == "." ? rest : File.join(base, rest))
  end

  alias / +

  def join(*parts)
    parts.inject(self) { |path, part| path + part }
  end

  def cleanpath(*)
    made = []
    @path.split("/").each do |part|
      if part == ".." && !made.empty? && made.last != ".."
        made.pop
      elsif part == ".." && absolute?
        next
      elsif part != "." && part != ""
        made << part
      end
    end
    text = (absolute? ? "/" : "") + made.join("/")
    Pathname.new(text.empty? ? "." : text)
  end

  def relative_path_from(base)
    from = Pathname.new(base).cleanpath.to_s.split("/").reject { |p| p.empty? || p == "." }
    to = cleanpath.to_s.split("/").reject { |p| p.empty? || p == "." }
    raise ArgumentError, "different prefix: #{self} and #{base}" if absolute? != Pathname.new(base).absolute?
    while !from.empty? && from[0] == to[0]
      from.shift
      to.shift
    end
    parts = [".."] * from.size + to
    Pathname.new(parts.empty? ? "." : parts.join("/"))
  end

  def each_filename(&block)
    return to_enum(:each_filename) unless block
    @path.split("/").reject { |p| p.empty? }.each(&block)
  end

  def children(with_directory = true)
    Dir.children(@path).map { |name| with_directory && @path != "." ? self + name : Pathname.new(name) }
  end

  def each_child(with_directory = true, &block)
    children(with_directory).each(&block)
  end

  def entries
    Dir.entries(@path).map { |name| Pathname.new(name) }
  end

  def each_entry(&block)
    entries.each(&block)
  end

  def ascend
    return to_enum(:ascend) unless block_given?
    path = @path
    while true
      yield Pathname.new(path)
      up = File.dirname(path)
      break if up == path || (up == "." && !path.start_with?("."))
      path = up
    end
    nil
  end

  def descend(&block)
    return to_enum(:descend) unless block
    ascend.to_a.reverse.each(&block)
    nil
  end

  def glob(pattern, flags = 0)
    Dir.glob(pattern, flags, base: @path).map { |name| self + name }
  end

  def find(&block)
    return to_enum(:find) unless block
    yield self
    children.each { |child| child.find(&block) } if directory? && !symlink?
  end

  def mountpoint?
    stat.dev != parent.stat.dev
  end

  def open(*args, **options, &block)
    File.open(@path, *args, **options, &block)
  end

  [:basename, :dirname, :realpath, :expand_path, :readlink, :realdirpath].each do |name|
    define_method(name) { |*args| Pathname.new(File.__send__(name, @path, *args)) }
  end

  [:exist?, :file?, :directory?, :symlink?, :readable?, :writable?, :executable?, :size, :size?, :zero?, :stat, :lstat, :mtime, :atime, :ctime,
   :ftype, :extname, :owned?, :pipe?, :socket?, :read, :binread, :readlines, :write, :binwrite, :truncate].each do |name|
    define_method(name) { |*args, **options| File.__send__(name, @path, *args, **options) }
  end

  def each_line(*args, &block)
    File.foreach(@path, *args, &block)
  end

  def empty?
    directory? ? Dir.empty?(@path) : zero?
  end

  def fnmatch(pattern, *args)
    File.fnmatch(pattern, @path, *args)
  end

  alias fnmatch? fnmatch

  def rename(to)
    File.rename(@path, to)
  end

  def chmod(mode)
    File.chmod(mode, @path)
  end

  def utime(atime, mtime)
    File.utime(atime, mtime, @path)
  end

  def make_symlink(target)
    File.symlink(target, @path)
  end

  def mkdir(*args)
    Dir.mkdir(@path, *args)
  end

  def rmdir
    Dir.rmdir(@path)
  end

  def unlink
    directory? && !symlink? ? Dir.rmdir(@path) : File.unlink(@path)
  end

  alias delete unlink

  def mkpath(*)
    require "fileutils"
    FileUtils.mkdir_p(@path)
    self
  end

  def rmtree(*)
    require "fileutils"
    FileUtils.rm_rf(@path)
    self
  end

  def freeze
    @path.freeze
    super
  end
end

module Kernel
  def Pathname(path)
    path.is_a?(Pathname) ? path : Pathname.new(path)
  end

  private :Pathname
end
