# Kernel's functions: methods that are called without a receiver. All are private, and public on Kernel itself.

module Kernel
  # --- exceptions and jumps

  def raise(*args, **options)
    given_cause = options.key?(:cause)
    cause = options.delete(:cause) if given_cause
    count = args.__size
    if count == 0
      raise ArgumentError, "only cause is given with no arguments" if given_cause
      current = $!
      error = current || RuntimeError.new("unhandled exception")
      error.__raise
    end
    first = args.__at(0)
    if String === first
      raise TypeError, "exception class/object expected" if count > 1
      error = RuntimeError.new(first)
    elsif Class === first && first.__inherits?(Exception)
      error = if options.empty?
        count > 1 ? first.exception(args.__at(1)) : first.exception
      else
        count > 1 ? first.exception(args.__at(1), **options) : first.exception(**options)
      end
    elsif Exception === first
      error = count > 1 ? first.exception(args.__at(1)) : first
    elsif first.respond_to?(:exception)
      error = count > 1 ? first.exception(args.__at(1)) : first.exception
    else
      raise TypeError, "exception class/object expected"
    end
    raise TypeError, "exception object expected" unless Exception === error
    error.set_backtrace(args.__at(2)) if count > 2 && !nil.equal?(args.__at(2))
    if given_cause
      raise TypeError, "exception object expected" unless nil.equal?(cause) || Exception === cause
      above = cause
      while above
        raise ArgumentError, "circular causes" if above.equal?(error) && !cause.equal?(error)
        above = above.cause
      end
      error.__cause = cause unless cause.equal?(error)
    elsif nil.equal?(error.cause)
      current = $!
      error.__cause = current unless nil.equal?(current) || current.equal?(error) || current.__causes?(error)
    end
    error.__raise
  end

  alias fail raise

  def catch(tag = Primitive.undefined)
    tag = Object.new if Primitive.undefined?(tag)
    catches = Thread.__process.__catches
    entry = [tag, proc { |value| return value }]
    catches.__push(entry)
    depth = catches.__size
    begin
      yield tag
    ensure
      catches.__resize(depth - 1) if catches.__size >= depth
    end
  end

  def throw(tag, value = nil)
    catches = Thread.__process.__catches
    i = catches.__size - 1
    while i >= 0
      entry = catches.__at(i)
      entry.__at(1).call(value) if entry.__at(0).equal?(tag)
      i -= 1
    end
    raise UncaughtThrowError.new(tag, value)
  end

  def loop
    return to_enum(:loop) { Float::INFINITY } unless block_given?
    begin
      while true
        yield
      end
    rescue StopIteration => stop
      stop.result
    end
  end

  def exit(status = true)
    raise SystemExit.new(__exit_status(status), "exit")
  end

  def __exit_status(status)
    return 0 if true.equal?(status)
    return 1 if false.equal?(status)
    __int(status)
  end

  def exit!(status = true)
    __exit_now(__exit_status(status))
  end

  def __exit_now(status)
    Primitive.exit
  end

  def abort(message = nil)
    unless nil.equal?(message)
      message = __str(message)
      $stderr.puts(message)
    end
    raise SystemExit.new(1, message || "exit")
  end

  def at_exit(&block)
    raise ArgumentError, "called without block" unless block
    ($__at_exit ||= []) << block
    block
  end

  # The host calls this once when the program has ended, before it flushes the standard files.
  def self.__run_at_exit
    status = nil
    while (list = $__at_exit) && list.__size > 0
      begin
        list.__pop.call
      rescue SystemExit => e
        # The other handlers run here, so that they see this exception in $!.
        return __run_at_exit || e.status
      rescue Exception => e
        $stderr.puts(e.full_message(highlight: false))
        return __run_at_exit || 1
      end
    end
    $stdout.flush
    status
  end

  def warn(*messages, uplevel: nil, category: nil)
    return nil if nil.equal?($VERBOSE) || messages.empty?
    return nil if category && !Warning[category]
    text = ""
    if uplevel
      place = caller(uplevel + 2, 1)
      place = place && place[0]
      text = (place ? place[/\A.*?:\d+/] || place : "") + ": warning: " if place
    end
    messages = messages.flatten
    out = text.dup
    messages.each { |m| m = m.to_s; out << m; out << "\n" unless m.end_with?("\n") }
    Warning.warn(out)
    nil
  end

  # --- output and input

  def puts(*items)
    $stdout.puts(*items)
  end

  def print(*items)
    items = [$_] if items.empty?
    $stdout.print(*items)
  end

  def p(*items)
    i = 0
    while i < items.__size
      $stdout.__write_line(items.__at(i).inspect)
      i += 1
    end
    items.__size == 0 ? nil : (items.__size == 1 ? items.__at(0) : items)
  end

  def pp(*items)
    items.each { |item| $stdout.puts(Maglev::Pretty.format(item, 80)) }
    items.size <= 1 ? items.first : items
  end

  def putc(item)
    $stdout.putc(item)
  end

  def printf(*args)
    return nil if args.empty?
    if String === args[0]
      $stdout.write(format(*args))
    else
      args[0].write(format(*args[1..-1]))
    end
    nil
  end

  def format(template, *args)
    Maglev::Format.format(__str(template), args)
  end

  alias sprintf format

  def gets(*args, **options)
    line = ARGF.gets(*args, **options)
    __set_caller_line(line)
    line
  end

  def readline(*args, **options)
    line = ARGF.gets(*args, **options)
    raise EOFError, "end of file reached" unless line
    __set_caller_line(line)
    line
  end

  def readlines(*args, **options)
    ARGF.readlines(*args, **options)
  end

  def open(path, *args, **options, &block)
    if path.respond_to?(:to_open)
      made = path.to_open(*args, **options)
      return block ? block.call(made) : made
    end
    if String === path && path.start_with?("|")
      return IO.popen(path[1..-1], *args, **options, &block)
    end
    File.open(path, *args, **options, &block)
  end

  def select(read, write = nil, error = nil, timeout = nil)
    IO.select(read, write, error, timeout)
  end

  # --- conversions

  def Integer(value, base = nil, exception: true)
    if String === value
      found = __parse_integer(value, nil.equal?(base) ? 0 : __int(base))
      return found if found
      return nil unless exception
      raise ArgumentError, "string contains null byte" if value.include?("\0")
      raise ArgumentError, "invalid value for Integer(): #{value.inspect}"
    end
    if nil.equal?(value)
      return nil unless exception
      raise TypeError, "can't convert nil into Integer"
    end
    unless nil.equal?(base)
      text = __check_str(value)
      return Integer(text, base, exception: exception) if text
      return nil unless exception
      raise ArgumentError, "base specified for non string value"
    end
    return value if Integer === value
    if Float === value
      unless value.finite?
        return nil unless exception
        raise FloatDomainError, value.to_s
      end
      return value.to_i
    end
    begin
      if value.respond_to?(:to_int)
        made = value.to_int
        return made if Integer === made
      end
      if value.respond_to?(:to_str)
        return Integer(value.to_str, exception: exception)
      end
      if value.respond_to?(:to_i)
        made = value.to_i
        return made if Integer === made
        raise TypeError, "can't convert #{value.class} to Integer (#{value.class}#to_i gives #{made.class})" if exception
        return nil
      end
    rescue StandardError
      raise if exception
      return nil
    end
    return nil unless exception
    raise TypeError, "can't convert #{__type_name(value)} into Integer"
  end

  def __parse_integer(text, base)
    if base < 0 || base == 1 || base > 36
      raise ArgumentError, "invalid radix #{base}"
    end
    text.__to_integer(base, true)
  end

  def Float(value, exception: true)
    return value if Float === value
    return value.to_f if Integer === value
    if String === value
      found = value.__to_float(true)
      return found if found
      return nil unless exception
      raise ArgumentError, "invalid value for Float(): #{value.inspect}"
    end
    if nil.equal?(value)
      return nil unless exception
      raise TypeError, "can't convert nil into Float"
    end
    if Numeric === value
      begin
        return value.to_f
      rescue StandardError
        raise if exception
        return nil
      end
    end
    if value.respond_to?(:to_f) && !(Symbol === value)
      made = value.to_f
      return made if Float === made
      return nil unless exception
      raise TypeError, "can't convert #{value.class} to Float (#{value.class}#to_f gives #{made.class})"
    end
    return nil unless exception
    raise TypeError, "can't convert #{__type_name(value)} into Float"
  end

  def String(value)
    return value if String === value
    if value.respond_to?(:to_str)
      made = value.to_str
      return made if String === made
    end
    unless value.respond_to?(:to_s)
      raise TypeError, "can't convert #{__type_name(value)} into String"
    end
    made = value.to_s
    raise TypeError, "can't convert #{value.class} to String (#{value.class}#to_s gives #{made.class})" unless String === made
    made
  end

  def Array(value)
    return value if Array === value
    return [] if nil.equal?(value)
    if value.respond_to?(:to_ary)
      made = value.to_ary
      return made if Array === made
    end
    if value.respond_to?(:to_a)
      made = value.to_a
      return made if Array === made
      raise TypeError, "can't convert #{value.class} to Array (#{value.class}#to_a gives #{made.class})" unless nil.equal?(made)
    end
    [value]
  end

  def Hash(value)
    return value if Hash === value
    return {} if nil.equal?(value) || (Array === value && value.empty?)
    hash = __check_hash(value)
    return hash if hash
    raise TypeError, "can't convert #{__type_name(value)} into Hash"
  end

  def Rational(numerator, denominator = 1, exception: true)
    Rational.__from(numerator, denominator, exception)
  end

  def Complex(real, imaginary = Primitive.undefined, exception: true)
    Complex.__from(real, imaginary, exception)
  end

  # --- chance and time

  def rand(limit = 0)
    Random.__default.__kernel_rand(limit)
  end

  def srand(seed = Primitive.undefined)
    Random.srand(*(Primitive.undefined?(seed) ? [] : [seed]))
  end

  def sleep(duration = Primitive.undefined)
    before = Process.__monotonic
    if Primitive.undefined?(duration)
      Thread.stop
    else
      Thread.current.__stop(Kernel.__milliseconds(duration) * 1_000_000)
    end
    ((Process.__monotonic - before) / 1_000_000_000.0).round
  end

  # A duration as whole milliseconds, rounded up.
  def self.__milliseconds(duration)
    unless Numeric === duration
      unless duration.respond_to?(:divmod) && !(String === duration)
        raise TypeError, "can't convert #{__type_name(duration)} into time interval"
      end
      seconds, part = duration.divmod(1)
      duration = seconds + part
    end
    raise ArgumentError, "time interval must not be negative" if duration < 0
    (duration * 1000).ceil
  end

  # --- code

  def lambda(&block)
    raise ArgumentError, "tried to create Proc object without a block" unless block
    block.__to_lambda
  end

  def proc(&block)
    raise ArgumentError, "tried to create Proc object without a block" unless block
    block
  end

  def eval(source, binding = nil, file = nil, line = 1)
    binding = __caller_binding if nil.equal?(binding)
    raise TypeError, "wrong argument type #{binding.class} (expected binding)" unless Binding === binding
    binding.eval(source, file || Kernel.__eval_place, line)
  end

  # The file that evaluated text without a name lies in: the place of the `eval`.
  def self.__eval_place
    place = __program_place
    place ? "(eval at #{place})" : "(eval)"
  end

  # File and line of the innermost frame that is none of the library's.
  def self.__program_place
    line = __stack(1).find { |l| !__kernel_line?(l) && !l.start_with?("(kernel)") }
    cut = line && line.__byteindex(":in ", 0)
    cut && line.__byteslice(0, cut)
  end

  def caller(skip = 1, count = nil)
    if Range === skip
      lines = Kernel.__user_lines(Kernel.__stack(1))
      lines.shift
      return lines[skip]
    end
    skip = __int(skip)
    raise ArgumentError, "negative level (#{skip})" if skip < 0
    lines = Kernel.__user_lines(Kernel.__stack(1))
    return nil if skip > lines.size
    lines = lines.drop(skip)
    nil.equal?(count) ? lines : lines.first(__int(count))
  end

  # Location lines of the running frames, without the innermost `skip` and the primitive's own.
  def self.__stack(skip)
    Primitive.current_stack
    []
  end

  def caller_locations(skip = 1, count = nil)
    lines = caller(Range === skip ? skip : skip + 1, count)
    lines && lines.map { |line| Thread::Backtrace::Location.new(line) }
  end

  def require(path)
    Maglev::Loader.require(__path(path))
  end

  def require_relative(path)
    Maglev::Loader.require_relative(__path(path), Kernel.__stack(1))
  end

  def load(path, wrap = false)
    Maglev::Loader.load(__path(path))
  end

  def autoload(name, path)
    Object.autoload(name, path)
  end

  def autoload?(name)
    Object.autoload?(name)
  end

  def global_variables
    Kernel.__global_names.reject { |n| n.name.start_with?("$__") }
  end

  def self.__global_names
    Primitive.global_names
    [:$stdout, :$stderr, :$stdin, :$0, :$!, :$~, :$_, :$;, :$,, :$/, :$:, :$", :$*, :$$, :$?, :$VERBOSE, :$DEBUG]
  end

  def trace_var(*)
    nil
  end

  def untrace_var(*)
    []
  end

  def set_trace_func(_)
    nil
  end

  def trap(signal, command = nil, &block)
    Signal.trap(signal, command, &block)
  end

  # --- processes

  def `(command)
    Process.__backtick(__str(command))
  end

  def system(*command, exception: false, **options)
    environment = Hash === command[0] ? command.shift : nil
    status = Process.__run(command, environment)
    if exception && status != true
      raise Errno::ENOENT, command[0].to_s if nil.equal?(status)
      raise "Command failed with exit #{$?.exitstatus}: #{command[0]}"
    end
    status
  end

  def spawn(*command, **options)
    Process.spawn(*command, **options)
  end

  def exec(*command, **options)
    ok = Process.__run(Hash === command[0] ? command.drop(1) : command, nil)
    raise Errno::ENOENT, command[0].to_s if nil.equal?(ok)
    exit!($?.exitstatus || 1)
  end

  def fork
    raise NotImplementedError, "fork() function is unimplemented on this machine"
  end

  def test(command, file, other = nil)
    command = command.chr if Integer === command
    case command
    when "e" then File.exist?(file)
    when "f" then File.file?(file)
    when "d" then File.directory?(file)
    when "r" then File.readable?(file)
    when "w" then File.writable?(file)
    when "x" then File.executable?(file)
    when "s" then File.size?(file)
    when "z" then File.zero?(file)
    when "l" then File.symlink?(file)
    when "M" then File.mtime(file)
    else raise ArgumentError, "unknown command '\\x#{command.ord.to_s(16).upcase}'"
    end
  end

  # --- frame-local variables of the caller

  def __set_caller_match(match)
    Primitive.set_caller_match
  end

  # The same from a helper of the method that the program called.
  def __set_outer_caller_match(match)
    Primitive.set_outer_caller_match
  end

  def __caller_match
    Primitive.caller_match
    nil
  end

  def __set_caller_line(line)
    Primitive.set_caller_line
  end

  # Bindings of the frame that called the method that called this one, and of the frame above that.
  def __caller_binding
    Primitive.caller_binding
    nil
  end

  def self.__binding_above
    Primitive.caller_binding
    nil
  end

  def __caller_method_name
    Primitive.caller_method_name
    nil
  end

  def __caller_block
    Primitive.caller_block
    nil
  end

  def binding
    __caller_binding
  end

  def local_variables
    __caller_binding.local_variables
  end

  def block_given?
    nil.equal?(__caller_block) ? false : true
  end

  # --- helpers that compiled code sends

  def self.__deconstruct(value)
    return nil unless value.respond_to?(:deconstruct, true)
    list = value.deconstruct
    raise TypeError, "deconstruct must return Array" unless Array === list
    list
  end

  def self.__deconstruct_keys(value, keys)
    return nil unless value.respond_to?(:deconstruct_keys, true)
    hash = value.deconstruct_keys(keys)
    raise TypeError, "deconstruct_keys must return Hash" unless Hash === hash
    hash
  end

  def self.__rescue_match(klass, exception)
    unless Module === klass
      raise TypeError, "class or module required for rescue clause"
    end
    klass === exception
  end

  def self.__rescue_any(list, exception)
    i = 0
    while i < list.__size
      return true if __rescue_match(list.__at(i), exception)
      i += 1
    end
    false
  end

  def self.__once(key)
    table = ($__once ||= {})
    return table[key] if table.key?(key)
    table[key] = yield
  end

  def self.__at_exit_once(key, &block)
    table = ($__at_exit_keys ||= {})
    return if table.key?(key)
    table[key] = true
    at_exit(&block)
  end

  def self.__alias_global(new_name, old_name)
    Primitive.alias_global
    raise NameError, "wrong global variable name"
  end

  def self.__dir_of(file)
    return nil if file.start_with?("(eval")
    file = File.realpath(file) if File.exist?(file)
    File.dirname(File.expand_path(file))
  end

  def self.__no_matching_pattern(value, kind, a, b)
    text = value.inspect
    reason = case kind
    when nil then nil
    when :=== then "#{a.inspect} === #{b.inspect} does not return true"
    when :length then "#{a.inspect} length mismatch (given #{a.size}, expected #{b})"
    when :deconstruct then "#{a.inspect} does not respond to #deconstruct"
    when :deconstruct_keys then "#{a.inspect} does not respond to #deconstruct_keys"
    when :find then "#{a.inspect} does not match to find pattern"
    when :key then "key not found: #{b.inspect}"
    when :rest then "rest of #{a.inspect} is not empty"
    when :not_empty then "#{a.inspect} is not empty"
    when :guard then "guard clause does not return true"
    end
    text = "#{text}: #{reason}" if reason
    raise NoMatchingPatternKeyError.new(text, matchee: a, key: b) if kind == :key
    raise NoMatchingPatternError, text
  end

  FUNCTIONS = [:raise, :fail, :catch, :throw, :loop, :exit, :exit!, :abort, :at_exit, :warn, :puts, :print, :p, :pp, :putc, :printf,
               :format, :sprintf, :gets, :readline, :readlines, :open, :select, :Integer, :Float, :String, :Array, :Hash,
               :Rational, :Complex, :rand, :srand, :sleep, :lambda, :proc, :eval, :caller, :caller_locations, :require,
               :require_relative, :load, :autoload, :autoload?, :global_variables, :trace_var, :untrace_var, :set_trace_func,
               :trap, :`, :system, :spawn, :exec, :fork, :test, :binding,
               :local_variables, :block_given?]
  private_constant :FUNCTIONS
  module_function(*FUNCTIONS)
  private :__exit_status, :__exit_now, :__parse_integer, :__set_caller_match, :__set_outer_caller_match, :__caller_match, :__set_caller_line
end

class Exception
  # Whether exception is among the causes of the receiver.
  def __causes?(exception)
    above = self
    while above
      return true if above.equal?(exception)
      above = above.cause
    end
    false
  end
end

module Warning
  def self.[](category)
    __check(category)
    state = $__warning_categories
    state && state.key?(category) ? state[category] : category == :performance || category == :deprecated ? false : true
  end

  def self.[]=(category, value)
    __check(category)
    ($__warning_categories ||= {})[category] = value ? true : false
  end

  def self.categories
    [:deprecated, :experimental, :performance, :strict_unused_block]
  end

  def self.__check(category)
    raise TypeError, "wrong argument type #{category.class} (expected Symbol)" unless Symbol === category
    raise ArgumentError, "unknown category: #{category}" unless categories.include?(category)
  end

  def warn(message, category: nil)
    raise TypeError, "wrong argument type #{message.class} (expected String)" unless String === message
    $stderr.write(message)
    nil
  end

  extend self
end
