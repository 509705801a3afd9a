# Control flow: raise and rescue across ten frames, non-local return, break, throw, thread and fiber switches, deep recursion.
# Prints `name: nanoseconds` lines; each figure is the best of five rounds, in processor time.

def best(name, count)
  times = (1..5).map do
    before = Process.clock_gettime(Process::CLOCK_PROCESS_CPUTIME_ID, :nanosecond)
    yield count
    Process.clock_gettime(Process::CLOCK_PROCESS_CPUTIME_ID, :nanosecond) - before
  end
  puts "#{name}: #{(times.min.to_f / count).round(1)}"
end

def dig(depth)
  depth == 0 ? raise(ArgumentError, "dug") : dig(depth - 1)
end

def rescued(depth)
  dig(depth)
rescue ArgumentError
  1
end

def first_over(list, limit)
  list.each { |x| return x if x > limit }
  nil
end

def deep(n)
  n == 0 ? 0 : deep(n - 1) + 1
end

list = [1, 2, 3]

best("raise_rescue_10_frames", 20_000) { |n| n.times { rescued(10) } }
best("raise_rescue_same_frame", 20_000) do |n|
  n.times do
    begin
      raise ArgumentError, "here"
    rescue ArgumentError
      1
    end
  end
end
best("nonlocal_return", 100_000) { |n| n.times { first_over(list, 1) } }
best("break", 100_000) { |n| n.times { list.each { |x| break x if x > 1 } } }
best("catch_throw", 20_000) { |n| n.times { catch(:out) { throw :out, 1 } } }
best("ensure", 100_000) do |n|
  n.times do
    begin
      1
    ensure
      2
    end
  end
end
best("thread_switch", 100_000) do |n|
  other = Thread.new { (n / 2).times { Thread.pass } }
  (n / 2).times { Thread.pass }
  other.join
end
best("fiber_switch", 100_000) do |n|
  fiber = Fiber.new { loop { Fiber.yield } }
  (n / 2).times { fiber.resume }
end
if RUBY_ENGINE == "ruby"
  # CRuby's stack ends long before.
  best("recursion_frame", 5_000) { |n| deep(n) }
else
  best("recursion_frame", 1_000_000) { |n| deep(n) }
end
