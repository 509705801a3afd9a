# Marshal: MRI's format 4.8, byte for byte.

module Marshal
  MAJOR_VERSION = 4
  MINOR_VERSION = 8

  def self.dump(object, io = nil, limit = -1)
    if Integer === io
      limit = io
      io = nil
    end
    raise TypeError, "instance of IO needed" unless nil.equal?(io) || io.respond_to?(:write)
    text = Writer.new(limit).dump(object)
    return text if nil.equal?(io)
    io.binmode if io.respond_to?(:binmode)
    io.write(text)
    io
  end

  def self.load(source, proc = nil, freeze: false)
    text = if source.respond_to?(:to_str)
      source.to_str
    elsif source.respond_to?(:read)
      source.respond_to?(:getbyte) ? source : source.read
    else
      raise TypeError, "instance of IO needed"
    end
    Reader.new(text, proc, freeze).load
  end

  class << self
    alias restore load
  end

  class Writer
    def initialize(limit)
      @limit = limit
      @out = "".b
      @objects = {}
      @objects.compare_by_identity
      @symbols = {}
    end

    def dump(object)
      @out << "\x04\x08".b
      write(object, @limit)
      @out
    end

    def byte(n)
      @out << String.__from_byte(n & 255).b
    end

    def long(n)
      if n == 0
        byte(0)
      elsif n > 0 && n < 123
        byte(n + 5)
      elsif n < 0 && n > -124
        byte(n - 5)
      else
        parts = []
        x = n
        4.times do
          parts << (x & 255)
          x >>= 8
          break if n < 0 ? x == -1 : x == 0
        end
        byte(n < 0 ? -parts.size : parts.size)
        parts.each { |b| byte(b) }
      end
    end

    def bytes(text)
      long(text.bytesize)
      @out << text.b
    end

    def symbol(name)
      if @symbols.key?(name)
        @out << ";"
        long(@symbols[name])
        return
      end
      text = name.name
      if text.ascii_only?
        @symbols[name] = @symbols.size
        @out << ":"
        bytes(text)
      else
        @out << "I:"
        bytes(text)
        @symbols[name] = @symbols.size
        long(1)
        symbol(:E)
        @out << "T"
      end
    end

    def class_name(klass)
      name = klass.name
      raise TypeError, "can't dump anonymous #{Class === klass ? 'class' : 'module'} #{klass.inspect}" unless name
      symbol(name.to_sym)
    end

    # Modules that extend the object, then a subclass of a built-in class.
    def extensions(object)
      real = object.__real_class
      return unless real.singleton_class? && !(Module === object)
      unless real.__instance_methods(false, 3).empty? && real.__instance_methods(false, 1).empty?
        raise TypeError, "singleton can't be dumped"
      end
      real.included_modules.each do |m|
        break if object.class.include?(m)
        @out << "e"
        class_name(m)
      end
    end

    def user_class(object, base)
      extensions(object)
      return if object.class.equal?(base)
      @out << "C"
      class_name(object.class)
    end

    def ivars_of(object)
      object.instance_variables
    end

    # [name, value] pairs a String or Regexp has for its encoding.
    def encoding_pair(encoding)
      case encoding.__index
      when 0 then [:E, true]
      when 1 then nil
      when 2 then [:E, false]
      else [:encoding, encoding.name.b]
      end
    end

    def with_ivars(object, names, pair, limit)
      if names.empty? && !pair
        yield
        return
      end
      @out << "I"
      yield
      long(names.size + (pair ? 1 : 0))
      if pair
        symbol(pair[0])
        if String === pair[1]
          @out << "\""
          bytes(pair[1])
        else
          @out << (pair[1] ? "T" : "F")
        end
      end
      names.each do |name|
        symbol(name)
        write(object.instance_variable_get(name), limit)
      end
    end

    def write(object, limit)
      raise ArgumentError, "exceed depth limit" if limit == 0
      limit -= 1 if limit > 0
      case object
      when nil then @out << "0"
      when true then @out << "T"
      when false then @out << "F"
      when Integer then write_integer(object)
      when Symbol then symbol(object)
      else
        if @objects.key?(object)
          @out << "@"
          long(@objects[object])
          return
        end
        write_object(object, limit)
      end
    end

    def write_integer(n)
      if n >= -0x4000_0000 && n < 0x4000_0000
        @out << "i"
        long(n)
        return
      end
      if @objects.key?(n)
        @out << "@"
        long(@objects[n])
        return
      end
      remember(n)
      @out << "l" << (n < 0 ? "-" : "+")
      n = n.abs
      parts = []
      while n > 0
        parts << (n & 0xffff)
        n >>= 16
      end
      long(parts.size)
      parts.each do |part|
        byte(part)
        byte(part >> 8)
      end
    end

    def remember(object)
      @objects[object] = @objects.size
    end

    def write_object(object, limit)
      if object.respond_to?(:marshal_dump, true)
        remember(object)
        state = object.__send__(:marshal_dump)
        @out << "U"
        class_name(object.class)
        write(state, limit)
        return
      end
      if object.respond_to?(:_dump, true)
        state = object.__send__(:_dump, limit)
        raise TypeError, "_dump() must return string" unless String === state
        with_ivars(state, ivars_of(state), encoding_pair(state.encoding), limit) do
          @out << "u"
          class_name(object.class)
          bytes(state)
        end
        remember(object)
        return
      end
      case object
      when Float then write_float(object)
      when String
        remember(object)
        with_ivars(object, ivars_of(object), encoding_pair(object.encoding), limit) do
          user_class(object, String)
          @out << "\""
          bytes(object)
        end
      when Regexp
        remember(object)
        with_ivars(object, ivars_of(object), encoding_pair(object.encoding), limit) do
          user_class(object, Regexp)
          @out << "/"
          bytes(object.source)
          byte(object.options & 55 | (object.fixed_encoding? ? 16 : 0))
        end
      when Array
        remember(object)
        with_ivars(object, ivars_of(object), nil, limit) do
          user_class(object, Array)
          @out << "["
          long(object.size)
          object.each { |item| write(item, limit) }
        end
      when Hash then write_hash(object, limit)
      when Class
        raise TypeError, "singleton class can't be dumped" if object.singleton_class?
        remember(object)
        raise TypeError, "can't dump anonymous class #{object.inspect}" unless object.name
        @out << "c"
        bytes(object.name)
      when Module
        remember(object)
        raise TypeError, "can't dump anonymous module #{object.inspect}" unless object.name
        @out << "m"
        bytes(object.name)
      when Struct, Data
        remember(object)
        with_ivars(object, ivars_of(object), nil, limit) do
          extensions(object)
          @out << "S"
          class_name(object.class)
          pairs = object.to_h
          long(pairs.size)
          pairs.each do |name, value|
            symbol(name)
            write(value, limit)
          end
        end
      when Range
        remember(object)
        @out << "o"
        class_name(object.class)
        long(3)
        symbol(:excl)
        write(object.exclude_end?, limit)
        symbol(:begin)
        write(object.begin, limit)
        symbol(:end)
        write(object.end, limit)
      when Rational
        remember(object)
        @out << "U"
        class_name(Rational)
        write([object.numerator, object.denominator], limit)
      when Complex
        remember(object)
        @out << "U"
        class_name(Complex)
        write([object.real, object.imaginary], limit)
      when Exception then write_exception(object, limit)
      when Time then write_time(object, limit)
      when Set
        remember(object)
        @out << "o"
        class_name(object.class)
        names = ivars_of(object)
        long(1 + names.size)
        symbol(:@hash)
        write(object.__hash, limit)
        names.each do |name|
          symbol(name)
          write(object.instance_variable_get(name), limit)
        end
      when Proc, Method, UnboundMethod, Binding, IO, MatchData, Thread, Enumerator, Thread::Mutex, Thread::Queue
        raise TypeError, "no _dump_data is defined for class #{object.class}"
      else
        raise TypeError, "instance of #{object.class} can't be dumped" if ENV.equal?(object) || ARGF.equal?(object)
        remember(object)
        extensions(object)
        @out << "o"
        class_name(object.class)
        names = ivars_of(object)
        long(names.size)
        names.each do |name|
          symbol(name)
          write(object.instance_variable_get(name), limit)
        end
      end
    end

    def write_float(x)
      remember(x)
      @out << "f"
      text = if x.nan?
        "nan"
      elsif x.infinite?
        x > 0 ? "inf" : "-inf"
      elsif x == 0.0
        x.__signed? ? "-0" : "0"
      else
        Marshal.__float_text(x)
      end
      bytes(text)
    end

    def write_hash(hash, limit)
      raise TypeError, "can't dump hash with default proc" if hash.default_proc
      remember(hash)
      with_ivars(hash, ivars_of(hash), nil, limit) do
        if hash.compare_by_identity?
          extensions(hash)
          unless hash.instance_of?(Hash)
            @out << "C"
            class_name(hash.class)
          end
          @out << "C"
          symbol(:Hash)
        else
          user_class(hash, Hash)
        end
        @out << (nil.equal?(hash.default) ? "{" : "}")
        long(hash.size)
        hash.each_pair do |key, value|
          write(key, limit)
          write(value, limit)
        end
        write(hash.default, limit) unless nil.equal?(hash.default)
      end
    end

    def write_exception(error, limit)
      remember(error)
      extensions(error)
      @out << "o"
      class_name(error.class)
      names = ivars_of(error)
      long(2 + names.size)
      symbol(:mesg)
      write(error.__slot(1), limit)
      symbol(:bt)
      write(error.backtrace, limit)
      names.each do |name|
        symbol(name)
        write(error.instance_variable_get(name), limit)
      end
    end

    # Two packed words, then offset, zone and the nanoseconds that they have no room for as instance variables.
    def write_time(time, limit)
      utc = time.getutc
      usec = utc.nsec / 1000
      nano = utc.nsec % 1000
      word1 = 1 << 31 | (time.utc? ? 1 : 0) << 30 | (utc.year - 1900) << 14 | (utc.month - 1) << 10 | utc.day << 5 | utc.hour
      word2 = utc.min << 26 | utc.sec << 20 | usec
      state = "".b
      [word1, word2].each { |word| 4.times { |i| state << String.__from_byte(word >> (8 * i) & 255).b } }
      pairs = []
      pairs << [:offset, time.utc_offset] unless time.utc?
      if nano != 0
        digits = nano.to_s.rjust(3, "0")
        packed = digits[2] == "0" ? [digits[0, 2]].pack("H2") : [digits + "0"].pack("H4")
        pairs << [:nano_num, nano] << [:nano_den, 1] << [:submicro, packed]
      end
      pairs << [:zone, time.zone && time.zone.dup.force_encoding(Encoding::US_ASCII)]
      @out << "I" << "u"
      class_name(time.class)
      bytes(state)
      long(pairs.size)
      pairs.each do |name, value|
        symbol(name)
        write(value, limit)
      end
      remember(time)
    end
  end

  # As MRI prints a Float here: shortest digits, `e` notation for far exponents.
  def self.__float_text(x)
    text = x.to_s
    sign = text.start_with?("-") ? "-" : ""
    text = text.delete_prefix("-")
    mantissa, exponent = text.split("e")
    exponent = (exponent || "0").to_i
    whole, part = mantissa.split(".")
    part = "" if part == "0"
    digits = (whole + part)
    point = whole.size + exponent
    stripped = digits.sub(/\A0+/, "")
    point -= digits.size - stripped.size
    digits = stripped.sub(/0+\z/, "")
    if point > 0 && point <= digits.size
      return sign + digits if point == digits.size
      return sign + digits[0, point] + "." + digits[point, digits.size]
    end
    if point <= 0 && point > -4
      return sign + "0." + "0" * -point + digits
    end
    sign + digits[0] + (digits.size > 1 ? "." + digits[1, digits.size] : "") + "e" + (point - 1).to_s
  end

  class Reader
    def initialize(source, proc, freeze)
      @source = source
      @io = !(String === source)
      @at = 0
      @proc = proc
      @freeze = freeze
      @objects = []
      @symbols = []
    end

    def load
      major = byte
      minor = byte
      if major != 4 || minor > 8
        raise TypeError, "incompatible marshal file format (can't be read)\n\tformat version 4.8 required; #{major}.#{minor} given"
      end
      read
    end

    def byte
      value = @io ? @source.getbyte : @source.getbyte(@at)
      @at += 1
      too_short unless value
      value
    end

    def too_short
      raise @io && @at <= 1 ? EOFError.new("end of file reached") : ArgumentError.new("marshal data too short")
    end

    def take(count)
      return "".b if count == 0
      if @io
        text = @source.read(count)
      else
        text = @source.byteslice(@at, count)
      end
      @at += count
      raise ArgumentError, "marshal data too short" if text.nil? || text.bytesize < count
      text.b
    end

    def long
      c = byte
      c -= 256 if c > 127
      return 0 if c == 0
      return c - 5 if c > 4
      return c + 5 if c < -4
      if c > 0
        n = 0
        c.times { |i| n |= byte << (8 * i) }
        n
      else
        n = -1
        (-c).times { |i| n = n & ~(255 << (8 * i)) | byte << (8 * i) }
        n
      end
    end

    def bytes
      take(long)
    end

    def symbol
      case byte
      when 58 then new_symbol(false)
      when 59 then @symbols[long]
      when 73
        byte
        new_symbol(true)
      else raise ArgumentError, "dump format error for symbol"
      end
    end

    def new_symbol(with_encoding)
      text = bytes
      at = @symbols.size
      @symbols << nil
      encoding = Encoding::US_ASCII
      if with_encoding
        long.times do
          name = symbol
          value = read
          encoding = encoding_of(name, value) || encoding
        end
      end
      encoding = Encoding::BINARY if encoding == Encoding::US_ASCII && !text.ascii_only?
      @symbols[at] = text.force_encoding(encoding).to_sym
    end

    def encoding_of(name, value)
      return value ? Encoding::UTF_8 : Encoding::US_ASCII if name == :E
      name == :encoding ? Encoding.find(value) : nil
    end

    def named(name)
      scope = Object
      name.to_s.split("::").each do |part|
        unless scope.const_defined?(part)
          raise ArgumentError, "undefined class/module #{name}"
        end
        scope = scope.const_get(part)
      end
      scope
    end

    def named_class(name = symbol)
      klass = named(name)
      raise TypeError, "#{name} does not refer to class" unless Class === klass
      klass
    end

    def register(object)
      @objects << object
      object
    end

    def done(object)
      object.freeze if @freeze && !(Module === object)
      @proc ? @proc.call(object) : object
    end

    def read
      type = byte
      case type
      when 48 then done(nil)
      when 84 then done(true)
      when 70 then done(false)
      when 105 then done(long)
      when 58 then done(new_symbol(false))
      when 59 then done(@symbols[long])
      when 64
        n = long
        raise ArgumentError, "dump format error (unlinked)" if n >= @objects.size
        object = @objects[n]
        @proc ? @proc.call(object) : object
      when 73
        holder = [true]
        type = byte
        return done(new_symbol(true)) if type == 58
        object = read_typed(type, holder)
        object = ivars(object) if holder[0]
        done(object)
      else
        done(read_typed(type, nil))
      end
    end

    def ivars(object)
      count = long
      count.times do
        name = symbol
        value = read
        if (encoding = (name == :E || name == :encoding) && encoding_of(name, value))
          if String === object
            object.force_encoding(encoding)
          elsif Regexp === object && !object.source.ascii_only?
            at = @objects.__index_identical(object)
            object = Regexp.new(object.source.dup.force_encoding(encoding), object.options & 7)
            @objects[at] = object if at
          end
        else
          object.instance_variable_set(name, value)
        end
      end
      object
    end

    def read_typed(type, holder)
      case type
      when 34 then register(bytes)
      when 47
        source = bytes
        options = byte
        register(Regexp.new(source.force_encoding(Encoding::UTF_8), options & 7))
      when 91
        made = register([])
        long.times { made << read }
        made
      when 123, 125
        made = register({})
        fill_hash(made, type == 125)
      when 102
        text = bytes
        register(case text
        when "nan" then Float::NAN
        when "inf" then Float::INFINITY
        when "-inf" then -Float::INFINITY
        else text.to_f
        end)
      when 108
        sign = byte
        n = 0
        long.times { |i| n |= (byte | byte << 8) << (16 * i) }
        register(sign == 45 ? -n : n)
      when 99 then register(named_class(bytes.force_encoding(Encoding::UTF_8)))
      when 109
        m = named(bytes.force_encoding(Encoding::UTF_8))
        raise ArgumentError, "not a module" if Class === m
        register(m)
      when 77 then register(named(bytes.force_encoding(Encoding::UTF_8)))
      when 67 then read_user_class(holder)
      when 101
        m = named(symbol)
        object = read_typed(byte, holder)
        object.extend(m)
        object
      when 111 then read_plain
      when 83 then read_struct
      when 117 then read_dumped(holder)
      when 85
        klass = named_class
        at = @objects.size
        if klass.equal?(Rational) || klass.equal?(Complex)
          register(nil)
          parts = read
          @objects[at] = klass.equal?(Rational) ? Rational(parts[0], parts[1]) : Complex(parts[0], parts[1])
        else
          object = register(klass.allocate)
          state = read
          unless object.respond_to?(:marshal_load, true)
            raise TypeError, "instance of #{klass} needs to have method 'marshal_load'"
          end
          object.__send__(:marshal_load, state)
          object
        end
      when 73
        inner = [true]
        object = read_typed(byte, inner)
        inner[0] ? ivars(object) : object
      else
        raise ArgumentError, "dump format error(0x#{type.to_s(16)})"
      end
    end

    def fill_hash(made, with_default)
      long.times do
        key = read
        made[key] = read
      end
      made.default = read if with_default
      made
    end

    def read_user_class(holder)
      klass = named_class
      type = byte
      if klass.equal?(Hash) && (type == 123 || type == 125)
        made = register({}.compare_by_identity)
        return fill_hash(made, type == 125)
      end
      at = @objects.size
      base = read_typed(type, holder)
      made = klass.allocate
      case base
      when String then made.__replace(base)
      when Array then made.__replace(base)
      when Hash
        made.replace(base)
        made.compare_by_identity if base.compare_by_identity?
      when Regexp then made = klass.new(base)
      else raise ArgumentError, "dump format error (user class)"
      end
      @objects[at] = made
    end

    def read_plain
      klass = named_class
      if klass <= Range
        at = @objects.size
        register(nil)
        parts = {}
        long.times { name = symbol; parts[name] = read }
        return @objects[at] = klass.new(parts[:begin], parts[:end], parts[:excl])
      end
      object = register(klass.allocate)
      exception = Exception === object
      long.times do
        name = symbol
        value = read
        if exception && name == :mesg
          object.__slot_put(1, value)
        elsif exception && name == :bt
          object.set_backtrace(value)
        elsif Set === object && name == :@hash
          object.__ivar_set(:@__hash, value)
        else
          object.__ivar_set(name, value)
        end
      end
      object
    end

    def read_struct
      klass = named_class
      object = register(klass.allocate)
      names = klass.__members
      ivars = klass.__ivars
      count = long
      raise TypeError, "struct #{klass} not compatible (struct size differs)" if count != names.size
      count.times do |i|
        name = symbol
        unless names[i] == name
          raise TypeError, "struct #{klass} not compatible (:#{name} for :#{names[i]})"
        end
        object.__ivar_set(ivars[i], read)
      end
      object.freeze if Data === object
      object
    end

    def read_dumped(holder)
      klass = named_class
      state = bytes
      if holder && holder[0]
        holder[0] = false
        extra = {}
        long.times do
          name = symbol
          value = read
          encoding = (name == :E || name == :encoding) && encoding_of(name, value)
          encoding ? state.force_encoding(encoding) : extra[name] = value
        end
      else
        extra = {}
      end
      return register(read_time(klass, state, extra)) if klass <= Time
      extra.each { |name, value| state.instance_variable_set(name, value) if name.start_with?("@") }
      unless klass.respond_to?(:_load)
        raise TypeError, "class #{klass} needs to have method '_load'"
      end
      register(klass._load(state))
    end

    def read_time(klass, state, extra)
      b = state.bytes
      word1 = b[0] | b[1] << 8 | b[2] << 16 | b[3] << 24
      word2 = b[4] | b[5] << 8 | b[6] << 16 | b[7] << 24
      usec = word2 & 0xfffff
      nano = extra[:nano_num] ? extra[:nano_num] / (extra[:nano_den] || 1) : 0
      time = Time.utc((word1 >> 14 & 0xffff) + 1900, (word1 >> 10 & 15) + 1, word1 >> 5 & 31, word1 & 31, word2 >> 26 & 63, word2 >> 20 & 63, usec)
      offset = word1 >> 30 & 1 == 1 ? :utc : extra[:offset]
      klass.__make(time.to_i, usec * 1000 + nano, offset)
    end
  end
end
