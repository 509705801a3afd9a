# Symbol. Most of its String-like methods go through the name.

class Symbol
  def self.all_symbols
    Primitive.all_symbols
    []
  end

  # The frozen name.
  def name
    Primitive.symbol_name
  end

  def to_s
    Primitive.symbol_to_string
  end

  alias id2name to_s

  def to_sym
    self
  end

  def to_proc
    Primitive.symbol_to_proc
    name = self
    lambda { |receiver, *args, &block| receiver.public_send(name, *args, &block) }
  end

  def ==(other)
    Primitive.identical
  end

  def ===(other)
    Primitive.identical
  end

  def hash
    Primitive.value_hash
  end

  def <=>(other)
    Symbol === other ? name <=> other.name : nil
  end

  def casecmp(other)
    Symbol === other ? name.casecmp(other.name) : nil
  end

  def casecmp?(other)
    Symbol === other ? name.casecmp?(other.name) : nil
  end

  def inspect
    text = name
    return ":" + text if __plain?
    # A symbol of ASCII characters is in US-ASCII.
    ":" + (text.ascii_only? ? text.dup.force_encoding(Encoding::US_ASCII).inspect.force_encoding(Encoding::UTF_8) : text.inspect)
  end

  # Whether the symbol can be written without quotes.
  def __plain?
    text = name
    return true if text.match?(/\A(?:\$|@@?)?[[:alpha:]_][[:alnum:]_]*\z/)
    return true if text.match?(/\A[[:alpha:]_][[:alnum:]_]*[?!=]\z/)
    return true if text.match?(/\A\$(?:[~*$?!@\/\\;,.=:<>"&`'+0_]|-[[:alnum:]_]|[1-9]\d*)\z/)
    OPERATORS.key?(self)
  end

  OPERATORS = { :+ => true, :- => true, :* => true, :/ => true, :% => true, :** => true, :== => true, :!= => true, :< => true,
                :<= => true, :> => true, :>= => true, :<=> => true, :=== => true, :[] => true, :[]= => true, :! => true,
                :=~ => true, :!~ => true, :& => true, :| => true, :^ => true, :~ => true, :<< => true, :>> => true,
                :+@ => true, :-@ => true, :` => true }
  private_constant :OPERATORS

  # As a Hash shows it before the value.
  def __as_key
    text = name
    text.match?(/\A[[:alpha:]_][[:alnum:]_]*[?!]?\z/) ? text + ":" : text.inspect + ":"
  end

  def size
    name.size
  end

  alias length size

  def empty?
    name.empty?
  end

  def encoding
    name.encoding
  end

  alias intern to_sym

  def [](index, *more)
    if Regexp === index
      match = index.__match(name, 0)
      __set_caller_match(match)
      return match && match[more.empty? ? 0 : more[0]]
    end
    name[index, *more]
  end

  alias slice []

  def succ
    name.succ.to_sym
  end

  alias next succ

  def upcase(*options)
    name.upcase(*options).to_sym
  end

  def downcase(*options)
    name.downcase(*options).to_sym
  end

  def capitalize(*options)
    name.capitalize(*options).to_sym
  end

  def swapcase(*options)
    name.swapcase(*options).to_sym
  end

  def start_with?(*prefixes)
    prefixes.each do |prefix|
      return true if !(Regexp === prefix) && name.start_with?(prefix)
    end
    i = 0
    while i < prefixes.__size
      prefix = prefixes.__at(i)
      if Regexp === prefix
        match = prefix.__match_at(name, 0)
        __set_caller_match(match)
        return true if match
      end
      i += 1
    end
    false
  end

  def end_with?(*suffixes)
    name.end_with?(*suffixes)
  end

  def =~(pattern)
    return nil unless Regexp === pattern
    match = pattern.__match(name, 0)
    __set_caller_match(match)
    match && match.begin(0)
  end

  def match(pattern, from = 0)
    match = Regexp.__pattern(pattern).__match_from(name, from)
    __set_caller_match(match)
    return yield(match) if match && block_given?
    match
  end

  def match?(pattern, from = 0)
    name.match?(pattern, from)
  end

  def clone(freeze: true)
    self
  end

  def dup
    self
  end

  include Comparable

  class << self
    undef_method :new
  end

  def self.allocate
    raise TypeError, "allocator undefined for #{inspect}"
  end
end
