# Exceptions: raised and rescued through a few frames, ensure clauses, and rescue clauses that nothing reaches.
require_relative "measure"

class Trouble < StandardError
end

def deep(n, i)
  return deep(n - 1, i) if n > 0
  raise Trouble, "at #{i}" if i % 4 == 0
  i
end

measure do
  caught = 0
  ensured = 0
  80_000.times do |i|
    begin
      caught += deep(3, i) & 1
    rescue Trouble => trouble
      caught += trouble.message.size
    ensure
      ensured += 1
    end
  end
  caught + ensured
end
