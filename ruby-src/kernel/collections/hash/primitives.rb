# Hash: entries by raw index, and the keys that primitives cannot compare. Entries keep insertion order; a primitive handles
# keys whose hash and eql? are the system's own, and the methods here handle keys that define them in Ruby.

class Hash
  def __size
    Primitive.hash_size
  end

  # Raw index of the next live entry at or after index, or nil.
  def __next_index(index)
    Primitive.hash_next_index
    nil
  end

  def __entry_key(index)
    Primitive.hash_entry_key
  end

  def __entry_value(index)
    Primitive.hash_entry_value
  end

  def __entry_set_value(index, value)
    Primitive.hash_entry_set_value
    __check_frozen
  end

  def __delete_entry(index)
    Primitive.hash_delete_entry
    __check_frozen
  end

  # Raw index of the first live entry with this hash at or after index, or nil.
  def __find_by_hash(hash, index)
    Primitive.hash_find_by_hash
    nil
  end

  # Appends an entry without looking for an equal one.
  def __store_at_hash(hash, key, value)
    Primitive.hash_store_at_hash
    __check_frozen
  end

  # Raw index of the entry of key, or nil. The primitive fails when the key's hash or eql? is Ruby code.
  def __find(key)
    Primitive.hash_find
    __find_user(key.hash & 0xfff_ffff_ffff_ffff, key)
  end

  def __find_user(hash, key)
    i = __find_by_hash(hash, 0)
    while i
      candidate = __entry_key(i)
      return i if candidate.equal?(key) || key.eql?(candidate)
      i = __find_by_hash(hash, i + 1)
    end
    nil
  end

  def __clear
    Primitive.hash_clear
    __check_frozen
  end

  # A plain Hash with the same entries, identity flag included, without default.
  def __dup
    Primitive.hash_dup
  end

  def __rehash
    Primitive.hash_rehash
    nil
  end

  # Stores under the key itself: a String key is not copied.
  def __store_key(key, value)
    Primitive.hash_store_key
    __store_slow(key, value)
  end

  def __store_slow(key, value)
    __check_frozen
    hash = key.hash & 0xfff_ffff_ffff_ffff
    i = __find_user(hash, key)
    if i
      __entry_set_value(i, value)
    else
      __store_at_hash(hash, key, value)
    end
    value
  end

  # What compiled code sends for `{ k => v }`. Answers the receiver.
  def __store(key, value)
    Primitive.hash_store_self
    __store_slow(key, value)
    self
  end

  # `**other` in a literal or a call.
  def __merge_splat(other)
    nil.equal?(other) ? self : __merge_literal(other)
  end

  def __merge_literal(other)
    other = __hsh(other)
    i = other.__next_index(0)
    while i
      __store(other.__entry_key(i), other.__entry_value(i))
      i = other.__next_index(i + 1)
    end
    self
  end

  # Whether the block given to the method that asks takes a pair apart by itself.
  def __block_takes_two?
    Primitive.given_block_takes_two
  end

  def __empty_like
    made = {}
    made.compare_by_identity if compare_by_identity?
    made
  end
end
