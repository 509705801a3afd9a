# Array: a block for each element, or for several at once.

class Array
  def each
    return to_enum(:each) { __size } unless block_given?
    i = 0
    while i < __size
      yield __at(i)
      i += 1
    end
    self
  end

  def each_index
    return to_enum(:each_index) { __size } unless block_given?
    i = 0
    while i < __size
      yield i
      i += 1
    end
    self
  end

  def each_with_index
    return to_enum(:each_with_index) { __size } unless block_given?
    i = 0
    while i < __size
      yield __at(i), i
      i += 1
    end
    self
  end

  def reverse_each
    return to_enum(:reverse_each) { __size } unless block_given?
    i = __size - 1
    while i >= 0
      i = __size - 1 if i >= __size
      break if i < 0
      yield __at(i)
      i -= 1
    end
    self
  end

  def each_with_object(memo)
    return to_enum(:each_with_object, memo) { __size } unless block_given?
    i = 0
    while i < __size
      yield __at(i), memo
      i += 1
    end
    memo
  end

  def map
    return to_enum(:map) { __size } unless block_given?
    made = []
    i = 0
    while i < __size
      made << (yield __at(i))
      i += 1
    end
    made
  end

  alias collect map

  def map!
    return to_enum(:map!) { __size } unless block_given?
    __check_frozen
    i = 0
    while i < __size
      __set(i, yield(__at(i)))
      i += 1
    end
    self
  end

  alias collect! map!

  def flat_map
    return to_enum(:flat_map) { __size } unless block_given?
    made = []
    i = 0
    while i < __size
      part = yield __at(i)
      list = Array === part ? part : __check_ary(part)
      list ? made.__concat(list) : made << part
      i += 1
    end
    made
  end

  alias collect_concat flat_map

  def filter_map
    return to_enum(:filter_map) { __size } unless block_given?
    made = []
    i = 0
    while i < __size
      item = yield __at(i)
      made << item if item
      i += 1
    end
    made
  end

  def cycle(count = nil)
    unless block_given?
      return to_enum(:cycle, count) do
        if __size == 0
          0
        elsif nil.equal?(count)
          Float::INFINITY
        else
          n = __long(count)
          n > 0 ? n * __size : 0
        end
      end
    end
    count = __long(count) unless nil.equal?(count)
    round = 0
    while __size > 0 && (nil.equal?(count) || round < count)
      i = 0
      while i < __size
        yield __at(i)
        i += 1
      end
      round += 1
    end
    nil
  end

  def each_slice(count)
    count = __long(count)
    raise ArgumentError, "invalid slice size" if count <= 0
    return to_enum(:each_slice, count) { (__size + count - 1) / count } unless block_given?
    i = 0
    while i < __size
      rest = __size - i
      yield __slice(i, rest < count ? rest : count)
      i += count
    end
    self
  end

  def each_cons(count)
    count = __long(count)
    raise ArgumentError, "invalid size" if count <= 0
    return to_enum(:each_cons, count) { __size < count ? 0 : __size - count + 1 } unless block_given?
    i = 0
    while i + count <= __size
      yield __slice(i, count)
      i += 1
    end
    self
  end
end
