# An error signalled ten frames below its handler; protection that nothing needs.
require_relative "micro"

class Trouble < StandardError
end

def below(depth)
  depth == 0 ? raise(Trouble) : below(depth - 1)
end

def attempt
  below(9)
rescue Trouble
  1
end

def guarded(x)
  x
rescue Trouble
  1
end

def ensured(x)
  x
ensure
  x
end

micro("error across 10 frames", 30_000) { |n| n.times { attempt } }
micro("rescue that nobody needs", 300_000) { |n| i = 0; (guarded(i); i += 1) while i < n }
micro("ensure", 300_000) { |n| i = 0; (ensured(i); i += 1) while i < n }
