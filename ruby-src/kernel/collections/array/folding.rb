# Array: one answer from all elements: tests, counts, sums.

class Array
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

  # With a block these go through the elements themselves: a block that is handed on costs more than three elements.

  def all?(pattern = Primitive.undefined)
    return !__some_match?(false, pattern) unless block_given? && Primitive.undefined?(pattern)
    i = 0
    while i < __size
      return false unless yield(__at(i))
      i += 1
    end
    true
  end

  def any?(pattern = Primitive.undefined)
    return __some_match?(true, pattern) unless block_given? && Primitive.undefined?(pattern)
    i = 0
    while i < __size
      return true if yield(__at(i))
      i += 1
    end
    false
  end

  def none?(pattern = Primitive.undefined)
    return !__some_match?(true, pattern) unless block_given? && Primitive.undefined?(pattern)
    i = 0
    while i < __size
      return false if yield(__at(i))
      i += 1
    end
    true
  end

  # Whether some element matches the pattern, or is true when there is none; for wanted false: whether one does not.
  def __some_match?(wanted, pattern)
    unwanted = !wanted
    i = 0
    if Primitive.undefined?(pattern)
      while i < __size
        return true if __at(i) ? wanted : unwanted
        i += 1
      end
    else
      while i < __size
        return true if pattern === __at(i) ? wanted : unwanted
        i += 1
      end
    end
    false
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

  private :__some_match?
end
