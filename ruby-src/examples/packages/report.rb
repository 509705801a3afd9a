# Opens the packages that load.rb committed and says what they are like. No class is defined here: they are in the repository.
#
#   gem ruby report.rb [PACKAGE]

def seconds
  Process.clock_gettime(Process::CLOCK_MONOTONIC)
end

packages = Maglev::PERSISTENT_ROOT["packages"]
abort "there are no packages: run load.rb first" unless packages

started = seconds
count = 1
packages.each { |_name, package| count += package.object_count }
walked = seconds - started

puts "packages: #{packages.size}"
puts "objects: #{count}"
puts "objects/s read for the first time: #{(count / walked).round}"

# Most dependents first, equals by name.
order = packages.values.sort do |a, b|
  by_count = b.dependents.size <=> a.dependents.size
  by_count == 0 ? a.name <=> b.name : by_count
end
puts "most reverse dependencies:"
order.first(10).each { |package| puts "  #{package.dependents.size.to_s.rjust(5)} #{package.name}" }

# The package asked for, else the one that needs most directly.
chosen = ARGV[0] ? packages[ARGV[0]] : order.max_by { |package| package.needs.size }
abort "there is no package #{ARGV[0]}" unless chosen
puts "closure of #{chosen.name}: #{chosen.closure.size}"
