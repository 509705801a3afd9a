# frozen_string_literal: true

# What every benchmark inherits: the inner loop, the check of its result, and the clock around both. The clock counts what the processor
# spends on this process, so that a busy machine does not show.
# Must not know: any benchmark.
class Benchmark
  def self.run(name, benchmark, iterations, inner)
    total = 0
    iterations.times do
      started = Process.clock_gettime(Process::CLOCK_PROCESS_CPUTIME_ID, :microsecond)
      correct = benchmark.inner_loop(inner)
      took = Process.clock_gettime(Process::CLOCK_PROCESS_CPUTIME_ID, :microsecond) - started
      abort "#{name}: wrong result" unless correct
      puts "#{name}: iterations=1 runtime: #{took}us"
      total += took
    end
    puts "#{name}: iterations=#{iterations} average: #{total / iterations}us total: #{total}us"
  end

  # Answers whether all of the runs had the right result.
  def inner_loop(inner)
    inner.times { return false unless correct?(benchmark) }
    true
  end

  # For benchmarks whose result depends on their size: the expected one, or a word about what is missing.
  def expected(size, table)
    table.fetch(size) { raise "no result is known for size #{size}: use one of #{table.keys.join(', ')}" }
  end
end
