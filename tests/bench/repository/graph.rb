# A tree of 8^5 leaves below nodes with two variables each: 37,449 nodes, 4,681 arrays.

Maglev.persistent do
  class GraphNode
    maglev_persistable

    attr_reader :number, :children

    def initialize(number, children)
      @number = number
      @children = children
    end

    def self.tree(depth, number)
      new(number, depth == 0 ? nil : Array.new(8) { |i| tree(depth - 1, number + i) })
    end

    # The sum of all numbers below.
    def sum
      total = @number
      if @children
        i = 0
        while i < 8
          total += @children[i].sum
          i += 1
        end
      end
      total
    end
  end
end

Maglev::PERSISTENT_ROOT["bench graph"] = GraphNode.tree(5, 1)
Maglev.commit_transaction
