# From one thread to another and back.
require_relative "micro"

micro("process switch", 100_000) do |n|
  other = Thread.new { (n / 2).times { Thread.pass } }
  (n / 2).times { Thread.pass }
  other.join
end

micro("fiber switch", 100_000) do |n|
  fiber = Fiber.new { loop { Fiber.yield } }
  (n / 2).times { fiber.resume }
end

micro("queue hand-over", 10_000) do |n|
  queue = Thread::Queue.new
  sum = 0
  reader = Thread.new { n.times { sum += queue.pop } }
  n.times { |i| queue << i }
  reader.join
end
