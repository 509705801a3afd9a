# Hash: entries by a test, and one answer from all of them.

class Hash
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

  def select!(&block)
    return to_enum(:select!) { __size } unless block
    __retain(true, &block)
  end

  alias filter! select!

  def keep_if(&block)
    return to_enum(:keep_if) { __size } unless block
    __retain(true, &block)
    self
  end

  def reject!(&block)
    return to_enum(:reject!) { __size } unless block
    __retain(false, &block)
  end

  def delete_if(&block)
    return to_enum(:delete_if) { __size } unless block
    __retain(false, &block)
    self
  end

  # Keeps the entries for which the block says `wanted`; nil when all stay.
  def __retain(wanted)
    __check_frozen
    unwanted = !wanted
    before = __size
    i = __next_index(0)
    while i
      __delete_entry(i) if yield(__entry_key(i), __entry_value(i)) ? unwanted : wanted
      i = __next_index(i + 1)
    end
    __size == before ? nil : self
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

  def sum(initial = 0, &block)
    block ? to_a.sum(initial, &block) : to_a.sum(initial)
  end

  private :__retain
end
