# Integer: small and large ones alike. The primitives take two integers; everything else goes through Float or coerce.

class Integer
  def self.sqrt(n)
    n = __int(n)
    raise Math::DomainError, "Numerical argument is out of domain - \"isqrt\"" if n < 0
    n.__sqrt
  end

  def self.try_convert(x)
    return x if Integer === x
    __try_convert(x, Integer, :to_int)
  end

  def __sqrt
    Primitive.int_sqrt
  end

  def +(other)
    Primitive.int_add
    return to_f + other if Float === other
    __coerced(:+, other)
  end

  def -(other)
    Primitive.int_sub
    return to_f - other if Float === other
    __coerced(:-, other)
  end

  def *(other)
    Primitive.int_mul
    return to_f * other if Float === other
    __coerced(:*, other)
  end

  def /(other)
    Primitive.int_div
    raise ZeroDivisionError, "divided by 0" if 0.equal?(other)
    return to_f / other if Float === other
    __coerced(:/, other)
  end

  def div(other)
    Primitive.int_div
    raise ZeroDivisionError, "divided by 0" if other == 0
    return (to_f / other).floor if Float === other
    __coerced(:div, other)
  end

  def %(other)
    Primitive.int_mod
    raise ZeroDivisionError, "divided by 0" if 0.equal?(other)
    return to_f % other if Float === other
    __coerced(:%, other)
  end

  alias modulo %

  def remainder(other)
    Primitive.int_rem
    raise ZeroDivisionError, "divided by 0" if 0.equal?(other)
    if Float === other
      raise ZeroDivisionError, "divided by 0" if other == 0.0
      rest = to_f % other
      return rest != 0 && ((self < 0 && other > 0) || (self > 0 && other < 0)) ? rest - other : rest
    end
    __coerced(:remainder, other)
  end

  def divmod(other)
    Primitive.int_divmod
    raise ZeroDivisionError, "divided by 0" if 0.equal?(other)
    return to_f.divmod(other) if Float === other
    __coerced(:divmod, other)
  end

  def **(other)
    Primitive.int_pow
    if Integer === other
      if other < 0
        return Rational(1, 1) / (self**-other) if self != 0
        raise ZeroDivisionError, "divided by 0"
      end
      return self if self == 0 || self == 1
      return other.even? ? 1 : -1 if self == -1
      warn("warning: in a**b, b may be too big") if $VERBOSE
      return self < 0 && other.odd? ? -Float::INFINITY : Float::INFINITY
    end
    if Float === other
      return Complex(self, 0)**other if self < 0 && other != other.floor
      return to_f**other
    end
    if Rational === other && self < 0 && other.denominator != 1
      return Complex(self, 0)**other
    end
    __coerced(:**, other)
  end

  def pow(exponent, modulus = nil)
    if nil.equal?(modulus)
      raise TypeError, "#{__coerce_name(exponent)} can't be coerced into Integer" if nil.equal?(exponent)
      return self**exponent
    end
    raise TypeError, "Integer#pow() 2nd argument not allowed unless a 1st argument is integer" unless Integer === exponent
    raise RangeError, "Integer#pow() 1st argument cannot be negative when 2nd argument specified" if exponent < 0
    raise TypeError, "Integer#pow() 2nd argument not allowed unless all arguments are integers" unless Integer === modulus
    raise ZeroDivisionError, "divided by 0" if modulus == 0
    made = 1
    base = self % modulus
    while exponent > 0
      made = made * base % modulus if exponent.odd?
      base = base * base % modulus
      exponent >>= 1
    end
    made % modulus
  end

  def -@
    Primitive.int_neg
  end

  def ~
    -self - 1
  end

  def &(other)
    Primitive.int_and
    __bitwise(:&, other)
  end

  def |(other)
    Primitive.int_or
    __bitwise(:|, other)
  end

  def ^(other)
    Primitive.int_xor
    __bitwise(:^, other)
  end

  def __bitwise(operator, other)
    if Float === other || !other.respond_to?(:coerce)
      raise TypeError, "#{__coerce_name(other, true)} can't be coerced into Integer"
    end
    __coerced(operator, other)
  end

  def __shift_by(count)
    Primitive.int_shift
    return self < 0 ? -1 : 0 if count < 0
    return 0 if self == 0
    raise RangeError, "shift width too big"
  end

  def <<(count)
    Primitive.int_shift
    __shift_by(__int(count))
  end

  def >>(count)
    __shift_by(-__int(count))
  end

  def [](index, length = Primitive.undefined)
    unless Primitive.undefined?(length)
      length = __int(length)
      return self >> __int(index) if length < 0
      return (self >> __int(index)) & ((1 << length) - 1)
    end
    if Range === index
      low = index.begin
      high = index.end
      if nil.equal?(low)
        unless nil.equal?(high)
          mask = (1 << (index.exclude_end? ? high : high + 1)) - 1
          raise ArgumentError, "The beginless range for Integer#[] results in infinity" if self & mask != 0
        end
        return 0
      end
      low = __int(low)
      return self >> low if nil.equal?(high)
      length = __int(high) - low
      length += 1 unless index.exclude_end?
      return self >> low if length <= 0
      return (self >> low) & ((1 << length) - 1)
    end
    index = __int(index)
    return 0 if index < 0
    (self >> index) & 1
  end

  def ==(other)
    Primitive.int_eq
    return false if nil.equal?(other) || String === other || Symbol === other
    other == self ? true : false
  end

  def ===(other)
    Primitive.int_eq
    self == other
  end

  def eql?(other)
    Primitive.int_eq
    false
  end

  def equal?(other)
    Primitive.identical
  end

  def hash
    Primitive.value_hash
  end

  def <=>(other)
    Primitive.int_compare
    if Float === other
      c = other <=> self
      return nil.equal?(c) ? nil : -c
    end
    return nil if nil.equal?(other) || String === other
    pair = __coerce_pair(other)
    pair && pair.__at(0) <=> pair.__at(1)
  end

  def <(other)
    Primitive.int_lt
    return other > self if Float === other
    __coerced_compare(:<, other)
  end

  def <=(other)
    Primitive.int_le
    return other >= self if Float === other
    __coerced_compare(:<=, other)
  end

  def >(other)
    Primitive.int_gt
    return other < self if Float === other
    __coerced_compare(:>, other)
  end

  def >=(other)
    Primitive.int_ge
    return other <= self if Float === other
    __coerced_compare(:>=, other)
  end

  def coerce(other)
    return [other, self] if Integer === other
    [Float(other), to_f]
  end

  # --- iteration

  def times
    return to_enum(:times) { self < 0 ? 0 : self } unless block_given?
    i = 0
    while i < self
      yield i
      i += 1
    end
    self
  end

  def upto(limit)
    unless block_given?
      return to_enum(:upto, limit) do
        raise ArgumentError, "comparison of Integer with #{limit.inspect} failed" unless Numeric === limit
        n = Float === limit && limit.infinite? ? limit : limit.floor - self + 1
        n < 0 ? 0 : n
      end
    end
    unless Integer === limit || Float === limit
      raise ArgumentError, "comparison of Integer with #{__coerce_name(limit, true)} failed" unless limit.respond_to?(:coerce)
    end
    i = self
    while i <= limit
      yield i
      i += 1
    end
    self
  end

  def downto(limit)
    unless block_given?
      return to_enum(:downto, limit) do
        raise ArgumentError, "comparison of Integer with #{limit.inspect} failed" unless Numeric === limit
        n = Float === limit && limit.infinite? ? -limit : self - limit.ceil + 1
        n < 0 ? 0 : n
      end
    end
    unless Integer === limit || Float === limit
      raise ArgumentError, "comparison of Integer with #{__coerce_name(limit, true)} failed" unless limit.respond_to?(:coerce)
    end
    i = self
    while i >= limit
      yield i
      i -= 1
    end
    self
  end

  # --- questions

  def integer?
    true
  end

  def zero?
    self == 0
  end

  def even?
    self & 1 == 0
  end

  def odd?
    self & 1 == 1
  end

  def allbits?(mask)
    mask = __int(mask)
    self & mask == mask
  end

  def anybits?(mask)
    self & __int(mask) != 0
  end

  def nobits?(mask)
    self & __int(mask) == 0
  end

  def bit_length
    Primitive.int_bit_length
  end

  def size
    bits = bit_length
    bits < 64 ? 8 : (bits + 7) / 8
  end

  # --- converting

  def abs
    self < 0 ? -self : self
  end

  alias magnitude abs

  def succ
    self + 1
  end

  alias next succ

  def pred
    self - 1
  end

  def to_i
    self
  end

  alias to_int to_i

  def to_f
    Primitive.int_to_float
  end

  def to_r
    Rational(self, 1)
  end

  def rationalize(eps = nil)
    Rational(self, 1)
  end

  def numerator
    self
  end

  def denominator
    1
  end

  def to_c
    Complex(self, 0)
  end

  def __to_string(radix)
    Primitive.int_to_string
    raise ArgumentError, "invalid radix #{radix}"
  end

  def to_s(radix = 10)
    Primitive.int_to_string
    __to_string(__int(radix))
  end

  alias inspect to_s

  def digits(base = 10)
    base = __int(base)
    raise ArgumentError, "negative radix" if base < 0
    raise ArgumentError, "invalid radix #{base}" if base < 2
    raise Math::DomainError, "out of domain" if self < 0
    return [0] if self == 0
    made = []
    n = self
    while n > 0
      made << n % base
      n /= base
    end
    made
  end

  def ord
    self
  end

  def chr(encoding = Primitive.undefined)
    raise RangeError, "#{self} out of char range" if self < 0 || self > 0xffff_ffff
    if Primitive.undefined?(encoding)
      return String.__from_byte(self) if self < 256
      raise RangeError, "#{self} out of char range" unless Encoding.default_internal
      encoding = Encoding.default_internal
    end
    encoding = Encoding.__coerce(encoding)
    if self < 128
      return String.__from_codepoint(self).force_encoding(encoding)
    end
    if encoding.__unicode?
      if self > 0x10ffff || (self >= 0xd800 && self <= 0xdfff)
        raise RangeError, self > 0x10ffff ? "invalid codepoint 0x#{to_s(16).upcase} in #{encoding}" : "invalid codepoint 0x#{to_s(16).upcase} in #{encoding}"
      end
      return String.__from_codepoint(self)
    end
    raise RangeError, "#{self} out of char range" if self > 255 || encoding == Encoding::US_ASCII
    String.__from_byte(self).force_encoding(encoding)
  end

  def fdiv(other)
    if Integer === other
      return to_f / other.to_f if abs < 0x20_0000_0000_0000 && other.abs < 0x20_0000_0000_0000
      return to_f / other.to_f if other == 0
      return Rational(self, other).to_f
    end
    return to_f / other if Float === other
    __coerced(:fdiv, other)
  end

  def quo(other)
    return to_f / other if Float === other
    raise ZeroDivisionError, "divided by 0" if other == 0
    made = Rational(self, 1) / other
    made
  end

  def ceildiv(other)
    -div(0 - other)
  end

  def gcd(other)
    Primitive.int_gcd
    raise TypeError, "not an integer"
  end

  def lcm(other)
    raise TypeError, "not an integer" unless Integer === other
    return 0 if self == 0 || other == 0
    (self / gcd(other) * other).abs
  end

  def gcdlcm(other)
    [gcd(other), lcm(other)]
  end

  def floor(digits = 0)
    digits = __int(digits)
    return self if digits >= 0
    unit = 10**-digits
    self / unit * unit
  end

  def ceil(digits = 0)
    digits = __int(digits)
    return self if digits >= 0
    unit = 10**-digits
    -(-self / unit) * unit
  end

  def truncate(digits = 0)
    self < 0 ? ceil(digits) : floor(digits)
  end

  def round(digits = 0, half: nil)
    mode = Float.__rounding(half)
    digits = __int(digits)
    raise RangeError, "bignum too big to convert into 'int'" if digits > 0x7fff_ffff || digits < -0x8000_0000
    return self if digits >= 0
    unit = 10**-digits
    size = abs
    low = size / unit * unit
    twice = (size - low) * 2
    up = if twice == unit
      mode == :up || (mode == :even && (low / unit).odd?)
    else
      twice > unit
    end
    low += unit if up
    self < 0 ? -low : low
  end

  class << self
    undef_method :new
  end

  def self.allocate
    raise TypeError, "allocator undefined for #{inspect}"
  end
end
