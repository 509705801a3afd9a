# Commits 100,000 objects in one transaction.

Maglev.persistent do
  class BenchNode
    maglev_persistable

    attr_reader :number, :label, :neighbour

    def initialize(number, label, neighbour)
      @number = number
      @label = label
      @neighbour = neighbour
    end
  end
end

nodes = []
before = nil
50_000.times do |i|
  before = BenchNode.new(i, "node #{i}", before)
  nodes << before
end
Maglev::PERSISTENT_ROOT["bench nodes"] = nodes
started = Process.clock_gettime(Process::CLOCK_MONOTONIC)
Maglev.commit_transaction
took = Process.clock_gettime(Process::CLOCK_MONOTONIC) - started
puts "objects 100001"
puts "seconds #{took}"
