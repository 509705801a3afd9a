# Forwardable: methods that pass on to another object.

module Forwardable
  VERSION = "1.3.3"

  def instance_delegate(table)
    table.each do |methods, accessor|
      methods = [methods] unless methods.respond_to?(:each)
      methods.each { |name| def_instance_delegator(accessor, name) }
    end
  end

  alias delegate instance_delegate

  def def_instance_delegators(accessor, *names)
    names.each do |name|
      next if name.to_s == "__send__" || name.to_s == "__id__"
      def_instance_delegator(accessor, name)
    end
  end

  alias def_delegators def_instance_delegators

  def def_instance_delegator(accessor, name, as = name)
    accessor = accessor.to_s
    name = name.to_sym
    as = as.to_sym
    target = Forwardable.reader(accessor)
    body = proc { |*args, **options, &block| instance_exec(&target).__send__(name, *args, **options, &block) }
    is_a?(Module) ? define_method(as, &body) : define_singleton_method(as, &body)
    as
  end

  alias def_delegator def_instance_delegator

  # A block that finds the object, with self as the delegating one.
  def self.reader(accessor)
    if accessor.start_with?("@@")
      proc { self.class.class_variable_get(accessor) }
    elsif accessor.start_with?("@")
      proc { instance_variable_get(accessor) }
    elsif accessor.match?(/\A[a-z_]\w*[?!]?\z/)
      name = accessor.to_sym
      proc { __send__(name) }
    else
      proc { instance_eval(accessor) }
    end
  end
end

module SingleForwardable
  def single_delegate(table)
    table.each do |methods, accessor|
      methods = [methods] unless methods.respond_to?(:each)
      methods.each { |name| def_single_delegator(accessor, name) }
    end
  end

  alias delegate single_delegate

  def def_single_delegators(accessor, *names)
    names.each { |name| def_single_delegator(accessor, name) }
  end

  alias def_delegators def_single_delegators

  def def_single_delegator(accessor, name, as = name)
    target = accessor.is_a?(Module) || !(accessor.is_a?(String) || accessor.is_a?(Symbol)) ? proc { accessor } : Forwardable.reader(accessor.to_s)
    define_singleton_method(as) { |*args, **options, &block| instance_exec(&target).__send__(name, *args, **options, &block) }
    as.to_sym
  end

  alias def_delegator def_single_delegator
end
