# Array: order among the elements: sort, extremes, binary search, and chance.

class Array
  def sort(&block)
    __dup.__sort(&block)
  end

  def sort!(&block)
    __check_frozen
    __replace(__dup.__sort(&block))
    self
  end

  # The receiver is a plain Array.
  def __sort
    return __merge_sort { |a, b| __sign(yield(a, b), a, b) } if block_given?
    __sort_small ? self : __merge_sort { |a, b| __compare(a, b) }
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
    __sorted_by(&block)
  end

  def sort_by!(&block)
    return to_enum(:sort_by!) { __size } unless block
    __check_frozen
    __replace(__sorted_by(&block))
    self
  end

  def __sorted_by(&block)
    list = __dup
    list.__sort_by_keys(list.map(&block))
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
    nil.equal?(count) ? __extreme(-1, block) : sort(&block).first(count)
  end

  def max(count = nil, &block)
    nil.equal?(count) ? __extreme(1, block) : sort(&block).reverse.first(count)
  end

  # The least element for the sign -1, the greatest for 1; the first one of equals.
  def __extreme(sign, block)
    return nil if __size == 0
    best = __at(0)
    i = 1
    while i < __size
      item = __at(i)
      if block
        best = item if __sign(block.call(item, best), item, best) * sign > 0
      elsif Integer === item && Integer === best
        best = item if sign < 0 ? item < best : item > best
      elsif __compare(best, item) * sign < 0
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

  private :__sorted_by, :__extreme
end
