# Array: equality, hash and order of whole Arrays.

class Array
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
end
