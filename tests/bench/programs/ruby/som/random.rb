# frozen_string_literal: true

# The same numbers on every system: a linear congruence of 16 bits.
class SomRandom
  def initialize
    @seed = 74_755
  end

  def next
    @seed = ((@seed * 1_309) + 13_849) & 65_535
  end
end
