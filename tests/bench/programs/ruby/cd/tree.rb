# frozen_string_literal: true

# A red-black tree whose keys answer `compare_to`.
class TreeNode
  attr_reader :key
  attr_accessor :value, :left, :right, :parent, :color

  def initialize(key, value)
    @key = key
    @value = value
    @left = nil
    @right = nil
    @parent = nil
    @color = :red
  end

  def minimum
    node = self
    node = node.left while node.left
    node
  end

  def successor
    return @right.minimum if @right

    node = self
    above = node.parent
    while above && node.equal?(above.right)
      node = above
      above = node.parent
    end
    above
  end
end

class TreeEntry
  attr_reader :key, :value

  def initialize(key, value)
    @key = key
    @value = value
  end
end

class TreeInsertion
  attr_reader :new_node, :old_value

  def initialize(is_new, new_node, old_value)
    @is_new = is_new
    @new_node = new_node
    @old_value = old_value
  end

  def new?
    @is_new
  end
end

class RedBlackTree
  def initialize
    @root = nil
  end

  # Answers the value that stood there, or nil.
  def put(key, value)
    insertion = insert(key, value)
    return insertion.old_value unless insertion.new?

    x = insertion.new_node
    while !x.equal?(@root) && x.parent.color == :red
      if x.parent.equal?(x.parent.parent.left)
        uncle = x.parent.parent.right
        if uncle && uncle.color == :red
          x = recolor(x, uncle)
        else
          if x.equal?(x.parent.right)
            x = x.parent
            rotate_left(x)
          end
          x.parent.color = :black
          x.parent.parent.color = :red
          rotate_right(x.parent.parent)
        end
      else
        uncle = x.parent.parent.left
        if uncle && uncle.color == :red
          x = recolor(x, uncle)
        else
          if x.equal?(x.parent.left)
            x = x.parent
            rotate_right(x)
          end
          x.parent.color = :black
          x.parent.parent.color = :red
          rotate_left(x.parent.parent)
        end
      end
    end
    @root.color = :black
    nil
  end

  # Answers the value that stood there, or nil.
  def remove(key)
    z = find(key)
    return nil unless z

    # y is the node that leaves the tree, x its child, which takes its place and may be nil.
    y = z.left.nil? || z.right.nil? ? z : z.successor
    x = y.left ? y.left : y.right
    above = y.parent
    x.parent = above if x
    if above.nil?
      @root = x
    elsif y.equal?(above.left)
      above.left = x
    else
      above.right = x
    end
    if y.equal?(z)
      fix_removal(x, above) if y.color == :black
    else
      fix_removal(x, above) if y.color == :black
      put_in_place(y, z)
    end
    z.value
  end

  def get(key)
    node = find(key)
    node ? node.value : nil
  end

  def each
    return unless @root

    node = @root.minimum
    while node
      yield TreeEntry.new(node.key, node.value)
      node = node.successor
    end
  end

  private

  def find(key)
    node = @root
    while node
      order = key.compare_to(node.key)
      return node if order == 0

      node = order < 0 ? node.left : node.right
    end
    nil
  end

  def insert(key, value)
    above = nil
    node = @root
    while node
      above = node
      order = key.compare_to(node.key)
      if order < 0
        node = node.left
      elsif order > 0
        node = node.right
      else
        old = node.value
        node.value = value
        return TreeInsertion.new(false, nil, old)
      end
    end
    made = TreeNode.new(key, value)
    made.parent = above
    if above.nil?
      @root = made
    elsif key.compare_to(above.key) < 0
      above.left = made
    else
      above.right = made
    end
    TreeInsertion.new(true, made, nil)
  end

  def recolor(x, uncle)
    x.parent.color = :black
    uncle.color = :black
    x.parent.parent.color = :red
    x.parent.parent
  end

  def rotate_left(x)
    y = x.right
    x.right = y.left
    y.left.parent = x if y.left
    replace_child(x, y)
    y.left = x
    x.parent = y
  end

  def rotate_right(x)
    y = x.left
    x.left = y.right
    y.right.parent = x if y.right
    replace_child(x, y)
    y.right = x
    x.parent = y
  end

  # The parent of x gets y instead.
  def replace_child(x, y)
    above = x.parent
    y.parent = above
    if above.nil?
      @root = y
    elsif x.equal?(above.left)
      above.left = y
    else
      above.right = y
    end
  end

  # y takes over z's links and color.
  def put_in_place(y, z)
    y.color = z.color
    y.left = z.left
    y.right = z.right
    z.left.parent = y if z.left
    z.right.parent = y if z.right
    replace_child(z, y)
  end

  def black?(node)
    node.nil? || node.color == :black
  end

  def fix_removal(x, above)
    while !x.equal?(@root) && black?(x)
      if x.equal?(above.left)
        sibling = above.right
        if sibling.color == :red
          sibling.color = :black
          above.color = :red
          rotate_left(above)
          sibling = above.right
        end
        if black?(sibling.left) && black?(sibling.right)
          sibling.color = :red
          x = above
          above = x.parent
        else
          if black?(sibling.right)
            sibling.left.color = :black
            sibling.color = :red
            rotate_right(sibling)
            sibling = above.right
          end
          sibling.color = above.color
          above.color = :black
          sibling.right.color = :black if sibling.right
          rotate_left(above)
          x = @root
          above = x.parent
        end
      else
        sibling = above.left
        if sibling.color == :red
          sibling.color = :black
          above.color = :red
          rotate_right(above)
          sibling = above.left
        end
        if black?(sibling.right) && black?(sibling.left)
          sibling.color = :red
          x = above
          above = x.parent
        else
          if black?(sibling.left)
            sibling.right.color = :black
            sibling.color = :red
            rotate_left(sibling)
            sibling = above.left
          end
          sibling.color = above.color
          above.color = :black
          sibling.left.color = :black if sibling.left
          rotate_right(above)
          x = @root
          above = x.parent
        end
      end
    end
    x.color = :black if x
  end
end
