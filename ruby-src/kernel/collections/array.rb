# Array. Iteration is plain while loops over __at and __size of array_access.rb, which a subclass cannot redefine by accident.

class Array
  # --- primitives under names that only the kernel uses

  def __set(index, value)
    Primitive.array_set
    __check_frozen
    __long(index)
    raise IndexError, "index #{index} too small for array; minimum: -#{__size}" if index < 0
    raise IndexError, "index #{index} too big"
  end

  def __pop
    Primitive.array_pop
    __check_frozen
    nil
  end

  def __shift
    Primitive.array_shift
    __check_frozen
    nil
  end

  def __delete_at(index)
    Primitive.array_delete_at
    __check_frozen
    nil
  end

  # A new Array of the count elements from index on; both are in range.
  def __slice(from, count)
    Primitive.array_slice
    []
  end

  # Replaces count elements from index on by those of list.
  def __splice(from, count, list)
    Primitive.array_splice
    __check_frozen
  end

  def __concat(list)
    Primitive.array_concat
    __check_frozen
  end

  def __plus(list)
    Primitive.array_plus
    __dup.__concat(list)
  end

  def __fill(value, from, count)
    Primitive.array_fill
    __check_frozen
  end

  def __replace(list)
    Primitive.array_replace
    __check_frozen
  end

  # A plain Array of the same elements.
  def __dup
    Primitive.array_dup
  end

  def __resize(size)
    Primitive.array_resize
    __check_frozen
  end

  # 1-based index of the identical element, or 0.
  def __find_identical(value)
    Primitive.array_index_identical
    0
  end

  # Index of the identical element, or nil.
  def __index_identical(value)
    found = __find_identical(value)
    found == 0 ? nil : found - 1
  end

  # Sorts in place when all elements are Integers and Floats (no NaN), or all are Strings; answers true, or nil when not done.
  def __sort_small
    Primitive.array_sort_small
    nil
  end

  # For keys that __sort_small could sort: the indexes of the elements in sorted order (stable), else nil.
  def __sort_indexes
    Primitive.array_sort_indexes
    nil
  end

  def self.__new(size, fill)
    Primitive.array_new
    raise ArgumentError, "negative array size" if size < 0
    raise ArgumentError, "array size too big" if size >= 0x1000_0000_0000_0000
    raise NoMemoryError, "failed to allocate memory"
  end

  # --- making

  def self.[](*list)
    return list if equal?(Array)
    allocate.__replace(list)
  end

  def self.try_convert(object)
    return object if Array === object
    __try_convert(object, Array, :to_ary)
  end

  def initialize(size = Primitive.undefined, given_fill = Primitive.undefined)
    __check_frozen
    if Integer === size && size >= 0 && size < 0x1000_0000 && Primitive.undefined?(given_fill)
      __resize(0)
      return __resize(size) unless block_given?
      i = 0
      while i < size
        __push(yield(i))
        i += 1
      end
      return self
    end
    fill = Primitive.undefined?(given_fill) ? nil : given_fill
    if Primitive.undefined?(size)
      __resize(0)
      return self
    end
    unless Integer === size
      list = Primitive.undefined?(given_fill) ? __check_ary(size) : nil
      return __replace(list) if list
      size = __long(size)
    end
    raise ArgumentError, "negative array size" if size < 0
    raise ArgumentError, "array size too big" if size >= 0x1000_0000_0000_0000
    if block_given?
      warn("block supersedes default value argument", uplevel: 1) unless Primitive.undefined?(given_fill)
      __resize(0)
      i = 0
      while i < size
        __push(yield(i))
        i += 1
      end
    else
      __replace(Array.__new(size, fill))
    end
    self
  end

  def initialize_copy(list)
    replace(list)
  end

  # --- size and access

  def size
    Primitive.array_size
  end

  alias length size

  def empty?
    __size == 0
  end

  def at(index)
    Primitive.array_get
    __at(__long(index))
  end

  def [](index, count = Primitive.undefined)
    if Primitive.undefined?(count)
      return __at(index) if Integer === index
      if Range === index
        bounds = index.__bounds(__size)
        return bounds && __subarray(bounds.__at(0), bounds.__at(1))
      end
      return __aref_sequence(index) if Enumerator::ArithmeticSequence === index
      return __at(__long(index))
    end
    __subarray(__long(index), __long(count))
  end

  alias slice []

  def __aref_sequence(sequence)
    range = sequence.__range
    step = sequence.step
    if step < 0
      range = range.end.nil? && range.begin.nil? ? range : Range.new(range.end, range.begin, false)
    end
    if (step > 1 || step < -1) && !range.__bounds(__size)
      raise RangeError, "#{sequence.inspect} out of range"
    end
    bounds = range.__bounds(__size)
    return nil unless bounds
    list = __subarray(bounds.__at(0), bounds.__at(1))
    return nil unless list
    list = list.reverse if step < 0
    step = step.abs
    made = []
    i = 0
    while i < list.__size
      made << list[i]
      i += step
    end
    made
  end

  def __subarray(from, count)
    size = __size
    from += size if from < 0
    return nil if from < 0 || from > size || count < 0
    count = size - from if count > size - from
    __slice(from, count)
  end

  def []=(index, count, value = Primitive.undefined)
    if Primitive.undefined?(value)
      value = count
      return __set(index, value) if Integer === index
      __check_frozen
      if Range === index
        bounds = index.__bounds!(__size)
        __replace_part(bounds.__at(0), bounds.__at(1), value)
      else
        __set(__long(index), value)
      end
      return value
    end
    __check_frozen
    index = __long(index)
    count = __long(count)
    raise IndexError, "negative length (#{count})" if count < 0
    if index < 0
      raise IndexError, "index #{index} too small for array; minimum: -#{__size}" if index < -__size
      index += __size
    end
    __replace_part(index, count, value)
    value
  end

  def __replace_part(from, count, value)
    list = __check_ary(value) || [value]
    list = list.__dup if list.equal?(self)
    size = __size
    if from > size
      __resize(from)
      count = 0
    elsif count > size - from
      count = size - from
    end
    __splice(from, count, list)
  end

  def fetch(index, default = Primitive.undefined)
    wanted = index
    index = __long(index)
    size = __size
    return __at(index) if index < size && index >= -size
    if block_given?
      warn("block supersedes default value argument", uplevel: 1) unless Primitive.undefined?(default)
      return yield(wanted)
    end
    return default unless Primitive.undefined?(default)
    raise IndexError, "index #{index} outside of array bounds: #{-size}...#{size}"
  end

  def fetch_values(*indexes, &block)
    indexes.map { |i| fetch(i, &block) }
  end

  def values_at(*indexes)
    made = []
    indexes.each do |index|
      if Range === index
        bounds = index.__bounds!(__size)
        from = bounds.__at(0)
        count = bounds.__at(1)
        i = 0
        while i < count
          made << __at(from + i)
          i += 1
        end
      else
        made << __at(__long(index))
      end
    end
    made
  end

  def dig(index, *more)
    item = at(index)
    return item if more.empty? || nil.equal?(item)
    raise TypeError, "#{item.class} does not have #dig method" unless item.respond_to?(:dig)
    item.dig(*more)
  end

  def first(count = Primitive.undefined)
    return __at(0) if Primitive.undefined?(count)
    count = __long(count)
    raise ArgumentError, "negative array size" if count < 0
    __slice(0, count < __size ? count : __size)
  end

  def last(count = Primitive.undefined)
    return __at(-1) if Primitive.undefined?(count)
    count = __long(count)
    raise ArgumentError, "negative array size" if count < 0
    count = __size if count > __size
    __slice(__size - count, count)
  end

  def take(count)
    count = __long(count)
    raise ArgumentError, "attempt to take negative size" if count < 0
    __slice(0, count < __size ? count : __size)
  end

  def drop(count)
    count = __long(count)
    raise ArgumentError, "attempt to drop negative size" if count < 0
    count = __size if count > __size
    __slice(count, __size - count)
  end

  def take_while
    return to_enum(:take_while) unless block_given?
    i = 0
    while i < __size
      break unless yield(__at(i))
      i += 1
    end
    __slice(0, i)
  end

  def drop_while
    return to_enum(:drop_while) unless block_given?
    i = 0
    while i < __size
      break unless yield(__at(i))
      i += 1
    end
    __slice(i, __size - i)
  end

  # --- adding and removing

  def <<(value)
    Primitive.array_push
    __check_frozen
  end

  def push(*values)
    __check_frozen
    __concat(values)
    self
  end

  alias append push

  def pop(count = Primitive.undefined)
    return __pop if Primitive.undefined?(count)
    __check_frozen
    count = __long(count)
    raise ArgumentError, "negative array size" if count < 0
    count = __size if count > __size
    from = __size - count
    tail = __slice(from, count)
    __resize(from)
    tail
  end

  def shift(count = Primitive.undefined)
    return __shift if Primitive.undefined?(count)
    __check_frozen
    count = __long(count)
    raise ArgumentError, "negative array size" if count < 0
    count = __size if count > __size
    head = __slice(0, count)
    __splice(0, count, [])
    head
  end

  def unshift(*values)
    __check_frozen
    __splice(0, 0, values)
    self
  end

  alias prepend unshift

  def insert(index, *values)
    __check_frozen
    index = __long(index)
    return self if values.__size == 0
    size = __size
    if index < 0
      raise IndexError, "index #{index} too small for array; minimum: -#{size + 1}" if index < -size - 1
      index += size + 1
    end
    __resize(index) if index > size
    __splice(index, 0, values)
    self
  end

  def concat(*lists)
    __check_frozen
    if lists.__size == 1
      __concat(__ary(lists.__at(0)))
    else
      all = []
      lists.each { |list| all.__concat(__ary(list)) }
      __concat(all)
    end
    self
  end

  def clear
    __check_frozen
    __resize(0)
    self
  end

  def replace(list)
    __check_frozen
    __replace(__ary(list))
    self
  end

  def delete(value)
    found = Primitive.undefined
    kept = 0
    i = 0
    while i < __size
      item = __at(i)
      if item.equal?(value) || item == value
        __check_frozen
        found = item
      else
        __set(kept, item) unless kept == i
        kept += 1
      end
      i += 1
    end
    if Primitive.undefined?(found)
      return block_given? ? yield(value) : nil
    end
    __resize(kept)
    found
  end

  def delete_at(index)
    __check_frozen
    index = __long(index)
    index += __size if index < 0
    return nil if index < 0 || index >= __size
    __delete_at(index)
  end

  def slice!(index, count = Primitive.undefined)
    __check_frozen
    if Primitive.undefined?(count)
      if Range === index
        bounds = index.__bounds(__size)
        return nil unless bounds
        from = bounds.__at(0)
        count = bounds.__at(1)
      else
        return delete_at(index)
      end
    else
      from = __long(index)
      count = __long(count)
      from += __size if from < 0
    end
    return nil if from < 0 || from > __size || count < 0
    count = __size - from if count > __size - from
    cut = __slice(from, count)
    __splice(from, count, [])
    cut
  end

  def compact
    made = []
    i = 0
    while i < __size
      item = __at(i)
      made << item unless nil.equal?(item)
      i += 1
    end
    made
  end

  def compact!
    __check_frozen
    before = __size
    __replace(compact)
    __size == before ? nil : self
  end

  def fill(value = Primitive.undefined, from = nil, count = nil)
    __check_frozen
    if block_given?
      raise ArgumentError, "wrong number of arguments (given 3, expected 0..2)" unless nil.equal?(count)
      count = from
      from = Primitive.undefined?(value) ? nil : value
    elsif Primitive.undefined?(value)
      raise ArgumentError, "wrong number of arguments (given 0, expected 1..3)"
    end
    if nil.equal?(from)
      from = 0
      count = nil.equal?(count) ? __size : __long(count)
    elsif Range === from
      raise TypeError, "no implicit conversion of Range into Integer" unless nil.equal?(count)
      bounds = from.__bounds!(__size)
      count = bounds.__at(1)
      count = from.__length_to_end(__size) if from.end
      from = bounds.__at(0)
    else
      from = __long(from)
      from += __size if from < 0
      from = 0 if from < 0
      count = nil.equal?(count) ? __size - from : __long(count)
    end
    return self if count <= 0
    raise ArgumentError, "argument too big" if from + count >= 0x1000_0000_0000_0000
    if block_given?
      i = from
      stop = from + count
      while i < stop
        __set(i, yield(i))
        i += 1
      end
    else
      __resize(from + count) if from + count > __size
      __fill(value, from, count)
    end
    self
  end

  # --- iteration

  def each
    return to_enum(:each) { __size } unless block_given?
    i = 0
    while i < __size
      yield __at(i)
      i += 1
    end
    self
  end

  def each_index
    return to_enum(:each_index) { __size } unless block_given?
    i = 0
    while i < __size
      yield i
      i += 1
    end
    self
  end

  def each_with_index
    return to_enum(:each_with_index) { __size } unless block_given?
    i = 0
    while i < __size
      yield __at(i), i
      i += 1
    end
    self
  end

  def reverse_each
    return to_enum(:reverse_each) { __size } unless block_given?
    i = __size - 1
    while i >= 0
      i = __size - 1 if i >= __size
      break if i < 0
      yield __at(i)
      i -= 1
    end
    self
  end

  def each_with_object(memo)
    return to_enum(:each_with_object, memo) { __size } unless block_given?
    i = 0
    while i < __size
      yield __at(i), memo
      i += 1
    end
    memo
  end

  def map
    return to_enum(:map) { __size } unless block_given?
    made = []
    i = 0
    while i < __size
      made << (yield __at(i))
      i += 1
    end
    made
  end

  alias collect map

  def map!
    return to_enum(:map!) { __size } unless block_given?
    __check_frozen
    i = 0
    while i < __size
      __set(i, yield(__at(i)))
      i += 1
    end
    self
  end

  alias collect! map!

  def flat_map
    return to_enum(:flat_map) { __size } unless block_given?
    made = []
    i = 0
    while i < __size
      part = yield __at(i)
      list = Array === part ? part : __check_ary(part)
      list ? made.__concat(list) : made << part
      i += 1
    end
    made
  end

  alias collect_concat flat_map

  def filter_map
    return to_enum(:filter_map) { __size } unless block_given?
    made = []
    i = 0
    while i < __size
      item = yield __at(i)
      made << item if item
      i += 1
    end
    made
  end

  def select
    return to_enum(:select) { __size } unless block_given?
    made = []
    i = 0
    while i < __size
      item = __at(i)
      made << item if yield(item)
      i += 1
    end
    made
  end

  alias filter select

  def find_all(&block)
    return to_enum(:find_all) { __size } unless block
    select(&block)
  end

  def reject
    return to_enum(:reject) { __size } unless block_given?
    made = []
    i = 0
    while i < __size
      item = __at(i)
      made << item unless yield(item)
      i += 1
    end
    made
  end

  def select!
    return to_enum(:select!) { __size } unless block_given?
    __check_frozen
    before = __size
    kept = 0
    i = 0
    begin
      while i < __size
        item = __at(i)
        if yield(item)
          __set(kept, item)
          kept += 1
        end
        i += 1
      end
    ensure
      __splice(kept, i - kept, []) if i > kept
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
    kept = 0
    i = 0
    begin
      while i < __size
        item = __at(i)
        unless yield(item)
          __set(kept, item)
          kept += 1
        end
        i += 1
      end
    ensure
      __splice(kept, i - kept, []) if i > kept
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
    i = 0
    while i < __size
      item = __at(i)
      (yield(item) ? yes : no) << item
      i += 1
    end
    [yes, no]
  end

  def group_by
    return to_enum(:group_by) { __size } unless block_given?
    groups = {}
    i = 0
    while i < __size
      item = __at(i)
      key = yield item
      list = groups[key]
      list ? list << item : groups[key] = [item]
      i += 1
    end
    groups
  end

  def inject(initial = Primitive.undefined, operation = Primitive.undefined)
    i = 0
    if Primitive.undefined?(operation) && !block_given?
      raise LocalJumpError, "no block given" if Primitive.undefined?(initial)
      operation = initial
      initial = Primitive.undefined
    end
    if Primitive.undefined?(initial)
      return nil if __size == 0
      memo = __at(0)
      i = 1
    else
      memo = initial
    end
    if Primitive.undefined?(operation)
      while i < __size
        memo = yield memo, __at(i)
        i += 1
      end
    elsif :+.equal?(operation)
      while i < __size
        memo = memo + __at(i)
        i += 1
      end
    else
      while i < __size
        memo = memo.__send__(operation, __at(i))
        i += 1
      end
    end
    memo
  end

  alias reduce inject

  def sum(initial = 0)
    total = initial
    compensation = 0.0
    i = 0
    while i < __size
      item = __at(i)
      item = yield(item) if block_given?
      if Float === total && (Float === item || Integer === item)
        # Kahan-Babuska, as soon as a Float takes part.
        if total.finite? && item.finite?
          next_total = total + item
          if total.abs >= item.abs
            compensation += (total - next_total) + item
          else
            compensation += (item - next_total) + total
          end
          total = next_total
        else
          total += item
        end
      else
        total = total + item
      end
      i += 1
    end
    Float === total && compensation != 0.0 ? total + compensation : total
  end

  def count(value = Primitive.undefined)
    found = 0
    i = 0
    if !Primitive.undefined?(value)
      while i < __size
        found += 1 if __at(i) == value
        i += 1
      end
    elsif block_given?
      while i < __size
        found += 1 if yield(__at(i))
        i += 1
      end
    else
      return __size
    end
    found
  end

  def find(if_none = nil)
    return to_enum(:find, if_none) unless block_given?
    i = 0
    while i < __size
      item = __at(i)
      return item if yield(item)
      i += 1
    end
    nil.equal?(if_none) ? nil : if_none.call
  end

  alias detect find

  def index(value = Primitive.undefined)
    if !Primitive.undefined?(value)
      warn("given block not used", uplevel: 1) if block_given?
    else
      return to_enum(:index) unless block_given?
      i = 0
      while i < __size
        return i if yield(__at(i))
        i += 1
      end
      return nil
    end
    i = 0
    while i < __size
      return i if __at(i) == value
      i += 1
    end
    nil
  end

  alias find_index index

  def rindex(value = Primitive.undefined)
    i = __size - 1
    if !Primitive.undefined?(value)
      warn("given block not used", uplevel: 1) if block_given?
    else
      return to_enum(:rindex) unless block_given?
      while i >= 0
        return i if yield(__at(i))
        i -= 1
        i = __size - 1 if i >= __size
      end
      return nil
    end
    while i >= 0
      return i if __at(i) == value
      i -= 1
      i = __size - 1 if i >= __size
    end
    nil
  end

  def rfind(if_none = nil)
    return to_enum(:rfind, if_none) unless block_given?
    reverse_each { |item| return item if yield(item) }
    nil.equal?(if_none) ? nil : if_none.call
  end

  def include?(value)
    i = 0
    while i < __size
      item = __at(i)
      return true if item.equal?(value) || item == value
      i += 1
    end
    false
  end

  alias member? include?

  def all?(pattern = Primitive.undefined)
    i = 0
    if !Primitive.undefined?(pattern)
      while i < __size
        return false unless pattern === __at(i)
        i += 1
      end
    elsif block_given?
      while i < __size
        return false unless yield(__at(i))
        i += 1
      end
    else
      while i < __size
        return false unless __at(i)
        i += 1
      end
    end
    true
  end

  def any?(pattern = Primitive.undefined)
    i = 0
    if !Primitive.undefined?(pattern)
      while i < __size
        return true if pattern === __at(i)
        i += 1
      end
    elsif block_given?
      while i < __size
        return true if yield(__at(i))
        i += 1
      end
    else
      while i < __size
        return true if __at(i)
        i += 1
      end
    end
    false
  end

  def none?(pattern = Primitive.undefined)
    i = 0
    if !Primitive.undefined?(pattern)
      while i < __size
        return false if pattern === __at(i)
        i += 1
      end
    elsif block_given?
      while i < __size
        return false if yield(__at(i))
        i += 1
      end
    else
      while i < __size
        return false if __at(i)
        i += 1
      end
    end
    true
  end

  def one?(pattern = Primitive.undefined)
    found = 0
    i = 0
    while i < __size
      item = __at(i)
      hit = if !Primitive.undefined?(pattern)
        pattern === item
      elsif block_given?
        yield item
      else
        item
      end
      if hit
        found += 1
        return false if found > 1
      end
      i += 1
    end
    found == 1
  end

  def cycle(count = nil)
    unless block_given?
      return to_enum(:cycle, count) do
        if __size == 0
          0
        elsif nil.equal?(count)
          Float::INFINITY
        else
          n = __long(count)
          n > 0 ? n * __size : 0
        end
      end
    end
    count = __long(count) unless nil.equal?(count)
    round = 0
    while __size > 0 && (nil.equal?(count) || round < count)
      i = 0
      while i < __size
        yield __at(i)
        i += 1
      end
      round += 1
    end
    nil
  end

  def each_slice(count)
    count = __long(count)
    raise ArgumentError, "invalid slice size" if count <= 0
    return to_enum(:each_slice, count) { (__size + count - 1) / count } unless block_given?
    i = 0
    while i < __size
      rest = __size - i
      yield __slice(i, rest < count ? rest : count)
      i += count
    end
    self
  end

  def each_cons(count)
    count = __long(count)
    raise ArgumentError, "invalid size" if count <= 0
    return to_enum(:each_cons, count) { __size < count ? 0 : __size - count + 1 } unless block_given?
    i = 0
    while i + count <= __size
      yield __slice(i, count)
      i += 1
    end
    self
  end

  def grep(pattern)
    made = []
    i = 0
    while i < __size
      item = __at(i)
      if Regexp === pattern
        match = String === item || Symbol === item ? pattern.__match_from(item, 0) : nil
        hit = match
        __set_caller_match(match) if match
      else
        hit = pattern === item
      end
      made << (block_given? ? yield(item) : item) if hit
      i += 1
    end
    made
  end

  def tally(hash = nil)
    return super if hash
    counts = {}
    i = 0
    while i < __size
      item = __at(i)
      counts[item] = (counts[item] || 0) + 1
      i += 1
    end
    counts
  end

  def to_h
    made = {}
    i = 0
    while i < __size
      item = __at(i)
      item = yield(item) if block_given?
      pair = __check_ary(item)
      unless pair
        raise TypeError, "wrong element type #{item.class} at #{i} (expected array)"
      end
      if pair.__size != 2
        raise ArgumentError, "wrong array length at #{i} (expected 2, was #{pair.size})"
      end
      made[pair.__at(0)] = pair.__at(1)
      i += 1
    end
    made
  end

  def to_a
    instance_of?(Array) ? self : __dup
  end

  alias entries to_a

  def to_ary
    self
  end

  def deconstruct
    self
  end

  # --- comparing

  def ==(other)
    return true if equal?(other)
    unless Array === other
      return false unless other.respond_to?(:to_ary)
      return other == self ? true : false
    end
    size = __size
    return false unless size == other.__size
    i = 0
    while i < size
      a = __at(i)
      b = other.__at(i)
      if Array === a
        return false unless __guarded(:==, true) { a == b }
      else
        return false unless a.equal?(b) || a == b
      end
      i += 1
    end
    true
  end

  def eql?(other)
    return true if equal?(other)
    return false unless Array === other
    size = __size
    return false unless size == other.__size
    i = 0
    while i < size
      a = __at(i)
      b = other.__at(i)
      if Array === a
        return false unless __guarded(:eql?, true) { a.eql?(b) }
      else
        return false unless a.eql?(b)
      end
      i += 1
    end
    true
  end

  def hash
    Primitive.value_hash
    __guarded(:hash, 7) do
      h = __size + 1_000_003
      i = 0
      while i < __size
        h = ((h & 0xffff_ffff_ffff) * 31) ^ (__int(__at(i).hash) & 0xfff_ffff_ffff_ffff)
        i += 1
      end
      h
    end
  end

  def <=>(other)
    other = __check_ary(other)
    return nil unless other
    return 0 if equal?(other)
    __guarded(:<=>, nil) do
      size = __size < other.__size ? __size : other.__size
      i = 0
      while i < size
        c = __at(i) <=> other.__at(i)
        return c unless c == 0
        i += 1
      end
      __size <=> other.__size
    end
  end

  # --- printing

  def inspect
    return "[]" if __size == 0
    __guarded(:inspect, "[...]") do
      text = +"["
      i = 0
      while i < __size
        text << ", " if i > 0
        item = __at(i)
        shown = item.inspect
        text << (String === shown ? shown : __shown(item))
        i += 1
      end
      text << "]"
    end
  end

  alias to_s inspect

  def join(separator = nil)
    made = +""
    return made.force_encoding(Encoding::US_ASCII) if __size == 0
    if nil.equal?(separator)
      separator = $,
      warn("warning: $, is set to non-nil value", uplevel: 1) unless nil.equal?(separator)
    end
    separator = __str(separator) unless nil.equal?(separator)
    __join_into(made, separator)
    made
  end

  def __join_into(made, separator)
    done = __guarded(:join, nil) do
      i = 0
      while i < __size
        made << separator if i > 0 && separator
        item = __at(i)
        if String === item
          made << item
        elsif Array === item
          item.__join_into(made, separator)
        elsif (text = __check_str(item))
          made << text
        elsif (list = __check_ary(item))
          list.__join_into(made, separator)
        else
          made << item.to_s
        end
        i += 1
      end
      true
    end
    raise ArgumentError, "recursive array join" unless done
  end

  # --- combining

  def +(other)
    Primitive.array_plus
    __plus(__ary(other))
  end

  def *(count)
    if (separator = __check_str(count))
      return join(separator)
    end
    count = __long(count)
    raise ArgumentError, "argument must be non-negative" if count < 0
    raise ArgumentError, "argument too big" if count * __size >= 0x1000_0000_0000_0000
    made = []
    i = 0
    while i < count
      made.__concat(self)
      i += 1
    end
    made
  end

  def -(other)
    other = __ary(other)
    if other.__size <= 8
      made = []
      i = 0
      while i < __size
        item = __at(i)
        made << item unless other.__has_eql(item)
        i += 1
      end
      return made
    end
    gone = other.__key_hash
    made = []
    i = 0
    while i < __size
      item = __at(i)
      made << item unless gone.key?(item)
      i += 1
    end
    made
  end

  # Whether an element is the same key as item: for short Arrays.
  def __has_eql(item)
    hash = nil
    i = 0
    while i < __size
      other = __at(i)
      return true if other.equal?(item)
      if Integer === item || Symbol === item
        i += 1
        next
      end
      hash ||= item.hash
      return true if hash == other.hash && item.eql?(other)
      i += 1
    end
    false
  end

  def difference(*others)
    made = __dup
    others.each { |list| made = made - list }
    made
  end

  def __key_hash
    keys = {}
    i = 0
    while i < __size
      keys.__store_key(__at(i), true)
      i += 1
    end
    keys
  end

  def &(other)
    wanted = __ary(other).__key_hash
    made = []
    i = 0
    while i < __size
      item = __at(i)
      if wanted.key?(item)
        made << item
        wanted.delete(item)
      end
      i += 1
    end
    made
  end

  def intersection(*others)
    made = uniq
    others.each { |list| made = made & list }
    made
  end

  def intersect?(other)
    !(self & other).empty?
  end

  def |(other)
    other = __ary(other)
    seen = {}
    i = 0
    while i < __size
      item = __at(i)
      seen.__store_key(item, item) unless seen.key?(item)
      i += 1
    end
    i = 0
    while i < other.__size
      item = other.__at(i)
      seen.__store_key(item, item) unless seen.key?(item)
      i += 1
    end
    seen.values
  end

  def union(*others)
    made = uniq
    others.each { |list| made = made | list }
    made
  end

  def uniq
    seen = {}
    i = 0
    while i < __size
      item = __at(i)
      key = block_given? ? yield(item) : item
      seen.__store_key(key, item) unless seen.key?(key)
      i += 1
    end
    seen.values
  end

  def uniq!(&block)
    __check_frozen
    list = uniq(&block)
    return nil if list.__size == __size
    __replace(list)
    self
  end

  def reverse
    Primitive.array_reverse
  end

  def reverse!
    __check_frozen
    __replace(reverse)
    self
  end

  def rotate(count = 1)
    count = __long(count)
    size = __size
    return __dup if size == 0
    count %= size
    __slice(count, size - count).__concat(__slice(0, count))
  end

  def rotate!(count = 1)
    __check_frozen
    __replace(rotate(count))
    self
  end

  def flatten(depth = -1)
    depth = nil.equal?(depth) ? -1 : __long(depth)
    made = []
    __flatten_into(made, depth, [])
    made
  end

  def flatten!(depth = -1)
    __check_frozen
    depth = nil.equal?(depth) ? -1 : __long(depth)
    return nil if depth == 0
    made = []
    changed = __flatten_into(made, depth, [])
    __replace(made)
    changed ? self : nil
  end

  def __flatten_into(made, depth, inside)
    if depth == 0
      made.__concat(self)
      return false
    end
    raise ArgumentError, "tried to flatten recursive array" if inside.__index_identical(self)
    inside.__push(self)
    changed = false
    i = 0
    while i < __size
      item = __at(i)
      list = if Array === item
        item
      elsif Integer === item || String === item || nil.equal?(item)
        nil
      else
        __check_ary(item)
      end
      if list
        changed = true
        list.__flatten_into(made, depth - 1, inside)
      else
        made << item
      end
      i += 1
    end
    inside.__pop
    changed
  end

  def zip(*others)
    others = others.map do |other|
      list = __check_ary(other)
      if list
        list
      elsif other.respond_to?(:each)
        other.to_enum(:each).first(__size)
      else
        raise TypeError, "wrong argument type #{other.class} (must respond to :each)"
      end
    end
    made = block_given? ? nil : []
    i = 0
    while i < __size
      row = [__at(i)]
      j = 0
      while j < others.__size
        row << others.__at(j).__at(i)
        j += 1
      end
      if made
        made << row
      else
        yield row
      end
      i += 1
    end
    made
  end

  def transpose
    return [] if __size == 0
    rows = map { |row| __ary(row) }
    width = rows[0].size
    made = Array.new(width) { [] }
    rows.each do |row|
      if row.size != width
        raise IndexError, "element size differs (#{row.size} should be #{width})"
      end
      i = 0
      while i < width
        made[i] << row[i]
        i += 1
      end
    end
    made
  end

  def assoc(key)
    i = 0
    while i < __size
      pair = __check_ary(__at(i))
      return pair if pair && pair.__size > 0 && pair.__at(0) == key
      i += 1
    end
    nil
  end

  def rassoc(value)
    i = 0
    while i < __size
      pair = __check_ary(__at(i))
      return pair if pair && pair.__size > 1 && pair.__at(1) == value
      i += 1
    end
    nil
  end

  # --- order

  def sort(&block)
    copy = __dup
    block ? copy.__sort_by_block(&block) : copy.__sort_plain
    copy
  end

  def sort!(&block)
    __check_frozen
    list = __dup
    block ? list.__sort_by_block(&block) : list.__sort_plain
    __replace(list)
    self
  end

  def __sort_plain
    return self if __sort_small
    __merge_sort { |a, b| __compare(a, b) }
  end

  def __sort_by_block
    __merge_sort { |a, b| __sign(yield(a, b), a, b) }
  end

  # Stable: insertion sort on short runs, then merging from one buffer into the other. The receiver is a plain Array.
  def __merge_sort
    size = __size
    run = 6
    low = 0
    while low < size
      high = low + run
      high = size if high > size
      i = low + 1
      while i < high
        item = self[i]
        j = i - 1
        while j >= low && (yield self[j], item) > 0
          self[j + 1] = self[j]
          j -= 1
        end
        self[j + 1] = item
        i += 1
      end
      low = high
    end
    from = self
    into = __dup
    while run < size
      low = 0
      while low < size
        middle = low + run
        middle = size if middle > size
        high = middle + run
        high = size if high > size
        i = low
        j = middle
        k = low
        while i < middle && j < high
          a = from[i]
          b = from[j]
          if (yield a, b) <= 0
            into[k] = a
            i += 1
          else
            into[k] = b
            j += 1
          end
          k += 1
        end
        while i < middle
          into[k] = from[i]
          i += 1
          k += 1
        end
        while j < high
          into[k] = from[j]
          j += 1
          k += 1
        end
        low = high
      end
      swap = from
      from = into
      into = swap
      run *= 2
    end
    __replace(from) unless from.equal?(self)
    self
  end

  def sort_by(&block)
    return to_enum(:sort_by) { __size } unless block
    list = __dup
    list.__sort_by_keys(list.map(&block))
  end

  def sort_by!(&block)
    return to_enum(:sort_by!) { __size } unless block
    __check_frozen
    list = __dup
    __replace(list.__sort_by_keys(list.map(&block)))
    self
  end

  # A new Array of the receiver's elements in the order of the keys.
  def __sort_by_keys(keys)
    order = keys.__sort_indexes
    unless order
      order = []
      i = 0
      while i < keys.__size
        order << i
        i += 1
      end
      order.__merge_sort { |a, b| __compare(keys[a], keys[b]) }
    end
    made = []
    i = 0
    while i < order.__size
      made << __at(order[i])
      i += 1
    end
    made
  end

  def min(count = nil, &block)
    unless nil.equal?(count)
      return (block ? sort(&block) : sort).first(count)
    end
    return nil if __size == 0
    best = __at(0)
    i = 1
    while i < __size
      item = __at(i)
      if block
        best = item if __sign(block.call(item, best), item, best) < 0
      elsif Integer === item && Integer === best
        best = item if item < best
      elsif __compare(best, item) > 0
        best = item
      end
      i += 1
    end
    best
  end

  def max(count = nil, &block)
    unless nil.equal?(count)
      return (block ? sort(&block) : sort).reverse.first(count)
    end
    return nil if __size == 0
    best = __at(0)
    i = 1
    while i < __size
      item = __at(i)
      if block
        best = item if __sign(block.call(item, best), item, best) > 0
      elsif Integer === item && Integer === best
        best = item if item > best
      elsif __compare(best, item) < 0
        best = item
      end
      i += 1
    end
    best
  end

  def minmax(&block)
    [min(&block), max(&block)]
  end

  def bsearch(&block)
    return to_enum(:bsearch) unless block
    i = bsearch_index(&block)
    i && __at(i)
  end

  def bsearch_index
    return to_enum(:bsearch_index) unless block_given?
    low = 0
    high = __size
    found = nil
    while low < high
      middle = low + (high - low) / 2
      answer = yield __at(middle)
      if true.equal?(answer)
        found = middle
        high = middle
      elsif false.equal?(answer) || nil.equal?(answer)
        low = middle + 1
      elsif Numeric === answer
        return middle if answer == 0
        answer < 0 ? high = middle : low = middle + 1
      else
        raise TypeError, "wrong argument type #{answer.class} (must be numeric, true, false or nil)"
      end
    end
    found
  end

  # --- chance

  def shuffle(random: Random)
    __dup.__shuffle(random)
  end

  def shuffle!(random: Random)
    __check_frozen
    __replace(__dup.__shuffle(random))
    self
  end

  def __shuffle(random)
    i = __size
    while i > 1
      j = Random.__int(random, i)
      i -= 1
      item = self[i]
      self[i] = self[j]
      self[j] = item
    end
    self
  end

  def sample(count = Primitive.undefined, random: Random)
    if Primitive.undefined?(count)
      return nil if __size == 0
      return __at(Random.__int(random, __size))
    end
    count = __long(count)
    raise ArgumentError, "negative sample number" if count < 0
    __dup.__shuffle(random).first(count)
  end

  # --- choosing several

  def combination(count)
    count = __long(count)
    return to_enum(:combination, count) { Array.__binomial(__size, count) } unless block_given?
    list = __dup
    size = list.__size
    return self if count < 0 || count > size
    if count == 0
      yield []
      return self
    end
    picks = Array.new(count) { |k| k }
    while true
      yield picks.map { |k| list[k] }
      i = count - 1
      i -= 1 while i >= 0 && picks[i] == size - count + i
      return self if i < 0
      picks[i] += 1
      i += 1
      while i < count
        picks[i] = picks[i - 1] + 1
        i += 1
      end
    end
  end

  def self.__binomial(n, k)
    return 0 if k < 0 || k > n
    k = n - k if k > n - k
    made = 1
    i = 0
    while i < k
      made = made * (n - i) / (i + 1)
      i += 1
    end
    made
  end

  def repeated_combination(count)
    count = __long(count)
    unless block_given?
      return to_enum(:repeated_combination, count) do
        count < 0 ? 0 : (count == 0 ? 1 : Array.__binomial(__size + count - 1, count))
      end
    end
    list = __dup
    size = list.__size
    return self if count < 0
    if count == 0
      yield []
      return self
    end
    return self if size == 0
    picks = Array.new(count, 0)
    while true
      yield picks.map { |k| list[k] }
      i = count - 1
      i -= 1 while i >= 0 && picks[i] == size - 1
      return self if i < 0
      value = picks[i] + 1
      while i < count
        picks[i] = value
        i += 1
      end
    end
  end

  def permutation(count = nil)
    count = nil.equal?(count) ? nil : __long(count)
    unless block_given?
      return to_enum(:permutation, count) do
        k = count || __size
        if k < 0 || k > __size
          0
        else
          (0...k).inject(1) { |product, i| product * (__size - i) }
        end
      end
    end
    list = __dup
    size = list.__size
    count = size if nil.equal?(count)
    return self if count < 0 || count > size
    if count == 0
      yield []
      return self
    end
    used = Array.new(size, false)
    picks = []
    next_pick = 0
    while true
      next_pick += 1 while next_pick < size && used[next_pick]
      if next_pick < size
        picks << next_pick
        used[next_pick] = true
        if picks.size == count
          yield picks.map { |k| list[k] }
          last = picks.pop
          used[last] = false
          next_pick = last + 1
        else
          next_pick = 0
        end
      else
        return self if picks.empty?
        last = picks.pop
        used[last] = false
        next_pick = last + 1
      end
    end
  end

  def repeated_permutation(count)
    count = __long(count)
    return to_enum(:repeated_permutation, count) { count < 0 ? 0 : __size**count } unless block_given?
    list = __dup
    size = list.__size
    return self if count < 0
    if count == 0
      yield []
      return self
    end
    return self if size == 0
    picks = Array.new(count, 0)
    while true
      yield picks.map { |k| list[k] }
      i = count - 1
      while i >= 0 && picks[i] == size - 1
        picks[i] = 0
        i -= 1
      end
      return self if i < 0
      picks[i] += 1
    end
  end

  def product(*others)
    lists = [self]
    others.each { |other| lists << __ary(other) }
    total = lists.inject(1) { |n, list| n * list.size }
    raise RangeError, "too big to product" if !block_given? && total > 0xffff_ffff
    made = []
    if total > 0
      picks = Array.new(lists.size, 0)
      running = true
      while running
        row = []
        i = 0
        while i < lists.size
          row << lists[i].__at(picks[i])
          i += 1
        end
        block_given? ? yield(row) : made << row
        i = lists.size - 1
        while i >= 0
          picks[i] += 1
          break if picks[i] < lists[i].__size
          picks[i] = 0
          i -= 1
        end
        running = false if i < 0
      end
    end
    block_given? ? self : made
  end

  def pack(format, buffer: nil)
    packed = __pack_format(__str(format))
    return packed unless buffer
    raise TypeError, "buffer must be String, not #{buffer.class}" unless String === buffer
    buffer << packed
  end

  def __pack_format(format)
    Primitive.array_pack
    Maglev::Pack.pack(self, format)
  end

  # --- helpers that compiled code sends

  # `when *list`: whether some element matches the subject.
  def __when_splat(subject)
    i = 0
    while i < __size
      return true if __at(i) === subject
      i += 1
    end
    false
  end

  # `when *list` without a subject.
  def __when_any
    i = 0
    while i < __size
      return true if __at(i)
      i += 1
    end
    false
  end

  # A copy of a literal in which the Strings are fresh.
  def __fresh_strings
    made = []
    i = 0
    while i < __size
      item = __at(i)
      made << (String === item ? item.__dup : item)
      i += 1
    end
    made
  end

  def freeze
    Primitive.freeze
    self
  end

  include Enumerable
end
