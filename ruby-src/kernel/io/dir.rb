# Dir: directories, and the patterns that glob and fnmatch share.

class Dir
  def self.__entries(path)
    Primitive.dir_entries
    nil
  end

  def self.__mkdir(path, mode)
    Primitive.dir_mkdir
    __io_failed(path, "dir_s_mkdir")
  end

  def self.__rmdir(path)
    Primitive.dir_rmdir
    __io_failed(path, "dir_s_rmdir")
  end

  def self.__chdir(path)
    Primitive.dir_chdir
    __io_failed(path, "dir_chdir0")
  end

  def self.pwd
    Primitive.dir_pwd
    __io_failed
  end

  class << self
    alias getwd pwd
  end

  def self.mkdir(path, mode = 0o777)
    __mkdir(__path(path), mode)
    0
  end

  def self.rmdir(path)
    __rmdir(__path(path))
    0
  end

  class << self
    alias delete rmdir
    alias unlink rmdir
  end

  def self.chdir(path = ENV["HOME"])
    path = __path(path)
    unless block_given?
      __chdir(path)
      return 0
    end
    before = pwd
    __chdir(path)
    begin
      yield path
    ensure
      __chdir(before)
    end
  end

  def self.home(user = nil)
    user ? "/home/#{user}" : (ENV["HOME"] || "/")
  end

  def self.exist?(path)
    File.directory?(path)
  end

  def self.empty?(path)
    list = __entries(__path(path))
    list ? list.empty? : false
  end

  def self.children(path, **options)
    path = __path(path)
    __entries(path) || __io_failed(path, "dir_initialize")
  end

  def self.entries(path, **options)
    [".", ".."] + children(path)
  end

  def self.each_child(path, &block)
    return to_enum(:each_child, path) unless block
    children(path).each(&block)
    nil
  end

  def self.foreach(path, &block)
    return to_enum(:foreach, path) unless block
    entries(path).each(&block)
    nil
  end

  def self.open(path, **options)
    made = new(path)
    return made unless block_given?
    begin
      yield made
    ensure
      made.close
    end
  end

  def self.[](*patterns, base: nil, sort: true)
    glob(patterns.flatten, base: base, sort: sort)
  end

  def self.glob(patterns, flags = 0, base: nil, sort: true, &block)
    patterns = [patterns] unless Array === patterns
    made = []
    patterns.each do |pattern|
      pattern = __path(pattern)
      raise ArgumentError, "nul-separated glob pattern is deprecated" if pattern.include?("\0")
      Pattern.braces(pattern).each { |plain| Glob.new(base, flags).run(plain, made) }
    end
    if block
      made.each(&block)
      return nil
    end
    made
  end

  def self.mktmpdir(prefix = "d")
    path = "#{ENV['TMPDIR'] || '/tmp'}/#{prefix}#{Process.pid}-#{Random.rand(1_000_000_000)}"
    mkdir(path, 0o700)
    return path unless block_given?
    begin
      yield path
    ensure
      system("rm", "-rf", path)
    end
  end

  include Enumerable

  attr_reader :path

  alias to_path path

  def initialize(path, **options)
    @path = __path(path)
    @__list = Dir.entries(@path)
    @__at = 0
  end

  def __check_open
    raise IOError, "uninitialized Dir" unless @__list
  end

  def read
    __check_open
    item = @__list[@__at]
    @__at += 1 if item
    item
  end

  def each
    return to_enum(:each) unless block_given?
    while (name = read)
      yield name
    end
    self
  end

  def children
    @__list - [".", ".."]
  end

  def each_child(&block)
    return to_enum(:each_child) unless block
    children.each(&block)
    self
  end

  def rewind
    @__at = 0
    self
  end

  def tell
    @__at
  end

  alias pos tell

  def seek(position)
    @__at = position
    self
  end

  def close
    @__list = nil
    nil
  end

  def inspect
    "#<Dir:#{@path}>"
  end

  # Shell patterns.
  module Pattern
    # The patterns without braces that one with braces stands for.
    def self.braces(pattern)
      open = nil
      depth = 0
      i = 0
      commas = []
      while i < pattern.size
        c = pattern[i]
        if c == "\\"
          i += 1
        elsif c == "{"
          open = i if depth == 0
          depth += 1
        elsif c == "," && depth == 1
          commas << i
        elsif c == "}" && depth > 0
          depth -= 1
          if depth == 0
            head = pattern[0, open]
            tail = pattern[i + 1, pattern.size]
            made = []
            from = open + 1
            (commas + [i]).each do |stop|
              made.concat(braces(head + pattern[from, stop - from] + tail))
              from = stop + 1
            end
            return made
          end
        end
        i += 1
      end
      [pattern]
    end

    def self.match?(pattern, path, flags)
      if flags & File::FNM_EXTGLOB != 0
        return braces(pattern).any? { |plain| match?(plain, path, flags & ~File::FNM_EXTGLOB) }
      end
      if flags & File::FNM_PATHNAME != 0
        return match_parts(pattern.split("/", -1), path.split("/", -1), flags)
      end
      match_part(pattern, path, flags)
    end

    def self.match_parts(patterns, parts, flags)
      return parts.empty? if patterns.empty?
      if patterns[0] == "**" && patterns.size > 1
        rest = patterns.drop(1)
        i = 0
        while i <= parts.size
          return true if match_parts(rest, parts.drop(i), flags)
          break if i < parts.size && parts[i].start_with?(".") && flags & File::FNM_DOTMATCH == 0
          i += 1
        end
        return false
      end
      return false if parts.empty?
      match_part(patterns[0], parts[0], flags) && match_parts(patterns.drop(1), parts.drop(1), flags)
    end

    def self.match_part(pattern, text, flags)
      if text.start_with?(".") && flags & File::FNM_DOTMATCH == 0 && !pattern.start_with?(".") && !pattern.start_with?("\\.")
        return false if pattern.start_with?("*") || pattern.start_with?("?") || pattern.start_with?("[")
      end
      regexp(pattern, flags).match?(text)
    end

    def self.regexp(pattern, flags)
      made = +"\\A"
      i = 0
      while i < pattern.size
        c = pattern[i]
        case c
        when "*"
          i += 1 while pattern[i + 1] == "*"
          made << ".*"
        when "?"
          made << "."
        when "["
          stop = pattern.index("]", i + 2)
          if stop
            set = pattern[i + 1, stop - i - 1]
            set = "^" + set[1, set.size] if set.start_with?("!")
            made << "[" << set.gsub("[", "\\[") << "]"
            i = stop
          else
            made << "\\["
          end
        when "\\"
          if flags & File::FNM_NOESCAPE != 0
            made << "\\\\"
          else
            i += 1
            made << Regexp.escape(pattern[i] || "\\")
          end
        else
          made << Regexp.escape(c)
        end
        i += 1
      end
      Regexp.new(made + "\\z", 4 | (flags & File::FNM_CASEFOLD != 0 ? 1 : 0))
    end
  end

  # One walk of a pattern without braces.
  class Glob
    def initialize(base, flags)
      @base = base
      @flags = flags
    end

    def run(pattern, made)
      only_directories = pattern.end_with?("/")
      parts = pattern.split("/").reject { |p| p.empty? }
      start = pattern.start_with?("/") ? "/" : ""
      walk(start, parts, only_directories, made)
    end

    def real(path)
      return path if path.start_with?("/") || @base.nil?
      path.empty? ? @base : "#{@base}/#{path}"
    end

    def walk(prefix, parts, only_directories, made)
      if parts.empty?
        return if prefix.empty?
        if only_directories
          made << prefix + "/" if File.directory?(real(prefix))
        else
          made << prefix
        end
        return
      end
      part = parts[0]
      rest = parts.drop(1)
      if part == "**" && !rest.empty?
        walk(prefix, rest, only_directories, made)
        names(prefix).each do |name|
          next if name.start_with?(".") && @flags & File::FNM_DOTMATCH == 0
          path = joined(prefix, name)
          walk(path, parts, only_directories, made) if File.directory?(real(path)) && !File.symlink?(real(path))
        end
      elsif part.match?(/[*?\[\\]/)
        names(prefix).each do |name|
          next unless Pattern.match_part(part, name, @flags)
          path = joined(prefix, name)
          next if !rest.empty? && !File.directory?(real(path))
          walk(path, rest, only_directories, made)
        end
      else
        path = joined(prefix, part)
        walk(path, rest, only_directories, made) if File.exist?(real(path)) || File.symlink?(real(path))
      end
    end

    def joined(prefix, name)
      return name if prefix.empty?
      prefix.end_with?("/") ? prefix + name : "#{prefix}/#{name}"
    end

    def names(prefix)
      path = real(prefix)
      Dir.__entries(path.empty? ? "." : path) || []
    end
  end
end
