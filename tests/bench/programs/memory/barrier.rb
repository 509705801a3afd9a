# What the load barrier costs: the same walk over a graph that was faulted in and over one that was made in memory.
# Run once with `build` to commit the graph, then without.
require_relative "figures"

def graph
  Array.new(200) { |g| Array.new(1000) { |i| [g, "x", [i]] } }
end

def walk(graph)
  sum = 0
  i = 0
  while i < graph.size
    group = graph[i]
    j = 0
    while j < group.size
      leaf = group[j]
      sum += leaf[0] + leaf[2][0]
      j += 1
    end
    i += 1
  end
  sum
end

if ARGV[0] == "build"
  Maglev::PERSISTENT_ROOT["barrier"] = graph
  Maglev.commit_transaction
  exit
end
made = graph
faulted = Maglev::PERSISTENT_ROOT["barrier"]
first = seconds { walk(faulted) }
GC.start
walk(made)
best = { made: 1e9, faulted: 1e9 }
20.times do
  best[:made] = [best[:made], seconds { walk(made) }].min
  best[:faulted] = [best[:faulted], seconds { walk(faulted) }].min
end
puts "first walk, which faults: #{first} s"
puts "made #{best[:made]} s, faulted #{best[:faulted]} s"
puts "percent #{((best[:faulted] / best[:made] - 1) * 100).round(1)}"
