# Dir.tmpdir and Dir.mktmpdir.

require "fileutils"

class Dir
  def self.tmpdir
    [ENV["TMPDIR"], ENV["TMP"], ENV["TEMP"], "/tmp", "."].find { |d| d && File.directory?(d) && File.writable?(d) }
  end

  module Tmpname
    def self.create(prefix, directory = nil)
      head, tail = Array(prefix)
      while true
        path = File.join(directory || Dir.tmpdir, "#{head}#{Time.now.strftime('%Y%m%d')}-#{Process.pid}-#{Random.rand(0x100000000).to_s(36)}#{tail}")
        begin
          return yield(path)
        rescue Errno::EEXIST
          next
        end
      end
    end
  end

  def self.mktmpdir(prefix = "d", directory = nil, **options)
    path = Tmpname.create(prefix, directory) do |candidate|
      mkdir(candidate, 0o700)
      candidate
    end
    return path unless block_given?
    begin
      yield path.dup
    ensure
      FileUtils.remove_entry(path) if File.exist?(path)
    end
  end
end
