# A million frames at once. MRI's stack does not hold them.
require_relative "micro"

def deep(n)
  n == 0 ? 0 : 1 + deep(n - 1)
end

micro("recursion 1,000,000 deep", 1_000_000) { |n| raise "wrong" unless deep(n) == n }
