# Random: the Mersenne twister MT19937, so that a seed gives the numbers that every Ruby gives.

class Random
  DEFAULT = self

  module Formatter
    def random_number(limit = 0)
      case limit
      when Range then rand(limit)
      when nil, 0 then rand
      else limit > 0 ? rand(limit) : rand
      end
    end

    def hex(count = nil)
      bytes(count || 16).unpack1("H*")
    end

    def alphanumeric(count = nil, chars: nil)
      chars ||= [*"A".."Z", *"a".."z", *"0".."9"]
      Array.new(count || 16) { chars[rand(chars.size)] }.join
    end

    def uuid
      h = bytes(16).unpack1("H*")
      h[12] = "4"
      h[16] = (h[16].to_i(16) & 3 | 8).to_s(16)
      "#{h[0, 8]}-#{h[8, 4]}-#{h[12, 4]}-#{h[16, 4]}-#{h[20, 12]}"
    end
  end

  include Formatter
  extend Formatter

  def self.__system_bytes(count)
    Primitive.random_bytes
  end

  def self.new_seed
    seed = 0
    __system_bytes(16).each_byte { |byte| seed = seed << 8 | byte }
    seed
  end

  def self.seed
    __default.seed
  end

  def self.urandom(count)
    __system_bytes(count)
  end

  def self.__default
    $__random ||= new
  end

  def self.srand(seed = new_seed)
    before = __default.seed
    $__random = new(seed)
    before
  end

  def self.rand(limit = Primitive.undefined)
    Primitive.undefined?(limit) ? __default.__float : __default.rand(limit)
  end

  def self.bytes(count)
    __default.bytes(count)
  end

  def self.random_number(limit = 0)
    __default.random_number(limit)
  end

  # A number below limit from a generator given as `random:`.
  def self.__int(random, limit)
    return __default.__below(limit) if random.equal?(Random)
    return random.__below(limit) if Random === random
    value = random.rand(limit)
    value = __convert(value, Integer, :to_int) unless Integer === value
    raise RangeError, "random number too big #{value}" if value >= limit
    raise RangeError, "random number too small #{value}" if value < 0
    value
  end

  def initialize(seed = Primitive.undefined)
    seed = Primitive.undefined?(seed) ? Random.new_seed : (Float === seed ? seed.to_i : __int(seed))
    @__seed = seed
    key = []
    n = seed.abs
    while n > 0
      key << (n & 0xffff_ffff)
      n >>= 32
    end
    key << 0 if key.empty?
    key.size == 1 ? __init_genrand(key[0]) : __init_by_array(key)
  end

  def initialize_copy(other)
    @__seed = other.seed
    @__state = other.__state.dup
    @__index = other.__index
    self
  end

  def __state
    @__state
  end

  def __index
    @__index
  end

  def seed
    @__seed
  end

  def ==(other)
    Random === other && seed == other.seed && __index == other.__index && __state == other.__state
  end

  def __init_genrand(seed)
    state = [seed & 0xffff_ffff]
    i = 1
    while i < 624
      before = state[i - 1]
      state << ((1812433253 * (before ^ (before >> 30)) + i) & 0xffff_ffff)
      i += 1
    end
    @__state = state
    @__index = 624
  end

  def __init_by_array(key)
    __init_genrand(19650218)
    state = @__state
    i = 1
    j = 0
    k = key.size > 624 ? key.size : 624
    while k > 0
      before = state[i - 1]
      state[i] = ((state[i] ^ ((before ^ (before >> 30)) * 1664525)) + key[j] + j) & 0xffff_ffff
      i += 1
      j += 1
      if i >= 624
        state[0] = state[623]
        i = 1
      end
      j = 0 if j >= key.size
      k -= 1
    end
    k = 623
    while k > 0
      before = state[i - 1]
      state[i] = ((state[i] ^ ((before ^ (before >> 30)) * 1566083941)) - i) & 0xffff_ffff
      i += 1
      if i >= 624
        state[0] = state[623]
        i = 1
      end
      k -= 1
    end
    state[0] = 0x8000_0000
  end

  def __reload
    state = @__state
    k = 0
    while k < 624
      y = (state[k] & 0x8000_0000) | (state[k + 1 == 624 ? 0 : k + 1] & 0x7fff_ffff)
      other = k + 397
      other -= 624 if other >= 624
      value = state[other] ^ (y >> 1)
      value ^= 0x9908_b0df if y & 1 == 1
      state[k] = value
      k += 1
    end
    @__index = 0
  end

  # The next 32 bits.
  def __next32
    __reload if @__index >= 624
    y = @__state[@__index]
    @__index += 1
    y ^= y >> 11
    y ^= (y << 7) & 0x9d2c_5680
    y ^= (y << 15) & 0xefc6_0000
    y ^ (y >> 18)
  end

  # In 0.0...1.0, with 53 bits.
  def __float
    a = __next32 >> 5
    b = __next32 >> 6
    (a * 67108864.0 + b) * (1.0 / 9007199254740992.0)
  end

  # An Integer in 0...limit, by masking and trying again.
  def __below(limit)
    last = limit - 1
    return 0 if last == 0
    if last <= 0xffff_ffff
      mask = (1 << last.bit_length) - 1
      while true
        value = __next32 & mask
        return value if value <= last
      end
    end
    words = (last.bit_length + 31) / 32
    mask = (1 << last.bit_length) - 1
    while true
      value = 0
      tight = true
      i = words - 1
      again = false
      while i >= 0
        word_last = (last >> (32 * i)) & 0xffff_ffff
        word_mask = (mask >> (32 * i)) & 0xffff_ffff
        if word_mask != 0
          bits = __next32 & word_mask
          if tight
            if bits > word_last
              again = true
              break
            end
            tight = false if bits < word_last
          end
          value |= bits << (32 * i)
        end
        i -= 1
      end
      return value unless again
    end
  end

  def rand(limit = Primitive.undefined)
    return __float if Primitive.undefined?(limit)
    case limit
    when Float
      raise Errno::EDOM if limit.nan? || limit.infinite?
      raise ArgumentError, "invalid argument - #{limit}" if limit <= 0
      __float * limit
    when Range
      __in_range(limit)
    else
      raise ArgumentError, "invalid argument - nil" if nil.equal?(limit)
      n = __int(limit)
      raise ArgumentError, "invalid argument - #{limit}" if n <= 0
      __below(n)
    end
  end

  def __in_range(range)
    low = range.begin
    high = range.end
    raise Errno::EDOM if nil.equal?(low) || nil.equal?(high)
    if Integer === low && Integer === high
      high -= 1 if range.exclude_end?
      raise ArgumentError, "invalid argument - #{range}" if high < low
      return low + __below(high - low + 1)
    end
    low = low.to_f
    high = high.to_f
    raise Errno::EDOM if low.infinite? || high.infinite? || low.nan? || high.nan?
    raise ArgumentError, "invalid argument - #{range}" if high < low || (high == low && range.exclude_end?)
    return low + __float * (high - low) if range.exclude_end?
    # With the end included: 53 bits over the closed interval.
    a = __next32
    b = __next32
    x = ((a << 32 | b) >> 11)
    low + (x / 9007199254740991.0) * (high - low)
  end

  # What Kernel#rand does with its argument.
  def __kernel_rand(limit)
    return __float if nil.equal?(limit) || false.equal?(limit)
    return rand_in_kernel(limit) if Range === limit
    n = __int(limit).abs
    n == 0 ? __float : __below(n)
  end

  def rand_in_kernel(range)
    low = range.begin
    high = range.end
    if Integer === low && Integer === high && (range.exclude_end? ? high <= low : high < low)
      return nil
    end
    __in_range(range)
  end

  private :rand_in_kernel

  def bytes(count)
    count = __int(count)
    made = "".b
    while count >= 4
      word = __next32
      made << String.__from_byte(word & 255).b << String.__from_byte(word >> 8 & 255).b
      made << String.__from_byte(word >> 16 & 255).b << String.__from_byte(word >> 24).b
      count -= 4
    end
    if count > 0
      word = __next32
      while count > 0
        made << String.__from_byte(word & 255).b
        word >>= 8
        count -= 1
      end
    end
    made
  end
end
