# How many points of a grid stay near the origin: floating point loops.
require_relative "measure"

def inside?(cr, ci)
  zr = 0.0
  zi = 0.0
  n = 0
  while n < 50
    square_r = zr * zr
    square_i = zi * zi
    return false if square_r + square_i > 4.0
    zi = 2.0 * zr * zi + ci
    zr = square_r - square_i + cr
    n += 1
  end
  true
end

measure do
  size = 200
  count = 0
  size.times do |row|
    size.times do |column|
      count += 1 if inside?(2.0 * column / size - 1.5, 2.0 * row / size - 1.0)
    end
  end
  count
end
