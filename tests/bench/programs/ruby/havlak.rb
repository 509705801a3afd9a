# frozen_string_literal: true

# Finds the loops of a large control flow graph, again and again, by Havlak's algorithm: collections of our own, depth-first recursion.
# The inner number is how often the loops of a small part are found before the whole graph stands; with 0 the whole is searched twice,
# otherwise 51 times.
require_relative "benchmark"
require_relative "havlak/graph"
require_relative "havlak/loops"
require_relative "havlak/finder"

class Havlak < Benchmark
  # Loops and blocks.
  RESULTS = { 0 => [1602, 5213], 1 => [1605, 5213], 15 => [1647, 5213], 150 => [2052, 5213], 1500 => [6102, 5213], 15_000 => [46_602, 5213] }.freeze

  def inner_loop(inner)
    LoopTest.new.run(inner, inner == 0 ? 1 : 50, 10, 10, 5) == expected(inner, RESULTS)
  end
end

class LoopTest
  def initialize
    @graph = ControlFlowGraph.new
    @loops = LoopStructure.new
    @graph.node(0)
  end

  def run(small, whole, outer, middle, innermost)
    base_loop(0)
    @graph.node(1)
    connect(0, 2)
    small.times { find(@loops) }
    nest(outer, middle, innermost)
    find(@loops)
    whole.times { find(LoopStructure.new) }
    @loops.calculate_nesting
    [@loops.size, @graph.size]
  end

  private

  def find(loops)
    LoopFinder.new(@graph, loops).find
  end

  def nest(outer, middle, innermost)
    n = 2
    outer.times do
      @graph.node(n + 1)
      connect(2, n + 1)
      n += 1
      middle.times do
        top = n
        n = straight(n, 1)
        innermost.times { n = base_loop(n) }
        bottom = straight(n, 1)
        connect(n, top)
        n = bottom
      end
      connect(n, 1)
    end
  end

  def base_loop(from)
    header = straight(from, 1)
    diamond1 = diamond(header)
    between = straight(diamond1, 1)
    diamond2 = diamond(between)
    footer = straight(diamond2, 1)
    connect(diamond2, between)
    connect(diamond1, header)
    connect(footer, from)
    straight(footer, 1)
  end

  def diamond(start)
    connect(start, start + 1)
    connect(start, start + 2)
    connect(start + 1, start + 3)
    connect(start + 2, start + 3)
    start + 3
  end

  def straight(start, count)
    count.times { |i| connect(start + i, start + i + 1) }
    start + count
  end

  def connect(from, to)
    BasicBlockEdge.new(@graph, from, to)
  end
end
