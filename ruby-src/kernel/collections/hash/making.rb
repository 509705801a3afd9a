# Hash: making, copying and freezing one, and its default.

class Hash
  def self.[](*list)
    made = allocate
    if list.__size == 1
      source = list.__at(0)
      hash = __check_hash(source)
      if hash
        made.__merge_literal(hash)
        return made
      end
      pairs = __check_ary(source)
      if pairs
        pairs.each do |pair|
          pair = __check_ary(pair)
          raise ArgumentError, "wrong element type #{pair.class} (expected array)" unless pair
          if pair.__size < 1 || pair.__size > 2
            raise ArgumentError, "invalid number of elements (#{pair.size} for 1..2)"
          end
          made[pair.__at(0)] = pair.__at(1)
        end
        return made
      end
    end
    raise ArgumentError, "odd number of arguments for Hash" if list.__size.odd?
    i = 0
    while i < list.__size
      made[list.__at(i)] = list.__at(i + 1)
      i += 2
    end
    made
  end

  def self.try_convert(object)
    __check_hash(object)
  end

  def self.ruby2_keywords_hash?(hash)
    raise TypeError, "wrong argument type #{hash.class} (expected Hash)" unless Hash === hash
    (hash.__slot(6) || 0) & 4 != 0
  end

  def self.ruby2_keywords_hash(hash)
    raise TypeError, "wrong argument type #{hash.class} (expected Hash)" unless Hash === hash
    copy = hash.dup
    copy.__slot_put(6, (copy.__slot(6) || 0) | 4)
    copy
  end

  def initialize(default = Primitive.undefined, capacity: 0, &block)
    __check_frozen
    if block
      raise ArgumentError, "wrong number of arguments (given 1, expected 0)" unless Primitive.undefined?(default)
      __check_default_proc(block)
      __slot_put(5, block)
    elsif !Primitive.undefined?(default)
      __slot_put(4, default)
    elsif __slot(4) || __slot(5)
      __slot_put(4, nil)
      __slot_put(5, nil)
    end
    self
  end

  def __check_default_proc(block)
    return unless block.lambda?
    arity = block.arity
    if arity != 2 && (arity >= 0 || arity < -3)
      arity = -arity - 1 if arity < 0
      raise TypeError, "default_proc takes two arguments (2 for #{arity})"
    end
  end

  def initialize_copy(other)
    replace(other)
  end

  def default(key = Primitive.undefined)
    block = __slot(5)
    if block
      return nil if Primitive.undefined?(key)
      return block.call(self, key)
    end
    __slot(4)
  end

  def default=(value)
    __check_frozen
    __slot_put(5, nil)
    __slot_put(4, value)
  end

  def default_proc
    __slot(5)
  end

  def default_proc=(block)
    __check_frozen
    unless nil.equal?(block)
      block = __convert(block, Proc, :to_proc) unless Proc === block
      __check_default_proc(block)
    end
    __slot_put(4, nil)
    __slot_put(5, block)
  end

  def freeze
    Primitive.freeze
    self
  end
end
