# frozen_string_literal: true

# A tree of arrays, made and dropped: the collector.
require_relative "benchmark"
require_relative "som/random"

class Storage < Benchmark
  def benchmark
    @count = 0
    build(7, SomRandom.new)
    @count
  end

  def build(depth, random)
    @count += 1
    if depth == 1
      Array.new(random.next % 10 + 1)
    else
      Array.new(4) { build(depth - 1, random) }
    end
  end

  def correct?(result)
    result == 5461
  end
end
