# frozen_string_literal: true

# Moves the aircraft, remembers where each was, and compares those that share a square.
require_relative "voxels"

class CallSign
  attr_reader :value

  def initialize(value)
    @value = value
  end

  def compare_to(other)
    @value == other.value ? 0 : (@value < other.value ? -1 : 1)
  end
end

class Aircraft
  attr_reader :callsign, :position

  def initialize(callsign, position)
    @callsign = callsign
    @position = position
  end
end

class Collision
  attr_reader :one, :other, :position

  def initialize(one, other, position)
    @one = one
    @other = other
    @position = position
  end
end

class Simulator
  def initialize(count)
    @callsigns = SomVector.new
    count.times { |i| @callsigns.append(CallSign.new(i)) }
  end

  # Where all aircraft are at that time.
  def frame(time)
    frame = SomVector.new
    (0...@callsigns.size).step(2) do |i|
      frame.append(Aircraft.new(@callsigns.at(i), Vector3D.new(time, (Math.cos(time) * 2.0) + (i * 3.0), 10.0)))
      frame.append(Aircraft.new(@callsigns.at(i + 1), Vector3D.new(time, (Math.sin(time) * 2.0) + (i * 3.0), 10.0)))
    end
    frame
  end
end

class CollisionDetector
  def initialize
    @places = RedBlackTree.new
  end

  # The collisions since the frame before.
  def handle(frame)
    motions = motions_to(frame)
    voxels = VoxelMap.new
    motions.each { |motion| voxels.draw(motion) }
    collisions = SomVector.new
    voxels.crowded.each { |crowd| compare(crowd, collisions) }
    collisions
  end

  private

  def motions_to(frame)
    motions = SomVector.new
    seen = RedBlackTree.new
    frame.each do |aircraft|
      to = aircraft.position
      from = @places.put(aircraft.callsign, to)
      seen.put(aircraft.callsign, true)
      # A new one stands still.
      from = to unless from
      motions.append(Motion.new(aircraft.callsign, from, to))
    end
    gone = SomVector.new
    @places.each { |entry| gone.append(entry.key) unless seen.get(entry.key) }
    gone.each { |callsign| @places.remove(callsign) }
    motions
  end

  def compare(crowd, collisions)
    crowd.size.times do |i|
      one = crowd.at(i)
      ((i + 1)...crowd.size).each do |j|
        other = crowd.at(j)
        place = one.intersection(other)
        collisions.append(Collision.new(one.callsign, other.callsign, place)) if place
      end
    end
  end
end
