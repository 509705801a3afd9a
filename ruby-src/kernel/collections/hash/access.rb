# Hash: values by key, keys by value.

class Hash
  def size
    Primitive.hash_size
  end

  alias length size

  def empty?
    __size == 0
  end

  def [](key)
    Primitive.hash_get
    i = __find(key)
    i ? __entry_value(i) : default(key)
  end

  def fetch(key, default = Primitive.undefined)
    i = __find(key)
    return __entry_value(i) if i
    if block_given?
      warn("block supersedes default value argument", uplevel: 1) unless Primitive.undefined?(default)
      return yield(key)
    end
    return default unless Primitive.undefined?(default)
    raise KeyError.new("key not found: #{key.inspect}", receiver: self, key: key)
  end

  def key?(key)
    Primitive.hash_has
    __find(key) ? true : false
  end

  alias has_key? key?
  alias include? key?
  alias member? key?

  def value?(value)
    i = __next_index(0)
    while i
      return true if __entry_value(i) == value
      i = __next_index(i + 1)
    end
    false
  end

  alias has_value? value?

  def key(value)
    i = __next_index(0)
    while i
      return __entry_key(i) if __entry_value(i) == value
      i = __next_index(i + 1)
    end
    nil
  end

  def keys
    Primitive.hash_keys
  end

  def values
    Primitive.hash_values
  end

  def values_at(*keys)
    made = []
    i = 0
    while i < keys.__size
      made << self[keys.__at(i)]
      i += 1
    end
    made
  end

  def fetch_values(*keys, &block)
    made = []
    i = 0
    while i < keys.__size
      made << fetch(keys.__at(i), &block)
      i += 1
    end
    made
  end

  def dig(key, *more)
    item = self[key]
    return item if more.empty? || nil.equal?(item)
    raise TypeError, "#{item.class} does not have #dig method" unless item.respond_to?(:dig)
    item.dig(*more)
  end

  def assoc(key)
    identity = compare_by_identity?
    i = __next_index(0)
    while i
      candidate = __entry_key(i)
      return [candidate, __entry_value(i)] if candidate.equal?(key) || (!identity && candidate == key)
      i = __next_index(i + 1)
    end
    nil
  end

  def rassoc(value)
    i = __next_index(0)
    while i
      return [__entry_key(i), __entry_value(i)] if __entry_value(i) == value
      i = __next_index(i + 1)
    end
    nil
  end
end
