# frozen_string_literal: true

# Sets that look through a vector: slow on purpose, the same everywhere.
require_relative "vector"

class SomSet
  def initialize(capacity = SomVector::FIRST_CAPACITY)
    @items = SomVector.new(capacity)
  end

  def size
    @items.size
  end

  def each(&block)
    @items.each(&block)
  end

  def has_some(&block)
    @items.has_some(&block)
  end

  def get_one(&block)
    @items.get_one(&block)
  end

  def add(object)
    @items.append(object) unless contains(object)
  end

  def collect
    collected = SomVector.new
    each { |element| collected.append(yield element) }
    collected
  end

  def contains(object)
    has_some { |element| element == object }
  end
end

class SomIdentitySet < SomSet
  def contains(object)
    has_some { |element| element.equal?(object) }
  end
end
