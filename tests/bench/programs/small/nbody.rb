# Bodies that attract each other: floating point arithmetic on instance variables.
require_relative "measure"

class Body
  attr_reader :mass
  attr_accessor :x, :y, :z, :vx, :vy, :vz

  def initialize(x, y, z, vx, vy, vz, mass)
    @x = x
    @y = y
    @z = z
    @vx = vx
    @vy = vy
    @vz = vz
    @mass = mass
  end

  def pull(other, step)
    dx = @x - other.x
    dy = @y - other.y
    dz = @z - other.z
    square = dx * dx + dy * dy + dz * dz
    force = step / (square * Math.sqrt(square))
    mine = other.mass * force
    @vx -= dx * mine
    @vy -= dy * mine
    @vz -= dz * mine
    its = @mass * force
    other.vx += dx * its
    other.vy += dy * its
    other.vz += dz * its
  end

  def move(step)
    @x += @vx * step
    @y += @vy * step
    @z += @vz * step
  end
end

def sun_and_planets
  [
    Body.new(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 40.0),
    Body.new(5.0, -1.0, 0.1, 0.6, 2.8, -0.02, 0.04),
    Body.new(8.0, 4.0, -0.4, -1.0, 1.8, 0.01, 0.01),
    Body.new(12.0, -15.0, -0.2, 1.1, 0.8, -0.01, 0.002),
    Body.new(15.0, -25.0, 0.2, 0.9, 0.6, -0.03, 0.002)
  ]
end

measure do
  bodies = sun_and_planets
  20_000.times do
    i = 0
    while i < 5
      j = i + 1
      while j < 5
        bodies[i].pull(bodies[j], 0.001)
        j += 1
      end
      i += 1
    end
    bodies.each { |body| body.move(0.001) }
  end
  (bodies.inject(0.0) { |sum, body| sum + body.x + body.vy } * 1_000_000).round
end
