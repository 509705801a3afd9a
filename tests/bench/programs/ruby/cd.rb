# frozen_string_literal: true

# Air traffic: in every frame, which aircraft come too close? Red-black trees, vectors of floats, deep recursion.
# The inner number is how many aircraft there are.
require_relative "benchmark"
require_relative "cd/detector"

class CD < Benchmark
  FRAMES = 200
  RESULTS = { 2 => 42, 10 => 390, 100 => 4305, 200 => 8655, 250 => 10_830, 500 => 14_484, 1000 => 14_484 }.freeze

  def inner_loop(inner)
    collisions(inner) == expected(inner, RESULTS)
  end

  def collisions(aircraft)
    simulator = Simulator.new(aircraft)
    detector = CollisionDetector.new
    count = 0
    FRAMES.times { |i| count += detector.handle(simulator.frame(i / 10.0)).size }
    count
  end
end
