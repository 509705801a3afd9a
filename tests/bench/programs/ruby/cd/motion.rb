# frozen_string_literal: true

# What an aircraft did between two frames, and where two of them came too close.
require_relative "vectors"

MIN_X = 0.0
MIN_Y = 0.0
MIN_Z = 0.0
MAX_X = 1000.0
MAX_Y = 1000.0
MAX_Z = 10.0
RADIUS = 1.0

class Motion
  attr_reader :callsign, :from, :to

  def initialize(callsign, from, to)
    @callsign = callsign
    @from = from
    @to = to
  end

  def delta
    @to.minus(@from)
  end

  # The middle between both when their distance falls to the radius, or nil. Both fly straight and evenly, so the squared distance is
  # a polynomial of the time: a t^2 + b t + c, where t runs from 0 to 1.
  def intersection(other)
    mine = delta
    theirs = other.delta
    a = theirs.minus(mine).squared_magnitude
    return parallel(other) if a == 0.0

    b = 2.0 * @from.minus(other.from).dot(mine.minus(theirs))
    c = (-RADIUS * RADIUS) + other.from.minus(@from).squared_magnitude
    discriminant = (b * b) - (4.0 * a * c)
    return nil if discriminant < 0.0

    t1 = (-b - Math.sqrt(discriminant)) / (2.0 * a)
    t2 = (-b + Math.sqrt(discriminant)) / (2.0 * a)
    return nil unless t1 <= t2 && ((t1 <= 1.0 && 1.0 <= t2) || (t1 <= 0.0 && 0.0 <= t2) || (0.0 <= t1 && t2 <= 1.0))

    # Before this frame: then at its start.
    t = t1 <= 0.0 ? 0.0 : t1
    place = @from.plus(mine.times(t)).plus(other.from.plus(theirs.times(t))).times(0.5)
    inside?(place) ? place : nil
  end

  # Their distance does not change.
  def parallel(other)
    other.from.minus(@from).magnitude <= RADIUS ? @from.plus(other.from).times(0.5) : nil
  end

  def inside?(place)
    place.x >= MIN_X && place.x <= MAX_X && place.y >= MIN_Y && place.y <= MAX_Y && place.z >= MIN_Z && place.z <= MAX_Z
  end
end
