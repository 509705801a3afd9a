# Tempfile: a file that is deleted in the end.

require "tmpdir"

class Tempfile < File
  def self.new(basename = "", directory = nil, mode: 0, **options)
    path = Dir::Tmpname.create(basename, directory) { |candidate| candidate }
    made = super(path, File::RDWR | File::CREAT | File::EXCL | mode, 0o600, **options)
    at_exit { File.unlink(path) if File.exist?(path) }
    made
  end

  def self.create(basename = "", directory = nil, mode: 0, **options)
    path = Dir::Tmpname.create(basename, directory) { |candidate| candidate }
    file = File.new(path, File::RDWR | File::CREAT | File::EXCL | mode, 0o600, **options)
    return file unless block_given?
    begin
      yield file
    ensure
      file.close unless file.closed?
      File.unlink(path) if File.exist?(path)
    end
  end

  def self.open(*args, **options)
    made = new(*args, **options)
    return made unless block_given?
    begin
      yield made
    ensure
      made.close!
    end
  end

  def initialize(*, **)
  end

  def open
    close unless closed?
    reopen(path, "r+")
    self
  end

  def close(unlink_now = false)
    super()
    unlink if unlink_now
    nil
  end

  def close!
    close(true)
  end

  def unlink
    File.unlink(path) if path && File.exist?(path)
    nil
  end

  alias delete unlink

  def length
    size
  end
end
