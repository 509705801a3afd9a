# Hash: entries come, go and are replaced.

class Hash
  def []=(key, value)
    Primitive.hash_store
    __store_slow(key, value)
  end

  def store(key, value)
    Primitive.hash_store
    __store_slow(key, value)
  end

  def delete(key)
    __check_frozen
    i = __find(key)
    unless i
      return block_given? ? yield(key) : nil
    end
    value = __entry_value(i)
    __delete_entry(i)
    value
  end

  def shift
    __check_frozen
    i = __next_index(0)
    return nil unless i
    pair = [__entry_key(i), __entry_value(i)]
    __delete_entry(i)
    pair
  end

  def clear
    __check_frozen
    __clear
    self
  end

  def replace(other)
    __check_frozen
    other = __hsh(other)
    return self if equal?(other)
    __clear
    __slot_put(6, (__slot(6) || 0) & ~1 | ((other.__slot(6) || 0) & 1))
    __merge_literal(other)
    __slot_put(4, other.__slot(4))
    __slot_put(5, other.__slot(5))
    self
  end

  def merge(*others, &block)
    copy = dup
    copy.__merge_all(others, block)
    copy
  end

  def merge!(*others, &block)
    __check_frozen
    __merge_all(others, block)
    self
  end

  alias update merge!

  def __merge_all(others, block)
    j = 0
    while j < others.__size
      other = __hsh(others.__at(j))
      if block
        i = other.__next_index(0)
        while i
          key = other.__entry_key(i)
          value = other.__entry_value(i)
          mine = __find(key)
          if mine
            __store(key, block.call(key, __entry_value(mine), value))
          else
            __store(key, value)
          end
          i = other.__next_index(i + 1)
        end
      else
        __merge_literal(other)
      end
      j += 1
    end
  end

  def compare_by_identity
    return self if compare_by_identity?
    __check_frozen
    pairs = to_a
    __clear
    __slot_put(6, (__slot(6) || 0) | 1)
    pairs.each { |pair| __store(pair[0], pair[1]) }
    self
  end

  def compare_by_identity?
    flags = __slot(6)
    nil.equal?(flags) ? false : flags & 1 != 0
  end

  def rehash
    __check_frozen
    return self if __rehash
    pairs = to_a
    __clear
    pairs.each { |pair| __store_key(pair[0], pair[1]) unless key?(pair[0]) }
    self
  end
end
