# Looks at every object that load.rb committed, in a gem that has none of them yet.

started = Process.clock_gettime(Process::CLOCK_MONOTONIC)
objects = 1
sum = 0
Maglev::PERSISTENT_ROOT["bench nodes"].each do |node|
  objects += 2
  sum += node.number + node.label.size
end
took = Process.clock_gettime(Process::CLOCK_MONOTONIC) - started
abort "the objects have changed: #{sum}" unless sum == 1_250_463_890
puts "objects #{objects}"
puts "seconds #{took}"
