# Array: choosing several elements in every way.

class Array
  def combination(count, &block)
    count = __long(count)
    return to_enum(:combination, count) { Array.__binomial(__size, count) } unless block
    __each_combination(count, 1, &block)
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

  def repeated_combination(count, &block)
    count = __long(count)
    unless block
      return to_enum(:repeated_combination, count) do
        count < 0 ? 0 : (count == 0 ? 1 : Array.__binomial(__size + count - 1, count))
      end
    end
    __each_combination(count, 0, &block)
  end

  # Yields the choices of count elements. Indexes in a choice rise by at least step: by 1 none comes twice, by 0 it may.
  def __each_combination(count, step)
    list = __dup
    size = list.__size
    return self if count < 0 || (count > 0 && size - 1 < (count - 1) * step)
    picks = Array.new(count) { |k| k * step }
    while true
      yield picks.map { |k| list[k] }
      i = count - 1
      i -= 1 while i >= 0 && picks[i] == size - 1 - (count - 1 - i) * step
      return self if i < 0
      value = picks[i] + 1
      while i < count
        picks[i] = value
        value += step
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

  def repeated_permutation(count, &block)
    count = __long(count)
    return to_enum(:repeated_permutation, count) { count < 0 ? 0 : __size**count } unless block
    return self if count < 0
    list = __dup
    Array.__each_row(Array.new(count, list), &block) if count == 0 || list.__size > 0
    self
  end

  def product(*others, &block)
    lists = [self]
    others.each { |other| lists << __ary(other) }
    total = lists.inject(1) { |n, list| n * list.size }
    raise RangeError, "too big to product" if !block && total > 0xffff_ffff
    made = []
    Array.__each_row(lists, &(block || proc { |row| made << row })) if total > 0
    block ? self : made
  end

  # Yields every row with one element of each list; the last one changes fastest.
  def self.__each_row(lists)
    picks = Array.new(lists.size, 0)
    while true
      row = []
      i = 0
      while i < lists.size
        row << lists[i].__at(picks[i])
        i += 1
      end
      yield row
      i = lists.size - 1
      while i >= 0
        picks[i] += 1
        break if picks[i] < lists[i].__size
        picks[i] = 0
        i -= 1
      end
      return if i < 0
    end
  end

  private :__each_combination
end
