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
    into[:FREE] = 0
    __sum_by_kind(into) { |count, _bytes| count }
  end

  # Bytes by kind.
  def self.count_objects_size(into = {})
    raise TypeError, "non-hash given" unless Hash === into
    __sum_by_kind(into) { |_count, bytes| bytes }
  end

  # Adds to a Hash, by kind and in all, what the block makes of the number and the bytes of each class.
  def self.__sum_by_kind(into)
    into[:TOTAL] = 0
    __each_class do |klass, count, bytes|
      kind = __kind(klass)
      amount = yield count, bytes
      into[kind] = (into[kind] || 0) + amount
      into[:TOTAL] += amount
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

  # --- finalizers

  # Calls callable with the object's id once nothing refers to the object any more, at the latest at the end of the program.
  def self.define_finalizer(object, callable = nil, &block)
    callable ||= block
    raise ArgumentError, "wrong type argument #{callable.class} (should be callable)" unless callable.respond_to?(:call)
    if nil.equal?(object) || true.equal?(object) || false.equal?(object) || Numeric === object || Symbol === object
      raise ArgumentError, "cannot define finalizer for #{object.class}"
    end
    raise FrozenError.new("can't modify frozen #{object.class}: #{object.inspect}", receiver: object) if object.frozen?
    __add_finalizer(object, object.object_id, callable)
    [0, callable]
  end

  def self.__add_finalizer(object, id, callable)
    unless $__finalizers
      $__finalizers = {}
      at_exit { ObjectSpace.__finalize_all }
    end
    entry = $__finalizers[id] ||= [Ephemeron.__on(object, __mourner(id))]
    entry << callable unless entry.include?(callable)
  end

  # Knows the id only: what refers to the object keeps it.
  def self.__mourner(id)
    proc { |key| ObjectSpace.__finalize(id) }
  end

  def self.__finalize(id)
    entry = $__finalizers.delete(id)
    return unless entry
    entry.shift
    entry.each do |callable|
      begin
        callable.call(id)
      rescue StandardError => error
        warn("warning: Exception in finalizer #{callable.inspect}\n#{error.full_message(highlight: false)}")
      end
    end
  end

  def self.__finalize_all
    __finalize($__finalizers.first[0]) until $__finalizers.empty?
  end

  def self.undefine_finalizer(object)
    $__finalizers.delete(object.object_id) if $__finalizers
    object
  end

  # Keys and values that the map does not keep: an entry is there as long as both are.
  class WeakMap
    include Enumerable

    def initialize
      @__map = {}
    end

    def [](key)
      pair = @__map[key.__id__]
      return nil if nil.equal?(pair) || !pair[0].__get.equal?(key)
      pair[1].__get
    end

    def []=(key, value)
      @__map[key.__id__] = [WeakRef.__holder(key), WeakRef.__holder(value), nil.equal?(value)]
      __purge if @__map.size > (@__purge_at ||= 64)
      value
    end

    # Forgets entries that lost their key or their value.
    def __purge
      @__map.delete_if { |id, pair| nil.equal?(pair[0].__get) || (nil.equal?(pair[1].__get) && !pair[2]) }
      @__purge_at = [@__map.size * 2, 64].max
    end

    def key?(key)
      pair = @__map[key.__id__]
      return false if nil.equal?(pair) || !pair[0].__get.equal?(key)
      pair[2] || !nil.equal?(pair[1].__get)
    end

    alias include? key?
    alias member? key?

    def delete(key)
      if key?(key)
        @__map.delete(key.__id__)[1].__get
      elsif block_given?
        yield key
      end
    end

    def size
      __purge
      @__map.size
    end

    alias length size

    def __pairs
      __purge
      @__map.values.map { |pair| [pair[0].__get, pair[1].__get] }
    end

    def keys
      __pairs.map { |pair| pair[0] }
    end

    def values
      __pairs.map { |pair| pair[1] }
    end

    def each
      raise LocalJumpError, "no block given (yield)" unless block_given?
      __pairs.each { |key, value| yield key, value }
      self
    end

    alias each_pair each

    def each_key
      raise LocalJumpError, "no block given (yield)" unless block_given?
      keys.each { |key| yield key }
      self
    end

    def each_value
      raise LocalJumpError, "no block given (yield)" unless block_given?
      values.each { |value| yield value }
      self
    end

    def inspect
      shown = __pairs.map { |key, value| "#{key.inspect} => #{value.inspect}" }
      "#<ObjectSpace::WeakMap:0x#{__address}#{shown.empty? ? '' : ': '}#{shown.join(', ')}>"
    end
  end

  # Equal keys, of which the first stays as long as somebody else knows it.
  class WeakKeyMap
    def initialize
      @__map = {}
      @__count = 0
    end

    def __entry(key)
      list = @__map[key.hash]
      return nil if nil.equal?(list)
      list.find { |entry| !nil.equal?(known = entry[0].__get) && known.eql?(key) }
    end

    def [](key)
      entry = __entry(key)
      entry && entry[1]
    end

    def []=(key, value)
      entry = __entry(key)
      if entry
        entry[1] = value
      else
        (@__map[key.hash] ||= []) << [WeakRef.__holder(key), value]
        @__count += 1
        __purge if @__count > (@__purge_at ||= 64)
      end
      value
    end

    def __purge
      @__map.each_value { |list| list.delete_if { |entry| nil.equal?(entry[0].__get) } }
      @__map.delete_if { |hash, list| list.empty? }
      @__count = @__map.sum { |hash, list| list.size }
      @__purge_at = [@__count * 2, 64].max
    end

    def getkey(key)
      entry = __entry(key)
      entry && entry[0].__get
    end

    def key?(key)
      __entry(key) ? true : false
    end

    def delete(key)
      entry = __entry(key)
      if entry
        @__map[key.hash].delete_if { |each| each.equal?(entry) }
        entry[1]
      elsif block_given?
        yield key
      end
    end

    def clear
      @__map.clear
      @__count = 0
      self
    end

    def inspect
      __purge
      "#<ObjectSpace::WeakKeyMap:0x#{__address} size=#{@__count}>"
    end
  end
end

# Watches its key, which it does not keep: see Smalltalk's class.
class Ephemeron
  def self.__on(key, mourner)
    __perform_smalltalk(:_watch, 0, [])
    made = allocate
    made.__slot_put(1, key)
    made.__slot_put(3, mourner)
    made.__watch_key
  end

  def __watch_key
    Primitive.ephemeron_new
    raise ArgumentError, "cannot watch this object"
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
