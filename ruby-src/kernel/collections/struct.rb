# Struct: classes with named members. Members are instance variables with names that start with @__s_, so they stay out of sight.

class Struct
  include Enumerable

  # Makes a class; the classes made have a `new` of their own that makes instances.
  def self.new(*names, keyword_init: nil, **options, &block)
    raise ArgumentError, "unknown keywords: #{options.keys.map { |k| k.inspect }.join(', ')}" unless options.empty?
    constant = nil
    if names[0].nil? && names.size > 0
      names.shift
    elsif String === names[0]
      constant = names.shift.to_sym
    end
    names = names.map do |name|
      raise TypeError, "#{name.inspect} is not a symbol nor a string" unless Symbol === name || String === name
      name.to_sym
    end
    repeated = names.find { |name| names.count(name) > 1 }
    raise ArgumentError, "duplicate member: #{repeated}" if repeated
    made = Class.new(self)
    made.__define_members(names, keyword_init)
    const_set(constant, made) if constant
    made.class_eval(&block) if block
    made
  end

  def self.__define_members(names, keyword_init)
    ivars = names.map { |name| ("@__s_" + name.name.delete("?!")).to_sym }
    @__members = names.freeze
    @__ivars = ivars.freeze
    @__keyword_init = keyword_init
    names.each_with_index do |name, i|
      __attr_reader(name, ivars[i])
      __attr_writer((name.name + "=").to_sym, ivars[i])
    end
    singleton_class.class_exec do
      def new(*values, **options, &block)
        Primitive.ruby_new
      end

      def [](*values, **options)
        Primitive.ruby_new
      end

      def members
        __members.dup
      end

      def inspect
        __keyword_init ? super + "(keyword_init: true)" : super
      end

      def keyword_init?
        kind = __keyword_init
        nil.equal?(kind) ? nil : (kind ? true : false)
      end
    end
  end

  def self.__members
    owner = self
    owner = owner.superclass until owner.__ivar_get(:@__members)
    owner.__ivar_get(:@__members)
  end

  def self.__ivars
    owner = self
    owner = owner.superclass until owner.__ivar_get(:@__ivars)
    owner.__ivar_get(:@__ivars)
  end

  def self.__keyword_init
    owner = self
    owner = owner.superclass until owner.__ivar_get(:@__members)
    owner.__ivar_get(:@__keyword_init)
  end

  def initialize(*values, **options)
    ivars = self.class.__ivars
    kind = self.class.__keyword_init
    if !options.empty? && (kind || (nil.equal?(kind) && values.__size == 0))
      raise ArgumentError, "wrong number of arguments (given #{values.size}, expected 0)" unless values.empty?
      names = self.class.__members
      unknown = options.keys - names
      raise ArgumentError, "unknown keywords: #{unknown.map { |k| k.to_s }.join(', ')}" unless unknown.empty?
      i = 0
      while i < ivars.__size
        __ivar_set(ivars.__at(i), options[names.__at(i)])
        i += 1
      end
      return
    end
    if kind && values.__size > 0
      raise ArgumentError, "wrong number of arguments (given #{values.size}, expected 0)"
    end
    values << options unless options.empty?
    raise ArgumentError, "struct size differs" if values.__size > ivars.__size
    i = 0
    while i < ivars.__size
      __ivar_set(ivars.__at(i), values.__at(i))
      i += 1
    end
  end

  def initialize_copy(other)
    self
  end

  def members
    self.class.__members.dup
  end

  def to_a
    ivars = self.class.__ivars
    made = []
    i = 0
    while i < ivars.__size
      made << __ivar_get(ivars.__at(i))
      i += 1
    end
    made
  end

  alias deconstruct to_a
  alias values to_a

  def to_h(&block)
    names = self.class.__members
    made = {}
    to_a.each_with_index { |value, i| made[names[i]] = value }
    block ? made.to_h(&block) : made
  end

  def deconstruct_keys(keys)
    return to_h if nil.equal?(keys)
    raise TypeError, "wrong argument type #{keys.class} (expected Array or nil)" unless Array === keys
    return {} if keys.size > size
    made = {}
    keys.each do |key|
      if Symbol === key || String === key
        return made unless self.class.__members.include?(key.to_sym)
      else
        return made unless Integer === key && key < size && key >= -size
      end
      made[key] = self[key]
    end
    made
  end

  # The hidden variable of a member given by name or number.
  def __member(key)
    names = self.class.__members
    ivars = self.class.__ivars
    if Symbol === key || String === key
      i = names.__index_identical(key.to_sym)
      raise NameError.new("no member '#{key}' in struct", key.to_sym, receiver: self) unless i
      return ivars[i]
    end
    i = __int(key)
    size = ivars.__size
    raise IndexError, "offset #{i} too large for struct(size:#{size})" if i >= size
    raise IndexError, "offset #{i} too small for struct(size:#{size})" if i < -size
    ivars[i]
  end

  def [](key)
    __ivar_get(__member(key))
  end

  def []=(key, value)
    ivar = __member(key)
    __check_frozen
    __ivar_set(ivar, value)
    value
  end

  def dig(key, *more)
    item = begin
      self[key]
    rescue IndexError, NameError
      nil
    end
    return item if more.empty? || nil.equal?(item)
    raise TypeError, "#{item.class} does not have #dig method" unless item.respond_to?(:dig)
    item.dig(*more)
  end

  def each(&block)
    return to_enum(:each) { size } unless block
    to_a.each(&block)
    self
  end

  def each_pair
    return to_enum(:each_pair) { size } unless block_given?
    names = self.class.__members
    to_a.each_with_index { |value, i| yield [names[i], value] }
    self
  end

  def size
    self.class.__members.size
  end

  alias length size

  def values_at(*indexes)
    to_a.values_at(*indexes)
  end

  def select(&block)
    to_a.select(&block)
  end

  alias filter select

  def ==(other)
    return true if equal?(other)
    return false unless other.class.equal?(self.class)
    __guarded(:==, true) { to_a == other.to_a }
  end

  def eql?(other)
    return true if equal?(other)
    return false unless other.class.equal?(self.class)
    __guarded(:eql?, true) { to_a.eql?(other.to_a) }
  end

  def hash
    __guarded(:hash, 13) { to_a.hash ^ self.class.hash }
  end

  def inspect
    name = self.class.name
    head = name ? "#<struct #{name} " : "#<struct "
    __guarded(:inspect, head.rstrip + ":...>") do
      names = self.class.__members
      parts = []
      to_a.each_with_index do |value, i|
        key = names[i].match?(/\A[[:alpha:]_][[:alnum:]_]*[?!]?\z/) ? names[i].name : names[i].inspect
        parts << "#{key}=#{value.inspect}"
      end
      text = head + parts.join(", ")
      (parts.empty? ? text.rstrip : text) + ">"
    end
  end

  alias to_s inspect
end
