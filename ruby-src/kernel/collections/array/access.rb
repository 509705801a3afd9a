# Array: size, elements and parts by position.

class Array
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
    __slice(0, __count_within(count))
  end

  def last(count = Primitive.undefined)
    return __at(-1) if Primitive.undefined?(count)
    count = __count_within(count)
    __slice(__size - count, count)
  end

  def take(count)
    __slice(0, __count_within(count, "attempt to take negative size"))
  end

  def drop(count)
    count = __count_within(count, "attempt to drop negative size")
    __slice(count, __size - count)
  end

  # A count of elements that are there: a larger one is cut.
  def __count_within(count, complaint = "negative array size")
    count = __long(count)
    raise ArgumentError, complaint if count < 0
    count < __size ? count : __size
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

  def assoc(key)
    __pair_with(key, 0)
  end

  def rassoc(value)
    __pair_with(value, 1)
  end

  # The first element that is an Array with the value at that index.
  def __pair_with(value, index)
    i = 0
    while i < __size
      pair = __check_ary(__at(i))
      return pair if pair && pair.__size > index && pair.__at(index) == value
      i += 1
    end
    nil
  end

  private :__count_within, :__pair_with
end
