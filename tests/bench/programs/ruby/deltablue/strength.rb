# frozen_string_literal: true

# How much a constraint weighs against others: seven names with numbers, smaller is stronger.
require_relative "../som/dictionary"

# A name with a hash that is the same on every system.
class StrengthName
  attr_reader :custom_hash

  def initialize(hash)
    @custom_hash = hash
  end

  ABSOLUTE_STRONGEST = new(0)
  REQUIRED = new(1)
  STRONG_PREFERRED = new(2)
  PREFERRED = new(3)
  STRONG_DEFAULT = new(4)
  DEFAULT = new(5)
  WEAK_DEFAULT = new(6)
  ABSOLUTE_WEAKEST = new(7)
end

class Strength
  VALUES = SomIdentityDictionary.new
  ALL = SomIdentityDictionary.new

  attr_reader :value

  def self.define(name, value)
    VALUES.at_put(name, value)
    ALL.at_put(name, new(name))
  end

  def self.of(name)
    ALL.at(name)
  end

  def initialize(name)
    @value = VALUES.at(name)
  end

  def same_as?(other)
    @value == other.value
  end

  def stronger?(other)
    @value < other.value
  end

  def weaker?(other)
    @value > other.value
  end

  def weakest(other)
    other.weaker?(self) ? other : self
  end

  define(StrengthName::ABSOLUTE_STRONGEST, -10_000)
  define(StrengthName::REQUIRED, -800)
  define(StrengthName::STRONG_PREFERRED, -600)
  define(StrengthName::PREFERRED, -400)
  define(StrengthName::STRONG_DEFAULT, -200)
  define(StrengthName::DEFAULT, 0)
  define(StrengthName::WEAK_DEFAULT, 500)
  define(StrengthName::ABSOLUTE_WEAKEST, 10_000)

  REQUIRED = of(StrengthName::REQUIRED)
  ABSOLUTE_WEAKEST = of(StrengthName::ABSOLUTE_WEAKEST)
end
