# Hash: a block for each entry.

class Hash
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
end
