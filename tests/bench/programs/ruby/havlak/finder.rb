# frozen_string_literal: true

# Havlak's algorithm over one graph; each run of `find` starts anew.
require_relative "../som/dictionary"
require_relative "../som/set"

class UnionFindNode
  attr_reader :block, :number, :parent
  attr_accessor :loop

  def initialize
    @parent = nil
    @block = nil
    @number = 0
    @loop = nil
  end

  def set(block, number)
    @parent = self
    @block = block
    @number = number
    @loop = nil
  end

  # The representative; shortens the way to it.
  def find_set
    passed = SomVector.new
    node = self
    until node.equal?(node.parent)
      passed.append(node) unless node.parent.equal?(node.parent.parent)
      node = node.parent
    end
    passed.each { |each| each.union(@parent) }
    node
  end

  def union(node)
    @parent = node
  end
end

class LoopFinder
  UNVISITED = 2_147_483_647
  BACK_PREDECESSORS_MAX = 32 * 1024

  def initialize(graph, loops)
    @graph = graph
    @loops = loops
    @non_back = SomVector.new
    @back = SomVector.new
    @numbers = SomIdentityDictionary.new
    @size_max = 0
    @header = nil
    @type = nil
    @last = nil
    @nodes = nil
  end

  def find
    return unless @graph.start

    size = @graph.size
    prepare(size)
    number_blocks
    identify_edges(size)
    @header[0] = 0
    (size - 1).downto(0) do |w|
      pool = SomVector.new
      block = @nodes[w].block
      if block
        collect_back(w, pool)
        todo = SomVector.new
        pool.each { |node| todo.append(node) }
        @type[w] = :reducible if pool.size != 0
        until todo.empty?
          x = todo.remove_first
          return if @non_back.at(x.number).size > BACK_PREDECESSORS_MAX

          collect_non_back(w, pool, todo, x)
        end
      end
      if pool.size > 0 || @type[w] == :self
        found = @loops.new_loop(block, @type[w] != :irreducible)
        set_loop(w, pool, found)
      end
    end
  end

  private

  def prepare(size)
    @non_back.remove_all
    @back.remove_all
    @numbers.remove_all
    if size > @size_max
      @header = Array.new(size)
      @type = Array.new(size)
      @last = Array.new(size)
      @nodes = Array.new(size)
      @size_max = size
    end
    size.times do |i|
      @non_back.append(SomSet.new)
      @back.append(SomVector.new)
      @nodes[i] = UnionFindNode.new
    end
  end

  def number_blocks
    @graph.blocks.each { |block| @numbers.at_put(block, UNVISITED) }
    number_from(@graph.start, 0)
  end

  def number_from(block, current)
    @nodes[current].set(block, current)
    @numbers.at_put(block, current)
    last = current
    block.out_edges.each do |target|
      last = number_from(target, last + 1) if @numbers.at(target) == UNVISITED
    end
    @last[current] = last
    last
  end

  def ancestor?(w, v)
    w <= v && v <= @last[w]
  end

  def identify_edges(size)
    size.times do |w|
      @header[w] = 0
      @type[w] = :nonheader
      block = @nodes[w].block
      if block
        edges_of(block, w)
      else
        @type[w] = :dead
      end
    end
  end

  def edges_of(block, w)
    return unless block.predecessors > 0

    block.in_edges.each do |from|
      v = @numbers.at(from)
      next if v == UNVISITED

      if ancestor?(w, v)
        @back.at(w).append(v)
      else
        @non_back.at(w).add(v)
      end
    end
  end

  def collect_back(w, pool)
    @back.at(w).each do |v|
      if v == w
        @type[w] = :self
      else
        pool.append(@nodes[v].find_set)
      end
    end
  end

  def collect_non_back(w, pool, todo, x)
    @non_back.at(x.number).each do |number|
      y = @nodes[number].find_set
      if !ancestor?(w, y.number)
        @type[w] = :irreducible
        @non_back.at(w).add(y.number)
      elsif y.number != w
        unless pool.has_some { |node| node.equal?(y) }
          todo.append(y)
          pool.append(y)
        end
      end
    end
  end

  def set_loop(w, pool, found)
    @nodes[w].loop = found
    pool.each do |node|
      @header[node.number] = w
      node.union(@nodes[w])
      if node.loop
        node.loop.parent = found
      else
        found.add_block(node.block)
      end
    end
  end
end
