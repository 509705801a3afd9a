# Blocks: yield, times, each, map, inject, a Proc called.
require_relative "measure"

def twice
  yield 1
  yield 2
end

measure do
  sum = 0
  300_000.times { |i| twice { |x| sum += x + i } }
  numbers = (1..1000).to_a
  200.times do
    numbers.each { |x| sum += x }
    sum += numbers.map { |x| x * 2 }.inject(0) { |a, b| a + b }
  end
  double = proc { |x| x + x }
  300_000.times { |i| sum += double.call(i) }
  sum
end
