# Kernel: the methods of every Object. Functions that read like statements (puts, raise, loop …) are in kernel_functions.rb.

module Kernel
  def class
    Primitive.ruby_class
  end

  def singleton_class
    Primitive.singleton_class
    raise TypeError, "can't define singleton"
  end

  def frozen?
    Primitive.is_frozen
    true
  end

  def freeze
    Primitive.freeze
    self
  end

  def nil?
    false
  end

  def ===(other)
    equal?(other) || self == other
  end

  def =~(other)
    nil
  end

  def !~(other)
    !(self =~ other)
  end

  def eql?(other)
    Primitive.identical
  end

  def <=>(other)
    equal?(other) || self == other ? 0 : nil
  end

  def hash
    Primitive.identity_hash
  end

  def object_id
    Primitive.object_id
  end

  def instance_of?(m)
    raise TypeError, "class or module required" unless Module === m
    __class.equal?(m)
  end

  def kind_of?(m)
    Primitive.ruby_is_kind_of
    raise TypeError, "class or module required"
  end

  def is_a?(m)
    Primitive.ruby_is_kind_of
    raise TypeError, "class or module required"
  end

  def itself
    self
  end

  def then
    return to_enum(:then) { 1 } unless block_given?
    yield self
  end

  alias yield_self then

  def tap
    yield self
    self
  end

  # --- printing

  def to_s
    __any_to_s
  end

  # Sends a Smalltalk message.
  def __perform_smalltalk(selector, environment, arguments)
    Primitive.perform_env_with_arguments
    raise ArgumentError, "#{__any_to_s} cannot get the message #{selector}"
  end

  def __any_to_s
    "#<#{__class}:0x#{__address}>"
  end

  def __address
    __id__.to_s(16).rjust(16, "0")
  end

  def inspect
    names = __inspect_ivars
    return to_s if names.__size == 0
    body = __guarded(:inspect, " ...") do
      text = +""
      i = 0
      while i < names.__size
        name = names.__at(i)
        text << (i == 0 ? " " : ", ") << name.name << "=" << __ivar_get(name).inspect
        i += 1
      end
      text
    end
    "#<#{__class}:0x#{__address}#{body}>"
  end

  def __inspect_ivars
    wanted = respond_to?(:instance_variables_to_inspect, true) ? instance_variables_to_inspect : nil
    names = instance_variables
    wanted ? names & wanted : names
  end

  # --- instance variables

  def __ivar_get(name)
    Primitive.ivar_get
    nil
  end

  def __ivar_set(name, value)
    Primitive.ivar_set
    __check_frozen
    raise FrozenError.new("can't modify frozen #{self.class}: #{inspect}", receiver: self)
  end

  def __ivar_defined(name)
    Primitive.ivar_defined
    false
  end

  def __ivar_names
    Primitive.ivar_names
    []
  end

  def __ivar_remove(name)
    Primitive.ivar_remove
    __check_frozen
    raise NameError.new("instance variable #{name} not defined for #{inspect}", name, receiver: self)
  end

  def __ivar_name(name)
    text = if Symbol === name
      name.name
    elsif String === name
      name
    elsif name.respond_to?(:to_str)
      name.to_str
    else
      raise TypeError, "#{name.inspect} is not a symbol nor a string"
    end
    unless text.match?(/\A@[[:alpha:]_][[:alnum:]_]*\z/)
      raise NameError.new("'#{text}' is not allowed as an instance variable name", text.to_sym, receiver: self)
    end
    text.to_sym
  end

  def instance_variable_get(name)
    __ivar_get(__ivar_name(name))
  end

  def instance_variable_set(name, value)
    __ivar_set(__ivar_name(name), value)
    value
  end

  def instance_variable_defined?(name)
    __ivar_defined(__ivar_name(name))
  end

  # The kernel's own variables start with @__ and stay out of sight.
  def instance_variables
    __ivar_names.select { |n| n.name.start_with?("@") && !n.name.start_with?("@__") }
  end

  def remove_instance_variable(name)
    __ivar_remove(__ivar_name(name))
  end

  # --- copies

  def __shallow_copy
    Primitive.shallow_copy
    self
  end

  def dup
    copy = __shallow_copy
    return self if copy.equal?(self)
    copy.__send__(:initialize_dup, self)
    copy
  end

  def clone(freeze: nil)
    unless nil.equal?(freeze) || true.equal?(freeze) || false.equal?(freeze)
      raise ArgumentError, "unexpected value for freeze: #{freeze.class}"
    end
    copy = __shallow_copy
    if copy.equal?(self)
      raise ArgumentError, "can't unfreeze #{self.class}" if false.equal?(freeze)
      return self
    end
    copy.__copy_singleton(self)
    if nil.equal?(freeze)
      copy.__send__(:initialize_clone, self)
    else
      copy.__send__(:initialize_clone, self, freeze: freeze)
    end
    copy.freeze if freeze || (nil.equal?(freeze) && frozen?)
    copy
  end

  # Gives the receiver the singleton methods and singleton inclusions of original.
  def __copy_singleton(original)
    Primitive.copy_singleton
    self
  end

  def initialize_copy(original)
    return self if equal?(original)
    __check_frozen
    raise TypeError, "initialize_copy should take same class object" unless original.class.equal?(self.class)
    self
  end

  def initialize_dup(original)
    initialize_copy(original)
  end

  def initialize_clone(original, freeze: nil)
    initialize_copy(original)
  end

  # --- methods

  def send(name, *args, **options, &block)
    Primitive.ruby_send
    Kernel.__bad_send(name)
  end

  def public_send(name, *args, **options, &block)
    Primitive.ruby_public_send
    Kernel.__bad_send(name)
  end

  def respond_to?(name, include_all = false)
    Primitive.ruby_responds_to
    name = __name_of(name) unless Symbol === name
    return true if __responds_to(name, include_all)
    respond_to_missing?(name, include_all) ? true : false
  end

  def __name_of(name)
    return name if Symbol === name
    return name.to_sym if String === name
    return name.to_str.to_sym if name.respond_to?(:to_str)
    raise TypeError, "#{name.inspect} is not a symbol nor a string"
  end

  def respond_to_missing?(name, include_all)
    false
  end

  def __method__
    __caller_method_name
  end

  def method(name)
    name = __name_of(name)
    m = __real_class.__find_method(name)
    return Method.__make(self, m, name) if m
    if respond_to_missing?(name, true)
      return Method.__make_missing(self, name)
    end
    Kernel.__raise_undefined(self, name)
  end

  def public_method(name)
    name = __name_of(name)
    m = __real_class.__find_method(name)
    return Method.__make(self, m, name) if m && m.__visibility == 0
    return Method.__make_missing(self, name) if !m && respond_to_missing?(name, false)
    Kernel.__raise_undefined(self, name)
  end

  def singleton_method(name)
    name = __name_of(name)
    m = singleton_class.__own_method(name)
    return Method.__make(self, m, name) if m
    raise NameError.new("undefined singleton method '#{name}' for #{inspect}", name, receiver: self)
  end

  def methods(all = true)
    return singleton_methods(false) unless all
    __real_class.__visible_methods(true, 3)
  end

  def public_methods(all = true)
    __real_class.__visible_methods(all, 0)
  end

  def private_methods(all = true)
    __real_class.__visible_methods(all, 1)
  end

  def protected_methods(all = true)
    __real_class.__visible_methods(all, 2)
  end

  def singleton_methods(all = true)
    real = __real_class
    return [] unless real.singleton_class?
    list = real.__visible_methods(false, 3)
    if all
      real.ancestors.each do |m|
        next if m.equal?(real)
        break unless m.singleton_class? || !(Class === m)
        list |= m.__visible_methods(false, 3)
      end
    end
    list
  end

  def define_singleton_method(name, body = Primitive.undefined, &block)
    if Primitive.undefined?(body)
      singleton_class.define_method(name, &block)
    else
      singleton_class.define_method(name, body)
    end
  end

  def extend(*modules)
    raise ArgumentError, "wrong number of arguments (given 0, expected 1+)" if modules.__size == 0
    i = modules.__size - 1
    while i >= 0
      m = modules.__at(i)
      unless Module === m && !(Class === m)
        raise TypeError, "wrong argument type #{m.class} (expected module)"
      end
      m.__send__(:extend_object, self)
      m.__send__(:extended, self)
      i -= 1
    end
    self
  end

  def display(port = $stdout)
    port.write(self)
    nil
  end

  def to_enum(name = :each, *args, **options, &size)
    Enumerator.__over(self, name, args, options, size)
  end

  alias enum_for to_enum

  def instance_variable_names
    instance_variables.map { |n| n.name }
  end

  # x's conversion to an Array, or nil when it has none.
  def self.__converted(x, name)
    return nil unless x.__kind_of(Kernel) ? x.respond_to?(name, true) : x.__responds_to(name, true)
    list = x.__send__(name)
    return list if Array === list || nil.equal?(list)
    raise TypeError, "can't convert #{x.__class} to Array (#{x.__class}##{name} gives #{list.__class})"
  end

  private :initialize_copy, :initialize_dup, :initialize_clone, :respond_to_missing?
end

class Object
  include Kernel
end
