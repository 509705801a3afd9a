# One Array for each client of commits.rb, so that they do not meet.

ARGV[0].to_i.times { |client| Maglev::PERSISTENT_ROOT["bench client #{client}"] = [] }
Maglev.commit_transaction
