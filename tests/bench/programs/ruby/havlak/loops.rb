# frozen_string_literal: true

# What is found: loops inside loops.
require_relative "../som/set"

class SimpleLoop
  attr_reader :children, :parent, :nesting, :root
  attr_writer :counter, :depth

  def initialize(header, reducible)
    @reducible = reducible
    @parent = nil
    @root = false
    @nesting = 0
    @depth = 0
    @counter = 0
    @blocks = SomIdentitySet.new
    @children = SomIdentitySet.new
    @blocks.add(header) if header
    @header = header
  end

  def add_block(block)
    @blocks.add(block)
  end

  def add_child(child)
    @children.add(child)
  end

  def parent=(parent)
    @parent = parent
    @parent.add_child(self)
  end

  def nesting=(level)
    @nesting = level
    @root = true if level == 0
  end
end

class LoopStructure
  def initialize
    @counter = 0
    @loops = SomVector.new
    @root = new_loop(nil, true)
    @root.nesting = 0
  end

  def new_loop(header, reducible)
    found = SimpleLoop.new(header, reducible)
    found.counter = @counter
    @counter += 1
    @loops.append(found)
    found
  end

  def calculate_nesting
    @loops.each do |each|
      each.parent = @root unless each.root || each.parent
    end
    calculate_below(@root, 0)
  end

  def calculate_below(outer, depth)
    outer.depth = depth
    outer.children.each do |child|
      calculate_below(child, depth + 1)
      outer.nesting = larger(outer.nesting, 1 + child.nesting)
    end
  end

  def larger(a, b)
    a < b ? b : a
  end

  def size
    @loops.size
  end
end
