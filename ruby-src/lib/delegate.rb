# Delegator: objects that stand for another one.

class Delegator < BasicObject
  kernel = ::Kernel.dup
  [:to_s, :=~, :!~, :===, :<=>, :hash].each { |name| kernel.__send__(:undef_method, name) if kernel.method_defined?(name) }
  include kernel

  def self.const_missing(name)
    ::Object.const_get(name)
  end

  def initialize(object)
    __setobj__(object)
  end

  def method_missing(name, *args, **options, &block)
    target = __getobj__
    if target.respond_to?(name)
      target.__send__(name, *args, **options, &block)
    elsif ::Kernel.respond_to?(name, true) && ::Kernel.private_method_defined?(name)
      ::Kernel.__send__(name, *args, **options, &block)
    else
      super(name, *args, &block)
    end
  end

  def respond_to_missing?(name, all)
    __getobj__.respond_to?(name, all)
  end

  def methods(all = true)
    __getobj__.methods(all) | super
  end

  def public_methods(all = true)
    __getobj__.public_methods(all) | super
  end

  def ==(other)
    return true if other.equal?(self)
    __getobj__ == other
  end

  def !=(other)
    return false if other.equal?(self)
    __getobj__ != other
  end

  def eql?(other)
    return true if other.equal?(self)
    __getobj__.eql?(other)
  end

  def !
    !__getobj__
  end

  def to_s
    __getobj__.to_s
  end

  def inspect
    __getobj__.inspect
  end

  def hash
    __getobj__.hash
  end

  def ===(other)
    __getobj__ === other
  end

  def =~(other)
    __getobj__ =~ other
  end

  def <=>(other)
    __getobj__ <=> other
  end

  def marshal_dump
    [:__v2__, [], [], __getobj__]
  end

  def marshal_load(data)
    __setobj__(data[3])
  end

  def initialize_clone(other, freeze: nil)
    __setobj__(other.__getobj__.clone(freeze: freeze))
  end

  def initialize_dup(other)
    __setobj__(other.__getobj__.dup)
  end
end

class SimpleDelegator < Delegator
  def __getobj__
    @delegate_sd_obj
  end

  def __setobj__(object)
    @delegate_sd_obj = object
  end
end

# A delegator class with the methods of superclass defined.
def DelegateClass(superclass, &block)
  klass = Class.new(SimpleDelegator)
  names = superclass.instance_methods - Delegator.public_instance_methods - [:to_s, :inspect, :=~, :!~, :===]
  names.each do |name|
    klass.define_method(name) { |*args, **options, &b| __getobj__.__send__(name, *args, **options, &b) }
  end
  klass.module_eval(&block) if block
  klass
end
