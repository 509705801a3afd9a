# Numeric: what all numbers share, written over the operators of the subclasses.

class Numeric
  include Comparable

  def self.__negative?(x)
    x < 0
  end

  def +@
    self
  end

  def -@
    zero, me = coerce(0)
    zero - me
  end

  def <=>(other)
    equal?(other) || self == other ? 0 : nil
  end

  def ==(other)
    equal?(other)
  end

  def eql?(other)
    other.class.equal?(self.class) && self == other
  end

  def coerce(other)
    return [other, self] if other.class.equal?(self.class)
    [Float(other), Float(self)]
  end

  # self op other through other's coerce.
  def __coerced(operator, other)
    pair = __coerce_pair(other)
    raise TypeError, "#{__coerce_name(other)} can't be coerced into #{self.class}" unless pair
    pair.__at(0).__send__(operator, pair.__at(1))
  end

  def __coerced_compare(operator, other)
    pair = __coerce_pair(other)
    unless pair
      raise ArgumentError, "comparison of #{self.class} with #{__coerce_name(other, true)} failed"
    end
    answer = pair.__at(0).__send__(operator, pair.__at(1))
    if nil.equal?(answer)
      raise ArgumentError, "comparison of #{self.class} with #{__coerce_name(other, true)} failed"
    end
    answer
  end

  def __coerce_pair(other)
    return nil if nil.equal?(other) || String === other || Array === other
    return nil unless other.respond_to?(:coerce)
    pair = other.coerce(self)
    unless Array === pair && pair.__size == 2
      raise TypeError, "coerce must return [x, y]"
    end
    pair
  end

  def __coerce_name(other, compare = false)
    return other.inspect if nil.equal?(other) || true.equal?(other) || false.equal?(other)
    return other.inspect if compare && (Integer === other || Float === other)
    other.class.to_s
  end

  def integer?
    false
  end

  def real?
    true
  end

  def real
    self
  end

  def imaginary
    0
  end

  alias imag imaginary

  def conj
    self
  end

  alias conjugate conj

  def abs
    self < 0 ? -self : self
  end

  alias magnitude abs

  def abs2
    self * self
  end

  def arg
    self < 0 ? Math::PI : 0
  end

  alias angle arg
  alias phase arg

  def polar
    [abs, arg]
  end

  def rect
    [self, 0]
  end

  alias rectangular rect

  def i
    Complex(0, self)
  end

  def to_c
    Complex(self, 0)
  end

  def to_int
    to_i
  end

  def zero?
    self == 0
  end

  def nonzero?
    zero? ? nil : self
  end

  def positive?
    self > 0
  end

  def negative?
    self < 0
  end

  def finite?
    true
  end

  def infinite?
    nil
  end

  def div(other)
    raise ZeroDivisionError, "divided by 0" if other == 0
    (self / other).floor
  end

  def %(other)
    self - other * div(other)
  end

  alias modulo %

  def divmod(other)
    [div(other), self % other]
  end

  def remainder(other)
    rest = self % other
    rest != 0 && ((self < 0 && other > 0) || (self > 0 && other < 0)) ? rest - other : rest
  end

  def fdiv(other)
    to_f / other
  end

  def quo(other)
    Rational(self, 1) / other
  end

  def floor(digits = 0)
    Float(self).floor(digits)
  end

  def ceil(digits = 0)
    Float(self).ceil(digits)
  end

  def round(digits = 0)
    Float(self).round(digits)
  end

  def truncate(digits = 0)
    Float(self).truncate(digits)
  end

  def step(limit = Primitive.undefined, step = Primitive.undefined, by: Primitive.undefined, to: Primitive.undefined, &block)
    unless Primitive.undefined?(to)
      raise ArgumentError, "to is given twice" unless Primitive.undefined?(limit)
      limit = to
    end
    unless Primitive.undefined?(by)
      raise ArgumentError, "step is given twice" unless Primitive.undefined?(step)
      step = by
    end
    limit = nil if Primitive.undefined?(limit)
    given_step = !Primitive.undefined?(step)
    step = 1 unless given_step
    if nil.equal?(step)
      raise TypeError, "no implicit conversion from nil to integer" if block || !Primitive.undefined?(by)
      step = 1
    end
    unless Numeric === step
      # Anything else must at least compare with a number.
      __compare(step, 0)
    end
    unless block
      raise ArgumentError, "step can't be 0" if step == 0
      if nil.equal?(limit) || Numeric === limit
        return Enumerator::ArithmeticSequence.__make(self, limit, step, false, self, :step, given_step)
      end
      return to_enum(:step, limit, step)
    end
    raise ArgumentError, "step can't be 0" if step == 0
    __step(limit, step, false, &block)
    self
  end

  # Yields self, self + step … to limit (nil: for ever).
  def __step(limit, step, exclusive)
    if Float === self || Float === limit || Float === step
      count = Numeric.__float_steps(to_f, nil.equal?(limit) ? (step < 0 ? -Float::INFINITY : Float::INFINITY) : limit.to_f, step.to_f, exclusive)
      from = to_f
      by = step.to_f
      if count == Float::INFINITY && !by.infinite?
        i = 0
        while true
          yield from + i * by
          i += 1
        end
      end
      stop = nil.equal?(limit) ? nil : limit.to_f
      if by.infinite?
        yield from if count > 0
        return
      end
      i = 0
      while i < count
        value = from + i * by
        value = stop if stop && !exclusive && (by < 0 ? value < stop : value > stop)
        yield value
        i += 1
      end
      return
    end
    value = self
    if nil.equal?(limit)
      while true
        yield value
        value += step
      end
    elsif step > 0
      while exclusive ? value < limit : value <= limit
        yield value
        value += step
      end
    else
      while exclusive ? value > limit : value >= limit
        yield value
        value += step
      end
    end
  end

  # How many values a float step yields, tolerant of rounding at the end.
  def self.__float_steps(from, to, by, exclusive)
    n = (to - from) / by
    err = (from.abs + to.abs + (to - from).abs) / by.abs * Float::EPSILON
    return by > 0 ? (from <= to ? 1 : 0) : (from >= to ? 1 : 0) if by.infinite?
    return Float::INFINITY if n == Float::INFINITY
    return 0 if n.nan? || n == -Float::INFINITY
    err = 0.5 if err > 0.5
    if exclusive
      return 0 if n <= 0
      d = n < 1 ? 0 : (n - err).floor
      last = d * by + from
      d += 1 if by > 0 ? last < to : last > to
      d
    else
      return 0 if n < 0
      (n + err).floor + 1
    end
  end

  def clone(freeze: true)
    raise ArgumentError, "can't unfreeze #{self.class}" if false.equal?(freeze)
    self
  end

  def dup
    self
  end
end
