# TrueClass: the class of true.

class TrueClass
  NAME = "true".freeze
  private_constant :NAME

  def to_s
    NAME
  end

  alias inspect to_s

  def &(other)
    other ? true : false
  end

  def |(other)
    true
  end

  def ^(other)
    other ? false : true
  end

  def !
    false
  end

  def ===(other)
    true.equal?(other)
  end

  def singleton_class
    TrueClass
  end

  class << self
    undef_method :new
  end

  def self.allocate
    raise TypeError, "allocator undefined for #{inspect}"
  end
end
