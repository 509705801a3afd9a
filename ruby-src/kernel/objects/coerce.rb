# Implicit conversions that the kernel uses everywhere: private methods of every object, each answering the converted value
# or raising the TypeError Ruby users expect.

module Kernel
  def __type_name(x)
    return "nil" if nil.equal?(x)
    return "true" if true.equal?(x)
    return "false" if false.equal?(x)
    Primitive.undefined?(x) ? "undefined" : x.__class.to_s
  end

  def __convert(x, type, name)
    unless x.__kind_of(Kernel) ? x.respond_to?(name, true) : x.__responds_to(name, true)
      if type.equal?(Integer)
        raise TypeError, "no implicit conversion from nil to integer" if nil.equal?(x)
      end
      raise TypeError, "no implicit conversion of #{__type_name(x)} into #{type}"
    end
    made = x.__send__(name)
    return made if type === made
    raise TypeError, "can't convert #{__type_name(x)} to #{type} (#{__type_name(x)}##{name} gives #{__type_name(made)})"
  end

  # As __convert, but nil when x does not understand the conversion (or answers nil from it).
  def __try_convert(x, type, name)
    return nil unless x.__kind_of(Kernel) ? x.respond_to?(name, true) : x.__responds_to(name, true)
    made = x.__send__(name)
    return made if type === made || nil.equal?(made)
    raise TypeError, "can't convert #{__type_name(x)} to #{type} (#{__type_name(x)}##{name} gives #{__type_name(made)})"
  end

  def __int(x)
    return x if Integer === x
    return x.__to_index if Float === x
    __convert(x, Integer, :to_int)
  end

  # An Integer that can be a position or a count.
  def __long(x)
    x = __int(x) unless Integer === x
    # Almost every number is one that compares without a send.
    return x if x < 0x3fff_ffff_ffff_ffff && x > -0x3fff_ffff_ffff_ffff
    if x > 0x7fff_ffff_ffff_ffff || x < -0x8000_0000_0000_0000
      raise RangeError, "bignum too big to convert into 'long'"
    end
    x
  end

  # What inspect shows of an object, always a String.
  def __shown(x)
    text = x.inspect
    return text if String === text
    text = text.to_s
    String === text ? text : x.__any_to_s
  end

  def __str(x)
    return x if String === x && !(Symbol === x)
    __convert(x, String, :to_str)
  end

  def __ary(x)
    return x if Array === x
    __convert(x, Array, :to_ary)
  end

  def __hsh(x)
    return x if Hash === x
    __convert(x, Hash, :to_hash)
  end

  def __check_ary(x)
    return x if Array === x
    __try_convert(x, Array, :to_ary)
  end

  def __check_str(x)
    return x if String === x
    __try_convert(x, String, :to_str)
  end

  def __check_hash(x)
    return x if Hash === x
    __try_convert(x, Hash, :to_hash)
  end

  # A Float for Math and Float arithmetic.
  def __flt(x)
    return x if Float === x
    return x.to_f if Numeric === x && x.real?
    raise TypeError, "can't convert nil into Float" if nil.equal?(x)
    raise TypeError, "can't convert #{__type_name(x)} into Float"
  end

  def __path(x)
    return x if String === x
    x = x.to_path if x.respond_to?(:to_path)
    __str(x)
  end

  def __check_frozen
    Kernel.__frozen_error(self) if frozen?
  end

  def self.__frozen_error(object)
    shown = begin
      object.inspect
    rescue StandardError
      object.__any_to_s
    end
    raise FrozenError.new("can't modify frozen #{object.singleton_class? ? object.class : object.__class}: #{shown}", receiver: object) if Module === object
    raise FrozenError.new("can't modify frozen #{object.__class}: #{shown}", receiver: object)
  end

  def self.__bad_send(name)
    raise ArgumentError, "no method name given" if Primitive.undefined?(name)
    raise TypeError, "#{name.inspect} is not a symbol nor a string"
  end

  # What a multi-value yield looks like to a method that takes one value.
  def __pack(args)
    args.__size == 1 ? args.__at(0) : (args.__size == 0 ? nil : args)
  end

  # <=> that must answer.
  def __compare(a, b)
    c = a <=> b
    if nil.equal?(c)
      shown = nil.equal?(b) || true.equal?(b) || false.equal?(b) || Integer === b || Float === b ? b.inspect : b.class
      raise ArgumentError, "comparison of #{a.class} with #{shown} failed"
    end
    __sign(c, a, b)
  end

  # The result of a comparison as an Integer.
  def __sign(c, a, b)
    return c if Integer === c
    if nil.equal?(c)
      shown = nil.equal?(b) || true.equal?(b) || false.equal?(b) || Integer === b || Float === b ? b.inspect : b.class
      raise ArgumentError, "comparison of #{a.class} with #{shown} failed"
    end
    return 1 if c > 0
    return -1 if c < 0
    0
  end

  # Runs the block unless this thread is already inside `kind` for this object: then answers `otherwise`.
  def __guarded(kind, otherwise)
    table = (Thread.current.__guards[kind] ||= [])
    return otherwise if table.__index_identical(self)
    table.__push(self)
    begin
      yield
    ensure
      table.__pop
    end
  end

  private :__type_name, :__convert, :__try_convert, :__int, :__long, :__shown, :__str, :__ary, :__hsh, :__check_ary, :__check_str, :__check_hash,
          :__flt, :__path, :__pack, :__compare, :__sign
end
