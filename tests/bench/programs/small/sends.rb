# Method sends: the recursive Fibonacci function, and methods that only answer.
require_relative "measure"

class Counter
  attr_reader :count

  def initialize
    @count = 0
  end

  def step
    1
  end

  def add(a, b, c)
    a + b + c
  end
end

def fib(n)
  n < 2 ? n : fib(n - 1) + fib(n - 2)
end

measure do
  counter = Counter.new
  sum = fib(28)
  i = 0
  while i < 1_000_000
    sum += counter.step + counter.count + counter.add(1, i, 2)
    i += 1
  end
  sum
end
