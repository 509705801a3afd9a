# FalseClass: the class of false.

class FalseClass
  NAME = "false".freeze
  private_constant :NAME

  def to_s
    NAME
  end

  alias inspect to_s

  def &(other)
    false
  end

  def |(other)
    other ? true : false
  end

  def ^(other)
    other ? true : false
  end

  def !
    true
  end

  def ===(other)
    false.equal?(other)
  end

  def singleton_class
    FalseClass
  end

  class << self
    undef_method :new
  end

  def self.allocate
    raise TypeError, "allocator undefined for #{inspect}"
  end
end
