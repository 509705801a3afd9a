# Module: its name, its instances, its flags, its order among modules.

class Module
  def name
    Primitive.class_name
    nil
  end

  def to_s
    return __singleton_inspect if singleton_class?
    n = name
    return n if n
    __any_to_s
  end

  def inspect
    to_s
  end

  def __singleton_inspect
    attached = __attached
    shown = Module === attached ? attached.inspect : attached.__any_to_s
    "#<Class:#{shown}>"
  end

  def __attached
    __slot(13)
  end

  def singleton_class?
    __flag?(1)
  end

  # Bits of the class's flags: 1 singleton, 4 module, 8 instances persistable, 16 itself persistable.
  def __flag?(bit)
    flags = __slot(18)
    flags != nil && flags & bit != 0
  end

  def __module?
    __flag?(4)
  end

  def set_temporary_name(name)
    raise RuntimeError, "can't change permanent name" if self.name
    self
  end

  def ===(object)
    Primitive.module_has_instance
    object.__kind_of(self)
  end

  def ==(other)
    Primitive.identical
  end

  def hash
    Primitive.identity_hash
  end

  def <(other)
    __check_module(other)
    equal?(other) ? false : __below?(other)
  end

  def <=(other)
    __check_module(other)
    equal?(other) || __below?(other)
  end

  def >(other)
    __check_module(other)
    equal?(other) ? false : other.__below?(self)
  end

  def >=(other)
    __check_module(other)
    equal?(other) || other.__below?(self)
  end

  # Whether this one inherits from the other; nil when neither does.
  def __below?(other)
    return true if __inherits?(other)
    other.__inherits?(self) ? false : nil
  end

  def <=>(other)
    return nil unless Module === other
    return 0 if equal?(other)
    return -1 if __inherits?(other)
    return 1 if other.__inherits?(self)
    nil
  end

  def __check_module(other)
    raise TypeError, "compared with non class/module" unless Module === other
  end

  def __inherits?(other)
    Primitive.module_inherits
    false
  end

  def ancestors
    Primitive.ancestors
  end

  def freeze
    Primitive.freeze
    self
  end
end
