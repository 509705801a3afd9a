# Small durable commits: ten objects of 100 bytes each. One client of several that run at once.
#
#   commits.rb CLIENT COMMITS

client = ARGV[0].to_i
mine = Maglev::PERSISTENT_ROOT["bench client #{client}"]
# Everybody has logged in before the clock runs: the harness answers "go" when all have said "ready".
puts "ready"
$stdout.flush
$stdin.gets
started = Process.clock_gettime(Process::CLOCK_MONOTONIC)
ARGV[1].to_i.times do |round|
  mine.clear
  10.times { |i| mine << "#{client} #{round} #{i} ".ljust(100, "x") }
  Maglev.commit_transaction
end
puts "seconds #{Process.clock_gettime(Process::CLOCK_MONOTONIC) - started}"
