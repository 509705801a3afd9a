# frozen_string_literal: true

# Takeuchi's function on linked lists: recursion and chains of attribute reads.
require_relative "benchmark"

class List < Benchmark
  def benchmark
    tail(make(15), make(10), make(6)).length
  end

  def make(length)
    return nil if length == 0

    element = ListElement.new(length)
    element.next = make(length - 1)
    element
  end

  def shorter?(one, other)
    x = one
    y = other
    while y
      return true unless x

      x = x.next
      y = y.next
    end
    false
  end

  def tail(x, y, z)
    if shorter?(y, x)
      tail(tail(x.next, y, z), tail(y.next, z, x), tail(z.next, x, y))
    else
      z
    end
  end

  def correct?(result)
    result == 10
  end
end

class ListElement
  attr_accessor :value, :next

  def initialize(value)
    @value = value
    @next = nil
  end

  def length
    @next ? 1 + @next.length : 1
  end
end
