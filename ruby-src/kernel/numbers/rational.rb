# Rational: exact fractions in lowest terms, shared with Smalltalk's Fraction. Slots (from 1): numerator, denominator.

class Rational
  # In lowest terms with a positive denominator.
  def self.__make(numerator, denominator)
    raise ZeroDivisionError, "divided by 0" if denominator == 0
    if denominator < 0
      numerator = -numerator
      denominator = -denominator
    end
    divisor = numerator.gcd(denominator)
    if divisor != 1
      numerator /= divisor
      denominator /= divisor
    end
    __raw(numerator, denominator)
  end

  def self.__raw(numerator, denominator)
    made = __allocate
    made.__slot_put(1, numerator)
    made.__slot_put(2, denominator)
    made.freeze
    made
  end

  # What Kernel#Rational does.
  def self.__from(a, b, raising)
    if nil.equal?(a) || nil.equal?(b)
      return nil unless raising
      raise TypeError, "can't convert nil into Rational"
    end
    return __make(a, b) if Integer === a && Integer === b
    a = __operand(a, raising)
    b = __operand(b, raising)
    return nil if nil.equal?(a) || nil.equal?(b)
    return a if b == 1 && Rational === a
    return __make(a, b) if Integer === a && Integer === b
    made = a / b
    Integer === made ? __raw(made, 1) : made
  rescue ZeroDivisionError
    raise
  end

  def self.__operand(x, raising)
    case x
    when Integer, Rational then x
    when Float then x.to_r
    when String
      found = __parse(x, true)
      raise ArgumentError, "invalid value for convert(): #{x.inspect}" if nil.equal?(found) && raising
      found
    when Complex
      x.imaginary == 0 && Integer === x.imaginary ? __operand(x.real, raising) : x
    else
      return x.to_r if x.respond_to?(:to_r) && !(Symbol === x)
      return x.to_int if x.respond_to?(:to_int)
      return nil unless raising
      raise TypeError, "can't convert #{x.class} into Rational"
    end
  end

  # strict: the whole text must be a number (nil when it is not); else its valid start counts.
  def self.__parse(text, strict)
    pattern = strict ? /\A\s*([-+])?(\d+(?:_\d+)*)?(?:\.(\d+(?:_\d+)*))?(?:[eE]([-+]?\d+(?:_\d+)*))?(?:\/(\d+(?:_\d+)*)(?:\.(\d+))?)?\s*\z/ :
      /\A\s*([-+])?(\d+(?:_\d+)*)?(?:\.(\d+(?:_\d+)*))?(?:[eE]([-+]?\d+(?:_\d+)*))?(?:\/(\d+(?:_\d+)*))?/
    match = pattern.match(text)
    unless match && match[2]
      return strict ? nil : __raw(0, 1)
    end
    whole = match[2].delete("_")
    part = (match[3] || "").delete("_")
    numerator = (whole + part).to_i
    denominator = 10**part.size
    exponent = (match[4] || "0").delete("_").to_i
    exponent >= 0 ? numerator *= 10**exponent : denominator *= 10**-exponent
    if match[5]
      below = match[5].delete("_").to_i
      raise ZeroDivisionError, "divided by 0" if below == 0
      denominator *= below
    end
    numerator = -numerator if match[1] == "-"
    __make(numerator, denominator)
  end

  def numerator
    __slot(1)
  end

  def denominator
    __slot(2)
  end

  def +(other)
    if Integer === other
      Rational.__raw(numerator + other * denominator, denominator)
    elsif Rational === other
      Rational.__make(numerator * other.denominator + other.numerator * denominator, denominator * other.denominator)
    elsif Float === other
      to_f + other
    else
      __coerced(:+, other)
    end
  end

  def -(other)
    if Integer === other
      Rational.__raw(numerator - other * denominator, denominator)
    elsif Rational === other
      Rational.__make(numerator * other.denominator - other.numerator * denominator, denominator * other.denominator)
    elsif Float === other
      to_f - other
    else
      __coerced(:-, other)
    end
  end

  def *(other)
    if Integer === other
      Rational.__make(numerator * other, denominator)
    elsif Rational === other
      Rational.__make(numerator * other.numerator, denominator * other.denominator)
    elsif Float === other
      to_f * other
    else
      __coerced(:*, other)
    end
  end

  def /(other)
    if Integer === other
      Rational.__make(numerator, denominator * other)
    elsif Rational === other
      Rational.__make(numerator * other.denominator, denominator * other.numerator)
    elsif Float === other
      to_f / other
    else
      __coerced(:/, other)
    end
  end

  alias quo /

  def **(other)
    if Integer === other || (Rational === other && other.denominator == 1)
      other = other.to_i
      return Rational.__raw(1, 1) if other == 0
      return Rational.__raw(numerator**other, denominator**other) if other > 0
      raise ZeroDivisionError, "divided by 0" if numerator == 0
      return Rational.__make(denominator**-other, numerator**-other)
    end
    return Rational.__raw(1, 1) if Rational === other && self == 1
    return to_f**other.to_f if Float === other || Rational === other
    __coerced(:**, other)
  end

  alias pow **

  def -@
    Rational.__raw(-numerator, denominator)
  end

  def fdiv(other)
    to_f / other
  end

  def ==(other)
    if Integer === other
      denominator == 1 && numerator == other
    elsif Rational === other
      numerator == other.numerator && denominator == other.denominator
    elsif Float === other
      to_f == other
    else
      nil.equal?(other) ? false : other == self
    end
  end

  def <=>(other)
    if Integer === other
      numerator <=> other * denominator
    elsif Rational === other
      numerator * other.denominator <=> other.numerator * denominator
    elsif Float === other
      return nil if other.nan?
      return other > 0 ? -1 : 1 if other.infinite?
      self <=> other.to_r
    else
      pair = begin
        __coerce_pair(other)
      rescue StandardError
        nil
      end
      pair && pair[0] <=> pair[1]
    end
  end

  def hash
    numerator.hash ^ (denominator.hash << 1) & 0xfff_ffff_ffff_ffff
  end

  def eql?(other)
    Rational === other && self == other
  end

  def coerce(other)
    case other
    when Integer then [Rational.__raw(other, 1), self]
    when Float then [other, to_f]
    when Rational then [other, self]
    when Complex
      other.imaginary == 0 && Integer === other.imaginary ? [Rational(other.real), self] : [other, Complex(self)]
    else
      raise TypeError, "#{__coerce_name(other)} can't be coerced into Rational"
    end
  end

  def positive?
    numerator > 0
  end

  def negative?
    numerator < 0
  end

  def zero?
    numerator == 0
  end

  def abs
    numerator < 0 ? -self : self
  end

  alias magnitude abs

  def to_i
    numerator < 0 ? -(-numerator / denominator) : numerator / denominator
  end

  def to_f
    n = numerator
    d = denominator
    if n.bit_length < 54 && d.bit_length < 54
      return n.to_f / d.to_f
    end
    negative = n < 0
    n = -n if negative
    # A quotient of 64 bits with a sticky last bit rounds correctly as it becomes a Float.
    shift = 64 - (n.bit_length - d.bit_length)
    least = 1074 + 2
    shift = least if shift > least
    if shift >= 0
      quotient, rest = (n << shift).divmod(d)
    else
      quotient, rest = n.divmod(d << -shift)
    end
    quotient |= 1 if rest != 0
    made = Math.ldexp(quotient.to_f, -shift)
    negative ? -made : made
  end

  def to_r
    self
  end

  def rationalize(eps = Primitive.undefined)
    return self if Primitive.undefined?(eps)
    eps = eps.abs
    a = self - eps
    b = self + eps
    a == b ? self : (b < 0 ? -Rational.__simplest(-b, -a) : (a > 0 ? Rational.__simplest(a, b) : Rational.__raw(0, 1)))
  end

  # The fraction with the smallest denominator between two positive ones.
  def self.__simplest(a, b)
    a = a.to_r
    b = b.to_r
    p0 = 0
    p1 = 1
    q0 = 1
    q1 = 0
    while true
      c = a.ceil
      break if c <= b
      k = c - 1
      p2 = k * p1 + p0
      q2 = k * q1 + q0
      t = Rational(1, 1) / (b - k)
      b = Rational(1, 1) / (a - k)
      a = t
      p0 = p1
      q0 = q1
      p1 = p2
      q1 = q2
    end
    __make(c * p1 + p0, c * q1 + q0)
  end

  def floor(digits = 0)
    __rounded(digits) { |x| x.numerator.div(x.denominator) }
  end

  def ceil(digits = 0)
    __rounded(digits) { |x| -((-x.numerator).div(x.denominator)) }
  end

  def truncate(digits = 0)
    __rounded(digits) { |x| x.to_i }
  end

  def round(digits = 0, half: nil)
    mode = Float.__rounding(half)
    __rounded(digits) do |x|
      n = x.numerator.abs
      d = x.denominator
      whole = n / d
      twice = (n - whole * d) * 2
      if twice > d || (twice == d && (mode == :up || (mode == :even && whole.odd?)))
        whole += 1
      end
      x.numerator < 0 ? -whole : whole
    end
  end

  def __rounded(digits)
    raise TypeError, "not an integer" unless Integer === digits
    return yield(self) if digits == 0
    # No memory holds the power of ten.
    return digits > 0 ? self : 0 if digits.abs > 1_000_000
    unit = 10**digits
    made = Rational(yield(self * unit), 1) / unit
    digits < 0 ? made.to_i : made
  end

  def marshal_dump
    [numerator, denominator]
  end

  private :marshal_dump

  def to_s
    "#{numerator}/#{denominator}"
  end

  def inspect
    "(#{self})"
  end

  class << self
    undef_method :new
  end
end
