# Array: elements come, go and are replaced.

class Array
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
    from = __size - __count_within(count)
    tail = __slice(from, __size - from)
    __resize(from)
    tail
  end

  def shift(count = Primitive.undefined)
    return __shift if Primitive.undefined?(count)
    __check_frozen
    count = __count_within(count)
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
end
