# ObjectSpace: the objects in memory.

module ObjectSpace
  def self.each_object(klass = Object)
    return to_enum(:each_object, klass) unless block_given?
    raise TypeError, "class or module required" unless Module === klass
    list = klass.__all_instances
    list.each { |object| yield object }
    list.size
  end

  def self.garbage_collect(**options)
    GC.start
    nil
  end

  # Class, number of its instances, their bytes: flat, of everything reachable in memory.
  def self.__census
    Primitive.memory_census
    []
  end

  def self.__object_bytes(object)
    Primitive.object_bytes
    0
  end

  # Yields class, number and bytes.
  def self.__each_class
    list = __census
    i = 0
    while i < list.size
      yield list[i], list[i + 1], list[i + 2]
      i += 3
    end
  end

  KINDS = { Class => :T_CLASS, Module => :T_MODULE, String => :T_STRING, Regexp => :T_REGEXP, Array => :T_ARRAY, Hash => :T_HASH, Struct => :T_STRUCT, Integer => :T_BIGNUM,
            Float => :T_FLOAT, Rational => :T_RATIONAL, Complex => :T_COMPLEX, Symbol => :T_SYMBOL, MatchData => :T_MATCH, IO => :T_FILE, Proc => :T_DATA, Method => :T_DATA,
            Thread => :T_DATA }
  private_constant :KINDS

  def self.__kind(klass)
    KINDS.each { |parent, kind| return kind if klass <= parent }
    :T_OBJECT
  end

  def self.count_objects(into = {})
    raise TypeError, "non-hash given" unless Hash === into
    into[:TOTAL] = 0
    into[:FREE] = 0
    __each_class do |klass, count, _bytes|
      kind = __kind(klass)
      into[kind] = (into[kind] || 0) + count
      into[:TOTAL] += count
    end
    into
  end

  # Bytes by kind.
  def self.count_objects_size(into = {})
    raise TypeError, "non-hash given" unless Hash === into
    into[:TOTAL] = 0
    __each_class do |klass, _count, bytes|
      kind = __kind(klass)
      into[kind] = (into[kind] || 0) + bytes
      into[:TOTAL] += bytes
    end
    into
  end

  # Bytes that an object takes in memory, with its elements; 0 for immediates.
  def self.memsize_of(object)
    __object_bytes(object)
  end

  # Bytes of all objects, or of the instances of a class.
  def self.memsize_of_all(klass = nil)
    total = 0
    __each_class { |c, _count, bytes| total += bytes if nil.equal?(klass) || c <= klass }
    total
  end

  def self.define_finalizer(object, callable = nil, &block)
    callable ||= block
    raise ArgumentError, "wrong type argument #{callable.class} (should be callable)" unless callable.respond_to?(:call)
    id = object.object_id
    at_exit { callable.call(id) }
    [0, callable]
  end

  def self.undefine_finalizer(object)
    object
  end

  # Keys and values that do not keep each other alive.
  class WeakMap
    include Enumerable

    def initialize
      @__map = {}
      @__map.compare_by_identity
    end

    def [](key)
      @__map[key]
    end

    def []=(key, value)
      @__map[key] = value
    end

    def key?(key)
      @__map.key?(key)
    end

    alias include? key?
    alias member? key?

    def delete(key, &block)
      @__map.delete(key, &block)
    end

    def size
      @__map.size
    end

    alias length size

    def keys
      @__map.keys
    end

    def values
      @__map.values
    end

    def each(&block)
      @__map.each(&block)
      self
    end

    alias each_pair each

    def each_key(&block)
      @__map.each_key(&block)
      self
    end

    def each_value(&block)
      @__map.each_value(&block)
      self
    end

    def inspect
      "#<ObjectSpace::WeakMap:0x#{__address}>"
    end
  end

  # Equal keys, of which the first stays.
  class WeakKeyMap
    def initialize
      @__map = {}
    end

    def [](key)
      @__map[key]
    end

    def []=(key, value)
      @__map.__store_key(key, value)
      value
    end

    def getkey(key)
      pair = @__map.assoc(key)
      pair && pair[0]
    end

    def key?(key)
      @__map.key?(key)
    end

    def delete(key, &block)
      @__map.delete(key, &block)
    end

    def clear
      @__map.clear
      self
    end

    def inspect
      "#<ObjectSpace::WeakKeyMap:0x#{__address} size=#{@__map.size}>"
    end
  end
end

class Module
  def __all_instances
    Primitive.all_instances
    []
  end
end

# A reference that does not keep its object alive.
class WeakRef
  class RefError < StandardError
  end

  def self.__holder(object)
    Primitive.weak_new
    [object]
  end

  def initialize(object)
    @__holder = WeakRef.__holder(object)
  end

  def __getobj__
    Array === @__holder ? @__holder[0] : @__holder.__get
  end

  def weakref_alive?
    nil.equal?(__getobj__) ? false : true
  end

  def method_missing(name, *args, **options, &block)
    object = __getobj__
    raise RefError, "Invalid Reference - probably recycled" if nil.equal?(object)
    object.__send__(name, *args, **options, &block)
  end

  def respond_to_missing?(name, all)
    __getobj__.respond_to?(name, all)
  end
end

class WeakRefHolder
  def __get
    Primitive.weak_get
    nil
  end
end
