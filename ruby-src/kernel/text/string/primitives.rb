# String: primitives under names that only the kernel uses. A String is bytes with an encoding; positions are of characters
# unless a name says bytes.

class String
  # Characters from..from+count, both in range.
  def __slice(from, count)
    Primitive.string_slice
    ""
  end

  def __byteslice(from, count)
    Primitive.byte_slice
    "".b
  end

  # Character position of the first occurrence at or after from, or nil.
  def __index(text, from)
    Primitive.string_index
    nil
  end

  # Character position of the last occurrence that starts at or before from, or nil.
  def __rindex(text, from)
    Primitive.string_rindex
    nil
  end

  def __byteindex(text, from)
    Primitive.byte_index
    nil
  end

  # Replaces count characters from from on, in place.
  def __replace_range(from, count, text)
    Primitive.string_replace_range
    __check_frozen
  end

  def __replace(text)
    Primitive.string_replace
    __check_frozen
  end

  # Appends a String, or a code point.
  def __append(text)
    Primitive.string_append
    __check_frozen
    __incompatible(text)
  end

  def __incompatible(text)
    text = text.chr(encoding) if Integer === text
    raise Encoding::CompatibilityError, "incompatible character encodings: #{encoding.__display} and #{text.encoding.__display}"
  end

  def __encoding_index
    Primitive.string_encoding
  end

  def __force_encoding(index)
    Primitive.string_force_encoding
    __check_frozen
  end

  def __equal(text)
    Primitive.string_eq
    false
  end

  def __compare_bytes(text)
    Primitive.string_compare
  end

  def __dup
    Primitive.string_dup
  end

  def __split_whitespace
    Primitive.string_split_whitespace
  end

  # All the parts between occurrences of separator; at most limit of them when limit is positive.
  def __split(separator, limit)
    Primitive.string_split
  end

  def __replace_all(text, by)
    Primitive.string_replace_all
  end

  # flags: 1 = squeeze runs of translated characters
  def __tr(from, to, flags)
    Primitive.string_tr
    raise ArgumentError, "invalid range in string transliteration"
  end

  def __count(set)
    Primitive.string_count
    raise ArgumentError, "invalid range in string transliteration"
  end

  def __delete(set)
    Primitive.string_delete
    raise ArgumentError, "invalid range in string transliteration"
  end

  # set nil: every run
  def __squeeze(set)
    Primitive.string_squeeze
    raise ArgumentError, "invalid range in string transliteration"
  end

  # strict: nil when the text is not entirely a number in that radix
  def __to_integer(radix, strict)
    Primitive.string_to_integer
    nil
  end

  def __to_float(strict)
    Primitive.string_to_float
    nil
  end

  def __byte_at(index)
    Primitive.string_getbyte
    nil
  end

  def __byte_at_put(index, byte)
    Primitive.string_setbyte
    __check_frozen
  end

  def __lines
    Primitive.string_lines
  end

  def self.__from_codepoint(codepoint)
    Primitive.string_from_codepoint
    raise RangeError, "invalid codepoint 0x#{codepoint.to_s(16).upcase} in UTF-8"
  end

  # One byte: US-ASCII below 128, else binary.
  def self.__from_byte(byte)
    Primitive.string_from_byte
    raise RangeError, "#{byte} out of char range"
  end

  # The text of a template with the common directives, nil when it takes more than those.
  def __format(args)
    Primitive.string_format
    nil
  end

  def __chars
    Primitive.string_chars
  end

  def __bytes
    Primitive.string_bytes
  end

  def __codepoints
    Primitive.string_codepoints
    raise ArgumentError, "invalid byte sequence in #{encoding}"
  end

  def __repeat(count)
    Primitive.string_repeat
    raise NoMemoryError, "failed to allocate memory"
  end

  def __starts_with(prefix)
    Primitive.string_starts_with
    false
  end

  def __ends_with(suffix)
    Primitive.string_ends_with
    false
  end

  # Length in bytes of the character at a byte position: at least 1.
  def __char_bytes(position)
    Primitive.string_char_bytes
    1
  end
end
