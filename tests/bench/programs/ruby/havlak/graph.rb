# frozen_string_literal: true

# The control flow graph: basic blocks with numbers for names, and edges.
require_relative "../som/vector"

class BasicBlock
  attr_reader :in_edges, :out_edges

  def initialize(name)
    @name = name
    @in_edges = SomVector.new(2)
    @out_edges = SomVector.new(2)
  end

  def add_out(block)
    @out_edges.append(block)
  end

  def add_in(block)
    @in_edges.append(block)
  end

  def predecessors
    @in_edges.size
  end

  def custom_hash
    @name
  end
end

class BasicBlockEdge
  def initialize(graph, from, to)
    @from = graph.node(from)
    @to = graph.node(to)
    @from.add_out(@to)
    @to.add_in(@from)
    graph.add_edge(self)
  end
end

class ControlFlowGraph
  attr_reader :start, :blocks

  def initialize
    @start = nil
    @blocks = SomVector.new
    @edges = SomVector.new
  end

  # Makes the block when it is not there.
  def node(name)
    if @blocks.at(name)
      node = @blocks.at(name)
    else
      node = BasicBlock.new(name)
      @blocks.at_put(name, node)
    end
    @start = node if size == 1
    node
  end

  def add_edge(edge)
    @edges.append(edge)
  end

  def size
    @blocks.size
  end
end
