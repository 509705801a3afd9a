# BasicObject: the few methods that every object has.

class BasicObject
  def initialize
  end

  def ==(other)
    Primitive.identical
  end

  def equal?(other)
    Primitive.identical
  end

  def !
    Primitive.not
    false
  end

  def !=(other)
    self == other ? false : true
  end

  def __id__
    Primitive.object_id
  end

  def __send__(name, *args, **options, &block)
    Primitive.ruby_send
    ::Kernel.__bad_send(name)
  end

  def instance_exec(*args, **options, &block)
    Primitive.instance_exec
    ::Kernel.raise ::LocalJumpError, "no block given (yield)"
  end

  def instance_eval(source = Primitive.undefined, file = nil, line = 1, &block)
    if block
      unless Primitive.undefined?(source)
        ::Kernel.raise ::ArgumentError, "wrong number of arguments (given 1, expected 0)"
      end
      return instance_exec(self, &block)
    end
    if Primitive.undefined?(source)
      ::Kernel.raise ::ArgumentError, "wrong number of arguments (given 0, expected 1..3)"
    end
    __eval_string(source, ::Kernel.__binding_above, file || ::Kernel.__eval_place, line, 1)
  end

  # Runs Ruby source with self as self. mode 0: in the binding as it is; 1: as instance_eval (methods go to the singleton
  # class); 2: as class_eval (self is a module; methods and constants go into it). binding may be nil: no outer locals.
  def __eval_string(source, binding, file, line, mode)
    Primitive.eval_string
    ::Kernel.raise ::TypeError, "no implicit conversion of #{source.class} into String"
  end

  def method_missing(name, *args, &block)
    ::Kernel.__raise_missing(self, name, args)
  end

  def singleton_method_added(name)
  end

  def singleton_method_removed(name)
  end

  def singleton_method_undefined(name)
  end

  # `*x` in a call or an array literal, when x is no Array and not nil.
  def __splat
    list = ::Kernel.__converted(self, :to_a)
    list ? list.__dup : [self]
  end

  # The right side of a multiple assignment.
  def __to_ary_multi
    ::Kernel.__converted(self, :to_ary) || [self]
  end

  # Helpers of the kernel that must work on any object.
  def __kind_of(m)
    Primitive.ruby_is_kind_of
    false
  end

  # Whether a public method (any method when `all`) answers to the name, without respond_to_missing?.
  def __responds_to(name, all)
    m = __real_class.__find_method(name)
    m ? all || m.__visibility == 0 : false
  end

  def __real_class
    Primitive.object_class
  end

  def __class
    Primitive.ruby_class
  end

  # Declared slots (those the class table of the VM lists), counted from 1.
  def __slot(index)
    Primitive.inst_var_at
    nil
  end

  def __slot_put(index, value)
    Primitive.inst_var_at_put
    ::Kernel.__frozen_error(self)
  end

  private :initialize, :method_missing, :singleton_method_added, :singleton_method_removed, :singleton_method_undefined
end
