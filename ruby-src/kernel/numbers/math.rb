# Math: functions of Floats, with the domains that raise.

module Math
  PI = 3.141592653589793
  E = 2.718281828459045

  class DomainError < ArgumentError
  end

  def self.__domain(name)
    raise DomainError, "Numerical argument is out of domain - \"#{name}\""
  end

  def sqrt(x)
    x = __flt(x)
    Math.__domain("sqrt") if x < 0.0
    x == 0.0 ? 0.0 : x.__sqrt
  end

  def cbrt(x)
    __flt(x).__cbrt
  end

  def sin(x)
    __flt(x).__sin
  end

  def cos(x)
    __flt(x).__cos
  end

  def tan(x)
    __flt(x).__tan
  end

  def asin(x)
    x = __flt(x)
    Math.__domain("asin") if x < -1.0 || x > 1.0
    x.__asin
  end

  def acos(x)
    x = __flt(x)
    Math.__domain("acos") if x < -1.0 || x > 1.0
    x.__acos
  end

  def atan(x)
    __flt(x).__atan
  end

  def atan2(y, x)
    __flt(y).__atan2(__flt(x))
  end

  def sinh(x)
    __flt(x).__sinh
  end

  def cosh(x)
    __flt(x).__cosh
  end

  def tanh(x)
    __flt(x).__tanh
  end

  def asinh(x)
    __flt(x).__asinh
  end

  def acosh(x)
    x = __flt(x)
    Math.__domain("acosh") if x < 1.0
    x.__acosh
  end

  def atanh(x)
    x = __flt(x)
    Math.__domain("atanh") if x < -1.0 || x > 1.0
    return Float::INFINITY if x == 1.0
    return -Float::INFINITY if x == -1.0
    x.__atanh
  end

  def exp(x)
    __flt(x).__exp
  end

  # Logarithm of a number too big for a Float included.
  def log(x, base = Primitive.undefined)
    unless Primitive.undefined?(base)
      raise TypeError, "can't convert #{base.class} into Float" if String === base
      return Math.log(x) / Math.log(base)
    end
    Math.__logarithm(x, "log") { |f| f.__log }
  end

  def log2(x)
    if Integer === x && x > 0 && x & (x - 1) == 0
      return (x.bit_length - 1).to_f
    end
    Math.__logarithm(x, "log2") { |f| f.__log2 }
  end

  def log10(x)
    Math.__logarithm(x, "log10") { |f| f.__log10 }
  end

  def log1p(x)
    x = __flt(x)
    Math.__domain("log1p") if x < -1.0
    return x if x.abs < 1e-16
    u = 1.0 + x
    u == 1.0 ? x : u.__log * x / (u - 1.0)
  end

  def expm1(x)
    x = __flt(x)
    return x if x.abs < 1e-16
    return x.__exp - 1.0 if x.abs > 0.5
    u = (x / 2.0).__sinh
    2.0 * u * (x / 2.0).__exp
  end

  def self.__logarithm(x, name)
    if Integer === x && x.bit_length > 1000
      __domain(name) if x < 0
      shift = x.bit_length - 64
      two = yield(2.0)
      return yield((x >> shift).to_f) + shift * two
    end
    x = __flt(x)
    __domain(name) if x < 0.0
    return -Float::INFINITY if x == 0.0
    yield x
  end

  def hypot(x, y)
    __flt(x).__hypot(__flt(y))
  end

  def ldexp(fraction, exponent)
    fraction = __flt(fraction)
    exponent = __int(exponent)
    while exponent > 1000
      fraction *= 2.0**1000
      exponent -= 1000
      break unless fraction.finite?
    end
    while exponent < -1000
      fraction *= 2.0**-1000
      exponent += 1000
      break if fraction == 0.0
    end
    fraction * 2.0**exponent
  end

  def frexp(x)
    __flt(x).__frexp
  end

  def erf(x)
    x = __flt(x)
    return x if x.nan?
    return x > 0 ? 1.0 : -1.0 if x.abs > 6.0
    if x.abs < 2.5
      # Series: 2/sqrt(pi) * sum (-1)^n x^(2n+1) / (n! (2n+1))
      term = x
      total = x
      n = 0
      while true
        n += 1
        term *= -x * x / n
        part = term / (2 * n + 1)
        break if total + part == total
        total += part
      end
      return total * 1.1283791670955126
    end
    x > 0 ? 1.0 - Math.erfc(x) : Math.erfc(-x) - 1.0
  end

  def erfc(x)
    x = __flt(x)
    return x if x.nan?
    return 1.0 - Math.erf(x) if x < 2.5
    return 0.0 if x > 27.3
    # Continued fraction, from the inside out.
    f = 0.0
    k = 80
    while k > 0
      f = k / 2.0 / (x + f)
      k -= 1
    end
    (-x * x).__exp / ((x + f) * 1.772453850905516)
  end

  FACTORIALS = [1.0, 1.0, 2.0, 6.0, 24.0, 120.0, 720.0, 5040.0, 40320.0, 362880.0, 3628800.0, 39916800.0, 479001600.0,
                6227020800.0, 87178291200.0, 1307674368000.0, 20922789888000.0, 355687428096000.0, 6402373705728000.0,
                121645100408832000.0, 2432902008176640000.0, 51090942171709440000.0, 1124000727777607680000.0]
  private_constant :FACTORIALS

  def gamma(x)
    x = __flt(x)
    return x if x.nan? || x == Float::INFINITY
    if x == 0.0
      return x.__signed? ? -Float::INFINITY : Float::INFINITY
    end
    whole = x.floor == x
    Math.__domain("gamma") if (x < 0 && whole) || x == -Float::INFINITY
    return FACTORIALS[x.to_i - 1] if whole && x <= 23
    return PI / ((PI * x).__sin * Math.gamma(1.0 - x)) if x < 0.5
    return Float::INFINITY if x > 171.7
    x -= 1.0
    t = x + 7.5
    power = t**((x + 0.5) / 2.0)
    2.5066282746310002 * power * (-t).__exp * power * Math.__lanczos(x)
  end

  def lgamma(x)
    x = __flt(x)
    return [x, 1] if x.nan?
    Math.__domain("lgamma") if x == -Float::INFINITY
    return [x, 1] if x == Float::INFINITY
    return [Float::INFINITY, x.__signed? ? -1 : 1] if x == 0.0
    return [Float::INFINITY, 1] if x < 0 && x.floor == x
    return [0.0, 1] if x == 1.0 || x == 2.0
    if x < 0.5
      s = (PI * x).__sin
      rest = Math.lgamma(1.0 - x)[0]
      return [(PI / s.abs).__log - rest, s < 0 ? -1 : 1]
    end
    x -= 1.0
    t = x + 7.5
    [0.9189385332046727 + (x + 0.5) * t.__log - t + Math.__lanczos(x).__log, 1]
  end

  # Lanczos approximation, g = 7, nine coefficients (Godfrey).
  def self.__lanczos(x)
    a = 0.99999999999980993
    a += 676.5203681218851 / (x + 1.0)
    a -= 1259.1392167224028 / (x + 2.0)
    a += 771.32342877765313 / (x + 3.0)
    a -= 176.61502916214059 / (x + 4.0)
    a += 12.507343278686905 / (x + 5.0)
    a -= 0.13857109526572012 / (x + 6.0)
    a += 9.9843695780195716e-6 / (x + 7.0)
    a + 1.5056327351493116e-7 / (x + 8.0)
  end

  module_function :sqrt, :cbrt, :sin, :cos, :tan, :asin, :acos, :atan, :atan2, :sinh, :cosh, :tanh, :asinh, :acosh, :atanh,
                  :exp, :log, :log2, :log10, :log1p, :expm1, :hypot, :ldexp, :frexp, :erf, :erfc, :gamma, :lgamma
end

class Float
  def __sqrt
    Primitive.float_sqrt
  end

  def __cbrt
    Primitive.float_cbrt
  end

  def __sin
    Primitive.float_sin
  end

  def __cos
    Primitive.float_cos
  end

  def __tan
    Primitive.float_tan
  end

  def __asin
    Primitive.float_asin
  end

  def __acos
    Primitive.float_acos
  end

  def __atan
    Primitive.float_atan
  end

  def __sinh
    Primitive.float_sinh
  end

  def __cosh
    Primitive.float_cosh
  end

  def __tanh
    Primitive.float_tanh
  end

  def __asinh
    Primitive.float_asinh
  end

  def __acosh
    Primitive.float_acosh
  end

  def __atanh
    Primitive.float_atanh
  end

  def __exp
    Primitive.float_exp
  end

  def __log
    Primitive.float_log
  end

  def __log2
    Primitive.float_log2
  end

  def __log10
    Primitive.float_log10
  end

  def __atan2(other)
    Primitive.float_atan2
  end

  def __hypot(other)
    Primitive.float_hypot
  end
end
