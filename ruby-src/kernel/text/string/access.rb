# String: parts by position, by pattern and by byte.

class String
  def __sub(from, count)
    size = self.size
    from += size if from < 0
    return nil if from < 0 || from > size || count < 0
    count = size - from if count > size - from
    __slice(from, count)
  end

  def [](index, count = Primitive.undefined)
    Primitive.string_aref
    if Primitive.undefined?(count)
      if Integer === index
        size = self.size
        index += size if index < 0
        return index < 0 || index >= size ? nil : __slice(index, 1)
      end
      if Range === index
        bounds = index.__bounds(self.size)
        return bounds && __slice(bounds.__at(0), bounds.__at(1))
      end
      if String === index
        return __byteindex(index, 0) ? index.__dup : nil
      end
      if Regexp === index
        match = index.__match(self, 0)
        __set_caller_match(match)
        return match && match[0]
      end
      return self[__long(index)]
    end
    if Regexp === index
      match = index.__match(self, 0)
      __set_caller_match(match)
      return match && match[count]
    end
    __sub(__long(index), __long(count))
  end

  alias slice []

  # [from, count] in characters that index and count denote, or nil.
  def __locate(index, count)
    if Primitive.undefined?(count)
      if Integer === index
        size = self.size
        index += size if index < 0
        return index < 0 || index >= size ? nil : [index, 1]
      end
      return index.__bounds(self.size) if Range === index
      if String === index
        at = __index(index, 0)
        return at && [at, index.size]
      end
      if Regexp === index
        match = index.__match(self, 0)
        return match && [match.begin(0), match.end(0) - match.begin(0)]
      end
      return __locate(__long(index), count)
    end
    if Regexp === index
      match = index.__match(self, 0)
      return nil unless match
      count = match.__group(count)
      raise IndexError, "index #{count} out of regexp" if count >= match.size || count < -match.size
      return nil unless match.begin(count)
      return [match.begin(count), match.end(count) - match.begin(count)]
    end
    from = __long(index)
    count = __long(count)
    size = self.size
    from += size if from < 0
    return nil if from < 0 || from > size || count < 0
    [from, count > size - from ? size - from : count]
  end

  def []=(index, count, text = Primitive.undefined)
    __check_frozen
    if Primitive.undefined?(text)
      text = count
      count = Primitive.undefined
    end
    text = __str(text)
    place = __locate(index, count)
    if !place && Integer === index && index == size && Primitive.undefined?(count)
      place = [index, 0]
    end
    unless place
      raise IndexError, "string not matched" if String === index
      raise IndexError, "regexp not matched" if Regexp === index
      raise RangeError, "#{index} out of range" if Range === index
      raise IndexError, "negative length #{count}" if !Primitive.undefined?(count) && __long(count) < 0
      raise IndexError, "index #{index} out of string"
    end
    __replace_range(place[0], place[1], text)
    text
  end

  def slice!(index, count = Primitive.undefined)
    __check_frozen
    if Regexp === index
      __set_caller_match(index.__match(self, 0))
    end
    place = __locate(index, count)
    return nil unless place
    cut = __slice(place[0], place[1])
    __replace_range(place[0], place[1], "")
    cut
  end

  def byteslice(index, count = Primitive.undefined)
    size = bytesize
    if Primitive.undefined?(count)
      if Range === index
        bounds = index.__bounds(self.size)
        return bounds && __byteslice(bounds[0], bounds[1])
      end
      index = __long(index)
      index += size if index < 0
      return index < 0 || index >= size ? nil : __byteslice(index, 1)
    end
    index = __long(index)
    count = __long(count)
    index += size if index < 0
    return nil if index < 0 || index > size || count < 0
    count = size - index if count > size - index
    __byteslice(index, count)
  end

  def bytesplice(index, count, text = Primitive.undefined, text_index = Primitive.undefined, text_count = nil)
    __check_frozen
    if Range === index
      text_index = text
      text = count
      bounds = index.__bounds!(bytesize)
      index = bounds[0]
      count = bounds[1]
    end
    unless Primitive.undefined?(text_index)
      text = Range === text_index ? text.byteslice(text_index) : text.byteslice(text_index, text_count)
    end
    raise IndexError, "index #{index} out of string" if index > bytesize || index < -bytesize
    index += bytesize if index < 0
    count = bytesize - index if count > bytesize - index
    __replace(__byteslice(0, index) << text << __byteslice(index + count, bytesize - index - count))
    self
  end

  def getbyte(index)
    __byte_at(__long(index))
  end

  def setbyte(index, byte)
    __check_frozen
    index = __long(index)
    size = bytesize
    raise IndexError, "index #{index} out of string" if index >= size || index < -size
    __byte_at_put(index < 0 ? index + size : index, __long(byte) & 255)
    byte
  end

  def chr
    self[0] || ""
  end

  def ord
    Primitive.string_ord
    raise ArgumentError, "empty string" if empty?
    raise ArgumentError, "invalid byte sequence in #{encoding}"
  end
end
