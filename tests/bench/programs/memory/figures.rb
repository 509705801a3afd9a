# Prints what the object memory did since `before`, and what it is now.
def print_figures(before = nil)
  now = GC.stat
  since = ->(name) { now[name] - (before ? before[name] : 0) }
  puts "young #{since[:minor_gc_count]} p50 #{now[:minor_pause_p50_us]} us p99 #{now[:minor_pause_p99_us]} us max #{now[:minor_pause_max_us]} us in all #{since[:minor_time]} ms"
  puts "full #{since[:major_gc_count]} p99 #{now[:major_pause_p99_us]} us in all #{since[:major_time]} ms"
  puts "live #{now[:heap_live_bytes] >> 20} MiB taken #{now[:heap_allocated_bytes] >> 20} of #{now[:heap_limit_bytes] >> 20} MiB"
  puts "faults #{since[:faults]} (#{since[:fault_bytes] >> 20} MiB) again #{since[:refaults]} stubs #{since[:stubs]} dropped #{since[:dropped_objects]}"
  resident = File.foreach("/proc/self/status").find { |line| line.start_with?("VmHWM:") }
  puts "resident at most #{resident.split[1].to_i >> 10} MiB"
end

def seconds
  started = Process.clock_gettime(Process::CLOCK_MONOTONIC)
  yield
  Process.clock_gettime(Process::CLOCK_MONOTONIC) - started
end
