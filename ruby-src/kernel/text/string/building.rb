# String: longer ones from shorter ones.

class String
  def +(other)
    Primitive.string_concat
    other = __str(other)
    __dup.__append(other)
  end

  def *(count)
    count = __long(count)
    raise ArgumentError, "argument must be non-negative" if count < 0
    raise ArgumentError, "argument too big" if count * bytesize > 0x7fff_ffff_ffff
    __repeat(count)
  end

  def %(values)
    list = Hash === values ? [values] : (__check_ary(values) || [values])
    Maglev::Format.format(self, list)
  end

  def <<(text)
    Primitive.string_append
    __check_frozen
    if Integer === text
      raise RangeError, "#{text} out of char range" if text < 0
      return __append(text.chr(encoding))
    end
    __append(__str(text))
  end

  def concat(*texts)
    __check_frozen
    texts = texts.map { |t| t.equal?(self) ? __dup : t }
    texts.each { |t| self << t }
    self
  end

  def append_as_bytes(*parts)
    __check_frozen
    index = __encoding_index
    made = b
    parts.each { |part| made << (Integer === part ? String.__from_byte(part & 255).b : part.b) }
    __replace(made)
    __force_encoding(index)
  end

  def prepend(*texts)
    __check_frozen
    __replace_range(0, 0, texts.map { |t| __str(t) }.join)
    self
  end

  def insert(index, text)
    __check_frozen
    index = __long(index)
    text = __str(text)
    size = self.size
    raise IndexError, "index #{index} out of string" if index > size || index < -size - 1
    index += size + 1 if index < 0
    __replace_range(index, 0, text)
    self
  end

  def replace(text)
    __check_frozen
    __replace(__str(text))
    self
  end

  def clear
    __check_frozen
    __replace("".dup.__force_encoding(__encoding_index))
    self
  end

  def ljust(width, pad = " ")
    __padded(width, pad, 0)
  end

  def rjust(width, pad = " ")
    __padded(width, pad, 2)
  end

  def center(width, pad = " ")
    __padded(width, pad, 1)
  end

  # Padded to width; halves, 0 to 2, says how much of what is missing goes in front.
  def __padded(width, pad, halves)
    width = __long(width)
    pad = __str(pad)
    raise ArgumentError, "zero width padding" if pad.empty?
    missing = width - size
    return __dup if missing <= 0
    before = missing * halves / 2
    made = before > 0 ? String.__padding(pad, before) << self : __dup
    before < missing ? made << String.__padding(pad, missing - before) : made
  end

  def self.__padding(pad, count)
    return pad * count if pad.size == 1
    (pad * (count / pad.size + 1)).__slice(0, count)
  end

  private :__padded
end
