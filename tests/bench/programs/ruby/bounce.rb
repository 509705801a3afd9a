# frozen_string_literal: true

# Balls in a box: small integers, instance variables, sends.
require_relative "benchmark"
require_relative "som/random"

class Bounce < Benchmark
  def benchmark
    random = SomRandom.new
    balls = Array.new(100) { Ball.new(random) }
    bounces = 0
    50.times do
      balls.each { |ball| bounces += 1 if ball.bounce }
    end
    bounces
  end

  def correct?(result)
    result == 1331
  end
end

class Ball
  def initialize(random)
    @x = random.next % 500
    @y = random.next % 500
    @x_speed = (random.next % 300) - 150
    @y_speed = (random.next % 300) - 150
  end

  # One step; answers whether a wall was hit.
  def bounce
    limit = 500
    hit = false
    @x += @x_speed
    @y += @y_speed
    if @x > limit
      @x = limit
      @x_speed = 0 - @x_speed.abs
      hit = true
    end
    if @x < 0
      @x = 0
      @x_speed = @x_speed.abs
      hit = true
    end
    if @y > limit
      @y = limit
      @y_speed = 0 - @y_speed.abs
      hit = true
    end
    if @y < 0
      @y = 0
      @y_speed = @y_speed.abs
      hit = true
    end
    hit
  end
end
