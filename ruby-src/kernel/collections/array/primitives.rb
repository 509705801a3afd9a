# Array: primitives under names that only the kernel uses. Iteration in the other files is plain while loops over __at and __size,
# which a subclass cannot redefine by accident.

class Array
  def __set(index, value)
    Primitive.array_set
    __check_frozen
    __long(index)
    raise IndexError, "index #{index} too small for array; minimum: -#{__size}" if index < 0
    raise IndexError, "index #{index} too big"
  end

  def __pop
    Primitive.array_pop
    __check_frozen
    nil
  end

  def __shift
    Primitive.array_shift
    __check_frozen
    nil
  end

  def __delete_at(index)
    Primitive.array_delete_at
    __check_frozen
    nil
  end

  # A new Array of the count elements from index on; both are in range.
  def __slice(from, count)
    Primitive.array_slice
    []
  end

  # Replaces count elements from index on by those of list.
  def __splice(from, count, list)
    Primitive.array_splice
    __check_frozen
  end

  def __concat(list)
    Primitive.array_concat
    __check_frozen
  end

  def __plus(list)
    Primitive.array_plus
    __dup.__concat(list)
  end

  def __fill(value, from, count)
    Primitive.array_fill
    __check_frozen
  end

  def __replace(list)
    Primitive.array_replace
    __check_frozen
  end

  # A plain Array of the same elements.
  def __dup
    Primitive.array_dup
  end

  def __resize(size)
    Primitive.array_resize
    __check_frozen
  end

  # 1-based index of the identical element, or 0.
  def __find_identical(value)
    Primitive.array_index_identical
    0
  end

  # Index of the identical element, or nil.
  def __index_identical(value)
    found = __find_identical(value)
    found == 0 ? nil : found - 1
  end

  # Sorts in place when all elements are Integers and Floats (no NaN), or all are Strings; answers true, or nil when not done.
  def __sort_small
    Primitive.array_sort_small
    nil
  end

  # For keys that __sort_small could sort: the indexes of the elements in sorted order (stable), else nil.
  def __sort_indexes
    Primitive.array_sort_indexes
    nil
  end

  def self.__new(size, fill)
    Primitive.array_new
    raise ArgumentError, "negative array size" if size < 0
    raise ArgumentError, "array size too big" if size >= 0x1000_0000_0000_0000
    raise NoMemoryError, "failed to allocate memory"
  end
end
