# frozen_string_literal: true

# Points and ways in the plane and in space.
class Vector2D
  attr_reader :x, :y

  def initialize(x, y)
    @x = x
    @y = y
  end

  def plus(other)
    Vector2D.new(@x + other.x, @y + other.y)
  end

  def minus(other)
    Vector2D.new(@x - other.x, @y - other.y)
  end

  def compare_to(other)
    result = compare(@x, other.x)
    return result unless result == 0

    compare(@y, other.y)
  end

  # Not a number stands after every number.
  def compare(a, b)
    return 0 if a == b
    return -1 if a < b
    return 1 if a > b

    a == a ? 1 : -1
  end
end

class Vector3D
  attr_reader :x, :y, :z

  def initialize(x, y, z)
    @x = x
    @y = y
    @z = z
  end

  def plus(other)
    Vector3D.new(@x + other.x, @y + other.y, @z + other.z)
  end

  def minus(other)
    Vector3D.new(@x - other.x, @y - other.y, @z - other.z)
  end

  def dot(other)
    (@x * other.x) + (@y * other.y) + (@z * other.z)
  end

  def times(factor)
    Vector3D.new(@x * factor, @y * factor, @z * factor)
  end

  def squared_magnitude
    dot(self)
  end

  def magnitude
    Math.sqrt(squared_magnitude)
  end
end
