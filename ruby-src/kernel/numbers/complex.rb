# Complex: numbers with an imaginary part. Slots (from 1): real, imaginary.

class Complex
  def self.__make(real, imaginary)
    made = __allocate
    made.__slot_put(1, real)
    made.__slot_put(2, imaginary)
    made.freeze
    made
  end

  I = __make(0, 1)

  def self.rect(real, imaginary = 0)
    unless Numeric === real && real.real? && Numeric === imaginary && imaginary.real?
      raise TypeError, "not a real"
    end
    __make(real, imaginary)
  end

  class << self
    alias rectangular rect
  end

  def self.polar(size, angle = 0)
    raise TypeError, "not a real" unless Numeric === size && size.real? && Numeric === angle && angle.real?
    return __make(size, 0) if angle == 0
    __make(size * Math.cos(angle), size * Math.sin(angle))
  end

  # What Kernel#Complex does.
  def self.__from(a, b, raising)
    if nil.equal?(a) || nil.equal?(b)
      return nil unless raising
      raise TypeError, "can't convert nil into Complex"
    end
    if String === a
      a = __parse(a, true)
      if nil.equal?(a)
        return nil unless raising
        raise ArgumentError, "invalid value for convert(): #{a.inspect}"
      end
    end
    return Complex === a ? a : __checked(a, 0, raising) if Primitive.undefined?(b)
    if String === b
      b = __parse(b, true)
      if nil.equal?(b)
        return nil unless raising
        raise ArgumentError, "invalid value for convert(): #{b.inspect}"
      end
    end
    if Complex === a || Complex === b
      return a + b * I
    end
    __checked(a, b, raising)
  end

  def self.__checked(a, b, raising)
    unless Numeric === a && Numeric === b
      return nil unless raising
      raise TypeError, "can't convert #{(Numeric === a ? b : a).class} into Complex"
    end
    __make(a, b)
  end

  def self.__parse(text, strict)
    number = '[-+]?(?:\d[\d_]*)(?:\.\d[\d_]*)?(?:[eE][-+]?\d+)?(?:\/\d+)?'
    patterns = [/\A\s*(#{number})@(#{number})/, /\A\s*(#{number})?([-+](?:\d[\d_]*(?:\.\d[\d_]*)?(?:[eE][-+]?\d+)?(?:\/\d+)?)?)[ij]/,
                /\A\s*(#{number})[ij]/, /\A\s*([-+]?)[ij]/, /\A\s*(#{number})/]
    patterns.each_with_index do |pattern, kind|
      match = pattern.match(text)
      next unless match
      return nil if strict && !match.post_match.strip.empty?
      case kind
      when 0 then return polar(__number(match[1]), __number(match[2]))
      when 1 then return __make(match[1] ? __number(match[1]) : 0, __unit(match[2]))
      when 2 then return __make(0, __number(match[1]))
      when 3 then return __make(0, __unit(match[1]))
      else return __make(__number(match[1]), 0)
      end
    end
    strict ? nil : __make(0, 0)
  end

  def self.__unit(text)
    return 1 if text == "" || text == "+"
    return -1 if text == "-"
    __number(text)
  end

  def self.__number(text)
    return Rational.__parse(text, false) if text.include?("/")
    text.match?(/[.eE]/) ? text.to_f : text.to_i
  end

  def real
    __slot(1)
  end

  def imaginary
    __slot(2)
  end

  alias imag imaginary

  def real?
    false
  end

  def +(other)
    if Complex === other
      Complex.__make(real + other.real, imaginary + other.imaginary)
    elsif Numeric === other && other.real?
      Complex.__make(real + other, imaginary)
    else
      __coerced(:+, other)
    end
  end

  def -(other)
    if Complex === other
      Complex.__make(real - other.real, imaginary - other.imaginary)
    elsif Numeric === other && other.real?
      Complex.__make(real - other, imaginary)
    else
      __coerced(:-, other)
    end
  end

  def *(other)
    if Complex === other
      Complex.__make(real * other.real - imaginary * other.imaginary, real * other.imaginary + imaginary * other.real)
    elsif Numeric === other && other.real?
      Complex.__make(real * other, imaginary * other)
    else
      __coerced(:*, other)
    end
  end

  def /(other)
    if Complex === other
      if [real, imaginary, other.real, other.imaginary].any? { |x| Float === x }
        # Scaled by the larger part, so that nothing overflows on the way.
        if other.real.abs >= other.imaginary.abs
          r = other.imaginary.quo(other.real)
          n = other.real * (1 + r * r)
          return Complex.__make((real + imaginary * r).quo(n), (imaginary - real * r).quo(n))
        end
        r = other.real.quo(other.imaginary)
        n = other.imaginary * (1 + r * r)
        return Complex.__make((real * r + imaginary).quo(n), (imaginary * r - real).quo(n))
      end
      n = other.real * other.real + other.imaginary * other.imaginary
      top = self * other.conj
      Complex.__make(top.real.quo(n), top.imaginary.quo(n))
    elsif Numeric === other && other.real?
      Complex.__make(real.quo(other), imaginary.quo(other))
    else
      __coerced(:/, other)
    end
  end

  alias quo /

  def fdiv(other)
    Complex.__make(real.fdiv(other), imaginary.fdiv(other))
  end

  def **(other)
    return Complex.__make(1, 0) if other == 0
    other = other.real if Complex === other && other.imaginary == 0 && Integer === other.imaginary
    other = other.numerator if Rational === other && other.denominator == 1
    if Integer === other
      return (Complex.__make(1, 0) / self)**-other if other < 0
      made = nil
      base = self
      n = other
      while n > 0
        made = made ? made * base : base if n.odd?
        base *= base if n > 1
        n >>= 1
      end
      return made
    end
    if Complex === other
      return Complex.__make(0, 0) if self == 0
      r, theta = polar
      nr = Math.exp(other.real * Math.log(r) - other.imaginary * theta)
      return Complex.polar(nr, theta * other.real + other.imaginary * Math.log(r))
    end
    if Numeric === other && other.real?
      r, theta = polar
      return Complex.polar(r**other, theta * other)
    end
    __coerced(:**, other)
  end

  alias pow **

  def -@
    Complex.__make(-real, -imaginary)
  end

  def ==(other)
    if Complex === other
      real == other.real && imaginary == other.imaginary
    elsif Numeric === other && other.real?
      real == other && imaginary == 0
    else
      nil.equal?(other) ? false : other == self
    end
  end

  def <=>(other)
    return nil unless imaginary == 0 && Numeric === other
    return real <=> other.real if Complex === other && other.imaginary == 0
    other.real? ? real <=> other : nil
  end

  def eql?(other)
    Complex === other && real.class.equal?(other.real.class) && imaginary.class.equal?(other.imaginary.class) && self == other
  end

  def hash
    real.hash ^ (imaginary.hash << 1) & 0xfff_ffff_ffff_ffff
  end

  def coerce(other)
    return [other, self] if Complex === other
    return [Complex.__make(other, 0), self] if Numeric === other
    raise TypeError, "#{__coerce_name(other)} can't be coerced into Complex"
  end

  def abs
    Math.hypot(real.to_f, imaginary.to_f)
  end

  alias magnitude abs

  def abs2
    real * real + imaginary * imaginary
  end

  def arg
    Math.atan2(imaginary.to_f, real.to_f)
  end

  alias angle arg
  alias phase arg

  def polar
    [abs, arg]
  end

  def rect
    [real, imaginary]
  end

  alias rectangular rect

  def conj
    Complex.__make(real, -imaginary)
  end

  alias conjugate conj

  def finite?
    real.finite? && imaginary.finite?
  end

  def infinite?
    real.infinite? || imaginary.infinite? ? 1 : nil
  end

  def __exact_real(into)
    unless Integer === imaginary && imaginary == 0 || Rational === imaginary && imaginary == 0
      raise RangeError, "can't convert #{self} into #{into}"
    end
    real
  end

  def to_i
    __exact_real("Integer").to_i
  end

  def to_f
    __exact_real("Float").to_f
  end

  def to_r
    __exact_real("Rational").to_r
  end

  def rationalize(eps = nil)
    __exact_real("Rational").rationalize(*(eps ? [eps] : []))
  end

  def to_c
    self
  end

  def numerator
    Complex.__make((real * denominator).to_i, (imaginary * denominator).to_i)
  end

  def denominator
    real.denominator.lcm(imaginary.denominator)
  end

  def to_s
    part = imaginary
    negative = Float === part ? part.__signed? && !part.nan? : part < 0
    size = negative ? -part : part
    tail = size.to_s
    tail += "*" if Float === part && !part.finite?
    "#{real}#{negative ? '-' : '+'}#{tail}i"
  end

  def inspect
    "(#{self})"
  end

  def marshal_dump
    [real, imaginary]
  end

  private :marshal_dump

  undef_method :%, :div, :divmod, :floor, :ceil, :modulo, :remainder, :round, :step, :truncate, :i, :positive?, :negative?

  class << self
    undef_method :new
  end
end
