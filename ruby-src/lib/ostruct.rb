# OpenStruct: an object whose attributes appear as they are set.

class OpenStruct
  def initialize(hash = nil)
    @table = {}
    hash.each_pair { |name, value| @table[name.to_sym] = value } if hash
  end

  def initialize_copy(other)
    super
    @table = @table.dup
    self
  end

  def [](name)
    @table[name.to_sym]
  end

  def []=(name, value)
    raise FrozenError, "can't modify frozen #{self.class}: #{inspect}" if frozen?
    @table[name.to_sym] = value
  end

  def to_h(&block)
    block ? @table.to_h(&block) : @table.dup
  end

  def each_pair(&block)
    return to_enum(:each_pair) { @table.size } unless block
    @table.each_pair(&block)
    self
  end

  def dig(name, *more)
    value = self[name]
    more.empty? || value.nil? ? value : value.dig(*more)
  end

  def delete_field(name)
    name = name.to_sym
    unless @table.key?(name)
      return yield if block_given?
      raise NameError.new("no field '#{name}' in #{inspect}", name)
    end
    @table.delete(name)
  end

  def respond_to_missing?(name, all = false)
    @table.key?(name.to_s.chomp("=").to_sym) || super
  end

  def method_missing(name, *args)
    text = name.to_s
    if text.end_with?("=")
      raise ArgumentError, "wrong number of arguments (given #{args.size}, expected 1)" if args.size != 1
      return self[text.chomp("=")] = args[0]
    end
    return @table[name] if args.empty?
    super
  end

  def ==(other)
    other.is_a?(OpenStruct) && to_h == other.to_h
  end

  def eql?(other)
    other.is_a?(OpenStruct) && to_h.eql?(other.to_h)
  end

  def hash
    @table.hash
  end

  def freeze
    @table.freeze
    super
  end

  def inspect
    parts = @table.map { |name, value| " #{name}=#{value.equal?(self) ? '#<OpenStruct ...>' : value.inspect}" }
    "#<#{self.class}#{parts.join(',')}>"
  end

  alias to_s inspect
end
