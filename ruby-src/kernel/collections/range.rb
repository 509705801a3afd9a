# Range. Slots (from 1): low, high, exclusive.

class Range
  def self.new(low, high, exclusive = false)
    unless (Integer === low || nil.equal?(low)) && (Integer === high || nil.equal?(high))
      ok = nil.equal?(low) || nil.equal?(high) || (low.respond_to?(:<=>) && !nil.equal?(low <=> high))
      raise ArgumentError, "bad value for range" unless ok
    end
    made = allocate
    made.__slot_put(1, low)
    made.__slot_put(2, high)
    made.__slot_put(3, exclusive ? true : false)
    if equal?(Range)
      made.freeze
    else
      made.__send__(:initialize, low, high, exclusive)
    end
    made
  end

  def initialize(low, high, exclusive = false)
    __slot_put(1, low)
    __slot_put(2, high)
    __slot_put(3, exclusive ? true : false)
  end

  def begin
    __slot(1)
  end

  def end
    __slot(2)
  end

  def exclude_end?
    __slot(3) ? true : false
  end

  def first(count = Primitive.undefined)
    if nil.equal?(__slot(1))
      raise RangeError, "cannot get the first element of beginless range"
    end
    return __slot(1) if Primitive.undefined?(count)
    count = __int(count)
    raise ArgumentError, "negative array size (or size too big)" if count < 0
    made = []
    return made if count == 0
    each do |item|
      made << item
      break if made.__size >= count
    end
    made
  end

  def last(count = Primitive.undefined)
    raise RangeError, "cannot get the last element of endless range" if nil.equal?(__slot(2))
    return __slot(2) if Primitive.undefined?(count)
    count = __int(count)
    raise ArgumentError, "negative array size" if count < 0
    low = __slot(1)
    high = __slot(2)
    if Integer === low && Integer === high
      high -= 1 if exclude_end?
      from = high - count + 1
      from = low if from < low
      return (from..high).to_a
    end
    to_a.last(count)
  end

  def min(count = Primitive.undefined, &block)
    raise RangeError, "cannot get the minimum of beginless range" if nil.equal?(__slot(1))
    if block || !Primitive.undefined?(count)
      raise RangeError, "cannot get the minimum of endless range with custom comparison method" if nil.equal?(__slot(2)) && block
      return first(count) unless block
      return Primitive.undefined?(count) ? super(&block) : super(count, &block)
    end
    low = __slot(1)
    high = __slot(2)
    return low if nil.equal?(high)
    c = low <=> high
    return nil if nil.equal?(c) || c > 0 || (c == 0 && exclude_end?)
    low
  end

  def max(count = Primitive.undefined, &block)
    raise RangeError, "cannot get the maximum of endless range" if nil.equal?(__slot(2))
    low = __slot(1)
    high = __slot(2)
    if block || !Primitive.undefined?(count) || (exclude_end? && !(Numeric === high))
      raise RangeError, "cannot get the maximum of beginless range with custom comparison method" if nil.equal?(low)
      return Primitive.undefined?(count) ? to_a.max(&block) : to_a.max(count, &block)
    end
    unless nil.equal?(low)
      c = low <=> high
      return nil if nil.equal?(c) || c > 0 || (c == 0 && exclude_end?)
    end
    if exclude_end?
      raise TypeError, "cannot exclude non Integer end value" unless Integer === high
      raise TypeError, "cannot exclude end value with non Integer begin value" unless Integer === low
      return high - 1
    end
    high
  end

  def minmax(&block)
    return [min, max] unless block
    super
  end

  # Positions [from, count] in a sequence of size elements, or nil when it begins outside.
  def __bounds(size)
    low = __slot(1)
    high = __slot(2)
    low = nil.equal?(low) ? 0 : __long(low)
    if nil.equal?(high)
      high = size
    else
      high = __long(high)
      high += size if high < 0
      high += 1 unless __slot(3)
    end
    low += size if low < 0
    return nil if low < 0 || low > size
    high = size if high > size
    count = high - low
    [low, count < 0 ? 0 : count]
  end

  # The same for writing: may lie beyond the end; raises RangeError before the beginning.
  def __bounds!(size)
    low = __slot(1)
    high = __slot(2)
    low = nil.equal?(low) ? 0 : __long(low)
    if nil.equal?(high)
      high = size
    else
      high = __long(high)
      high += size if high < 0
      high += 1 unless __slot(3)
    end
    low += size if low < 0
    raise RangeError, "#{inspect} out of range" if low < 0
    count = high - low
    [low, count < 0 ? 0 : count]
  end

  def __length_to_end(size)
    low = __slot(1)
    low = nil.equal?(low) ? 0 : __long(low)
    low += size if low < 0
    high = __long(__slot(2))
    high += size if high < 0
    high += 1 unless __slot(3)
    high - low
  end

  def size
    low = __slot(1)
    high = __slot(2)
    if Integer === low
      return Float::INFINITY if nil.equal?(high)
      if Numeric === high
        return Float::INFINITY if high == Float::INFINITY
        return 0 if Float === high && high == -Float::INFINITY
        last = high.floor
        last -= 1 if exclude_end? && last == high
        count = last - low + 1
        return count < 0 ? 0 : count
      end
      return nil
    end
    if Float === low || (nil.equal?(low) && Numeric === high)
      raise TypeError, "can't iterate from #{low.class}"
    end
    unless low.respond_to?(:succ)
      raise TypeError, "can't iterate from #{low.class}"
    end
    nil
  end

  def count(value = Primitive.undefined, &block)
    return super(value) unless Primitive.undefined?(value)
    return super(&block) if block
    return Float::INFINITY if nil.equal?(__slot(1)) || nil.equal?(__slot(2))
    return size if Integer === __slot(1) && Integer === __slot(2)
    super()
  end

  def each(&block)
    return to_enum(:each) { size } unless block
    low = __slot(1)
    high = __slot(2)
    if Integer === low
      if Integer === high
        high -= 1 if __slot(3)
        while low <= high
          yield low
          low += 1
        end
        return self
      end
      if nil.equal?(high)
        while true
          yield low
          low += 1
        end
      end
      if Float === high
        while __slot(3) ? low < high : low <= high
          yield low
          low += 1
        end
        return self
      end
    end
    if String === low && String === high
      low.upto(high, exclude_end?, &block)
      return self
    end
    if Symbol === low && Symbol === high
      low.name.upto(high.name, exclude_end?) { |s| yield s.to_sym }
      return self
    end
    raise TypeError, "can't iterate from #{low.class}" unless low.respond_to?(:succ)
    if nil.equal?(high)
      while true
        yield low
        low = low.succ
      end
    end
    while (c = low <=> high) && (c < 0 || (c == 0 && !exclude_end?))
      yield low
      break if c == 0
      low = low.succ
    end
    self
  end

  def reverse_each(&block)
    return to_enum(:reverse_each) { size } unless block
    low = __slot(1)
    high = __slot(2)
    raise TypeError, "can't iterate from #{high.class}" if nil.equal?(high)
    if Integer === high && (Integer === low || nil.equal?(low))
      high -= 1 if exclude_end?
      while nil.equal?(low) || high >= low
        yield high
        high -= 1
      end
      return self
    end
    to_a.reverse_each(&block)
    self
  end

  def map
    return to_enum(:map) { size } unless block_given?
    low = __slot(1)
    high = __slot(2)
    made = []
    if Integer === low && Integer === high
      high -= 1 if __slot(3)
      while low <= high
        made << (yield low)
        low += 1
      end
    else
      each { |item| made << (yield item) }
    end
    made
  end

  alias collect map

  def step(by = Primitive.undefined, &block)
    low = __slot(1)
    high = __slot(2)
    given = !Primitive.undefined?(by)
    if nil.equal?(low)
      raise ArgumentError, "#step iteration for beginless ranges is meaningless" if block || !(Numeric === high)
      return Enumerator::ArithmeticSequence.__make(low, high, given ? by : 1, exclude_end?, self, :step, true)
    end
    if Numeric === low
      by = 1 unless given
      by = __int(by) unless Numeric === by
      raise ArgumentError, "step can't be 0" if by == 0
      unless block
        return Enumerator::ArithmeticSequence.__make(low, high, by, exclude_end?, self, :step, given)
      end
      low.__step(high, by, exclude_end?, &block)
      return self
    end
    return to_enum(:step, *(given ? [by] : [])) unless block
    if (String === low || Symbol === low) && (!given || Integer === by)
      by = 1 unless given
      raise ArgumentError, "step can't be 0" if by == 0
      raise ArgumentError, "step can't be negative" if by < 0
      i = 0
      each do |item|
        yield item if i % by == 0
        i += 1
      end
      return self
    end
    raise ArgumentError, "step is required for non-numeric ranges" unless given
    value = low
    if nil.equal?(high)
      while true
        yield value
        value += by
      end
    end
    down = (low <=> (low + by)) == 1
    while true
      c = value <=> high
      break if nil.equal?(c)
      break if down ? (c < 0 || (c == 0 && exclude_end?)) : (c > 0 || (c == 0 && exclude_end?))
      yield value
      value += by
    end
    self
  end

  def %(by)
    if Numeric === __slot(1)
      raise ArgumentError, "step can't be 0" if by == 0
      return Enumerator::ArithmeticSequence.__make(__slot(1), __slot(2), by, exclude_end?, self, :%, true)
    end
    step(by)
  end

  def cover?(value)
    return __cover_range?(value) if Range === value
    low = __slot(1)
    high = __slot(2)
    unless nil.equal?(low)
      c = low <=> value
      return false if nil.equal?(c) || c > 0
    end
    unless nil.equal?(high)
      c = value <=> high
      return false if nil.equal?(c) || (exclude_end? ? c >= 0 : c > 0)
    end
    true
  end

  def __cover_range?(other)
    low = other.begin
    high = other.end
    unless nil.equal?(__slot(1))
      return false if nil.equal?(low)
      c = __slot(1) <=> low
      return false if nil.equal?(c) || c > 0
    end
    unless nil.equal?(low) || nil.equal?(high)
      c = low <=> high
      return false if nil.equal?(c) || c > 0 || (c == 0 && other.exclude_end?)
    end
    unless nil.equal?(__slot(2))
      return false if nil.equal?(high)
      c = high <=> __slot(2)
      return false if nil.equal?(c)
      return true if c < 0 || (c == 0 && (!exclude_end? || other.exclude_end?))
      if other.exclude_end? && Integer === high && Integer === low
        last = high - 1
        return exclude_end? ? last < __slot(2) : last <= __slot(2)
      end
      return false
    end
    true
  end

  def ===(value)
    cover?(value)
  end

  def include?(value)
    low = __slot(1)
    high = __slot(2)
    if Numeric === low || Numeric === high || Time === low || Time === high || low.respond_to?(:to_int) || high.respond_to?(:to_int)
      return cover?(value)
    end
    if String === low || String === high
      if String === low && String === high
        return false unless String === value
        return cover?(value) if low.size == 1 && high.size == 1 && value.size == 1
        return to_a.include?(value)
      end
      raise TypeError, "cannot determine inclusion in beginless/endless ranges"
    end
    raise TypeError, "cannot determine inclusion in beginless/endless ranges" if nil.equal?(low) || nil.equal?(high)
    super
  end

  alias member? include?

  def overlap?(other)
    raise TypeError, "wrong argument type #{other.class} (expected Range)" unless Range === other
    return false if __empty? || other.__empty?
    __before_end?(other.begin) && other.__before_end?(self.begin)
  end

  def __empty?
    return false if nil.equal?(__slot(1)) || nil.equal?(__slot(2))
    c = __slot(1) <=> __slot(2)
    nil.equal?(c) || c > 0 || (c == 0 && exclude_end?)
  end

  def __before_end?(value)
    return true if nil.equal?(value) || nil.equal?(__slot(2))
    c = value <=> __slot(2)
    !nil.equal?(c) && (exclude_end? ? c < 0 : c <= 0)
  end

  def to_a
    raise RangeError, "cannot convert endless range to an array" if nil.equal?(__slot(2))
    low = __slot(1)
    high = __slot(2)
    made = []
    if Integer === low && Integer === high
      high -= 1 if exclude_end?
      while low <= high
        made << low
        low += 1
      end
    else
      each { |item| made << item }
    end
    made
  end

  alias entries to_a

  def sum(initial = 0)
    low = __slot(1)
    high = __slot(2)
    if !block_given? && Integer === low && Integer === high && Integer === initial
      high -= 1 if exclude_end?
      return initial if high < low
      return initial + (low + high) * (high - low + 1) / 2
    end
    total = initial
    list = to_a
    block_given? ? list.sum(initial) { |x| yield x } : list.sum(initial)
  end

  def bsearch
    return to_enum(:bsearch) unless block_given?
    low = __slot(1)
    high = __slot(2)
    if Float === low || Float === high
      return __bsearch_float(low, high) { |x| yield x }
    end
    unless (Integer === low || nil.equal?(low)) && (Integer === high || nil.equal?(high)) && !(nil.equal?(low) && nil.equal?(high))
      raise TypeError, "can't do binary search for #{(nil.equal?(low) ? high : low).class}"
    end
    if nil.equal?(high)
      step = 1
      while true
        answer = yield low + step
        return low + step if answer == 0
        break if true.equal?(answer) || (Numeric === answer && answer < 0)
        step *= 2
      end
      high = low + step
    elsif nil.equal?(low)
      step = 1
      while true
        answer = yield high - step
        return high - step if answer == 0
        break if !answer || (Numeric === answer && answer > 0)
        step *= 2
      end
      low = high - step
    end
    high -= 1 if exclude_end? && !nil.equal?(__slot(2))
    found = nil
    while low <= high
      middle = low + (high - low) / 2
      answer = yield middle
      if true.equal?(answer)
        found = middle
        high = middle - 1
      elsif false.equal?(answer) || nil.equal?(answer)
        low = middle + 1
      elsif Numeric === answer
        return middle if answer == 0
        answer < 0 ? high = middle - 1 : low = middle + 1
      else
        raise TypeError, "wrong argument type #{answer.class} (must be numeric, true, false or nil)"
      end
    end
    found
  end

  # Searches over the doubles in their order, by their bits.
  def __bsearch_float(low, high)
    low = nil.equal?(low) ? -Float::INFINITY : low.to_f
    high = nil.equal?(high) ? Float::INFINITY : high.to_f
    a = Range.__float_rank(low)
    b = Range.__float_rank(high)
    b -= 1 if exclude_end?
    found = nil
    while a <= b
      middle = a + (b - a) / 2
      value = Range.__ranked_float(middle)
      answer = yield value
      if true.equal?(answer)
        found = value
        b = middle - 1
      elsif false.equal?(answer) || nil.equal?(answer)
        a = middle + 1
      else
        return value if answer == 0
        answer < 0 ? b = middle - 1 : a = middle + 1
      end
    end
    found
  end

  def self.__float_rank(float)
    bits = float.__bits
    bits >> 63 == 1 ? -(bits & 0x7fff_ffff_ffff_ffff) : bits
  end

  def self.__ranked_float(rank)
    rank < 0 ? Float.__from_bits(-rank | 1 << 63) : Float.__from_bits(rank)
  end

  def ==(other)
    return true if equal?(other)
    Range === other && self.begin == other.begin && self.end == other.end && exclude_end? == other.exclude_end?
  end

  def eql?(other)
    return true if equal?(other)
    Range === other && self.begin.eql?(other.begin) && self.end.eql?(other.end) && exclude_end? == other.exclude_end?
  end

  def hash
    ((__slot(1).hash & 0xffff_ffff_ffff) * 31) ^ (__slot(2).hash & 0xffff_ffff_ffff) ^ (exclude_end? ? 1 : 0)
  end

  def to_s
    "#{__slot(1)}#{exclude_end? ? '...' : '..'}#{__slot(2)}"
  end

  def inspect
    low = __slot(1)
    high = __slot(2)
    text = nil.equal?(low) && !nil.equal?(high) ? "" : low.inspect
    text += exclude_end? ? "..." : ".."
    nil.equal?(high) && !nil.equal?(low) ? text : text + (nil.equal?(high) ? "nil" : high.inspect)
  end

  def dup
    self.class.equal?(Range) ? Range.new(__slot(1), __slot(2), __slot(3)) : super
  end

  include Enumerable
end
