# Enumerator: a call of an iterating method kept for later. Iteration by a block is that call; next runs it in a Fiber.

class Enumerator
  include Enumerable

  # What an Enumerator made from a block hands to it.
  class Yielder
    def initialize(&block)
      raise LocalJumpError, "no block given" unless block
      @block = block
      self
    end

    def yield(*args)
      @block.call(*args)
    end

    def <<(value)
      @block.call(value)
      self
    end

    def to_proc
      me = self
      lambda { |*args| me.yield(*args) }
    end
  end

  # The receiver of an Enumerator made from a block.
  class Generator
    include Enumerable

    def initialize(&block)
      raise LocalJumpError, "no block given" unless block
      @block = block
      self
    end

    def each(*args, &block)
      raise LocalJumpError, "no block given" unless block
      @block.call(Yielder.new(&block), *args)
    end
  end

  def self.__over(receiver, name, args, options, size)
    made = allocate
    made.__fill(receiver, name, args, options, size)
    made
  end

  def self.produce(initial = Primitive.undefined, size: Float::INFINITY, &block)
    raise ArgumentError, "no block given" unless block
    Enumerator.new(size) do |out|
      value = Primitive.undefined?(initial) ? block.call : initial
      begin
        while true
          out << value
          value = block.call(value)
        end
      rescue StopIteration
        nil
      end
    end
  end

  def self.product(*sources, &block)
    made = Product.new(*sources)
    block ? made.each(&block) : made
  end

  def initialize(size = nil, &block)
    raise ArgumentError, "no block given" unless block
    raise FrozenError.new("can't modify frozen #{self.class}: #{inspect}", receiver: self) if frozen?
    __fill(Generator.new(&block), :each, [], {}, size)
    self
  end

  def __fill(receiver, name, args, options, size)
    @__receiver = receiver
    @__name = name
    @__args = args
    @__options = options
    @__size = size
    self
  end

  def initialize_copy(other)
    raise TypeError, "can't copy execution context" if other.instance_variable_defined?(:@__fiber) && other.__fiber
    super
  end

  def __fiber
    @__fiber
  end

  def each(*args, **options, &block)
    unless block
      return self if args.empty? && options.empty?
      return Enumerator.__over(@__receiver, @__name, @__args + args, @__options.merge(options), nil)
    end
    all = args.empty? ? @__args : @__args + args
    named = options.empty? ? @__options : @__options.merge(options)
    if named.empty?
      @__receiver.__send__(@__name, *all, &block)
    else
      @__receiver.__send__(@__name, *all, **named, &block)
    end
  end

  def size
    size = @__size
    if Proc === size
      @__receiver.instance_exec(*@__args, &size)
    elsif size.respond_to?(:call)
      size.call
    else
      size
    end
  end

  def with_index(offset = 0)
    offset = nil.equal?(offset) ? 0 : __int(offset)
    return to_enum(:with_index, offset) { size } unless block_given?
    i = offset - 1
    each do |*item|
      i += 1
      yield __pack(item), i
    end
  end

  def each_with_index(&block)
    return to_enum(:each_with_index) { size } unless block
    with_index(0, &block)
  end

  def with_object(memo)
    return to_enum(:with_object, memo) { size } unless block_given?
    each { |*item| yield __pack(item), memo }
    memo
  end

  alias each_with_object with_object

  # --- external iteration

  def __advance
    return if @__buffer
    raise @__stop if @__stop
    unless @__fiber
      me = self
      @__fiber = Fiber.new do
        result = me.each do |*item|
          Fiber.yield([item])
          me.__take_feed
        end
        [nil, result]
      end
    end
    got = begin
      @__fiber.resume
    rescue Exception
      # The next call begins anew.
      @__fiber = nil
      raise
    end
    if got.__size == 2
      @__stop = StopIteration.new("iteration reached an end")
      @__stop.__result = got[1]
      raise @__stop
    end
    @__buffer = got[0]
  end

  # The value that the block's yield answers: what feed was given.
  def __take_feed
    fed = @__feed
    @__feed = nil
    fed && fed[0]
  end

  def next
    item = next_values
    __pack(item)
  end

  def next_values
    __advance
    item = @__buffer
    @__buffer = nil
    item
  end

  def peek
    __advance
    __pack(@__buffer)
  end

  def peek_values
    __advance
    @__buffer
  end

  def feed(value)
    raise TypeError, "feed value already set" if @__feed
    @__feed = [value]
    nil
  end

  def rewind
    @__receiver.rewind if @__receiver.respond_to?(:rewind)
    @__fiber = nil
    @__buffer = nil
    @__stop = nil
    @__feed = nil
    self
  end

  def +(other)
    Chain.new(self, other)
  end

  def inspect
    __guarded(:inspect, "#<#{self.class}: ...>") do
      shown = Generator === @__receiver ? "#<Enumerator::Generator:0x#{@__receiver.__address}>" : @__receiver.inspect
      text = "#<#{self.class}: #{shown}:#{@__name}"
      args = @__args.map { |a| a.inspect }
      @__options.each { |k, v| args << "#{k}: #{v.inspect}" }
      text += "(" + args.join(", ") + ")" unless args.empty?
      text + ">"
    end
  end

  alias to_s inspect
