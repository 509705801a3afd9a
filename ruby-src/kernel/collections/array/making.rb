# Array: making, copying and freezing one, and what compiled code sends to its lists.

class Array
  def self.[](*list)
    return list if equal?(Array)
    allocate.__replace(list)
  end

  def self.try_convert(object)
    return object if Array === object
    __try_convert(object, Array, :to_ary)
  end

  def initialize(size = Primitive.undefined, fill = Primitive.undefined)
    __check_frozen
    if Integer === size && size >= 0 && size < 0x1000_0000 && Primitive.undefined?(fill) && !block_given?
      __resize(0)
      return __resize(size)
    end
    if Primitive.undefined?(size)
      __resize(0)
      return self
    end
    unless Integer === size
      list = Primitive.undefined?(fill) ? __check_ary(size) : nil
      return __replace(list) if list
      size = __long(size)
    end
    raise ArgumentError, "negative array size" if size < 0
    raise ArgumentError, "array size too big" if size >= 0x1000_0000_0000_0000
    if block_given?
      warn("block supersedes default value argument", uplevel: 1) unless Primitive.undefined?(fill)
      __resize(0)
      i = 0
      while i < size
        __push(yield(i))
        i += 1
      end
    else
      __replace(Array.__new(size, Primitive.undefined?(fill) ? nil : fill))
    end
    self
  end

  def initialize_copy(list)
    replace(list)
  end

  # `when *list`: whether some element matches the subject.
  def __when_splat(subject)
    i = 0
    while i < __size
      return true if __at(i) === subject
      i += 1
    end
    false
  end

  # `when *list` without a subject.
  def __when_any
    i = 0
    while i < __size
      return true if __at(i)
      i += 1
    end
    false
  end

  # A copy of a literal in which the Strings are fresh.
  def __fresh_strings
    made = []
    i = 0
    while i < __size
      item = __at(i)
      made << (String === item ? item.__dup : item)
      i += 1
    end
    made
  end

  def freeze
    Primitive.freeze
    self
  end
end
