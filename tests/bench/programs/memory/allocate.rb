# Small objects that are dropped at once: how many a second.
require_relative "figures"

class Point
  def initialize(x, y)
    @x = x
    @y = y
  end
end

class Bare
end

def points(count)
  i = 0
  while i < count
    Point.new(i, i)
    i += 1
  end
end

def bare(count)
  i = 0
  while i < count
    Bare.new
    i += 1
  end
end

def nothing(count)
  i = 0
  while i < count
    i += 1
  end
end

COUNT = Integer(ARGV[0] || 5_000_000)
empty = 3.times.map { seconds { nothing(COUNT) } }.min
[:bare, :points].each do |name|
  took = 3.times.map { seconds { send(name, COUNT) } }.min
  puts "#{name} #{(COUNT / took / 1e6).round(1)} million a second, without the loop #{(COUNT / (took - empty) / 1e6).round(1)}"
end
print_figures
