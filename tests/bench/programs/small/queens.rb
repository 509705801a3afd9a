# The number of ways to put queens on a board so that none attacks another.
require_relative "measure"

class Board
  def initialize(size)
    @size = size
    @columns = Array.new(size, false)
    @rising = Array.new(2 * size, false)
    @falling = Array.new(2 * size, false)
  end

  def solutions(row = 0)
    return 1 if row == @size
    found = 0
    @size.times do |column|
      up = row + column
      down = row - column + @size
      next if @columns[column] || @rising[up] || @falling[down]
      @columns[column] = @rising[up] = @falling[down] = true
      found += solutions(row + 1)
      @columns[column] = @rising[up] = @falling[down] = false
    end
    found
  end
end

measure { Board.new(10).solutions }
