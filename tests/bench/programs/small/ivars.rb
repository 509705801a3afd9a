# Instance variables: read and written by the methods of their object, by attr methods, in new objects.
require_relative "measure"

class Point
  attr_accessor :x, :y

  def initialize(x, y)
    @x = x
    @y = y
    @moves = 0
  end

  def move(dx, dy)
    @x += dx
    @y += dy
    @moves += 1
  end

  def sum
    @x + @y + @moves
  end
end

measure do
  point = Point.new(0, 0)
  total = 0
  i = 0
  while i < 1_000_000
    point.move(1, 2)
    point.x = point.y - i
    total += Point.new(i, 1).sum if i & 3 == 0
    i += 1
  end
  total + point.sum
end
