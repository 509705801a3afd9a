# Module: include, prepend, extend, and who is told.

class Module
  def include(*modules)
    __mix_in(modules, :append_features, :included)
  end

  def prepend(*modules)
    __mix_in(modules, :prepend_features, :prepended)
  end

  def __mix_in(modules, features, told)
    raise ArgumentError, "wrong number of arguments (given 0, expected 1+)" if modules.__size == 0
    i = modules.__size - 1
    while i >= 0
      m = modules.__at(i)
      __check_includable(m)
      m.__send__(features, self)
      m.__send__(told, self)
      i -= 1
    end
    self
  end

  def __check_includable(m)
    return if Module === m && !(Class === m)
    raise TypeError, "wrong argument type #{m.class} (expected module)"
  end

  def __check_no_class
    raise TypeError, "wrong argument type Class (expected Module)" if Class === self
  end

  def append_features(target)
    __check_no_class
    target.__include_module(self)
    self
  end

  def prepend_features(target)
    __check_no_class
    target.__prepend_module(self)
    self
  end

  def extend_object(object)
    __check_no_class
    object.singleton_class.__include_module(self)
    object
  end

  def __include_module(m)
    Primitive.include_module
    __check_frozen
    raise ArgumentError, "cyclic include detected"
  end

  def __prepend_module(m)
    Primitive.prepend_module
    __check_frozen
    raise ArgumentError, "cyclic prepend detected"
  end

  def included(target)
  end

  def extended(object)
  end

  def prepended(target)
  end

  def included_modules
    ancestors.select { |m| !(Class === m) && !m.equal?(self) }
  end

  def include?(m)
    raise TypeError, "wrong argument type #{m.class} (expected module)" unless Module === m && !(Class === m)
    !equal?(m) && __inherits?(m)
  end
end
