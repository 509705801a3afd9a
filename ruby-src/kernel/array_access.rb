# The element access that everything else in the kernel's first files needs. The rest of Array is in array.rb.

class Array
  def __size
    Primitive.array_size
  end

  def __at(index)
    Primitive.array_get
  end

  def __push(value)
    Primitive.array_push
    raise FrozenError, "can't modify frozen #{self.class}: #{inspect}"
  end
end
