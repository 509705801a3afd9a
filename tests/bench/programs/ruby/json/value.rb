# frozen_string_literal: true

# What the parser makes.
require_relative "../som/vector"

class JsonValue
  def object?
    false
  end

  def array?
    false
  end

  def number?
    false
  end

  def string?
    false
  end

  def literal?
    false
  end
end

class JsonLiteral < JsonValue
  attr_reader :word

  def initialize(word)
    @word = word
  end

  def literal?
    true
  end

  NULL = new("null")
  TRUE = new("true")
  FALSE = new("false")
end

class JsonNumber < JsonValue
  attr_reader :digits

  def initialize(digits)
    @digits = digits
  end

  def number?
    true
  end
end

class JsonString < JsonValue
  attr_reader :string

  def initialize(string)
    @string = string
  end

  def string?
    true
  end
end

class JsonArray < JsonValue
  def initialize
    @values = SomVector.new
  end

  def add(value)
    raise "no value" unless value

    @values.append(value)
    self
  end

  def size
    @values.size
  end

  def get(index)
    @values.at(index)
  end

  def array?
    true
  end
end

class JsonObject < JsonValue
  def initialize
    @names = SomVector.new
    @values = SomVector.new
    @table = JsonIndexTable.new
  end

  def add(name, value)
    raise "no name" unless name
    raise "no value" unless value

    @table.add(name, @names.size)
    @names.append(name)
    @values.append(value)
    self
  end

  def get(name)
    raise "no name" unless name

    index = @table.get(name)
    raise "not in the table" unless index != -1 && name == @names.at(index)

    @values.at(index)
  end

  def size
    @names.size
  end

  def object?
    true
  end
end

# Remembers at which index a name stands, by a hash of its length only; a later name takes the slot of an earlier one.
class JsonIndexTable
  def initialize
    @slots = Array.new(32, 0)
  end

  def add(name, index)
    # One more than the index, because 0 stands for an empty slot.
    @slots[slot(name)] = index < 255 ? (index + 1) & 255 : 0
  end

  def get(name)
    (@slots[slot(name)] & 255) - 1
  end

  def slot(name)
    (name.length * 1_402_589) & (@slots.length - 1)
  end
end
