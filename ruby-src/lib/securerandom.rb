# SecureRandom: numbers and texts from the system's source of chance.

module SecureRandom
  extend Random::Formatter

  def self.bytes(count)
    Random.urandom(count)
  end

  def self.random_bytes(count = 16)
    bytes(count)
  end

  # A number below limit; bytes are drawn until one fits.
  def self.below(limit)
    size = (limit.bit_length + 7) / 8
    mask = (1 << limit.bit_length) - 1
    while true
      n = 0
      bytes(size).each_byte { |byte| n = n << 8 | byte }
      n &= mask
      return n if n < limit
    end
  end

  def self.rand(limit = nil)
    case limit
    when nil then below(1 << 53) / (1 << 53).to_f
    when Float then rand * limit
    when Range
      high = limit.end
      return limit.begin + rand * (high - limit.begin) if high.is_a?(Float) || limit.begin.is_a?(Float)
      limit.begin + below(high - limit.begin + (limit.exclude_end? ? 0 : 1))
    else limit == 0 ? rand : below(limit)
    end
  end

  def self.random_number(limit = 0)
    limit.nil? || limit == 0 ? rand : rand(limit)
  end

  def self.base64(count = 16)
    [bytes(count || 16)].pack("m0")
  end

  def self.urlsafe_base64(count = 16, padding = false)
    text = base64(count).tr("+/", "-_")
    padding ? text : text.delete("=")
  end
end
