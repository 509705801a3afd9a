# Pauses of young collections with ARGV[0] MiB alive: makes them, then allocates garbage and stores some of it into old objects here and there.
require_relative "figures"

class Node
  attr_accessor :left, :right
  def initialize(left, right)
    @left = left
    @right = right
  end
end

mib = Integer(ARGV[0] || 512)
units = []
built = seconds do
  while GC.stat(:heap_live_bytes) < mib << 20
    100.times do
      units << Array.new(100) { |i| Node.new("name #{i}", [i]) }
    end
  end
end
puts "built in #{built} s, while building:"
print_figures
before = GC.stat
big = Array.new(1_000_000)
rounds = Integer(ARGV[1] || 5_000_000)
random = 1
took = seconds do
  i = 0
  while i < rounds
    node = Node.new(i, nil)
    if i % 16 == 0
      random = (random * 1_103_515_245 + 12_345) & 0x7fffffff
      units[random % units.size][random % 100].left = node
      big[random % 1_000_000] = node
    end
    i += 1
  end
end
puts "seconds #{took}"
print_figures(before)
