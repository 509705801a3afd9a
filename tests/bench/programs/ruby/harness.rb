# frozen_string_literal: true

# Runs one benchmark: `harness.rb NAME [ITERATIONS [INNER]]`. Every iteration prints its time in microseconds; a wrong result ends the run.
require_relative "benchmark"

abort "use: harness.rb NAME [ITERATIONS [INNER]]" if ARGV.empty?

name = ARGV[0]
iterations = Integer(ARGV[1] || 1)
inner = Integer(ARGV[2] || 1)
require_relative name.downcase
Benchmark.run(name, Object.const_get(name).new, iterations, inner)
