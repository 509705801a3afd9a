# Method: a method with its receiver. Slots (from 1): receiver, method (a GsNMethod, nil for one that method_missing answers),
# name, owner.

class GsNMethod
  def owner
    __slot(2)
  end

  # 0 public, 1 private, 2 protected
  def __visibility
    (__slot(10) || 0) & 3
  end

  def __arity
    Primitive.method_arity
    -1
  end

  def __parameters
    Primitive.method_parameters
    [[:rest]]
  end

  def __source_location
    Primitive.method_source_location
    nil
  end

  # Whether both are the same code, under whatever names and in whatever classes.
  def __same_code?(other)
    return true if equal?(other)
    mine = __slot(3)
    !nil.equal?(mine) && mine.equal?(other.__slot(3)) && __slot(4).equal?(other.__slot(4))
  end

  # The name it was defined under.
  def __name
    __slot(1)
  end
end

class Method
  def self.__make(receiver, method, name)
    made = __allocate
    made.__slot_put(1, receiver)
    made.__slot_put(2, method)
    made.__slot_put(3, name)
    made.__slot_put(4, method.owner)
    made
  end

  def self.__make_missing(receiver, name)
    made = __allocate
    made.__slot_put(1, receiver)
    made.__slot_put(3, name)
    made.__slot_put(4, receiver.__class)
    made
  end

  def __method
    __slot(2)
  end

  def __call(*args, **options, &block)
    Primitive.method_call
    __slot(1).__send__(:method_missing, __slot(3), *args, **options, &block)
  end

  def call(*args, **options, &block)
    Primitive.method_call
    __slot(1).__send__(:method_missing, __slot(3), *args, **options, &block)
  end

  def [](*args, **options, &block)
    Primitive.method_call
    __slot(1).__send__(:method_missing, __slot(3), *args, **options, &block)
  end

  def ===(*args, **options, &block)
    Primitive.method_call
    __slot(1).__send__(:method_missing, __slot(3), *args, **options, &block)
  end

  def receiver
    __slot(1)
  end

  def name
    __slot(3)
  end

  def owner
    __slot(4)
  end

  def original_name
    method = __slot(2)
    method ? method.__name || name : name
  end

  def arity
    method = __slot(2)
    method ? method.__arity : -1
  end

  def parameters
    method = __slot(2)
    method ? method.__parameters : [[:rest]]
  end

  def source_location
    method = __slot(2)
    method && method.__source_location
  end

  def unbind
    UnboundMethod.__make(__slot(2), name, owner)
  end

  def super_method
    method = __slot(2)
    above = method && __super_from(receiver.__real_class.ancestors, owner, name)
    above && Method.__make(receiver, above, name)
  end

  def __super_from(ancestors, owner, name)
    i = ancestors.__index_identical(owner)
    return nil unless i
    i += 1
    while i < ancestors.size
      m = ancestors[i].__own_method(name)
      return m if m
      i += 1
    end
    nil
  end

  def to_proc
    Primitive.method_to_proc
    me = self
    lambda { |*args, **options, &block| me.call(*args, **options, &block) }
  end

  def curry(arity = nil)
    to_proc.curry(arity)
  end

  def >>(other)
    raise TypeError, "callable object is expected" unless other.respond_to?(:call)
    first = self
    lambda { |*args, **options, &block| other.call(first.call(*args, **options, &block)) }
  end

  def <<(other)
    raise TypeError, "callable object is expected" unless other.respond_to?(:call)
    second = self
    lambda { |*args, **options, &block| second.call(other.call(*args, **options, &block)) }
  end

  def ==(other)
    return true if equal?(other)
    return false unless Method === other && receiver.equal?(other.receiver)
    mine = __method
    its = other.__method
    return name.equal?(other.name) if nil.equal?(mine) || nil.equal?(its)
    mine.__same_code?(its) && owner.equal?(other.owner)
  end

  alias eql? ==

  def hash
    method = __method
    receiver.__id__.hash ^ (method ? (method.__slot(3) || method).__id__ : name.__id__).hash
  end

  def inspect
    real = receiver.__class
    text = "#<#{self.class}: "
    if receiver.__real_class.singleton_class? && owner.singleton_class?
      text += "#{receiver.inspect}."
    else
      text += real.equal?(owner) ? "#{real}#" : "#{real}(#{owner})#"
    end
    text + name.to_s + UnboundMethod.__signature(parameters) + UnboundMethod.__place(source_location) + ">"
  end

  alias to_s inspect

  class << self
    undef_method :new
  end
end
