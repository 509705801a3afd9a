# Module: reflection, inclusion, constants, method definition. Loaded second, so everything that runs while the kernel
# loads (include, attr_reader, private, alias_method) keeps to while loops over primitives.

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
    return false if equal?(other)
    return true if __inherits?(other)
    other.__inherits?(self) ? false : nil
  end

  def <=(other)
    __check_module(other)
    return true if equal?(other) || __inherits?(other)
    other.__inherits?(self) ? false : nil
  end

  def >(other)
    __check_module(other)
    return false if equal?(other)
    return true if other.__inherits?(self)
    __inherits?(other) ? false : nil
  end

  def >=(other)
    __check_module(other)
    return true if equal?(other) || other.__inherits?(self)
    __inherits?(other) ? false : nil
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

  # --- inclusion

  def include(*modules)
    raise ArgumentError, "wrong number of arguments (given 0, expected 1+)" if modules.__size == 0
    i = modules.__size - 1
    while i >= 0
      m = modules.__at(i)
      __check_includable(m)
      m.__send__(:append_features, self)
      m.__send__(:included, self)
      i -= 1
    end
    self
  end

  def prepend(*modules)
    raise ArgumentError, "wrong number of arguments (given 0, expected 1+)" if modules.__size == 0
    i = modules.__size - 1
    while i >= 0
      m = modules.__at(i)
      __check_includable(m)
      m.__send__(:prepend_features, self)
      m.__send__(:prepended, self)
      i -= 1
    end
    self
  end

  def __check_includable(m)
    return if Module === m && !(Class === m)
    raise TypeError, "wrong argument type #{m.class} (expected module)"
  end

  # Tells the module, or the object of a singleton class, that it has a new method.
  def __note_added(name)
    # While the kernel itself loads nobody listens, and nothing to ask with is there.
    return unless $__main_thread
    if singleton_class?
      __attached.__send__(:singleton_method_added, name)
    else
      __send__(:method_added, name)
    end
  end

  def append_features(target)
    raise TypeError, "wrong argument type Class (expected Module)" if Class === self
    target.__include_module(self)
    self
  end

  def prepend_features(target)
    raise TypeError, "wrong argument type Class (expected Module)" if Class === self
    target.__prepend_module(self)
    self
  end

  def extend_object(object)
    raise TypeError, "wrong argument type Class (expected Module)" if Class === self
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

  def method_added(name)
  end

  def method_removed(name)
  end

  def method_undefined(name)
  end

  def const_added(name)
  end

  def included_modules
    ancestors.select { |m| !(Class === m) && !m.equal?(self) }
  end

  def include?(m)
    raise TypeError, "wrong argument type #{m.class} (expected module)" unless Module === m && !(Class === m)
    !equal?(m) && __inherits?(m)
  end

  # --- constants

  def __const_get(name, inherit)
    Primitive.const_get
    const_missing(name)
  end

  def __const_set(name, value)
    Primitive.const_set
    __check_frozen
    raise NameError.new("wrong constant name #{name}", name, receiver: self)
  end

  def __const_defined(name, inherit)
    Primitive.const_defined
    false
  end

  def __const_names
    Primitive.const_names
    []
  end

  def __const_remove(name)
    Primitive.const_remove
    raise NameError.new("constant #{__const_path(name)} not defined", name, receiver: self)
  end

  def __const_path(name)
    equal?(Object) ? name.to_s : "#{inspect}::#{name}"
  end

  def const_get(name, inherit = true)
    unless Symbol === name
      name = __name_string(name)
      if name.include?("::")
        scope = self
        parts = name.split("::", -1)
        parts.shift if name.start_with?("::") && parts.size > 1 && (scope = Object)
        raise NameError.new("wrong constant name #{name}", name.to_sym, receiver: self) if parts.empty?
        first = true
        parts.each do |part|
          raise TypeError, "#{scope.inspect} does not refer to class/module" unless Module === scope
          scope = scope.__const_get(__const_name(part), inherit)
          first = false
        end
        return scope
      end
    end
    __const_get(__const_name(name), inherit)
  end

  def const_set(name, value)
    name = __const_name(name)
    again = __const_defined(name, false)
    place = again && __const_place(name)
    __const_set(name, value)
    __constant_reassigned(name, place && place.join(":")) if again
    value
  end

  def const_defined?(name, inherit = true)
    unless Symbol === name
      name = __name_string(name)
      if name.include?("::")
        scope = self
        name.delete_prefix("::").split("::").each do |part|
          sym = __const_name(part)
          return false unless Module === scope && scope.__const_defined(sym, inherit)
          scope = scope.__const_get(sym, inherit)
        end
        return true
      end
    end
    __const_defined(__const_name(name), inherit)
  end

  def __const_name(name)
    text = Symbol === name ? name.name : __name_string(name)
    unless text.match?(/\A[[:upper:]][[:alnum:]_]*\z/)
      raise NameError.new("wrong constant name #{text}", text.to_sym, receiver: self)
    end
    text.to_sym
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

  def self.constants(*args)
    return super unless args.empty? && equal?(Module)
    Object.constants
  end

  def constants(inherit = true)
    hidden = @__private_constants
    list = __const_names
    if inherit
      ancestors.each do |m|
        next if m.equal?(self)
        break if m.equal?(Object)
        list |= m.constants(false)
      end
    end
    hidden ? list - hidden : list
  end

  def const_missing(name)
    if $__autoloads
      list = ancestors
      list << Object unless list.__index_identical(Object)
      list.each do |m|
        return m.const_get(name) if Maglev::Loader.fulfil(m, name)
      end
    end
    where = equal?(Object) ? "" : "#{self.name || inspect}::"
    holder = ancestors.find { |m| m.__const_defined(name, false) }
    if holder && holder.__private_constant?(name)
      path = holder.equal?(Object) ? name : "#{holder.name || holder.inspect}::#{name}"
      raise NameError.new("private constant #{path} referenced", name, receiver: holder)
    end
    raise NameError.new("uninitialized constant #{where}#{name}", name, receiver: self)
  end

  def __private_constant?(name)
    @__private_constants ? @__private_constants.include?(name) : false
  end

  # File and line of the definition; an empty Array for constants of the library.
  def const_source_location(name, inherit = true)
    name = __const_name(name)
    modules = inherit ? ancestors : [self]
    modules |= [Object] if inherit && !(Class === self)
    holder = modules.find { |m| m.__const_defined(name, false) }
    holder && (holder.__const_place(name) || [])
  end

  def __const_place(name)
    Primitive.const_place
    nil
  end

  def remove_const(name)
    name = __const_name(name)
    table = $__autoloads && $__autoloads[self]
    if table && table.key?(name) && !__const_defined(name, false)
      table.delete(name)
      return nil
    end
    __const_remove(name)
  end

  def private_constant(*names)
    @__private_constants ||= []
    names.each do |n|
      n = __const_name(n)
      raise NameError.new("constant #{__const_path(n)} not defined", n, receiver: self) unless __const_defined(n, false)
      @__private_constants |= [n]
    end
    nil
  end

  def public_constant(*names)
    names.each do |n|
      n = __const_name(n)
      raise NameError.new("constant #{__const_path(n)} not defined", n, receiver: self) unless __const_defined(n, false)
    end
    @__private_constants -= names.map { |n| n.to_sym } if @__private_constants
    nil
  end

  def deprecate_constant(*names)
    names.each do |n|
      n = __const_name(n)
      raise NameError.new("constant #{__const_path(n)} not defined", n, receiver: self) unless __const_defined(n, false)
    end
    self
  end

  def autoload(name, path)
    name = __const_name(name)
    path = __path(path)
    raise ArgumentError, "empty file name" if path.empty?
    __check_frozen
    return nil if __const_defined(name, false)
    Maglev::Loader.autoload(self, name, path)
  end

  def autoload?(name, inherit = true)
    name = name.to_sym
    scopes = inherit ? ancestors : [self]
    scopes.each do |m|
      table = $__autoloads && $__autoloads[m]
      return table[name] if table && table.key?(name)
    end
    nil
  end

  # --- class variables

  def __cvar_get(name)
    Primitive.cvar_get
    raise NameError.new("uninitialized class variable #{name} in #{inspect}", name, receiver: self)
  end

  def __cvar_set(name, value)
    Primitive.cvar_set
    __check_frozen
  end

  def __cvar_defined(name)
    Primitive.cvar_defined
    false
  end

  def __cvar_names
    Primitive.cvar_names
    []
  end

  def __cvar_remove(name)
    Primitive.cvar_remove
    raise NameError.new("class variable #{name} not defined for #{inspect}", name, receiver: self)
  end

  def __cvar_name(name)
    text = __name_string(name)
    unless text.match?(/\A@@[[:alpha:]_][[:alnum:]_]*\z/)
      raise NameError.new("'#{text}' is not allowed as a class variable name", text.to_sym, receiver: self)
    end
    text.to_sym
  end

  def class_variable_get(name)
    __cvar_get(__cvar_name(name))
  end

  def class_variable_set(name, value)
    __check_frozen
    __cvar_set(__cvar_name(name), value)
    value
  end

  def class_variable_defined?(name)
    __cvar_defined(__cvar_name(name))
  end

  def class_variables(inherit = true)
    list = __cvar_names
    ancestors.each { |m| list |= m.__cvar_names unless m.equal?(self) } if inherit
    list
  end

  def remove_class_variable(name)
    __cvar_remove(__cvar_name(name))
  end

  # --- methods

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
    m = __find_method(name)
    raise __undefined_method(name) unless m
    UnboundMethod.__make(m, name, self)
  end

  def public_instance_method(name)
    name = __method_name(name)
    m = __find_method(name)
    raise __undefined_method(name) unless m
    if m.__visibility != 0
      raise NameError.new("method '#{name}' for #{__kind_name} '#{inspect}' is #{m.__visibility == 1 ? 'private' : 'protected'}", name, receiver: self)
    end
    UnboundMethod.__make(m, name, self)
  end

  def __kind_name
    Class === self ? "class" : "module"
  end

  def __undefined_method(name)
    NameError.new("undefined method '#{name}' for #{__kind_name} '#{inspect}'", name, receiver: self)
  end

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
    return nil if names.__size == 0
    names.__size == 1 ? names.__at(0) : names
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
    return nil if names.__size == 0
    names.__size == 1 ? names.__at(0) : names
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
      singleton_class? ? __attached.__send__(:singleton_method_removed, name) : method_removed(name)
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
      singleton_class? ? __attached.__send__(:singleton_method_undefined, name) : method_undefined(name)
    end
    self
  end

  def __undef_method(name)
    Primitive.undef_method
    __check_frozen
    raise __undefined_method(name)
  end

  def __attr_reader(name, ivar)
    Primitive.attr_reader
    __check_frozen
    class_eval("def #{name}; #{ivar}; end")
  end

  def __attr_writer(name, ivar)
    Primitive.attr_writer
    __check_frozen
    class_eval("def #{name}(value); #{ivar} = value; end")
  end

  def __attr_name(name)
    text = __name_string(name)
    unless text.match?(/\A[[:alpha:]_][[:alnum:]_]*\z/)
      raise NameError.new("invalid attribute name '#{text}'", text.to_sym, receiver: self)
    end
    text
  end

  def attr_reader(*names)
    made = []
    i = 0
    while i < names.__size
      text = __attr_name(names.__at(i))
      __attr_reader(text.to_sym, ("@" + text).to_sym)
      __note_added(text.to_sym)
      made << text.to_sym
      i += 1
    end
    made
  end

  def attr_writer(*names)
    made = []
    i = 0
    while i < names.__size
      text = __attr_name(names.__at(i))
      made << (text + "=").to_sym
      __attr_writer((text + "=").to_sym, ("@" + text).to_sym)
      __note_added((text + "=").to_sym)
      i += 1
    end
    made
  end

  def attr_accessor(*names)
    made = []
    i = 0
    while i < names.__size
      text = __attr_name(names.__at(i))
      ivar = ("@" + text).to_sym
      writer = (text + "=").to_sym
      __attr_reader(text.to_sym, ivar)
      __attr_writer(writer, ivar)
      __note_added(text.to_sym)
      __note_added(writer)
      made << text.to_sym << writer
      i += 1
    end
    made
  end

  def attr(*names)
    if names.size == 2 && (names[1] == true || names[1] == false)
      warn("warning: optional boolean argument is obsoleted", uplevel: 0) if $VERBOSE
      return names[1] ? attr_accessor(names[0]) : attr_reader(names[0])
    end
    attr_reader(*names)
  end

  def class_exec(*args, &block)
    Primitive.class_exec
    raise LocalJumpError, "no block given (yield)" unless block
    raise TypeError, "wrong argument type #{block.class} (expected Proc)"
  end

  alias module_exec class_exec

  def class_eval(source = Primitive.undefined, file = nil, line = 1, &block)
    if block
      unless Primitive.undefined?(source)
        raise ArgumentError, "wrong number of arguments (given 1, expected 0)"
      end
      return class_exec(self, &block)
    end
    raise ArgumentError, "wrong number of arguments (given 0, expected 1..3)" if Primitive.undefined?(source)
    __eval_string(__str(source), __caller_binding, file ? __str(file) : Kernel.__eval_place, __int(line), 2)
  end

  alias module_eval class_eval

  def ruby2_keywords(*names)
    names.each do |name|
      name = __method_name(name)
      raise __undefined_method(name) unless __find_method(name)
      __mark_ruby2_keywords(name)
    end
    nil
  end

  def __mark_ruby2_keywords(name)
    Primitive.ruby2_keywords
    nil
  end

  def refine(target, &block)
    raise ArgumentError, "no block given" unless block
    raise TypeError, "wrong argument type #{target.class} (expected Class or Module)" unless Module === target
    @__refinements ||= {}
    made = @__refinements[target] ||= Refinement.__for(target)
    made.class_exec(&block)
    made
  end

  # Switches the refinements of a module on for the code that follows.
  def using(refiner)
    pairs = Maglev::Refining.pairs(refiner)
    i = 0
    while i < pairs.__size
      Maglev::Refining.__use(pairs.__at(i).__at(0), pairs.__at(i).__at(1))
      i += 1
    end
    self
  end

  def refinements
    @__refinements ? @__refinements.values : []
  end

  def freeze
    Primitive.freeze
    self
  end

  def initialize(&block)
    class_exec(self, &block) if block
  end

  def initialize_copy(source)
    super
  end

  def self.new(*args, &block)
    m = __module_new
    m.__send__(:initialize, *args, &block)
    m
  end

  def self.__module_new
    Primitive.module_new
    raise TypeError, "allocator undefined for #{inspect}"
  end

  def self.nesting
    __caller_nesting
  end

  def self.__caller_nesting
    Primitive.caller_nesting
    []
  end

  def self.used_modules
    []
  end

  private :refine, :using, :append_features, :prepend_features, :extend_object, :included, :extended, :prepended, :method_added,
          :method_removed, :method_undefined, :const_added, :remove_const, :module_function, :ruby2_keywords, :initialize_copy
end
