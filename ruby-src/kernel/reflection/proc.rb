# Proc: closures, shared with Smalltalk's blocks.

class Proc
  def self.new(*args, **options, &block)
    raise ArgumentError, "tried to create Proc object without a block" unless block
    return block if equal?(Proc)
    made = block.__shallow_copy_as(self)
    made.__send__(:initialize, *args, **options)
    made
  end

  # A copy of the closure that is an instance of a subclass of Proc.
  def __shallow_copy_as(subclass)
    Primitive.block_copy_as
    self
  end

  def call(*args, **options, &block)
    Primitive.block_call
    raise TypeError, "wrong argument type"
  end

  def yield(*args, **options, &block)
    Primitive.block_call
    raise TypeError, "wrong argument type"
  end

  def [](*args, **options, &block)
    Primitive.block_call
    raise TypeError, "wrong argument type"
  end

  def ===(*args, **options, &block)
    Primitive.block_call
    raise TypeError, "wrong argument type"
  end

  def to_proc
    self
  end

  def lambda?
    Primitive.block_is_lambda
  end

  def __to_lambda
    Primitive.block_to_lambda
    self
  end

  def __arity
    Primitive.block_arity
  end

  # The block read as a lambda (true) or as a proc (false): [[kind, name], …]
  def __parameters(strict)
    Primitive.block_parameters
    []
  end

  def arity
    Primitive.block_arity
  end

  def parameters(lambda: nil)
    __parameters(nil.equal?(lambda) ? lambda? : (lambda ? true : false))
  end

  def binding
    Primitive.binding_of
    raise ArgumentError, "Can't create Binding from C level Proc"
  end

  def source_location
    Primitive.block_source_location
    nil
  end

  # A yield of one object that may become an Array: the machine spreads the Array.
  def __call_converted(value, &block)
    call(value.__to_ary_multi, &block)
  end

  def ruby2_keywords
    self
  end

  def curry(arity = nil)
    own = self.arity
    if nil.equal?(arity)
      arity = own < 0 ? -own - 1 : own
    else
      arity = __int(arity)
      if lambda? && (own >= 0 ? arity != own : arity < -own - 1)
        needed = own < 0 ? "#{-own - 1}+" : own.to_s
        raise ArgumentError, "wrong number of arguments (given #{arity}, expected #{needed})"
      end
    end
    __curry(arity, [])
  end

  def __curry(arity, got)
    body = self
    step = proc do |*args|
      all = got + args
      all.size >= arity ? body.call(*all) : body.__curry(arity, all)
    end
    lambda? ? step.__to_lambda : step
  end

  def >>(other)
    raise TypeError, "callable object is expected" unless other.respond_to?(:call)
    first = self
    made = proc { |*args, **options, &block| other.call(first.call(*args, **options, &block)) }
    lambda? ? made.__to_lambda : made
  end

  def <<(other)
    raise TypeError, "callable object is expected" unless other.respond_to?(:call)
    second = self
    made = proc { |*args, **options, &block| second.call(other.call(*args, **options, &block)) }
    !(Proc === other) || other.lambda? ? made.__to_lambda : made
  end

  def ==(other)
    Primitive.block_equal
    equal?(other)
  end

  def eql?(other)
    Primitive.block_equal
    equal?(other)
  end

  def hash
    Primitive.identity_hash
  end

  def inspect
    place = source_location
    text = "#<#{self.class}:0x#{__address}"
    text += " #{place[0]}:#{place[1]}" if place
    text += " (lambda)" if lambda?
    text + ">"
  end

  alias to_s inspect
end
