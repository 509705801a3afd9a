# Hash: as an Array, as another Hash, as text.

class Hash
  def invert
    made = {}
    i = __next_index(0)
    while i
      made[__entry_value(i)] = __entry_key(i)
      i = __next_index(i + 1)
    end
    made
  end

  def to_a
    made = []
    i = __next_index(0)
    while i
      made << [__entry_key(i), __entry_value(i)]
      i = __next_index(i + 1)
    end
    made
  end

  alias entries to_a

  def to_h(&block)
    if block
      made = {}
      i = __next_index(0)
      while i
        pair = __pair_of(yield(__entry_key(i), __entry_value(i)))
        made[pair.__at(0)] = pair.__at(1)
        i = __next_index(i + 1)
      end
      return made
    end
    return self if instance_of?(Hash)
    {}.replace(self)
  end

  def to_hash
    self
  end

  def to_proc
    hash = self
    lambda { |key| hash[key] }
  end

  def deconstruct_keys(keys)
    self
  end

  def flatten(depth = 1)
    depth = __int(depth)
    return to_a if depth == 0
    flat = []
    i = __next_index(0)
    while i
      flat << __entry_key(i) << __entry_value(i)
      i = __next_index(i + 1)
    end
    depth < 0 ? flat.flatten : (depth > 1 ? flat.flatten(depth - 1) : flat)
  end

  def inspect
    return "{}" if __size == 0
    __guarded(:inspect, "{...}") do
      text = +"{"
      first = true
      i = __next_index(0)
      while i
        text << ", " unless first
        first = false
        key = __entry_key(i)
        if Symbol === key
          text << key.__as_key << " "
        else
          text << __shown(key) << " => "
        end
        text << __shown(__entry_value(i))
        i = __next_index(i + 1)
      end
      text << "}"
    end
  end

  alias to_s inspect
end
