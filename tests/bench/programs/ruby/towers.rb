# frozen_string_literal: true

# The towers of Hanoi with thirteen disks on three linked piles.
require_relative "benchmark"

class TowersDisk
  attr_accessor :next
  attr_reader :size

  def initialize(size)
    @size = size
    @next = nil
  end
end

class Towers < Benchmark
  def benchmark
    @piles = Array.new(3)
    build(0, 13)
    @moves = 0
    move(13, 0, 1)
    @moves
  end

  def push(disk, pile)
    top = @piles[pile]
    raise "a big disk does not go on a smaller one" if top && disk.size >= top.size

    disk.next = top
    @piles[pile] = disk
  end

  def pop(pile)
    top = @piles[pile]
    raise "the pile is empty" unless top

    @piles[pile] = top.next
    top.next = nil
    top
  end

  def move_top(from, to)
    push(pop(from), to)
    @moves += 1
  end

  def build(pile, disks)
    disks.downto(0) { |size| push(TowersDisk.new(size), pile) }
  end

  def move(disks, from, to)
    if disks == 1
      move_top(from, to)
    else
      other = 3 - from - to
      move(disks - 1, from, other)
      move_top(from, to)
      move(disks - 1, other, to)
    end
  end

  def correct?(result)
    result == 8191
  end
end
