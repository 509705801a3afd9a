# Set: distinct elements in the order of insertion, over a Hash.

class Set
  include Enumerable

  def self.[](*items)
    new(items)
  end

  def initialize(items = nil, &block)
    @__hash = {}
    return if nil.equal?(items)
    if block
      Set.__each_of(items) { |item| add(block.call(item)) }
    else
      merge(items)
    end
  end

  def self.__each_of(items, &block)
    if items.respond_to?(:each_entry)
      items.each_entry(&block)
    elsif items.respond_to?(:each)
      items.each(&block)
    else
      raise ArgumentError, "value must be enumerable"
    end
  end

  def initialize_copy(other)
    @__hash = other.__hash.dup
    self
  end

  def __hash
    @__hash
  end

  def freeze
    @__hash.freeze
    super
  end

  def compare_by_identity
    @__hash.compare_by_identity
    self
  end

  def compare_by_identity?
    @__hash.compare_by_identity?
  end

  def size
    @__hash.size
  end

  alias length size

  def count(*args, &block)
    args.empty? && !block ? size : super
  end

  def empty?
    @__hash.empty?
  end

  def include?(item)
    @__hash.key?(item)
  end

  alias member? include?
  alias === include?
  alias contain? include?

  def add(item)
    __check_frozen
    @__hash.__store_key(item, true)
    self
  end

  alias << add

  def add?(item)
    include?(item) ? nil : add(item)
  end

  def delete(item)
    __check_frozen
    @__hash.delete(item)
    self
  end

  def delete?(item)
    include?(item) ? delete(item) : nil
  end

  def clear
    __check_frozen
    @__hash.clear
    self
  end

  def each(&block)
    return to_enum(:each) { size } unless block
    @__hash.each_key(&block)
    self
  end

  def to_a
    @__hash.keys
  end

  def to_set(klass = Set, *args, &block)
    return self if klass.equal?(Set) && instance_of?(Set) && !block
    klass.new(self, *args, &block)
  end

  def first(count = Primitive.undefined)
    Primitive.undefined?(count) ? @__hash.keys.first : @__hash.keys.first(count)
  end

  def min(*args, &block)
    to_a.min(*args, &block)
  end

  def max(*args, &block)
    to_a.max(*args, &block)
  end

  def merge(*lists)
    __check_frozen
    lists.each do |items|
      if Set === items
        items.__hash.each_key { |item| @__hash.__store_key(item, true) }
      else
        Set.__each_of(items) { |item| @__hash.__store_key(item, true) }
      end
    end
    self
  end

  def replace(items)
    __check_frozen
    fresh = {}
    fresh.compare_by_identity if compare_by_identity?
    Set.__each_of(items) { |item| fresh.__store_key(item, true) }
    @__hash = fresh
    self
  end

  def reset
    __check_frozen
    @__hash.rehash
    self
  end

  def subtract(items)
    Set.__each_of(items) { |item| delete(item) }
    self
  end

  def |(items)
    dup.merge(items)
  end

  alias + |
  alias union |

  def &(items)
    made = self.class.new
    if Set === items && items.size > size
      each { |item| made.add(item) if items.include?(item) }
    else
      Set.__each_of(items) { |item| made.add(item) if include?(item) }
    end
    made
  end

  alias intersection &

  def -(items)
    dup.subtract(items)
  end

  alias difference -

  def ^(items)
    made = self.class.new(items)
    each { |item| made.include?(item) ? made.delete(item) : made.add(item) }
    made
  end

  def ==(other)
    return true if equal?(other)
    return false unless Set === other && size == other.size
    __guarded(:==, true) { other.all? { |item| include?(item) } }
  end

  def eql?(other)
    Set === other && @__hash.eql?(other.__hash)
  end

  def hash
    @__hash.hash
  end

  def <=>(other)
    return nil unless Set === other
    return 0 if self == other
    return -1 if size < other.size && subset?(other)
    return 1 if size > other.size && superset?(other)
    nil
  end

  def __check_set(other)
    raise ArgumentError, "value must be a set" unless Set === other
  end

  def subset?(other)
    __check_set(other)
    size <= other.size && all? { |item| other.include?(item) }
  end

  alias <= subset?

  def proper_subset?(other)
    __check_set(other)
    size < other.size && all? { |item| other.include?(item) }
  end

  alias < proper_subset?

  def superset?(other)
    __check_set(other)
    size >= other.size && other.all? { |item| include?(item) }
  end

  alias >= superset?

  def proper_superset?(other)
    __check_set(other)
    size > other.size && other.all? { |item| include?(item) }
  end

  alias > proper_superset?

  def intersect?(other)
    if Set === other
      size < other.size ? any? { |item| other.include?(item) } : other.any? { |item| include?(item) }
    elsif other.respond_to?(:each_entry)
      other.each_entry { |item| return true if include?(item) }
      false
    else
      raise ArgumentError, "value must be a set"
    end
  end

  def disjoint?(other)
    !intersect?(other)
  end

  def select!
    return to_enum(:select!) { size } unless block_given?
    before = size
    to_a.each { |item| delete(item) unless yield(item) }
    size == before ? nil : self
  end

  alias filter! select!

  def keep_if(&block)
    return to_enum(:keep_if) { size } unless block
    select!(&block)
    self
  end

  def reject!
    return to_enum(:reject!) { size } unless block_given?
    before = size
    to_a.each { |item| delete(item) if yield(item) }
    size == before ? nil : self
  end

  def delete_if(&block)
    return to_enum(:delete_if) { size } unless block
    reject!(&block)
    self
  end

  def select(&block)
    return to_enum(:select) { size } unless block
    made = self.class.new
    each { |item| made.add(item) if block.call(item) }
    made
  end

  alias filter select

  def reject(&block)
    return to_enum(:reject) { size } unless block
    made = self.class.new
    each { |item| made.add(item) unless block.call(item) }
    made
  end

  def partition(&block)
    return to_enum(:partition) { size } unless block
    to_a.partition(&block)
  end

  def map!(&block)
    return to_enum(:map!) { size } unless block
    replace(to_a.map(&block))
  end

  alias collect! map!

  def classify
    return to_enum(:classify) { size } unless block_given?
    made = {}
    each { |item| (made[yield(item)] ||= self.class.new).add(item) }
    made
  end

  def divide(&block)
    return to_enum(:divide) { size } unless block
    if block.arity == 2
      groups = []
      each do |item|
        near = groups.select { |g| g.any? { |x| block.call(item, x) && block.call(x, item) } }
        groups -= near
        groups << near.inject([item]) { |all, g| all + g }
      end
      return Set.new(groups.map { |g| self.class.new(g) })
    end
    Set.new(classify(&block).values)
  end

  def flatten
    made = self.class.new
    __flatten_into(made, [])
    made
  end

  def __flatten_into(made, inside)
    raise ArgumentError, "tried to flatten recursive Set" if inside.__index_identical(self)
    inside << self
    each { |item| Set === item ? item.__flatten_into(made, inside) : made.add(item) }
    inside.pop
  end

  def flatten!
    return nil unless any? { |item| Set === item }
    replace(flatten)
  end

  def join(separator = nil)
    to_a.join(separator)
  end

  def inspect
    return "#{self.class}[]" if empty?
    __guarded(:inspect, "#{self.class}[...]") do
      "#{self.class}[" + to_a.map { |item| item.inspect }.join(", ") + "]"
    end
  end

  alias to_s inspect
end
