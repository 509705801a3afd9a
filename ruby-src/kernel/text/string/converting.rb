# String: as a number, as a Symbol, as a literal, as unpacked values.

class String
  def to_s
    instance_of?(String) ? self : __dup
  end

  alias to_str to_s

  def to_sym
    Primitive.string_to_symbol
    raise EncodingError, "invalid symbol in encoding #{encoding} :#{inspect}"
  end

  alias intern to_sym

  def to_i(radix = 10)
    radix = __long(radix)
    raise ArgumentError, "invalid radix #{radix}" if radix < 0 || radix == 1 || radix > 36
    __to_integer(radix, false) || 0
  end

  def hex
    __to_integer(16, false) || 0
  end

  # Octal unless a prefix says otherwise.
  def oct
    text = lstrip
    sign = text.start_with?("-") ? "-" : ""
    digits = text.delete_prefix("-").delete_prefix("+")
    if digits.match?(/\A0[xXbBdD]/)
      radix = { "x" => 16, "b" => 2, "d" => 10 }[digits[1].downcase]
      return (sign + digits).to_i(radix)
    end
    (sign + digits).to_i(8)
  end

  def to_f
    __to_float(false) || 0.0
  end

  def to_r
    Rational.__parse(self, false)
  end

  def to_c
    Complex.__parse(self, false)
  end

  def inspect
    Primitive.string_inspect
  end

  def dump
    made = +"\""
    if !ascii_only? && encoding.__unicode? && valid_encoding?
      __chars.each do |c|
        if c.ascii_only?
          made << c.__dump_ascii
        else
          code = c.ord
          made << (code < 0x10000 ? "\\u" + code.to_s(16).upcase.rjust(4, "0") : "\\u{" + code.to_s(16).upcase + "}")
        end
      end
    else
      __bytes.each { |byte| made << (byte < 128 ? String.__from_byte(byte).__dump_ascii : "\\x" + byte.to_s(16).upcase) }
      made = made.gsub(/(#)(?=[{$@])/) { "\\#" }
    end
    made << "\""
  end

  def __dump_ascii
    code = ord
    case code
    when 34 then "\\\""
    when 92 then "\\\\"
    when 10 then "\\n"
    when 13 then "\\r"
    when 9 then "\\t"
    when 12 then "\\f"
    when 11 then "\\v"
    when 8 then "\\b"
    when 7 then "\\a"
    when 27 then "\\e"
    else code < 32 || code == 127 ? "\\x" + code.to_s(16).upcase.rjust(2, "0") : self
    end
  end

  def undump
    text = self
    unless text.start_with?("\"") && text.end_with?("\"") && text.size >= 2
      raise RuntimeError, "invalid dumped string; not wrapped with '\"' nor '\"...\".force_encoding(\"...\")' form"
    end
    plain = { "n" => "\n", "r" => "\r", "t" => "\t", "f" => "\f", "v" => "\v", "b" => "\b", "a" => "\a", "e" => "\e" }
    text[1..-2].gsub(/\\(?:u\{(\h+)\}|u(\h{4})|x(\h{1,2})|([0-7]{1,3})|(.))/m) do
      if $1 || $2
        String.__from_codepoint(($1 || $2).to_i(16))
      elsif $3
        $3.to_i(16).chr
      elsif $4
        $4.to_i(8).chr
      else
        plain[$5] || $5
      end
    end
  end

  def unpack(format, offset: 0)
    text = offset == 0 ? self : __offset_bytes(offset)
    text.__unpack(__str(format))
  end

  def unpack1(format, offset: 0)
    unpack(format, offset: offset).first
  end

  def __offset_bytes(offset)
    raise ArgumentError, "offset can't be negative" if offset < 0
    raise ArgumentError, "offset outside of string" if offset > bytesize
    __byteslice(offset, bytesize - offset)
  end

  def __unpack(format)
    Primitive.string_unpack
    Maglev::Pack.unpack(self, format)
  end

  def sum(bits = 16)
    total = 0
    __bytes.each { |byte| total += byte }
    bits > 0 ? total & ((1 << bits) - 1) : total
  end

  def crypt(salt)
    raise NotImplementedError, "crypt() function is unimplemented on this machine"
  end
end
