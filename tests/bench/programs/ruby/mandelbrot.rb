# frozen_string_literal: true

# The Mandelbrot set as a bitmap whose bytes are folded into one: loops over floats. The inner number is the size.
require_relative "benchmark"

class Mandelbrot < Benchmark
  RESULTS = { 1 => 128, 500 => 191, 750 => 50 }.freeze

  def inner_loop(inner)
    mandelbrot(inner) == expected(inner, RESULTS)
  end

  def mandelbrot(size)
    sum = 0
    byte = 0
    bits = 0
    y = 0
    while y < size
      ci = (2.0 * y / size) - 1.0
      x = 0
      while x < size
        cr = (2.0 * x / size) - 1.5
        zr2 = 0.0
        zi = 0.0
        zi2 = 0.0
        z = 0
        inside = true
        escape = 0
        while inside && z < 50
          zr = zr2 - zi2 + cr
          zi = 2.0 * zr * zi + ci
          zr2 = zr * zr
          zi2 = zi * zi
          if zr2 + zi2 > 4.0
            inside = false
            escape = 1
          end
          z += 1
        end
        byte = (byte << 1) + escape
        bits += 1
        if bits == 8
          sum ^= byte
          byte = 0
          bits = 0
        elsif x == size - 1
          byte <<= 8 - bits
          sum ^= byte
          byte = 0
          bits = 0
        end
        x += 1
      end
      y += 1
    end
    sum
  end
end
