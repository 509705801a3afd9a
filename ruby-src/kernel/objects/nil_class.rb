# NilClass: the class of nil.

class NilClass
  def nil?
    true
  end

  NAME = "".freeze
  private_constant :NAME

  def to_s
    NAME
  end

  def to_a
    []
  end

  def to_h
    {}
  end

  def to_i
    0
  end

  def to_f
    0.0
  end

  def to_r
    Rational(0, 1)
  end

  def rationalize(eps = nil)
    Rational(0, 1)
  end

  def to_c
    Complex(0, 0)
  end

  def inspect
    "nil"
  end

  def &(other)
    false
  end

  def |(other)
    other ? true : false
  end

  def ^(other)
    other ? true : false
  end

  def =~(other)
    nil
  end

  def ===(other)
    nil.equal?(other)
  end

  def ==(other)
    Primitive.identical
  end

  def singleton_class
    NilClass
  end

  def dup
    self
  end

  class << self
    undef_method :new
  end

  def self.allocate
    raise TypeError, "allocator undefined for #{inspect}"
  end
end
