# Module: constants, and what is loaded when one is missing.

class Module
  def const_added(name)
  end

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
    __no_constant(name)
  end

  def __no_constant(name)
    path = equal?(Object) ? name.to_s : "#{inspect}::#{name}"
    raise NameError.new("constant #{path} not defined", name, receiver: self)
  end

  # The name of a constant that is defined right here.
  def __own_const_name(name)
    name = __const_name(name)
    __const_defined(name, false) ? name : __no_constant(name)
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
      @__private_constants |= [__own_const_name(n)]
    end
    nil
  end

  def public_constant(*names)
    names.each { |n| __own_const_name(n) }
    @__private_constants -= names.map { |n| n.to_sym } if @__private_constants
    nil
  end

  def deprecate_constant(*names)
    names.each { |n| __own_const_name(n) }
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
end
