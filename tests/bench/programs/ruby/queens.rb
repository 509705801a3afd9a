# frozen_string_literal: true

# Eight queens, the first placement, ten times: arrays of booleans, returns out of a block.
require_relative "benchmark"

class Queens < Benchmark
  def benchmark
    result = true
    10.times { result &&= queens }
    result
  end

  def queens
    @free_rows = Array.new(8, true)
    @free_sums = Array.new(16, true)
    @free_differences = Array.new(16, true)
    @queen_rows = Array.new(8, -1)
    place(0)
  end

  def place(column)
    8.times do |row|
      next unless free?(row, column)

      @queen_rows[row] = column
      set(row, column, false)
      return true if column == 7
      return true if place(column + 1)

      set(row, column, true)
    end
    false
  end

  def free?(row, column)
    @free_rows[row] && @free_sums[column + row] && @free_differences[column - row + 7]
  end

  def set(row, column, free)
    @free_rows[row] = free
    @free_sums[column + row] = free
    @free_differences[column - row + 7] = free
  end

  def correct?(result)
    result
  end
end
