# Adds a package in a transaction while another process does the same, so that both change one object: the Hash of packages. One
# commit wins; the other fails with the conflict, and its transaction is done again on the new state.
#
#   gem ruby add.rb ACTOR OTHER-ACTOR DIRECTORY
#
# The two meet in DIRECTORY: each leaves a file when its change is made and waits for the other's before it commits.

actor, other, directory = ARGV

def meet(directory, actor, other)
  File.write("#{directory}/#{actor}", "ready")
  tries = 0
  until File.exist?("#{directory}/#{other}")
    tries += 1
    abort "#{other} does not come" if tries > 3000
    sleep 0.01
  end
end

attempts = 0
begin
  attempts += 1
  packages = Maglev::PERSISTENT_ROOT["packages"]
  name = "maglev-#{actor}"
  package = Debian::Package.new(name, { "Package" => name, "Version" => "0.1.0" })
  packages[name] = package
  meet(directory, actor, other) if attempts == 1
  Maglev.commit_transaction
rescue Maglev::CommitFailedException => failure
  puts "#{actor}: conflict"
  failure.conflicts.each do |_object, class_name, kind, winner, path|
    puts "  #{kind} on a #{class_name}#{path ? " at #{path}" : ''}#{winner ? ", committed by #{winner}" : ''}"
  end
  Maglev.abort_transaction
  abort "#{actor} gives up" if attempts >= 5
  retry
end
puts "#{actor}: committed #{name} in attempt #{attempts}"
