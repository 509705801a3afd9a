# Hash. Entries keep insertion order and are reached by raw index; a primitive handles keys whose hash and eql? are the
# system's own, and the methods here handle keys that define them in Ruby.

class Hash
  # --- primitives under names that only the kernel uses

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

  # --- making

  def self.[](*list)
    made = allocate
    if list.__size == 1
      source = list.__at(0)
      hash = __check_hash(source)
      if hash
        made.__merge_literal(hash)
        return made
      end
      pairs = __check_ary(source)
      if pairs
        pairs.each do |pair|
          pair = __check_ary(pair)
          raise ArgumentError, "wrong element type #{pair.class} (expected array)" unless pair
          if pair.__size < 1 || pair.__size > 2
            raise ArgumentError, "invalid number of elements (#{pair.size} for 1..2)"
          end
          made[pair.__at(0)] = pair.__at(1)
        end
        return made
      end
    end
    raise ArgumentError, "odd number of arguments for Hash" if list.__size.odd?
    i = 0
    while i < list.__size
      made[list.__at(i)] = list.__at(i + 1)
      i += 2
    end
    made
  end

  def self.try_convert(object)
    __check_hash(object)
  end

  def self.ruby2_keywords_hash?(hash)
    raise TypeError, "wrong argument type #{hash.class} (expected Hash)" unless Hash === hash
    (hash.__slot(6) || 0) & 4 != 0
  end

  def self.ruby2_keywords_hash(hash)
    raise TypeError, "wrong argument type #{hash.class} (expected Hash)" unless Hash === hash
    copy = hash.dup
    copy.__slot_put(6, (copy.__slot(6) || 0) | 4)
    copy
  end

  def initialize(default = Primitive.undefined, capacity: 0, &block)
    __check_frozen
    if block
      raise ArgumentError, "wrong number of arguments (given 1, expected 0)" unless Primitive.undefined?(default)
      __check_default_proc(block)
      __slot_put(5, block)
    elsif !Primitive.undefined?(default)
      __slot_put(4, default)
    elsif __slot(4) || __slot(5)
      __slot_put(4, nil)
      __slot_put(5, nil)
    end
    self
  end

  def __check_default_proc(block)
    return unless block.lambda?
    arity = block.arity
    if arity != 2 && (arity >= 0 || arity < -3)
      arity = -arity - 1 if arity < 0
      raise TypeError, "default_proc takes two arguments (2 for #{arity})"
    end
  end

  def initialize_copy(other)
    replace(other)
  end

  # --- reading

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

  def default(key = Primitive.undefined)
    block = __slot(5)
    if block
      return nil if Primitive.undefined?(key)
      return block.call(self, key)
    end
    __slot(4)
  end

  def default=(value)
    __check_frozen
    __slot_put(5, nil)
    __slot_put(4, value)
  end

  def default_proc
    __slot(5)
  end

  def default_proc=(block)
    __check_frozen
    unless nil.equal?(block)
      block = __convert(block, Proc, :to_proc) unless Proc === block
      __check_default_proc(block)
    end
    __slot_put(4, nil)
    __slot_put(5, block)
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

  # --- writing

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

  # --- iteration

  # Whether the block given to the method that asks takes a pair apart by itself.
  def __block_takes_two?
    Primitive.given_block_takes_two
  end

  def each
    return to_enum(:each) { __size } unless block_given?
    i = __next_index(0)
    if __block_takes_two?
      while i
        yield __entry_key(i), __entry_value(i)
        i = __next_index(i + 1)
      end
    else
      while i
        yield [__entry_key(i), __entry_value(i)]
        i = __next_index(i + 1)
      end
    end
    self
  end

  alias each_pair each

  def each_key
    return to_enum(:each_key) { __size } unless block_given?
    i = __next_index(0)
    while i
      yield __entry_key(i)
      i = __next_index(i + 1)
    end
    self
  end

  def each_value
    return to_enum(:each_value) { __size } unless block_given?
    i = __next_index(0)
    while i
      yield __entry_value(i)
      i = __next_index(i + 1)
    end
    self
  end

  def map
    return to_enum(:map) { __size } unless block_given?
    made = []
    i = __next_index(0)
    while i
      made << (yield [__entry_key(i), __entry_value(i)])
      i = __next_index(i + 1)
    end
    made
  end

  alias collect map

  def select
    return to_enum(:select) { __size } unless block_given?
    made = __empty_like
    i = __next_index(0)
    while i
      key = __entry_key(i)
      value = __entry_value(i)
      made.__store_key(key, value) if yield(key, value)
      i = __next_index(i + 1)
    end
    made
  end

  alias filter select

  def reject
    return to_enum(:reject) { __size } unless block_given?
    made = __empty_like
    i = __next_index(0)
    while i
      key = __entry_key(i)
      value = __entry_value(i)
      made.__store_key(key, value) unless yield(key, value)
      i = __next_index(i + 1)
    end
    made
  end

  def __empty_like
    made = {}
    made.compare_by_identity if compare_by_identity?
    made
  end

  def select!
    return to_enum(:select!) { __size } unless block_given?
    __check_frozen
    before = __size
    i = __next_index(0)
    while i
      __delete_entry(i) unless yield(__entry_key(i), __entry_value(i))
      i = __next_index(i + 1)
    end
    __size == before ? nil : self
  end

  alias filter! select!

  def keep_if(&block)
    return to_enum(:keep_if) { __size } unless block
    select!(&block)
    self
  end

  def reject!
    return to_enum(:reject!) { __size } unless block_given?
    __check_frozen
    before = __size
    i = __next_index(0)
    while i
      __delete_entry(i) if yield(__entry_key(i), __entry_value(i))
      i = __next_index(i + 1)
    end
    __size == before ? nil : self
  end

  def delete_if(&block)
    return to_enum(:delete_if) { __size } unless block
    reject!(&block)
    self
  end

  def partition
    return to_enum(:partition) { __size } unless block_given?
    yes = []
    no = []
    each do |pair|
      (yield(pair) ? yes : no) << pair
    end
    [yes, no]
  end

  def find(if_none = nil)
    return to_enum(:find, if_none) unless block_given?
    i = __next_index(0)
    while i
      pair = [__entry_key(i), __entry_value(i)]
      return pair if yield(pair)
      i = __next_index(i + 1)
    end
    nil.equal?(if_none) ? nil : if_none.call
  end

  alias detect find

  def any?(pattern = Primitive.undefined)
    if !Primitive.undefined?(pattern)
      each { |pair| return true if pattern === pair }
      false
    elsif block_given?
      i = __next_index(0)
      while i
        return true if yield([__entry_key(i), __entry_value(i)])
        i = __next_index(i + 1)
      end
      false
    else
      __size > 0
    end
  end

  def all?(pattern = Primitive.undefined)
    if !Primitive.undefined?(pattern)
      each { |pair| return false unless pattern === pair }
    elsif block_given?
      i = __next_index(0)
      while i
        return false unless yield([__entry_key(i), __entry_value(i)])
        i = __next_index(i + 1)
      end
    end
    true
  end

  def count(item = Primitive.undefined)
    return super if !Primitive.undefined?(item)
    return __size unless block_given?
    found = 0
    i = __next_index(0)
    while i
      found += 1 if yield([__entry_key(i), __entry_value(i)])
      i = __next_index(i + 1)
    end
    found
  end

  def filter_map
    return to_enum(:filter_map) unless block_given?
    made = []
    i = __next_index(0)
    while i
      item = yield [__entry_key(i), __entry_value(i)]
      made << item if item
      i = __next_index(i + 1)
    end
    made
  end

  def transform_values
    return to_enum(:transform_values) { __size } unless block_given?
    made = __empty_like
    i = __next_index(0)
    while i
      made.__store_key(__entry_key(i), yield(__entry_value(i)))
      i = __next_index(i + 1)
    end
    made
  end

  def transform_values!
    return to_enum(:transform_values!) { __size } unless block_given?
    __check_frozen
    i = __next_index(0)
    while i
      __entry_set_value(i, yield(__entry_value(i)))
      i = __next_index(i + 1)
    end
    self
  end

  def transform_keys(names = nil)
    return to_enum(:transform_keys) { __size } unless block_given? || names
    names = __hsh(names) if names
    made = {}
    i = __next_index(0)
    while i
      key = __entry_key(i)
      if names && names.key?(key)
        key = names[key]
      elsif block_given?
        key = yield key
      end
      made[key] = __entry_value(i)
      i = __next_index(i + 1)
    end
    made
  end

  def transform_keys!(names = nil, &block)
    return to_enum(:transform_keys!) { __size } unless block || names
    __check_frozen
    made = names ? transform_keys(names, &block) : transform_keys(&block)
    __clear
    __merge_literal(made)
  end

  def slice(*keys)
    made = __empty_like
    j = 0
    while j < keys.__size
      key = keys.__at(j)
      i = __find(key)
      made.__store_key(__entry_key(i), __entry_value(i)) if i
      j += 1
    end
    made
  end

  def except(*keys)
    made = __dup
    made = {}.__merge_literal(self) unless Hash === made
    j = 0
    while j < keys.__size
      made.delete(keys.__at(j))
      j += 1
    end
    made
  end

  def compact
    made = __empty_like
    i = __next_index(0)
    while i
      value = __entry_value(i)
      made.__store_key(__entry_key(i), value) unless nil.equal?(value)
      i = __next_index(i + 1)
    end
    made
  end

  def compact!
    reject! { |_, value| nil.equal?(value) }
  end

  def invert
    made = {}
    i = __next_index(0)
    while i
      made[__entry_value(i)] = __entry_key(i)
      i = __next_index(i + 1)
    end
    made
  end

  def group_by
    return to_enum(:group_by) { __size } unless block_given?
    groups = {}
    i = __next_index(0)
    while i
      pair = [__entry_key(i), __entry_value(i)]
      key = yield pair
      list = groups[key]
      list ? list << pair : groups[key] = [pair]
      i = __next_index(i + 1)
    end
    groups
  end

  def sort_by(&block)
    return to_enum(:sort_by) { __size } unless block
    to_a.sort_by(&block)
  end

  def min_by(count = nil, &block)
    return to_enum(:min_by, count) { __size } unless block
    to_a.min_by(*(count ? [count] : []), &block)
  end

  def max_by(count = nil, &block)
    return to_enum(:max_by, count) { __size } unless block
    to_a.max_by(*(count ? [count] : []), &block)
  end

  def sum(initial = 0, &block)
    block ? to_a.sum(initial, &block) : to_a.sum(initial)
  end

  # --- converting

  def to_a
    made = []
    i = __next_index(0)
    while i
      made << [__entry_key(i), __entry_value(i)]
      i = __next_index(i + 1)
    end
    made
  end

  alias entries to_a

  def to_h(&block)
    if block
      made = {}
      i = __next_index(0)
      while i
        item = yield __entry_key(i), __entry_value(i)
        pair = __check_ary(item)
        raise TypeError, "wrong element type #{item.class} (expected array)" unless pair
        raise ArgumentError, "element has wrong array length (expected 2, was #{pair.size})" if pair.__size != 2
        made[pair.__at(0)] = pair.__at(1)
        i = __next_index(i + 1)
      end
      return made
    end
    return self if instance_of?(Hash)
    {}.replace(self)
  end

  def to_hash
    self
  end

  def to_proc
    hash = self
    lambda { |key| hash[key] }
  end

  def deconstruct_keys(keys)
    self
  end

  def flatten(depth = 1)
    depth = __int(depth)
    return to_a if depth == 0
    flat = []
    i = __next_index(0)
    while i
      flat << __entry_key(i) << __entry_value(i)
      i = __next_index(i + 1)
    end
    depth < 0 ? flat.flatten : (depth > 1 ? flat.flatten(depth - 1) : flat)
  end

  def inspect
    return "{}" if __size == 0
    __guarded(:inspect, "{...}") do
      text = +"{"
      first = true
      i = __next_index(0)
      while i
        text << ", " unless first
        first = false
        key = __entry_key(i)
        if Symbol === key
          text << key.__as_key << " "
        else
          text << __shown(key) << " => "
        end
        text << __shown(__entry_value(i))
        i = __next_index(i + 1)
      end
      text << "}"
    end
  end

  alias to_s inspect

  # --- comparing

  def ==(other)
    return true if equal?(other)
    unless Hash === other
      return false unless other.respond_to?(:to_hash)
      return other == self ? true : false
    end
    return false unless __size == other.__size
    __guarded(:==, true) do
      i = __next_index(0)
      while i
        j = other.__find(__entry_key(i))
        return false unless j
        mine = __entry_value(i)
        its = other.__entry_value(j)
        return false unless mine.equal?(its) || mine == its
        i = __next_index(i + 1)
      end
      true
    end
  end

  def eql?(other)
    return true if equal?(other)
    return false unless Hash === other && __size == other.__size
    __guarded(:eql?, true) do
      i = __next_index(0)
      while i
        j = other.__find(__entry_key(i))
        return false unless j && __entry_value(i).eql?(other.__entry_value(j))
        i = __next_index(i + 1)
      end
      true
    end
  end

  def hash
    __guarded(:hash, 11) do
      h = __size + 2_000_003
      i = __next_index(0)
      while i
        part = ((__entry_key(i).hash & 0xffff_ffff_ffff) * 31) ^ (__int(__entry_value(i).hash) & 0xffff_ffff_ffff)
        part = ((part & 0x3fff_ffff_ffff) * 4999) ^ (part >> 20)
        h = (h + part) & 0xfff_ffff_ffff_ffff
        i = __next_index(i + 1)
      end
      h
    end
  end

  def <=(other)
    other = __hsh(other)
    return false if __size > other.__size
    i = __next_index(0)
    while i
      j = other.__find(__entry_key(i))
      return false unless j && other.__entry_value(j) == __entry_value(i)
      i = __next_index(i + 1)
    end
    true
  end

  def <(other)
    other = __hsh(other)
    __size < other.__size && self <= other
  end

  def >=(other)
    __hsh(other) <= self
  end

  def >(other)
    __hsh(other) < self
  end

  def freeze
    Primitive.freeze
    self
  end

  include Enumerable
end
