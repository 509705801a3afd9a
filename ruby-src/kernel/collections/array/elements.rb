# Array: the element access that everything else in the kernel's first files needs.

class Array
  def __size
    Primitive.array_size
  end

  # Element at a 0-based index (negative from the end), nil outside.
  def __at(index)
    Primitive.array_get
    __long(index)
    nil
  end

  def __push(value)
    Primitive.array_push
    __check_frozen
  end
end
