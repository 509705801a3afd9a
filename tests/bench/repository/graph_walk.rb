# Walks over the tree that graph.rb committed, once it is here, and over the same tree made in this gem.

def median_of(tree)
  times = (1..15).map do
    started = Process.clock_gettime(Process::CLOCK_PROCESS_CPUTIME_ID)
    sum = tree.sum
    took = Process.clock_gettime(Process::CLOCK_PROCESS_CPUTIME_ID) - started
    abort "the tree has changed: #{sum}" unless sum == 674_085
    took
  end
  times.sort[7]
end

committed = Maglev::PERSISTENT_ROOT["bench graph"]
made = GraphNode.tree(5, 1)
committed.sum
first = median_of(committed)
memory = median_of(made)
# The second time around, so that neither has the warmer caches.
puts "committed #{[first, median_of(committed)].min}"
puts "memory #{[memory, median_of(made)].min}"
