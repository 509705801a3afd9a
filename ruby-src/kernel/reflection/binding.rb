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
    __local_get(__local_name(name))
  end

  def local_variable_set(name, value)
    __local_set(__local_name(name), value)
    value
  end

  def local_variable_defined?(name)
    __local_names.include?(__local_name(name))
  end

  # Numbered parameters are no variables of their own.
  def __local_name(name)
    name = __name_of(name)
    text = name.name
    if text.bytesize == 2 && text.start_with?("_") && text.getbyte(1).between?(0x31, 0x39)
      raise NameError.new("numbered parameter '#{name}' is not a local variable", name, receiver: self)
    end
    name
  end
  private :__local_name

  def local_variables
    __local_names.reject { |n| n.name.start_with?("%") || n.name.empty? }
  end

  def receiver
    __slot(2)
  end

  def eval(source, file = nil, line = 1)
    receiver.__eval_string(__str(source), self, file ? __str(file) : Kernel.__eval_place, __int(line), 0)
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
