# String: case, ends and single characters, as a copy or in place.

class String
  def upcase(*options)
    Primitive.string_upcase
    __dup
  end

  def downcase(*options)
    Primitive.string_downcase
    __dup
  end

  def capitalize(*options)
    Primitive.string_capitalize
    __dup
  end

  def swapcase(*options)
    Primitive.string_swapcase
    __dup
  end

  def upcase!(*options)
    __become(upcase(*options))
  end

  def downcase!(*options)
    __become(downcase(*options))
  end

  def capitalize!(*options)
    __become(capitalize(*options))
  end

  def swapcase!(*options)
    __become(swapcase(*options))
  end

  # Takes the content of made and answers self, or nil when that changes nothing.
  def __become(made)
    __check_frozen
    return nil if __equal(made)
    __replace(made)
    self
  end

  def strip
    Primitive.string_strip
  end

  def lstrip
    Primitive.string_lstrip
  end

  def rstrip
    Primitive.string_rstrip
    raise ArgumentError, "invalid byte sequence in #{encoding}"
  end

  def strip!
    __become(strip)
  end

  def lstrip!
    __become(lstrip)
  end

  def rstrip!
    __become(rstrip)
  end

  def chomp(ending = $/)
    return __dup if nil.equal?(ending)
    ending = __str(ending)
    size = bytesize
    return __dup if size == 0
    if ending.empty?
      while size > 0 && __byte_at(size - 1) == 10
        size -= 1
        size -= 1 if size > 0 && __byte_at(size - 1) == 13
      end
      return __byteslice(0, size)
    end
    if ending == "\n"
      last = __byte_at(size - 1)
      if last == 10
        size -= 1
        size -= 1 if size > 0 && __byte_at(size - 1) == 13
      elsif last == 13
        size -= 1
      end
      return __byteslice(0, size)
    end
    end_with?(ending) ? __byteslice(0, size - ending.bytesize) : __dup
  end

  def chomp!(ending = $/)
    __become(chomp(ending))
  end

  def chop
    count = size
    return __dup if count == 0
    return __slice(0, count - 2) if count > 1 && __byte_at(-1) == 10 && __byte_at(-2) == 13
    __slice(0, count - 1)
  end

  def chop!
    __become(chop)
  end

  def reverse
    Primitive.string_reverse
  end

  def reverse!
    __check_frozen
    __replace(reverse)
    self
  end

  def delete_prefix(prefix)
    prefix = __str(prefix)
    start_with?(prefix) ? __byteslice(prefix.bytesize, bytesize - prefix.bytesize) : __dup
  end

  def delete_prefix!(prefix)
    __become(delete_prefix(prefix))
  end

  def delete_suffix(suffix)
    suffix = __str(suffix)
    end_with?(suffix) ? __byteslice(0, bytesize - suffix.bytesize) : __dup
  end

  def delete_suffix!(suffix)
    __become(delete_suffix(suffix))
  end

  def succ
    Primitive.string_succ
  end

  alias next succ

  def succ!
    __check_frozen
    __replace(succ)
    self
  end

  alias next! succ!

  def tr(from, to)
    __tr(__str(from), __str(to), 0)
  end

  def tr!(from, to)
    __become(tr(from, to))
  end

  def tr_s(from, to)
    __tr(__str(from), __str(to), 1)
  end

  def tr_s!(from, to)
    __become(tr_s(from, to))
  end

  def count(*sets)
    sets = __character_sets(sets)
    return __count(sets.__at(0)) if sets.__size == 1
    __chars.count { |c| c.__in_all?(sets) }
  end

  def delete(*sets)
    sets = __character_sets(sets)
    return __delete(sets.__at(0)) if sets.__size == 1
    __chars.reject { |c| c.__in_all?(sets) }.join
  end

  def delete!(*sets)
    __become(delete(*sets))
  end

  def squeeze(*sets)
    return __squeeze(nil) if sets.__size == 0
    sets = __character_sets(sets)
    return __squeeze(sets.__at(0)) if sets.__size == 1
    made = "".dup.force_encoding(encoding)
    before = nil
    __chars.each do |c|
      made << c unless c == before && c.__in_all?(sets)
      before = c
    end
    made
  end

  def squeeze!(*sets)
    __become(squeeze(*sets))
  end

  # What count, delete and squeeze take, as Strings.
  def __character_sets(sets)
    raise ArgumentError, "wrong number of arguments (given 0, expected 1+)" if sets.__size == 0
    sets.map { |set| __str(set) }
  end

  # Whether the receiver, one character, is in each of the sets.
  def __in_all?(sets)
    sets.all? { |set| __count(set) == 1 }
  end

  private :__character_sets
end
