# String: size, encodings, and what is wrong with the bytes.

class String
  def size
    Primitive.string_size
  end

  alias length size

  def bytesize
    Primitive.byte_size
  end

  def empty?
    bytesize == 0
  end

  def encoding
    Encoding.__at(__encoding_index)
  end

  def force_encoding(encoding)
    __check_frozen
    __force_encoding(Encoding.__coerce(encoding).__index)
    self
  end

  def valid_encoding?
    Primitive.string_valid_encoding
  end

  def ascii_only?
    Primitive.string_ascii_only
  end

  def b
    __dup.__force_encoding(1)
  end

  def encode(to = nil, from = nil, **options)
    xml = options[:xml]
    newline = options[:newline]
    universal_newline = options[:universal_newline] || newline == :universal
    crlf_newline = options[:crlf_newline] || newline == :crlf
    cr_newline = options[:cr_newline] || newline == :cr
    target = to ? Encoding.__coerce(to) : (Encoding.default_internal || encoding)
    source = from ? Encoding.__coerce(from) : encoding
    made = Encoding::Converter.__convert(self, source, target, options)
    if xml
      made = made.gsub("&", "&amp;").gsub("<", "&lt;").gsub(">", "&gt;")
      made = "\"" + made.gsub("\"", "&quot;") + "\"" if xml == :attr
    end
    made = made.gsub(/\r\n?/, "\n") if universal_newline
    made = made.gsub("\n", "\r\n") if crlf_newline
    made = made.gsub("\n", "\r") if cr_newline
    made
  end

  def encode!(*args, **options)
    __check_frozen
    replace(encode(*args, **options))
  end

  def unicode_normalize(form = :nfc)
    return __dup if ascii_only?
    UnicodeNormalize.normalize(self, form)
  end

  def unicode_normalize!(form = :nfc)
    replace(unicode_normalize(form))
  end

  def unicode_normalized?(form = :nfc)
    unicode_normalize(form) == self
  end

  def scrub(replacement = nil, &block)
    return __dup if valid_encoding?
    replacement = nil.equal?(replacement) ? nil : __str(replacement)
    made = "".dup.force_encoding(encoding)
    bad = nil
    each_char do |c|
      valid = c.valid_encoding?
      # A truncated sequence is one error, stray bytes are one error each.
      if bad && (valid || !Encoding.__continues?(bad, c))
        made << Encoding.__scrubbed(bad, replacement, encoding, block)
        bad = nil
      end
      if valid
        made << c
      else
        bad = bad ? bad.b << c.b : c.b
      end
    end
    made << Encoding.__scrubbed(bad, replacement, encoding, block) if bad
    made
  end

  def scrub!(replacement = nil, &block)
    replace(scrub(replacement, &block))
  end
end
