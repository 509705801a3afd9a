# Hash: equality, hash, and which holds the other.

class Hash
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

  include Enumerable
end
