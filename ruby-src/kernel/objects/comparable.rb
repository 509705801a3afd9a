# Comparable: the comparisons that follow from <=>.

module Comparable
  def ==(other)
    return true if equal?(other)
    c = __guarded(:compare, nil) { self <=> other }
    nil.equal?(c) ? false : __sign(c, self, other) == 0
  end

  def <(other)
    c = self <=> other
    Integer === c ? c < 0 : __sign(c, self, other) < 0
  end

  def <=(other)
    c = self <=> other
    Integer === c ? c <= 0 : __sign(c, self, other) <= 0
  end

  def >(other)
    c = self <=> other
    Integer === c ? c > 0 : __sign(c, self, other) > 0
  end

  def >=(other)
    c = self <=> other
    Integer === c ? c >= 0 : __sign(c, self, other) >= 0
  end

  def between?(low, high)
    !(self < low || self > high)
  end

  def clamp(low, high = Primitive.undefined)
    if Primitive.undefined?(high)
      raise TypeError, "wrong argument type #{low.class} (expected Range)" unless Range === low
      range = low
      low = range.begin
      high = range.end
      raise ArgumentError, "cannot clamp with an exclusive range" if range.exclude_end? && !nil.equal?(high)
    end
    if !nil.equal?(low) && !nil.equal?(high) && __compare(low, high) > 0
      raise ArgumentError, "min argument must be less than or equal to max argument"
    end
    return low if !nil.equal?(low) && __compare(self, low) < 0
    return high if !nil.equal?(high) && __compare(self, high) > 0
    self
  end
end
