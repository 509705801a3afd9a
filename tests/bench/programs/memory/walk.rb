# Walks the graph of build.rb, changes every tenth leaf and its String, and commits when ARGV[0] MiB of objects have changed.
# Prints the sum of the counters, which is the number of changes so far divided by leaves.
require_relative "figures"

LEAF_BYTES = 320
COMMIT_BYTES = Integer(ARGV[0] || 20) << 20
root = Maglev::PERSISTENT_ROOT["graph"]
leaves = 0
sum = 0
commits = 0
changed = 0
before = GC.stat
took = seconds do
  root.each do |group|
    group.each do |leaf|
      leaves += 1
      if leaf[0] % 10 == 0
        leaf[2] += 1
        leaf[1].setbyte(0, 76)
        changed += LEAF_BYTES
        if changed >= COMMIT_BYTES
          Maglev.commit_transaction
          commits += 1
          changed = 0
        end
      end
      sum += leaf[2]
    end
  end
  Maglev.commit_transaction
end
puts "leaves #{leaves} counters #{sum} commits #{commits + 1}"
puts "seconds #{took}"
print_figures(before)
