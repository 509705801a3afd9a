# ENV: the environment of the operating system's process, looking like a Hash of Strings.

ENV = Object.new

class << ENV
  include Enumerable

  def __get(name)
    Primitive.env_get
    nil
  end

  def __set(name, value)
    Primitive.env_set
    raise Errno::EINVAL, "setenv(#{name})"
  end

  def __names
    Primitive.env_keys
    []
  end

  def __name(name)
    name = __str(name)
    raise ArgumentError, "bad environment variable name: contains null byte" if name.include?("\0")
    name
  end

  def [](name)
    value = __get(__name(name))
    value && value.freeze
  end

  def fetch(name, default = Primitive.undefined)
    value = self[name]
    return value unless nil.equal?(value)
    return yield(name) if block_given?
    return default unless Primitive.undefined?(default)
    raise KeyError.new("key not found: #{name.inspect}", receiver: self, key: name)
  end

  def []=(name, value)
    name = __name(name)
    if nil.equal?(value)
      __set(name, nil)
      return nil
    end
    raise Errno::EINVAL, "Invalid argument - setenv(#{name})" if name.empty? || name.include?("=")
    __set(name, __name(value))
    value
  end

  alias store []=

  def delete(name)
    value = self[name]
    if nil.equal?(value)
      return block_given? ? yield(name) : nil
    end
    __set(__name(name), nil)
    value
  end

  def keys
    __names
  end

  def values
    __names.map { |name| self[name] }
  end

  def each
    return to_enum(:each) { size } unless block_given?
    __names.each { |name| yield [name, self[name]] }
    self
  end

  alias each_pair each

  def each_key(&block)
    return to_enum(:each_key) unless block
    keys.each(&block)
    self
  end

  def each_value(&block)
    return to_enum(:each_value) unless block
    values.each(&block)
    self
  end

  def to_h(&block)
    made = {}
    __names.each { |name| made[name] = self[name] }
    block ? made.to_h(&block) : made
  end

  alias to_hash to_h

  def to_a
    to_h.to_a
  end

  def key?(name)
    !nil.equal?(self[name])
  end

  alias has_key? key?
  alias include? key?
  alias member? key?

  def value?(value)
    values.include?(value)
  end

  alias has_value? value?

  def key(value)
    keys.find { |name| self[name] == value }
  end

  def assoc(name)
    value = self[name]
    value && [name, value]
  end

  def rassoc(value)
    to_h.rassoc(value)
  end

  def values_at(*names)
    names.map { |name| self[name] }
  end

  def slice(*names)
    to_h.slice(*names)
  end

  def except(*names)
    to_h.except(*names)
  end

  def select(&block)
    return to_enum(:select) unless block
    to_h.select(&block)
  end

  alias filter select

  def reject(&block)
    return to_enum(:reject) unless block
    to_h.reject(&block)
  end

  def delete_if
    return to_enum(:delete_if) unless block_given?
    keys.each { |name| delete(name) if yield(name, self[name]) }
    self
  end

  def reject!(&block)
    before = size
    delete_if(&block)
    size == before ? nil : self
  end

  def keep_if
    return to_enum(:keep_if) unless block_given?
    keys.each { |name| delete(name) unless yield(name, self[name]) }
    self
  end

  def select!(&block)
    before = size
    keep_if(&block)
    size == before ? nil : self
  end

  alias filter! select!

  def size
    __names.size
  end

  alias length size

  def empty?
    __names.empty?
  end

  def clear
    keys.each { |name| __set(name, nil) }
    self
  end

  def replace(hash)
    (keys - hash.keys).each { |name| __set(name, nil) }
    update(hash)
  end

  def update(*hashes)
    hashes.each do |hash|
      hash.each do |name, value|
        value = yield(name, self[name], value) if block_given? && key?(name)
        self[name] = value
      end
    end
    self
  end

  alias merge! update

  def invert
    to_h.invert
  end

  def rehash
    nil
  end

  def freeze
    raise TypeError, "cannot freeze ENV"
  end

  def clone(freeze: nil)
    raise TypeError, "Cannot clone ENV, use ENV.to_h to get a copy of ENV as a hash"
  end

  def dup
    raise TypeError, "Cannot dup ENV, use ENV.to_h to get a copy of ENV as a hash"
  end

  def to_s
    "ENV"
  end

  def inspect
    to_h.inspect
  end
end
