# Binding: the variables and self of a frame.

class Binding
  def __local_get(name)
    Primitive.binding_local_get
    raise NameError.new("local variable '#{name}' is not defined for #{inspect}", name, receiver: self)
  end

  def __local_set(name, value)
    Primitive.binding_local_set
    raise NameError.new("wrong local variable name '#{name}' for #{inspect}", name, receiver: self)
  end

  def __local_names
    Primitive.binding_local_names
    []
  end

  def local_variable_get(name)
    __local_get(__name_of(name))
  end

  def local_variable_set(name, value)
    __local_set(__name_of(name), value)
    value
  end

  def local_variable_defined?(name)
    __local_names.include?(__name_of(name))
  end

  def local_variables
    __local_names.reject { |n| n.name.start_with?("%") || n.name.empty? }
  end

  def receiver
    __slot(2)
  end

  def eval(source, file = "(eval)", line = 1)
    receiver.__eval_string(__str(source), self, __str(file), __int(line), 0)
  end

  def irb
    raise NotImplementedError, "irb is not available here"
  end

  def source_location
    ["(eval)", 1]
  end

  class << self
    undef_method :new
  end
end
