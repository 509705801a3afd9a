# Module: public, private, protected, module_function.

class Module
  def __set_visibility(name, visibility)
    Primitive.set_visibility
    __check_frozen
    raise __undefined_method(name)
  end

  # Sets the visibility of the methods that the caller's class body defines from here on:
  # 0 public, 1 private, 2 protected, 3 module_function.
  def __set_default_visibility(visibility)
    Primitive.set_default_visibility
  end

  def __change_visibility(names, visibility)
    i = 0
    while i < names.__size
      name = names.__at(i)
      if Array === name
        __change_visibility(name, visibility)
      else
        __set_visibility(__method_name(name), visibility)
      end
      i += 1
    end
    __as_given(names)
  end

  # What the methods that take names answer: the one, all of them, or nil.
  def __as_given(names)
    names.__size > 1 ? names : names.__at(0)
  end

  def public(*names)
    return __set_default_visibility(0) if names.__size == 0
    __change_visibility(names, 0)
  end

  def private(*names)
    return __set_default_visibility(1) if names.__size == 0
    __change_visibility(names, 1)
  end

  def protected(*names)
    return __set_default_visibility(2) if names.__size == 0
    __change_visibility(names, 2)
  end

  def module_function(*names)
    raise TypeError, "module_function must be called for modules" if Class === self
    return __set_default_visibility(3) if names.__size == 0
    i = 0
    while i < names.__size
      name = names.__at(i)
      if Array === name
        module_function(*name)
      else
        __module_function(__method_name(name))
      end
      i += 1
    end
    __as_given(names)
  end

  def __module_function(name)
    Primitive.module_function
    raise __undefined_method(name)
  end

  def private_class_method(*names)
    singleton_class.__change_visibility(names, 1)
    nil
  end

  def public_class_method(*names)
    singleton_class.__change_visibility(names, 0)
    nil
  end
end
