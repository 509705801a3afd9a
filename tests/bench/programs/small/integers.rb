# Integer loops: arithmetic and comparison in while loops.
require_relative "measure"

measure do
  sum = 0
  i = 0
  while i < 3_000_000
    sum += i & 255
    sum -= i >> 3 if i % 3 == 0
    i += 1
  end
  a = 1
  b = 1
  n = 0
  while n < 2_000_000
    a, b = b, (a + b) % 1_000_003
    n += 1
  end
  sum + a
end
