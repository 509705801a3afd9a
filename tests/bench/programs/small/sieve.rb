# The sieve of Eratosthenes.
require_relative "measure"

def primes_below(limit)
  composite = Array.new(limit, false)
  count = 0
  n = 2
  while n < limit
    unless composite[n]
      count += 1
      multiple = n * n
      while multiple < limit
        composite[multiple] = true
        multiple += n
      end
    end
    n += 1
  end
  count
end

measure { primes_below(1_000_000) }
