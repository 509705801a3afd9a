# IO: whole files by path.

class IO
  def self.read(path, length = nil, offset = nil, mode: "r", **options)
    File.open(path, mode, **options) do |io|
      io.seek(offset) if offset
      io.read(length)
    end
  end

  def self.binread(path, length = nil, offset = nil)
    File.open(path, "rb") do |io|
      io.seek(offset) if offset
      io.read(length)
    end
  end

  def self.write(path, text, offset = nil, mode: nil, perm: 0o666, **options)
    mode ||= offset ? File::WRONLY | File::CREAT : "w"
    File.open(path, mode, perm, **options) do |io|
      io.seek(offset) if offset
      io.write(text)
    end
  end

  def self.binwrite(path, text, offset = nil, **options)
    write(path, text, offset, **options)
  end

  def self.readlines(path, *args, **options)
    named = options.reject { |k, _| k == :chomp }
    File.open(path, **named) { |io| io.readlines(*args, **options.slice(:chomp)) }
  end

  def self.foreach(path, *args, **options, &block)
    return to_enum(:foreach, path, *args, **options) unless block
    named = options.reject { |k, _| k == :chomp }
    File.open(path, **named) { |io| io.each_line(*args, **options.slice(:chomp), &block) }
    nil
  end

  def self.copy_stream(from, to, length = nil, offset = nil)
    source = from.respond_to?(:read) ? from : File.open(from, "rb")
    target = to.respond_to?(:write) ? to : File.open(to, "wb")
    source.seek(offset) if offset
    text = length ? source.read(length) : source.read
    text ||= ""
    target.write(text)
    source.close unless source.equal?(from)
    target.close unless target.equal?(to)
    text.bytesize
  end
end
