# String: equality, hash and order.

class String
  def ==(other)
    Primitive.string_eq
    return false if String === other
    other.respond_to?(:to_str) && other == self ? true : false
  end

  def ===(other)
    Primitive.string_eq
    self == other
  end

  def eql?(other)
    Primitive.string_eq
    false
  end

  def hash
    Primitive.string_hash
  end

  def <=>(other)
    Primitive.string_compare
    return nil if String === other
    return nil unless other.respond_to?(:to_str) && other.respond_to?(:<=>)
    c = other <=> self
    c && -c
  end

  def casecmp(other)
    other = __check_str(other)
    return nil unless other
    __tr("A-Z", "a-z", 0).__compare_bytes(other.__tr("A-Z", "a-z", 0))
  end

  def casecmp?(other)
    other = __check_str(other)
    return nil unless other
    downcase(:fold) == other.downcase(:fold)
  end

  def between?(low, high)
    self >= low && self <= high
  end

  include Comparable
end
