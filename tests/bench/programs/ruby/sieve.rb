# frozen_string_literal: true

# Primes below 5000: a loop over an array.
require_relative "benchmark"

class Sieve < Benchmark
  def benchmark
    sieve(Array.new(5000, true), 5000)
  end

  def sieve(flags, size)
    primes = 0
    (2..size).each do |i|
      next unless flags[i - 1]

      primes += 1
      multiple = i + i
      while multiple <= size
        flags[multiple - 1] = false
        multiple += i
      end
    end
    primes
  end

  def correct?(result)
    result == 669
  end
end
