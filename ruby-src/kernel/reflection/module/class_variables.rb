# Module: class variables.

class Module
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
end
