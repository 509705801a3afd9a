# Data: frozen values with named members.

class Data
  def self.define(*names, &block)
    names = names.map do |name|
      raise TypeError, "#{name.inspect} is not a symbol nor a string" unless Symbol === name || String === name
      name = name.to_sym
      raise ArgumentError, "invalid data member: #{name}" if name.end_with?("=")
      name
    end
    repeated = names.find { |name| names.count(name) > 1 }
    raise ArgumentError, "duplicate member: #{repeated}" if repeated
    made = Class.new(self)
    made.__define_members(names)
    made.class_eval(&block) if block
    made
  end

  def self.__define_members(names)
    ivars = names.map { |name| ("@__s_" + name.name.delete("?!")).to_sym }
    @__members = names.freeze
    @__ivars = ivars.freeze
    names.each_with_index { |name, i| __attr_reader(name, ivars[i]) }
    singleton_class.class_exec do
      undef_method :define

      def new(*values, **options)
        names = __members
        unless values.empty?
          if values.size > names.size
            raise ArgumentError, "wrong number of arguments (given #{values.size}, expected #{names.size == 0 ? 0 : "0..#{names.size}"})"
          end
          values.each_with_index { |value, i| options[names[i]] = value }
        end
        made = allocate
        made.__send__(:initialize, **options)
        made.freeze
      end

      alias_method :[], :new

      def members
        __members.dup
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

  class << self
    undef_method :new
  end

  def initialize(**options)
    names = self.class.__members
    ivars = self.class.__ivars
    missing = names - options.keys
    unless missing.empty?
      raise ArgumentError, "missing keyword#{missing.size > 1 ? 's' : ''}: #{missing.map { |n| n.inspect }.join(', ')}"
    end
    unknown = options.keys - names
    unless unknown.empty?
      raise ArgumentError, "unknown keyword#{unknown.size > 1 ? 's' : ''}: #{unknown.map { |n| n.inspect }.join(', ')}"
    end
    names.each_with_index { |name, i| __ivar_set(ivars[i], options[name]) }
    freeze
  end

  def members
    self.class.__members.dup
  end

  def to_h(&block)
    names = self.class.__members
    made = {}
    self.class.__ivars.each_with_index { |ivar, i| made[names[i]] = __ivar_get(ivar) }
    block ? made.to_h(&block) : made
  end

  def deconstruct_keys(keys)
    return to_h if nil.equal?(keys)
    raise TypeError, "wrong argument type #{keys.class} (expected Array or nil)" unless Array === keys
    to_h.slice(*keys)
  end

  def with(*args, **options)
    raise ArgumentError, "wrong number of arguments (given #{args.size}, expected 0)" unless args.empty?
    return self if options.empty?
    self.class.new(**to_h.merge(options))
  end

  def ==(other)
    return true if equal?(other)
    other.class.equal?(self.class) && to_h == other.to_h
  end

  def eql?(other)
    return true if equal?(other)
    other.class.equal?(self.class) && to_h.eql?(other.to_h)
  end

  def hash
    to_h.hash ^ self.class.hash
  end

  def inspect
    name = self.class.name
    head = name ? "#<data #{name}" : "#<data"
    __guarded(:inspect, head + ":...>") do
      parts = to_h.map { |key, value| "#{key}=#{value.inspect}" }
      parts.empty? ? head + ">" : "#{head} #{parts.join(', ')}>"
    end
  end

  alias to_s inspect
end
