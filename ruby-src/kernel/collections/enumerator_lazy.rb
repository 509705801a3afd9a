# Enumerator::Lazy: a pipeline whose stages run one element at a time.

class Enumerator::Lazy < Enumerator
  # A stage: the block gets the yielder for the next stage and the values of the one before.
  def initialize(source, size = nil, &block)
    raise ArgumentError, "tried to call lazy new without a block" unless block
    @__source = source
    raise FrozenError.new("can't modify frozen #{self.class}: #{inspect}", receiver: self) if frozen?
    @__stage = block
    __fill(self, :each, [], {}, size)
    self
  end

  def each(*args, &block)
    return self unless block
    stage = @__stage
    out = Enumerator::Yielder.new(&block)
    @__source.each(*args) { |*values| stage.call(out, *values) }
    self
  end

  def size
    size = @__size
    size.respond_to?(:call) ? size.call : size
  end

  def lazy
    self
  end

  def force(*args)
    to_a(*args)
  end

  def eager
    source = self
    Enumerator.new(size) { |out| source.each { |*values| out.yield(*values) } }
  end

  def to_enum(name = :each, *args, **options, &size)
    source = self
    Enumerator::Lazy.new(Enumerator.__over(self, name, args, options, nil), size ? lambda { source.instance_exec(*args, &size) } : nil) do |out, *values|
      out.yield(*values)
    end
  end

  alias enum_for to_enum

  def map(&block)
    raise ArgumentError, "tried to call lazy map without a block" unless block
    Enumerator::Lazy.new(self, size) { |out, *values| out << block.call(*values) }
  end

  alias collect map

  def select(&block)
    raise ArgumentError, "tried to call lazy select without a block" unless block
    Enumerator::Lazy.new(self) do |out, *values|
      value = values.size <= 1 ? values[0] : values
      out << value if block.call(value)
    end
  end

  alias filter select
  alias find_all select

  def reject(&block)
    raise ArgumentError, "tried to call lazy reject without a block" unless block
    Enumerator::Lazy.new(self) do |out, *values|
      value = values.size <= 1 ? values[0] : values
      out << value unless block.call(value)
    end
  end

  def filter_map(&block)
    raise ArgumentError, "tried to call lazy filter_map without a block" unless block
    Enumerator::Lazy.new(self) do |out, *values|
      value = block.call(*values)
      out << value if value
    end
  end

  def flat_map(&block)
    raise ArgumentError, "tried to call lazy flat_map without a block" unless block
    Enumerator::Lazy.new(self) do |out, *values|
      part = block.call(*values)
      if Array === part || Enumerator::Lazy === part || (part.respond_to?(:force) && part.respond_to?(:each))
        part.each { |item| out << item }
      else
        out << part
      end
    end
  end

  alias collect_concat flat_map

  def take(count)
    count = __int(count)
    raise ArgumentError, "attempt to take negative size" if count < 0
    total = size
    source = self
    Enumerator::Lazy.__from_block(total ? (total < count ? total : count) : nil) do |out|
      left = count
      if left > 0
        source.each do |*values|
          left -= 1
          out.yield(*values)
          break if left == 0
        end
      end
    end
  end

  def first(count = Primitive.undefined)
    if Primitive.undefined?(count)
      each { |*values| return values.size <= 1 ? values[0] : values }
      return nil
    end
    take(count).to_a
  end

  def take_while(&block)
    raise ArgumentError, "tried to call lazy take_while without a block" unless block
    source = self
    Enumerator::Lazy.__from_block(nil) do |out|
      source.each do |*values|
        break unless block.call(*values)
        out.yield(*values)
      end
    end
  end

  def drop(count)
    count = __int(count)
    raise ArgumentError, "attempt to drop negative size" if count < 0
    total = size
    source = self
    Enumerator::Lazy.__from_block(total ? (total > count ? total - count : 0) : nil) do |out|
      left = count
      source.each do |*values|
        if left > 0
          left -= 1
        else
          out.yield(*values)
        end
      end
    end
  end

  def drop_while(&block)
    raise ArgumentError, "tried to call lazy drop_while without a block" unless block
    source = self
    Enumerator::Lazy.__from_block(nil) do |out|
      dropping = true
      source.each do |*values|
        dropping = false if dropping && !block.call(*values)
        out.yield(*values) unless dropping
      end
    end
  end

  # A Lazy whose block feeds the yielder itself, anew in each run.
  def self.__from_block(size, &block)
    new(Enumerator.new(&block), size) { |out, *values| out.yield(*values) }
  end

  def with_index(offset = 0, &block)
    offset = nil.equal?(offset) ? 0 : __int(offset)
    source = self
    Enumerator::Lazy.__from_block(size) do |out|
      i = offset - 1
      source.each do |*values|
        value = values.size <= 1 ? values[0] : values
        i += 1
        if block
          block.call(value, i)
          out << value
        else
          out << [value, i]
        end
      end
    end
  end

  alias each_with_index with_index

  def zip(*others, &block)
    return super if block
    source = self
    Enumerator::Lazy.__from_block(size) do |out|
      enums = others.map { |other| Array === other ? other.each : other.to_enum(:each) }
      source.each do |*values|
        row = [values.size <= 1 ? values[0] : values]
        enums.each do |e|
          begin
            row << e.next
          rescue StopIteration
            row << nil
          end
        end
        out << row
      end
    end
  end

  def uniq(&block)
    source = self
    Enumerator::Lazy.__from_block(nil) do |out|
      seen = {}
      source.each do |*values|
        value = values.size <= 1 ? values[0] : values
        key = block ? block.call(*values) : value
        unless seen.key?(key)
          seen[key] = true
          out << value
        end
      end
    end
  end

  def compact
    reject { |item| nil.equal?(item) }
  end

  def grep(pattern, &block)
    made = select { |item| pattern === item }
    block ? made.map(&block) : made
  end

  def grep_v(pattern, &block)
    made = reject { |item| pattern === item }
    block ? made.map(&block) : made
  end


  def chunk(*args, &block)
    super.lazy
  end

  def slice_when(&block)
    super.lazy
  end

  def chunk_while(&block)
    super.lazy
  end

  def slice_before(*args, &block)
    super.lazy
  end

  def slice_after(*args, &block)
    super.lazy
  end

  def inspect
    "#<Enumerator::Lazy: #{@__source.inspect}>"
  end

  alias to_s inspect
end
