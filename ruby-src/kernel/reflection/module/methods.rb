# Module: methods: finding, defining, naming, removing. The module files are loaded second, so everything that runs while the
# kernel loads (include, attr_reader, private, alias_method) keeps to while loops over primitives.

class Module
  # Tells the module, or the object of a singleton class, that it has a new method.
  def __note_added(name)
    # While the kernel itself loads nobody listens, and nothing to ask with is there.
    __note(name, :method_added, :singleton_method_added) if $__main_thread
  end

  def __note(name, hook, singleton_hook)
    singleton_class? ? __attached.__send__(singleton_hook, name) : __send__(hook, name)
  end

  def method_added(name)
  end

  def method_removed(name)
  end

  def method_undefined(name)
  end

  def __name_string(name)
    return name if String === name
    return name.name if Symbol === name
    if name.respond_to?(:to_str)
      s = name.to_str
      return s if String === s
    end
    raise TypeError, "#{name.inspect} is not a symbol nor a string"
  end

  # visibility: 0 public, 1 private, 2 protected, 3 public and protected
  def __instance_methods(inherit, visibility)
    Primitive.instance_methods
    []
  end

  def __visible_methods(inherit, visibility)
    __instance_methods(inherit ? true : false, visibility).reject { |n| n.name.start_with?("__") && !n.name.end_with?("__") }
  end

  def instance_methods(inherit = true)
    __visible_methods(inherit, 3)
  end

  def public_instance_methods(inherit = true)
    __visible_methods(inherit, 0)
  end

  def private_instance_methods(inherit = true)
    __visible_methods(inherit, 1)
  end

  def protected_instance_methods(inherit = true)
    __visible_methods(inherit, 2)
  end

  def undefined_instance_methods
    []
  end

  # The method that an instance would run, or nil: walks the ancestors, stops at an `undef`.
  def __find_method(name)
    Primitive.method_lookup
    nil
  end

  def __own_method(name)
    m = __find_method(name)
    m && m.owner.equal?(self) ? m : nil
  end

  def __method_visible?(name, inherit, visibility)
    name = __method_name(name)
    m = inherit ? __find_method(name) : __own_method(name)
    return false unless m
    v = m.__visibility
    visibility == 3 ? v != 1 : v == visibility
  end

  def __method_name(name)
    return name if Symbol === name
    __name_string(name).to_sym
  end

  def method_defined?(name, inherit = true)
    __method_visible?(name, inherit, 3)
  end

  def public_method_defined?(name, inherit = true)
    __method_visible?(name, inherit, 0)
  end

  def private_method_defined?(name, inherit = true)
    __method_visible?(name, inherit, 1)
  end

  def protected_method_defined?(name, inherit = true)
    __method_visible?(name, inherit, 2)
  end

  def instance_method(name)
    name = __method_name(name)
    UnboundMethod.__make(__method_named(name), name, self)
  end

  def public_instance_method(name)
    name = __method_name(name)
    m = __method_named(name)
    if m.__visibility != 0
      raise NameError.new("method '#{name}' for #{__kind_name} '#{inspect}' is #{m.__visibility == 1 ? 'private' : 'protected'}", name, receiver: self)
    end
    UnboundMethod.__make(m, name, self)
  end

  def __method_named(name)
    __find_method(name) || raise(__undefined_method(name))
  end

  def __kind_name
    Class === self ? "class" : "module"
  end

  def __undefined_method(name)
    NameError.new("undefined method '#{name}' for #{__kind_name} '#{inspect}'", name, receiver: self)
  end

  # body: a GsNMethod, a Proc, a Method or an UnboundMethod
  def __add_method(name, body, environment, visibility)
    Primitive.add_method
    __check_frozen
    raise TypeError, "wrong argument type #{body.class} (expected Proc/Method/UnboundMethod)"
  end

  def define_method(name, body = Primitive.undefined, &block)
    name = __method_name(name)
    if Primitive.undefined?(body)
      raise ArgumentError, "tried to create Proc object without a block" unless block
      body = block
    elsif !(Proc === body || Method === body || UnboundMethod === body)
      raise TypeError, "wrong argument type #{body.class} (expected Proc/Method/UnboundMethod)"
    elsif !(Proc === body)
      owner = body.owner
      if Class === owner && !(self <= owner)
        raise TypeError, owner.singleton_class? ? "can't bind singleton method to a different class" : "bind argument must be a subclass of #{owner}"
      end
      body = body.__method
    end
    visibility = :initialize.equal?(name) || :initialize_copy.equal?(name) || :initialize_clone.equal?(name) ||
                 :initialize_dup.equal?(name) || :respond_to_missing?.equal?(name) ? 1 : 0
    __add_method(name, body, 1, visibility)
    __note_added(name)
    name
  end

  def alias_method(new_name, old_name)
    new_name = __method_name(new_name)
    __alias_method(new_name, __method_name(old_name))
    __note_added(new_name)
    new_name
  end

  # What compiled code sends for `alias` and `undef`.
  def __alias(new_name, old_name)
    __alias_method(new_name, old_name)
    __note_added(new_name)
  end

  def __undef(name)
    undef_method(name)
    nil
  end

  def __alias_method(new_name, old_name)
    Primitive.alias_method
    __check_frozen
    raise __undefined_method(old_name)
  end

  def remove_method(*names)
    names.each do |name|
      name = __method_name(name)
      __check_frozen
      unless __remove_method(name, 1)
        raise NameError.new("method '#{name}' not defined in #{inspect}", name, receiver: self)
      end
      __note(name, :method_removed, :singleton_method_removed)
    end
    self
  end

  def __remove_method(name, environment)
    Primitive.remove_method
    false
  end

  def undef_method(*names)
    names.each do |name|
      name = __method_name(name)
      __undef_method(name)
      __note(name, :method_undefined, :singleton_method_undefined)
    end
    self
  end

  def __undef_method(name)
    Primitive.undef_method
    __check_frozen
    raise __undefined_method(name)
  end

  def ruby2_keywords(*names)
    names.each do |name|
      name = __method_name(name)
      __method_named(name)
      __mark_ruby2_keywords(name)
    end
    nil
  end

  def __mark_ruby2_keywords(name)
    Primitive.ruby2_keywords
    nil
  end
end
