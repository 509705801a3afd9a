# Float. The arithmetic primitives take an Integer or a Float.

class Float
  EPSILON = 2.220446049250313e-16
  MAX = 1.7976931348623157e+308
  MIN = 2.2250738585072014e-308
  DIG = 15
  MANT_DIG = 53
  RADIX = 2
  MAX_EXP = 1024
  MIN_EXP = -1021
  MAX_10_EXP = 308
  MIN_10_EXP = -307

  def self.__from_bits(bits)
    Primitive.float_from_bits
  end

  # The 64 bits as a non-negative Integer.
  def __bits
    Primitive.float_bits
  end

  def +(other)
    Primitive.float_add
    __coerced(:+, other)
  end

  def -(other)
    Primitive.float_sub
    __coerced(:-, other)
  end

  def *(other)
    Primitive.float_mul
    __coerced(:*, other)
  end

  def /(other)
    Primitive.float_div
    __coerced(:/, other)
  end

  alias quo /
  alias fdiv /

  def %(other)
    Primitive.float_mod
    __coerced(:%, other)
  end

  alias modulo %

  def __pow(other)
    Primitive.float_pow
    __coerced(:**, other)
  end

  def **(other)
    if self < 0 && Float === other && other != other.floor && other.finite?
      return Complex(self, 0)**other
    end
    __pow(other)
  end

  alias pow **

  def div(other)
    raise ZeroDivisionError, "divided by 0" if other == 0
    (self / other).floor
  end

  def divmod(other)
    return __coerced(:divmod, other) unless Float === other || Integer === other
    raise ZeroDivisionError, "divided by 0" if other == 0
    rest = self % other
    quotient = (self - rest) / other
    [quotient.round, rest]
  end

  def -@
    Primitive.float_neg
  end

  def ==(other)
    Primitive.float_eq
    return false if nil.equal?(other) || String === other || Symbol === other
    other == self ? true : false
  end

  def ===(other)
    Primitive.float_eq
    self == other
  end

  def eql?(other)
    Float === other && self == other
  end

  def hash
    Primitive.value_hash
  end

  def <=>(other)
    Primitive.float_compare
    if nan? || (Float === other && other.nan?) || nil.equal?(other) || String === other
      return nil
    end
    if (i = infinite?) && other.respond_to?(:infinite?)
      j = other.infinite?
      return j ? i <=> j : i
    end
    pair = __coerce_pair(other)
    pair && pair.__at(0) <=> pair.__at(1)
  end

  def <(other)
    Primitive.float_lt
    __coerced_compare(:<, other)
  end

  def <=(other)
    Primitive.float_le
    __coerced_compare(:<=, other)
  end

  def >(other)
    Primitive.float_gt
    __coerced_compare(:>, other)
  end

  def >=(other)
    Primitive.float_ge
    __coerced_compare(:>=, other)
  end

  def coerce(other)
    [Float(other), self]
  end

  # --- questions

  def nan?
    Primitive.float_is_nan
  end

  def infinite?
    return nil unless self == INFINITY || self == -INFINITY
    self > 0 ? 1 : -1
  end

  def finite?
    self - self == 0.0
  end

  def zero?
    self == 0.0
  end

  def positive?
    self > 0.0
  end

  def negative?
    self < 0.0
  end

  # Whether the sign bit is set: true for -0.0.
  def __signed?
    __bits >> 63 == 1
  end

  # --- converting

  def to_s
    Primitive.float_to_string
  end

  alias inspect to_s

  def to_f
    self
  end

  def __truncated
    Primitive.float_truncated
    __domain_error
  end

  def __floor
    Primitive.float_floor
    __domain_error
  end

  def __ceil
    Primitive.float_ceil
    __domain_error
  end

  # Half away from zero.
  def __round
    Primitive.float_round
    __domain_error
  end

  def __domain_error
    raise FloatDomainError, nan? ? "NaN" : (self < 0 ? "-Infinity" : "Infinity")
  end

  def __to_index
    if nan? || infinite?
      raise FloatDomainError, nan? ? "NaN" : (self < 0 ? "-Infinity" : "Infinity")
    end
    __truncated
  end

  def to_i
    Primitive.float_truncated
    __domain_error
  end

  alias to_int to_i

  def abs
    self < 0.0 || (self == 0.0 && __signed?) ? -self : self
  end

  alias magnitude abs

  def arg
    return self if nan?
    __signed? ? Math::PI : 0
  end

  alias angle arg
  alias phase arg

  # [fraction in 0.5...1 with sign, exponent]
  def __frexp
    return [self, 0] if self == 0.0 || !finite?
    bits = __bits
    exponent = (bits >> 52) & 0x7ff
    if exponent == 0
      f, e = (self * 18014398509481984.0).__frexp
      return [f, e - 54]
    end
    fraction = Float.__from_bits((bits & ~(0x7ff << 52)) | (1022 << 52))
    [fraction, exponent - 1022]
  end

  # [integer mantissa, exponent]: self == mantissa * 2**exponent exactly.
  def __decode
    bits = __bits
    exponent = (bits >> 52) & 0x7ff
    mantissa = bits & 0xf_ffff_ffff_ffff
    if exponent == 0
      exponent = 1
    else
      mantissa |= 1 << 52
    end
    mantissa = -mantissa if bits >> 63 == 1
    [mantissa, exponent - 1075]
  end

  def to_r
    __domain_error unless finite?
    mantissa, exponent = __decode
    exponent >= 0 ? Rational(mantissa << exponent, 1) : Rational(mantissa, 1 << -exponent)
  end

  def numerator
    return self unless finite?
    to_r.numerator
  end

  def denominator
    return 1 unless finite?
    to_r.denominator
  end

  def rationalize(eps = nil)
    __domain_error unless finite?
    if nil.equal?(eps)
      return Rational(0, 1) if self == 0.0
      mantissa, exponent = __decode
      return Rational(mantissa << exponent, 1) if exponent >= 0
      denominator = 1 << (1 - exponent)
      a = Rational(2 * mantissa - 1, denominator)
      b = Rational(2 * mantissa + 1, denominator)
      return to_r if a == b
      return self < 0 ? -Rational.__simplest(-b, -a) : Rational.__simplest(a, b)
    end
    to_r.rationalize(eps)
  end

  def next_float
    return self if nan? || self == INFINITY
    return 5e-324 if self == 0.0
    bits = __bits
    Float.__from_bits(self > 0 ? bits + 1 : bits - 1)
  end

  def prev_float
    return self if nan? || self == -INFINITY
    return -5e-324 if self == 0.0
    bits = __bits
    Float.__from_bits(self > 0 ? bits - 1 : bits + 1)
  end

  # --- rounding

  def self.__rounding(half)
    return :up if nil.equal?(half)
    name = Symbol === half ? half.name : (String === half ? half : nil)
    return :up if name == "up"
    return :even if name == "even"
    return :down if name == "down"
    raise ArgumentError, "invalid rounding mode: #{half.nil? ? 'nil' : (Symbol === half || String === half ? half : half.inspect)}"
  end

  # Rounding to so many digits leaves the number as it is.
  def __digits_enough?(digits)
    exponent = __frexp[1]
    digits >= 17 - (exponent > 0 ? exponent / 4 : exponent.quo(3).truncate - 1)
  end

  # Rounding to so few digits leaves zero.
  def __digits_too_few?(digits)
    exponent = __frexp[1]
    digits < -(exponent > 0 ? exponent / 3 + 1 : (exponent / 4.0).truncate)
  end

  def round(digits = nil, half: nil)
    mode = Float.__rounding(half)
    digits = nil.equal?(digits) ? 0 : __int(digits)
    if digits <= 0
      unless finite?
        return self if digits > 0
        __domain_error
      end
      return __round_to_integer(mode) if digits == 0
      return to_i.round(digits, half: half) if self == to_i
      return to_r.round(digits, half: mode)
    end
    return self if !finite? || self == 0.0 || __digits_enough?(digits)
    return 0.0 if __digits_too_few?(digits)
    return to_r.round(digits, half: mode).to_f if digits > 14
    scale = 10.0**digits
    scaled = self * scale
    return to_r.round(digits, half: mode).to_f unless scaled.finite?
    f = scaled.__round.to_f
    case mode
    when :up
      if self > 0
        f += 1 if (f + 0.5) / scale <= self
      else
        f -= 1 if (f - 0.5) / scale >= self
      end
    when :down
      if self > 0
        f -= 1 if (f - 0.5) / scale >= self
      else
        f += 1 if (f + 0.5) / scale <= self
      end
    else
      exact = to_r * 10**digits
      return Rational(exact.round(half: :even), 10**digits).to_f
    end
    f / scale
  end

  def __round_to_integer(mode)
    return __round if mode == :up
    whole = __truncated
    rest = (self - whole).abs
    return __round if rest != 0.5
    return whole if mode == :down || whole.even?
    self < 0 ? whole - 1 : whole + 1
  end

  def floor(digits = 0)
    digits = __int(digits)
    return __floor if digits == 0
    if digits > 0
      return self if !finite? || self == 0.0 || __digits_enough?(digits)
      return self < 0 ? -(10.0**-digits) : 0.0 if self.abs < 1 && __digits_too_few?(digits)
      scale = 10.0**digits
      f = (self * scale)
      return self unless f.finite?
      f = f.__floor
      made = f / scale
      f += 1 if (f + 1) / scale <= self
      made = f / scale
      return made
    end
    __floor.floor(digits)
  end

  def ceil(digits = 0)
    digits = __int(digits)
    return __ceil if digits == 0
    if digits > 0
      return self if !finite? || self == 0.0 || __digits_enough?(digits)
      return self > 0 ? 10.0**-digits : -0.0 if self.abs < 1 && __digits_too_few?(digits)
      scale = 10.0**digits
      f = (self * scale)
      return self unless f.finite?
      f = f.__ceil
      f -= 1 if (f - 1) / scale >= self
      return f / scale
    end
    __ceil.ceil(digits)
  end

  def truncate(digits = 0)
    self < 0 ? ceil(digits) : floor(digits)
  end

  # These need the methods above: their operands are no immediates.
  INFINITY = 1e308 * 1e308
  NAN = INFINITY - INFINITY

  class << self
    undef_method :new
  end

  def self.allocate
    raise TypeError, "allocator undefined for #{inspect}"
  end
end
