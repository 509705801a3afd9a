# Sends, blocks and returns out of blocks.
require_relative "micro"

class Shape
  def area
    1
  end

  def twice
    yield 1
  end

  def hand_on(&block)
    block.call(1)
  end

  # Returns out of the block, through `each_number`.
  def search(limit)
    each_number { |i| return i if i == limit }
    nil
  end

  def each_number
    yield 1
    yield 2
    yield 3
  end
end

SHAPES = Array.new(16) { |i| Class.new(Shape) { class_eval("def area; #{i}; end") }.new }

# Two methods, so that each figure has a send of its own.
def areas_of_four(shapes, n)
  i = 0
  while i < n
    shapes[i & 3].area
    i += 1
  end
end

def areas_of_sixteen(shapes, n)
  i = 0
  while i < n
    shapes[i & 15].area
    i += 1
  end
end

shape = Shape.new
increment = proc { |x| x + 1 }
micro("send", 500_000) { |n| i = 0; (shape.area; i += 1) while i < n }
micro("send to 4 classes", 500_000) { |n| areas_of_four(SHAPES, n) }
micro("send to 16 classes", 500_000) { |n| areas_of_sixteen(SHAPES, n) }
micro("block yield", 500_000) { |n| i = 0; (shape.twice { |x| x }; i += 1) while i < n }
micro("block passed and called", 300_000) { |n| i = 0; (shape.hand_on { |x| x }; i += 1) while i < n }
micro("proc call", 500_000) { |n| i = 0; (increment.call(i); i += 1) while i < n }
micro("times with a block", 500_000) { |n| x = 0; n.times { |i| x = i } }
micro("non-local return", 500_000) { |n| i = 0; (shape.search(2); i += 1) while i < n }
