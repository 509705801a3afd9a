# Array: new Arrays from whole ones: sets, rotation, flattening, zip.

class Array
  def +(other)
    Primitive.array_plus
    __plus(__ary(other))
  end

  def *(count)
    if (separator = __check_str(count))
      return join(separator)
    end
    count = __long(count)
    raise ArgumentError, "argument must be non-negative" if count < 0
    raise ArgumentError, "argument too big" if count * __size >= 0x1000_0000_0000_0000
    size = count * __size
    # What there is no room for fails here, and not once memory is full.
    made = Array.__new(size, __size == 0 ? nil : __at(0))
    return made if __size <= 1 || count == 0
    made.__resize(0)
    made.__concat(self)
    made.__concat(made) while made.__size <= size / 2
    made.__concat(made.__slice(0, size - made.__size))
    made
  end

  def -(other)
    other = __ary(other)
    if other.__size <= 8
      made = []
      i = 0
      while i < __size
        item = __at(i)
        made << item unless other.__has_eql(item)
        i += 1
      end
      return made
    end
    gone = other.__key_hash
    made = []
    i = 0
    while i < __size
      item = __at(i)
      made << item unless gone.key?(item)
      i += 1
    end
    made
  end

  # Whether an element is the same key as item: for short Arrays.
  def __has_eql(item)
    hash = nil
    i = 0
    while i < __size
      other = __at(i)
      return true if other.equal?(item)
      if Integer === item || Symbol === item
        i += 1
        next
      end
      hash ||= item.hash
      return true if hash == other.hash && item.eql?(other)
      i += 1
    end
    false
  end

  def difference(*others)
    made = __dup
    others.each { |list| made = made - list }
    made
  end

  def __key_hash
    keys = {}
    i = 0
    while i < __size
      keys.__store_key(__at(i), true)
      i += 1
    end
    keys
  end

  def &(other)
    wanted = __ary(other).__key_hash
    made = []
    i = 0
    while i < __size
      item = __at(i)
      if wanted.key?(item)
        made << item
        wanted.delete(item)
      end
      i += 1
    end
    made
  end

  def intersection(*others)
    made = uniq
    others.each { |list| made = made & list }
    made
  end

  def intersect?(other)
    !(self & other).empty?
  end

  def |(other)
    other = __ary(other)
    seen = {}
    __add_new_to(seen)
    other.__add_new_to(seen)
    seen.values
  end

  # Adds the elements that a Hash does not have as keys yet.
  def __add_new_to(seen)
    i = 0
    while i < __size
      item = __at(i)
      seen.__store_key(item, item) unless seen.key?(item)
      i += 1
    end
  end

  def union(*others)
    made = uniq
    others.each { |list| made = made | list }
    made
  end

  def uniq
    seen = {}
    i = 0
    while i < __size
      item = __at(i)
      key = block_given? ? yield(item) : item
      seen.__store_key(key, item) unless seen.key?(key)
      i += 1
    end
    seen.values
  end

  def uniq!(&block)
    __check_frozen
    list = uniq(&block)
    return nil if list.__size == __size
    __replace(list)
    self
  end

  def reverse
    Primitive.array_reverse
  end

  def reverse!
    __check_frozen
    __replace(reverse)
    self
  end

  def rotate(count = 1)
    count = __long(count)
    size = __size
    return __dup if size == 0
    count %= size
    __slice(count, size - count).__concat(__slice(0, count))
  end

  def rotate!(count = 1)
    __check_frozen
    __replace(rotate(count))
    self
  end

  def flatten(depth = -1)
    depth = nil.equal?(depth) ? -1 : __long(depth)
    made = []
    __flatten_into(made, depth, [])
    made
  end

  def flatten!(depth = -1)
    __check_frozen
    depth = nil.equal?(depth) ? -1 : __long(depth)
    return nil if depth == 0
    made = []
    changed = __flatten_into(made, depth, [])
    __replace(made)
    changed ? self : nil
  end

  def __flatten_into(made, depth, inside)
    if depth == 0
      made.__concat(self)
      return false
    end
    raise ArgumentError, "tried to flatten recursive array" if inside.__index_identical(self)
    inside.__push(self)
    changed = false
    i = 0
    while i < __size
      item = __at(i)
      list = if Array === item
        item
      elsif Integer === item || String === item || nil.equal?(item)
        nil
      else
        __check_ary(item)
      end
      if list
        changed = true
        list.__flatten_into(made, depth - 1, inside)
      else
        made << item
      end
      i += 1
    end
    inside.__pop
    changed
  end

  def zip(*others)
    others = others.map do |other|
      list = __check_ary(other)
      if list
        list
      elsif other.respond_to?(:each)
        other.to_enum(:each).first(__size)
      else
        raise TypeError, "wrong argument type #{other.class} (must respond to :each)"
      end
    end
    made = block_given? ? nil : []
    i = 0
    while i < __size
      row = [__at(i)]
      j = 0
      while j < others.__size
        row << others.__at(j).__at(i)
        j += 1
      end
      if made
        made << row
      else
        yield row
      end
      i += 1
    end
    made
  end

  def transpose
    return [] if __size == 0
    rows = map { |row| __ary(row) }
    width = rows[0].size
    made = Array.new(width) { [] }
    rows.each do |row|
      if row.size != width
        raise IndexError, "element size differs (#{row.size} should be #{width})"
      end
      i = 0
      while i < width
        made[i] << row[i]
        i += 1
      end
    end
    made
  end
end
