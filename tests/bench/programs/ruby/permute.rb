# frozen_string_literal: true

# All permutations of six elements, counted: recursion inside a block, array swaps.
require_relative "benchmark"

class Permute < Benchmark
  def benchmark
    @count = 0
    @elements = Array.new(6, 0)
    permute(6)
    @count
  end

  def permute(n)
    @count += 1
    return if n == 0

    last = n - 1
    permute(last)
    last.downto(0) do |i|
      swap(last, i)
      permute(last)
      swap(last, i)
    end
  end

  def swap(i, j)
    element = @elements[i]
    @elements[i] = @elements[j]
    @elements[j] = element
  end

  def correct?(result)
    result == 8660
  end
end
