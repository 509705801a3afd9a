# TSort: topological sorting by Tarjan's strongly connected components.

module TSort
  class Cyclic < StandardError
  end

  def tsort
    tsort_each.to_a
  end

  def tsort_each
    return to_enum(:tsort_each) unless block_given?
    each_strongly_connected_component do |component|
      if component.size > 1
        raise Cyclic, "topological sort failed: #{component.inspect}"
      end
      yield component[0]
    end
  end

  def strongly_connected_components
    each_strongly_connected_component.to_a
  end

  def each_strongly_connected_component(&block)
    return to_enum(:each_strongly_connected_component) unless block
    numbers = {}
    stack = []
    tsort_each_node do |node|
      TSort.visit(self, node, numbers, stack, &block) unless numbers.key?(node)
    end
    nil
  end

  # Answers the lowest number reachable from node; nil in the table marks what is done.
  def self.visit(graph, node, numbers, stack, &block)
    low = mine = numbers[node] = numbers.size
    depth = stack.size
    stack << node
    graph.tsort_each_child(node) do |child|
      if numbers.key?(child)
        other = numbers[child]
        low = other if other && other < low
      else
        other = visit(graph, child, numbers, stack, &block)
        low = other if other < low
      end
    end
    if low == mine
      component = stack.slice!(depth..-1)
      component.each { |n| numbers[n] = nil }
      block.call(component)
      return numbers.size
    end
    low
  end
end
