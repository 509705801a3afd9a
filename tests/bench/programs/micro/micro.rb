# How long one operation takes: runs the block five times with the count and prints the median, in nanoseconds of the processor.
# The block loops by itself, so the figure holds one turn of a loop too.
def micro(name, count)
  times = (1..5).map do
    started = Process.clock_gettime(Process::CLOCK_PROCESS_CPUTIME_ID)
    yield count
    Process.clock_gettime(Process::CLOCK_PROCESS_CPUTIME_ID) - started
  end
  puts "#{name}: #{(times.sort[2] * 1_000_000_000 / count).round(2)}"
end
