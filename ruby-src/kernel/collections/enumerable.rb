# Enumerable: everything over each. Several values yielded at once reach one-value methods as an Array.

module Enumerable
  def to_a(*args, **options)
    made = []
    each(*args, **options) { |*item| made << __pack(item) }
    made
  end

  alias entries to_a

  def each_entry(*args)
    return to_enum(:each_entry, *args) unless block_given?
    each(*args) { |*item| yield __pack(item) }
    self
  end

  def map(&block)
    return to_enum(:map) { __enum_size } unless block
    made = []
    if block.lambda?
      each { |*item| made << block.call(*item) }
    else
      each { |*item| made << yield(*item) }
    end
    made
  end

  alias collect map

  # Size for enumerators without counting: what the receiver's size says, or nil.
  def __enum_size
    respond_to?(:size) ? size : nil
  end

  def flat_map
    return to_enum(:flat_map) { __enum_size } unless block_given?
    made = []
    each do |*item|
      part = yield(*item)
      list = __check_ary(part)
      list ? made.concat(list) : made << part
    end
    made
  end

  alias collect_concat flat_map

  def filter_map
    return to_enum(:filter_map) { __enum_size } unless block_given?
    made = []
    each do |*item|
      found = yield(*item)
      made << found if found
    end
    made
  end

  def select
    return to_enum(:select) { __enum_size } unless block_given?
    made = []
    each do |*item|
      item = __pack(item)
      made << item if yield(item)
    end
    made
  end

  alias filter select
  alias find_all select

  def reject
    return to_enum(:reject) { __enum_size } unless block_given?
    made = []
    each do |*item|
      item = __pack(item)
      made << item unless yield(item)
    end
    made
  end

  def partition
    return to_enum(:partition) { __enum_size } unless block_given?
    yes = []
    no = []
    each do |*item|
      item = __pack(item)
      (yield(item) ? yes : no) << item
    end
    [yes, no]
  end

  def group_by
    return to_enum(:group_by) { __enum_size } unless block_given?
    groups = {}
    each do |*item|
      item = __pack(item)
      key = yield item
      list = groups[key]
      list ? list << item : groups[key] = [item]
    end
    groups
  end

  def tally(counts = nil)
    if counts
      counts = __hsh(counts)
      raise FrozenError.new("can't modify frozen Hash: #{counts.inspect}", receiver: counts) if counts.frozen?
    else
      counts = {}
    end
    each do |*item|
      item = __pack(item)
      before = counts.fetch(item, 0)
      raise TypeError, "wrong argument type #{before.class} (expected Integer)" unless Integer === before
      counts[item] = before + 1
    end
    counts
  end

  def tally_by(&block)
    return to_enum(:tally_by) { __enum_size } unless block
    map(&block).tally
  end

  def each_with_index(*args)
    return to_enum(:each_with_index, *args) { __enum_size } unless block_given?
    i = 0
    each(*args) do |*item|
      yield __pack(item), i
      i += 1
    end
    self
  end

  def each_with_object(memo)
    return to_enum(:each_with_object, memo) { __enum_size } unless block_given?
    each { |*item| yield __pack(item), memo }
    memo
  end

  def reverse_each(*args, &block)
    return to_enum(:reverse_each, *args) { __enum_size } unless block
    to_a(*args).reverse_each(&block)
    self
  end

  def each_slice(count)
    count = __long(count)
    raise ArgumentError, "invalid slice size" if count <= 0
    unless block_given?
      return to_enum(:each_slice, count) do
        total = __enum_size
        total && (total + count - 1).div(count)
      end
    end
    part = []
    each do |*item|
      part << __pack(item)
      if part.__size == count
        yield part
        part = []
      end
    end
    yield part unless part.__size == 0
    self
  end

  def each_cons(count)
    count = __long(count)
    raise ArgumentError, "invalid size" if count <= 0
    unless block_given?
      return to_enum(:each_cons, count) do
        total = __enum_size
        total && (total < count ? 0 : total - count + 1)
      end
    end
    window = []
    each do |*item|
      window.shift if window.__size == count
      window << __pack(item)
      yield window.dup if window.__size == count
    end
    self
  end

  def inject(initial = Primitive.undefined, operation = Primitive.undefined)
    if Primitive.undefined?(operation) && !block_given?
      raise LocalJumpError, "no block given" if Primitive.undefined?(initial)
      operation = initial
      initial = Primitive.undefined
    end
    memo = initial
    if Primitive.undefined?(operation)
      each do |*item|
        item = __pack(item)
        memo = Primitive.undefined?(memo) ? item : yield(memo, item)
      end
    else
      operation = __name_of(operation)
      each do |*item|
        item = __pack(item)
        memo = Primitive.undefined?(memo) ? item : memo.__send__(operation, item)
      end
    end
    Primitive.undefined?(memo) ? nil : memo
  end

  alias reduce inject

  def sum(initial = 0, &block)
    block ? map(&block).sum(initial) : to_a.sum(initial)
  end

  def count(value = Primitive.undefined)
    found = 0
    if !Primitive.undefined?(value)
      warn("given block not used", uplevel: 1) if block_given?
      each { |*item| found += 1 if __pack(item) == value }
    elsif block_given?
      each { |*item| found += 1 if yield(*item) }
    else
      each { found += 1 }
    end
    found
  end

  def find(if_none = nil)
    return to_enum(:find, if_none) unless block_given?
    each do |*item|
      item = __pack(item)
      return item if yield(item)
    end
    nil.equal?(if_none) ? nil : if_none.call
  end

  alias detect find

  def find_index(value = Primitive.undefined)
    return to_enum(:find_index) if Primitive.undefined?(value) && !block_given?
    i = 0
    warn("given block not used", uplevel: 1) if block_given? && !Primitive.undefined?(value)
    if Primitive.undefined?(value)
      each do |*item|
        return i if yield(*item)
        i += 1
      end
    else
      each do |*item|
        return i if __pack(item) == value
        i += 1
      end
    end
    nil
  end

  def include?(value)
    each { |*item| return true if __pack(item) == value }
    false
  end

  alias member? include?

  def first(count = Primitive.undefined)
    if Primitive.undefined?(count)
      each { |*item| return __pack(item) }
      return nil
    end
    take(count, "attempt to take negative size")
  end

  def take(count, complaint = "attempt to take negative size")
    count = __long(count)
    raise ArgumentError, complaint if count < 0
    made = []
    return made if count == 0
    each do |*item|
      made << __pack(item)
      break if made.__size >= count
    end
    made
  end

  def take_while
    return to_enum(:take_while) unless block_given?
    made = []
    each do |*item|
      break unless yield(*item)
      made << __pack(item)
    end
    made
  end

  def drop(count)
    count = __long(count)
    raise ArgumentError, "attempt to drop negative size" if count < 0
    made = []
    i = 0
    each do |*item|
      made << __pack(item) if i >= count
      i += 1
    end
    made
  end

  def drop_while
    return to_enum(:drop_while) unless block_given?
    made = []
    dropping = true
    each do |*item|
      item = __pack(item)
      dropping = false if dropping && !yield(item)
      made << item unless dropping
    end
    made
  end

  def all?(pattern = Primitive.undefined, &block)
    !__some?(false, pattern, &block)
  end

  def any?(pattern = Primitive.undefined, &block)
    __some?(true, pattern, &block)
  end

  def none?(pattern = Primitive.undefined, &block)
    !__some?(true, pattern, &block)
  end

  # Whether some item passes (wanted true) or fails (false) the test: the pattern's, the block's, or its own truth.
  def __some?(wanted, pattern)
    unwanted = !wanted
    if !Primitive.undefined?(pattern)
      each { |*item| return true if pattern === __pack(item) ? wanted : unwanted }
    elsif block_given?
      each { |*item| return true if yield(*item) ? wanted : unwanted }
    else
      each { |*item| return true if __pack(item) ? wanted : unwanted }
    end
    false
  end

  def one?(pattern = Primitive.undefined)
    found = 0
    each do |*item|
      hit = if !Primitive.undefined?(pattern)
        pattern === __pack(item)
      elsif block_given?
        yield(*item)
      else
        __pack(item)
      end
      return false if hit && (found += 1) > 1
    end
    found == 1
  end

  def sort(&block)
    to_a.sort(&block)
  end

  def sort_by(&block)
    return to_enum(:sort_by) { __enum_size } unless block
    items = []
    keys = []
    each do |*item|
      item = __pack(item)
      items << item
      keys << yield(item)
    end
    items.__sort_by_keys(keys)
  end

  def min(count = nil, &block)
    to_a.min(count, &block)
  end

  def max(count = nil, &block)
    to_a.max(count, &block)
  end

  def minmax(&block)
    to_a.minmax(&block)
  end

  def min_by(count = nil, &block)
    return to_enum(:min_by, count) { __enum_size } unless block
    nil.equal?(count) ? __extreme_by(-1, &block) : sort_by(&block).first(count)
  end

  def max_by(count = nil, &block)
    return to_enum(:max_by, count) { __enum_size } unless block
    nil.equal?(count) ? __extreme_by(1, &block) : sort_by(&block).reverse.first(count)
  end

  # The item with the least key for the sign -1, with the greatest for 1; the first one of equals.
  def __extreme_by(sign)
    best = nil
    best_key = Primitive.undefined
    each do |*item|
      item = __pack(item)
      key = yield item
      if Primitive.undefined?(best_key) || __compare(key, best_key) * sign > 0
        best = item
        best_key = key
      end
    end
    best
  end

  def minmax_by(&block)
    return to_enum(:minmax_by) { __enum_size } unless block
    [min_by(&block), max_by(&block)]
  end

  def uniq
    seen = {}
    each do |*item|
      key = block_given? ? yield(*item) : __pack(item)
      seen.__store_key(key, __pack(item)) unless seen.key?(key)
    end
    seen.values
  end

  def to_set(klass = Set, *args, &block)
    klass.new(self, *args, &block)
  end

  def to_h(*args)
    made = {}
    each(*args) do |*item|
      pair = __pair_of(block_given? ? yield(*item) : __pack(item))
      made[pair.__at(0)] = pair.__at(1)
    end
    made
  end

  # A key and a value, for to_h.
  def __pair_of(item)
    pair = __check_ary(item)
    raise TypeError, "wrong element type #{item.class} (expected array)" unless pair
    raise ArgumentError, "element has wrong array length (expected 2, was #{pair.size})" if pair.__size != 2
    pair
  end

  def compact
    reject { |item| nil.equal?(item) }
  end

  def zip(*others, &block)
    others = others.map do |other|
      list = __check_ary(other)
      next list if list
      raise TypeError, "wrong argument type #{other.class} (must respond to :each)" unless other.respond_to?(:each)
      other.to_enum(:each)
    end
    items = to_a
    items.zip(*others.map { |other| Array === other ? other : other.first(items.size) }, &block)
  end

  def cycle(count = nil)
    unless block_given?
      return to_enum(:cycle, count) do
        total = __enum_size
        if nil.equal?(total) || total == 0
          total
        elsif nil.equal?(count)
          Float::INFINITY
        else
          n = __long(count)
          n > 0 ? total * n : 0
        end
      end
    end
    count = __long(count) unless nil.equal?(count)
    return nil if count && count <= 0
    saved = []
    each do |*item|
      item = __pack(item)
      saved << item
      yield item
    end
    return nil if saved.empty?
    round = 1
    while nil.equal?(count) || round < count
      saved.each { |item| yield item }
      round += 1
    end
    nil
  end

  def grep(pattern, &block)
    __grep(pattern, true, &block)
  end

  def grep_v(pattern, &block)
    __grep(pattern, false, &block)
  end

  # The items that match the pattern (wanted true) or do not (false), or what the block makes of them.
  def __grep(pattern, wanted)
    unwanted = !wanted
    made = []
    each do |*item|
      item = __pack(item)
      next unless pattern === item ? wanted : unwanted
      made << (block_given? ? yield(item) : item)
    end
    made
  end

  def chunk(&block)
    return to_enum(:chunk) { __enum_size } unless block
    source = self
    Enumerator.new do |out|
      key = nil
      items = nil
      source.each do |*item|
        item = source.__send__(:__pack, item)
        k = block.call(item)
        if k == :_alone
          out.yield(key, items) if items
          out.yield(:_alone, [item])
          items = nil
        elsif nil.equal?(k) || k == :_separator
          out.yield(key, items) if items
          items = nil
        elsif Symbol === k && k.start_with?("_")
          raise RuntimeError, "symbols beginning with an underscore are reserved"
        elsif items && k == key
          items << item
        else
          out.yield(key, items) if items
          items = [item]
          key = k
        end
      end
      out.yield(key, items) if items
    end
  end

  def slice_when(&block)
    raise ArgumentError, "tried to create Proc object without a block" unless block
    __slices { |a, b| block.call(a, b) }
  end

  def chunk_while(&block)
    raise ArgumentError, "tried to create Proc object without a block" unless block
    __slices { |a, b| !block.call(a, b) }
  end

  # An Enumerator of runs, cut where the block says so of two neighbours.
  def __slices(&cut)
    source = self
    Enumerator.new do |out|
      items = nil
      source.each do |*item|
        item = source.__send__(:__pack, item)
        if items.nil?
          items = [item]
        elsif cut.call(items.last, item)
          out << items
          items = [item]
        else
          items << item
        end
      end
      out << items if items
    end
  end

  def slice_before(pattern = Primitive.undefined, &block)
    raise ArgumentError, "wrong number of arguments (given 0, expected 1)" if Primitive.undefined?(pattern) && !block
    raise ArgumentError, "both pattern and block are given" if block && !Primitive.undefined?(pattern)
    source = self
    Enumerator.new do |out|
      items = nil
      source.each do |*item|
        item = source.__send__(:__pack, item)
        starts = block ? block.call(item) : pattern === item
        if items && starts
          out << items
          items = [item]
        else
          (items ||= []) << item
        end
      end
      out << items if items
    end
  end

  def slice_after(pattern = Primitive.undefined, &block)
    raise ArgumentError, "wrong number of arguments (given 0, expected 1)" if Primitive.undefined?(pattern) && !block
    raise ArgumentError, "both pattern and block are given" if block && !Primitive.undefined?(pattern)
    source = self
    Enumerator.new do |out|
      items = nil
      source.each do |*item|
        item = source.__send__(:__pack, item)
        (items ||= []) << item
        if block ? block.call(item) : pattern === item
          out << items
          items = nil
        end
      end
      out << items if items
    end
  end

  def lazy
    Enumerator::Lazy.new(self, __enum_size) { |out, *values| out.yield(*values) }
  end

  def chain(*others)
    Enumerator::Chain.new(self, *others)
  end

  private :__some?, :__extreme_by, :__grep, :__pair_of
end
