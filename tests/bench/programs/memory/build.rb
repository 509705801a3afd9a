# Commits a graph of about ARGV[0] MiB: groups of 1000 leaves, a leaf an Array of number, String of 200 bytes and counter.
# A leaf with its String takes about 320 bytes of object memory. Commits about every ARGV[1] MiB. walk.rb walks it.
require_relative "figures"

LEAF_BYTES = 320
COMMIT_BYTES = Integer(ARGV[1] || 20) << 20
mib = Integer(ARGV[0] || 1024)
root = Maglev::PERSISTENT_ROOT["graph"] = []
groups = (mib << 20) / LEAF_BYTES / 1000
uncommitted = 0
took = seconds do
  groups.times do |g|
    group = []
    1000.times { |i| group << [g * 1000 + i, "leaf #{i} ".ljust(200, "."), 0] }
    root << group
    uncommitted += 1000 * LEAF_BYTES
    if uncommitted >= COMMIT_BYTES
      Maglev.commit_transaction
      uncommitted = 0
    end
  end
  Maglev.commit_transaction
end
puts "leaves #{groups * 1000}"
puts "seconds #{took}"
print_figures
