# FileUtils: the shell's file commands.

module FileUtils
  def self.pwd
    Dir.pwd
  end

  def self.cd(path, verbose: nil, &block)
    Dir.chdir(path, &block)
  end

  def self.list(paths)
    (paths.is_a?(Array) ? paths.flatten : [paths]).map { |path| path.respond_to?(:to_path) ? path.to_path : path.to_str }
  end

  def self.mkdir(paths, mode: 0o777, noop: nil, verbose: nil)
    list(paths).each { |path| Dir.mkdir(path, mode) }
  end

  def self.mkdir_p(paths, mode: 0o777, noop: nil, verbose: nil)
    list(paths).each do |path|
      missing = []
      while !File.directory?(path)
        missing << path
        parent = File.dirname(path)
        break if parent == path
        path = parent
      end
      missing.reverse_each do |directory|
        begin
          Dir.mkdir(directory, mode)
        rescue Errno::EEXIST
          raise unless File.directory?(directory)
        end
      end
    end
  end

  def self.rmdir(paths, parents: nil, noop: nil, verbose: nil)
    list(paths).each { |path| Dir.rmdir(path) }
  end

  def self.touch(paths, mtime: nil, nocreate: nil, noop: nil, verbose: nil)
    list(paths).each do |path|
      File.open(path, "a") { } unless File.exist?(path) || nocreate
      File.utime(mtime || Time.now, mtime || Time.now, path)
    end
  end

  # [source, full target] pairs for commands that take several sources and a directory.
  def self.pairs(sources, target)
    target = target.respond_to?(:to_path) ? target.to_path : target
    if sources.is_a?(Array) || File.directory?(target)
      list(sources).map { |source| [source, File.join(target, File.basename(source))] }
    else
      [[list(sources)[0], target]]
    end
  end

  def self.cp(sources, target, preserve: nil, noop: nil, verbose: nil)
    pairs(sources, target).each { |from, to| copy_file(from, to, preserve) }
  end

  def self.copy_file(from, to, preserve = false, dereference = true)
    raise ArgumentError, "same file: #{from} and #{to}" if File.exist?(to) && File.identical?(from, to)
    File.binwrite(to, File.binread(from))
    File.chmod(File.stat(from).mode & 0o7777, to)
    File.utime(File.atime(from), File.mtime(from), to) if preserve
  end

  def self.cp_r(sources, target, preserve: nil, noop: nil, verbose: nil, dereference_root: true, remove_destination: nil)
    pairs(sources, target).each { |from, to| copy_entry(from, to, preserve) }
  end

  def self.copy_entry(from, to, preserve = false, *)
    if File.symlink?(from)
      File.symlink(File.readlink(from), to)
    elsif File.directory?(from)
      Dir.mkdir(to) unless File.directory?(to)
      Dir.children(from).each { |name| copy_entry(File.join(from, name), File.join(to, name), preserve) }
    else
      copy_file(from, to, preserve)
    end
  end

  def self.mv(sources, target, force: nil, noop: nil, verbose: nil, secure: nil)
    pairs(sources, target).each do |from, to|
      begin
        File.rename(from, to)
      rescue Errno::EXDEV
        copy_entry(from, to, true)
        rm_rf(from)
      end
    end
  end

  def self.ln(source, target, force: nil, noop: nil, verbose: nil)
    pairs(source, target).each do |from, to|
      rm_f(to) if force
      File.link(from, to)
    end
  end

  def self.ln_s(source, target, force: nil, relative: false, noop: nil, verbose: nil)
    pairs(source, target).each do |from, to|
      rm_f(to) if force
      File.symlink(from, to)
    end
  end

  def self.ln_sf(source, target, **options)
    ln_s(source, target, force: true, **options)
  end

  def self.rm(paths, force: nil, noop: nil, verbose: nil)
    list(paths).each do |path|
      begin
        File.unlink(path)
      rescue SystemCallError
        raise unless force
      end
    end
  end

  def self.rm_f(paths, **options)
    rm(paths, force: true)
  end

  def self.rm_r(paths, force: nil, noop: nil, verbose: nil, secure: nil)
    list(paths).each do |path|
      begin
        remove_entry(path)
      rescue SystemCallError
        raise unless force
      end
    end
  end

  def self.rm_rf(paths, **options)
    rm_r(paths, force: true)
  end

  def self.remove_entry(path, force = false)
    if File.directory?(path) && !File.symlink?(path)
      Dir.children(path).each { |name| remove_entry(File.join(path, name), force) }
      Dir.rmdir(path)
    else
      File.unlink(path)
    end
  rescue SystemCallError
    raise unless force
  end

  def self.chmod(mode, paths, noop: nil, verbose: nil)
    list(paths).each { |path| File.chmod(mode, path) }
  end

  def self.chmod_R(mode, paths, noop: nil, verbose: nil, force: nil)
    list(paths).each do |path|
      File.chmod(mode, path)
      Dir.children(path).each { |name| chmod_R(mode, File.join(path, name)) } if File.directory?(path) && !File.symlink?(path)
    end
  end

  def self.compare_file(a, b)
    File.size(a) == File.size(b) && File.binread(a) == File.binread(b)
  end

  def self.uptodate?(path, others)
    return false unless File.exist?(path)
    time = File.mtime(path)
    others.all? { |other| !File.exist?(other) || File.mtime(other) <= time }
  end

  def self.install(source, target, mode: nil, **options)
    cp(source, target)
    pairs(source, target).each { |_, to| File.chmod(mode, to) if mode }
  end

  class << self
    alias getwd pwd
    alias chdir cd
    alias makedirs mkdir_p
    alias mkpath mkdir_p
    alias copy cp
    alias move mv
    alias link ln
    alias symlink ln_s
    alias remove rm
    alias safe_unlink rm_f
    alias rmtree rm_rf
    alias remove_entry_secure remove_entry
    alias remove_dir rm_r
    alias remove_file rm
    alias identical? compare_file
    alias cmp compare_file
  end

  FUNCTIONS = singleton_methods(false) - [:list, :pairs]
  FUNCTIONS.each do |name|
    define_method(name) { |*args, **options, &block| FileUtils.__send__(name, *args, **options, &block) }
    private name
  end
end
