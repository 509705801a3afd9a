# frozen_string_literal: true

# Divides the plane into squares and finds the motions that share one: only they can collide.
require_relative "motion"
require_relative "tree"
require_relative "../som/vector"

class VoxelMap
  SIDE = RADIUS * 2.0
  HORIZONTAL = Vector2D.new(SIDE, 0.0)
  VERTICAL = Vector2D.new(0.0, SIDE)

  def initialize
    @motions = RedBlackTree.new
  end

  # Vectors of motions, for every square with more than one.
  def crowded
    result = SomVector.new
    @motions.each { |entry| result.append(entry.value) if entry.value.size > 1 }
    result
  end

  def draw(motion)
    spread(RedBlackTree.new, square(motion.from), motion)
  end

  private

  def square(place)
    x = SIDE * (place.x / SIDE).to_i
    y = SIDE * (place.y / SIDE).to_i
    x -= SIDE if place.x < 0.0
    y -= SIDE if place.y < 0.0
    Vector2D.new(x, y)
  end

  def spread(seen, voxel, motion)
    return unless touches?(voxel, motion)
    return if seen.put(voxel, true)

    add(voxel, motion)
    spread(seen, voxel.minus(HORIZONTAL), motion)
    spread(seen, voxel.plus(HORIZONTAL), motion)
    spread(seen, voxel.minus(VERTICAL), motion)
    spread(seen, voxel.plus(VERTICAL), motion)
    spread(seen, voxel.minus(HORIZONTAL).minus(VERTICAL), motion)
    spread(seen, voxel.minus(HORIZONTAL).plus(VERTICAL), motion)
    spread(seen, voxel.plus(HORIZONTAL).minus(VERTICAL), motion)
    spread(seen, voxel.plus(HORIZONTAL).plus(VERTICAL), motion)
  end

  def add(voxel, motion)
    motions = @motions.get(voxel)
    unless motions
      motions = SomVector.new
      @motions.put(voxel, motions)
    end
    motions.append(motion)
  end

  # Whether the motion, with its radius, passes over the square. Times when it enters and leaves run from 0 to 1; 2.0 is never.
  def touches?(voxel, motion)
    return false if voxel.x > MAX_X || voxel.x < MIN_X || voxel.y > MAX_Y || voxel.y < MIN_Y

    from = motion.from
    to = motion.to
    r = RADIUS / 2.0
    vx = voxel.x
    x0 = from.x
    dx = to.x - from.x
    vy = voxel.y
    y0 = from.y
    dy = to.y - from.y
    low_x = dx == 0.0 ? 2.0 : (vx - r - x0) / dx
    high_x = dx == 0.0 ? 2.0 : (vx + SIDE + r - x0) / dx
    if dx < 0.0
      swap = low_x
      low_x = high_x
      high_x = swap
    end
    low_y = dy == 0.0 ? 2.0 : (vy - r - y0) / dy
    high_y = dy == 0.0 ? 2.0 : (vy + SIDE + r - y0) / dy
    if dy < 0.0
      swap = low_y
      low_y = high_y
      high_y = swap
    end
    ((dx == 0.0 && vx <= x0 + r && x0 - r <= vx + SIDE) || now?(low_x, high_x)) &&
      ((dy == 0.0 && vy <= y0 + r && y0 - r <= vy + SIDE) || now?(low_y, high_y)) &&
      (dx == 0.0 || dy == 0.0 ||
        (low_y <= high_x && high_x <= high_y) || (low_y <= low_x && low_x <= high_y) || (low_x <= low_y && high_y <= high_x))
  end

  def now?(low, high)
    (low <= 1.0 && 1.0 <= high) || (low <= 0.0 && 0.0 <= high) || (0.0 <= low && high <= 1.0)
  end
end