end

# Several enumerables one after the other.
class Enumerator::Chain < Enumerator
  def initialize(*sources)
    raise FrozenError.new("can't modify frozen #{self.class}: #{inspect}", receiver: self) if frozen?
    @__sources = sources
    __fill(self, :each, [], {}, nil)
  end

  def each(*args, &block)
    return self unless block
    @__sources.each { |source| source.each(*args, &block) }
    self
  end

  def size
    total = 0
    @__sources.each do |source|
      n = source.size
      return n if nil.equal?(n) || (Float === n && n.infinite?)
      total += n
    end
    total
  end

  def rewind
    @__sources.reverse_each { |source| source.rewind if source.respond_to?(:rewind) }
    self
  end

  def +(other)
    Enumerator::Chain.new(self, other)
  end

  def inspect
    "#<Enumerator::Chain: [" + @__sources.map { |s| s.inspect }.join(", ") + "]>"
  end

  alias to_s inspect
end

# All combinations of one element of each.
class Enumerator::Product < Enumerator
  def initialize(*sources)
    @__sources = sources
    __fill(self, :each, [], {}, nil)
  end

  def each(&block)
    return self unless block
    __each_from(0, [], &block)
    self
  end

  def __each_from(index, got, &block)
    if index == @__sources.size
      yield got.dup
      return
    end
    @__sources[index].each_entry do |item|
      __each_from(index + 1, got + [item], &block)
    end
  end

  def size
    total = 1
    @__sources.each do |source|
      return nil unless source.respond_to?(:size)
      n = source.size
      return n if nil.equal?(n)
      total *= n
    end
    total
  end

  def inspect
    "#<Enumerator::Product: [" + @__sources.map { |s| s.inspect }.join(", ") + "]>"
  end
end

# What `1.step(10, 3)` and `(1..10).step(3)` answer.
class Enumerator::ArithmeticSequence < Enumerator
  class << self
    undef_method :new
  end

  def self.allocate
    raise TypeError, "allocator undefined for #{inspect}"
  end

  def self.__make(low, high, step, exclusive, receiver, name, with_step)
    made = __allocate
    made.__fill_sequence(low, high, step, exclusive, receiver, name, with_step)
    made
  end

  def __fill_sequence(low, high, step, exclusive, receiver, name, with_step)
    @__low = low
    @__high = high
    @__step = step
    @__exclusive = exclusive
    @__shown_step = with_step
    args = Range === receiver ? [step] : (step == 1 && Integer === step ? [high] : [high, step])
    args = [] if !(Range === receiver) && nil.equal?(high) && step == 1
    __fill(receiver, name, args, {}, nil)
  end

  def begin
    @__low
  end

  def end
    @__high
  end

  def step
    @__step
  end

  def exclude_end?
    @__exclusive
  end

  def __range
    Range.new(@__low, @__high, @__exclusive)
  end

  def each(&block)
    return self unless block
    @__low.__step(@__high, @__step, @__exclusive, &block)
    self
  end

  def size
    low = @__low
    high = @__high
    if Float === low || Float === high || Float === @__step
      limit = nil.equal?(high) ? (@__step < 0 ? -Float::INFINITY : Float::INFINITY) : high.to_f
      return Numeric.__float_steps(low.to_f, limit, @__step.to_f, @__exclusive)
    end
    return Float::INFINITY if nil.equal?(high)
    span = @__step > 0 ? high - low : low - high
    return 0 if span < 0
    count = span.div(@__step.abs) + 1
    count -= 1 if @__exclusive && low + (count - 1) * @__step == high
    count
  end

  def first(count = Primitive.undefined)
    if Primitive.undefined?(count)
      return nil if size == 0
      return @__low
    end
    super
  end

  def last(count = Primitive.undefined)
    raise RangeError, "cannot get the last element of endless arithmetic sequence" if nil.equal?(@__high)
    n = size
    if Primitive.undefined?(count)
      return n == 0 ? nil : @__low + (n - 1) * @__step
    end
    to_a.last(count)
  end

  def to_a
    made = []
    each { |x| made << x }
    made
  end

  def ==(other)
    Enumerator::ArithmeticSequence === other && self.begin == other.begin && self.end == other.end && step == other.step &&
      exclude_end? == other.exclude_end?
  end

  alias eql? ==
  alias === ==

  def hash
    [@__low, @__high, @__step, @__exclusive].hash
  end

  def inspect
    if Range === @__receiver
      @__shown_step ? "((#{@__receiver.inspect}).#{@__name}(#{@__step.inspect}))" : "((#{@__receiver.inspect}).#{@__name})"
    else
      args = @__args.map { |a| a.inspect }.join(", ")
      "(#{@__receiver.inspect}.step#{args.empty? ? '' : "(#{args})"})"
    end
  end

  alias to_s inspect
end
