# Global variables that are more than a place for a value: the machine sends `__read_global` and `__assign_global` to nil for the
# names that a session guards, and warns through `__uninitialized_global` and `__constant_reassigned`.

module Kernel
  def self.__global_set(name, value)
    Primitive.global_set
    raise NameError, "wrong global variable name"
  end

  def self.__guard_global(name)
    Primitive.global_guard
    raise NameError, "wrong global variable name"
  end

  # Called at the start of a session, when every variable has its first value.
  def self.__guard_globals
    READ_ONLY_GLOBALS.each { |name| __guard_global(name) }
    CHECKED_GLOBALS.each { |name| __guard_global(name) }
  end

  # Variables that only warn.
  def self.__without_effect(name, assigned)
    Warning.warn("#{nil.__send__(:__warning_place)}warning: variable #{name} is no longer effective#{assigned ? "; ignored" : ""}\n")
    nil
  end

  READ_ONLY_GLOBALS = [:$!, :$:, :$", :$<, :$FILENAME, :$?, :$*, :$$, :$-a, :$-l, :$-p, :$&, :$`, :$', :$+]
  CHECKED_GLOBALS = [:$stdout, :$stderr, :$/, :$\, :$,, :$;, :$., :$@, :$0, :$VERBOSE, :$=]
  private_constant :READ_ONLY_GLOBALS, :CHECKED_GLOBALS

  private

  # The value of a guarded variable that has none of its own.
  def __read_global(name)
    case name
    when :$@, :$ERROR_POSITION
      $! && $!.backtrace
    when :$?, :$CHILD_STATUS
      Process.last_status
    when :$=
      Kernel.__without_effect(name, false)
      false
    end
  end

  # An assignment to a guarded variable: `target` is its name, `name` the one that the program wrote.
  def __assign_global(target, name, value)
    case target
    when :$stdout, :$stderr
      raise TypeError, "#{name} must have write method, #{value.__class} given" unless value.respond_to?(:write)
    when :$/
      value = __record_separator(name, value)
    when :$\, :$,
      raise TypeError, "value of #{name} must be String" unless nil.equal?(value) || String === value
      __deprecated_global(name, value)
    when :$;
      raise TypeError, "value of #{name} must be String or Regexp" unless nil.equal?(value) || String === value || Regexp === value
      __deprecated_global(name, value)
    when :$.
      value = __int(value)
    when :$@
      raise ArgumentError, "$! not set" unless $!
      $!.set_backtrace(value)
      return
    when :$0
      value = __str(value).dup.freeze
    when :$VERBOSE
      value = true if value
    when :$=
      return Kernel.__without_effect(name, true)
    else
      raise NameError.new("#{name} is a read-only variable", name)
    end
    Kernel.__global_set(target, value)
  end

  # $/ holds plain frozen Strings only.
  def __record_separator(name, value)
    return value if nil.equal?(value)
    raise TypeError, "value of #{name} must be String" unless String === value
    __deprecated_global(name, value) unless value == "\n"
    return value if value.frozen? && String.equal?(value.__class) && value.instance_variables.empty?
    String.new(value).freeze
  end

  def __deprecated_global(name, value)
    return if nil.equal?(value) || !Warning[:deprecated]
    Warning.warn("#{__warning_place}warning: '#{name}' is deprecated\n", category: :deprecated)
  end

  def __uninitialized_global(name)
    Warning.warn("#{__warning_place}warning: global variable '#{name}' not initialized\n")
    nil
  end

  # Where the program is, as warnings begin.
  def __warning_place
    place = Kernel.__program_place
    place ? place + ": " : ""
  end

  def __defined_if_missing(receiver, name)
    receiver.__send__(:respond_to_missing?, name, false) ? "method" : nil
  rescue StandardError
    nil
  end
end

class Module
  # A constant that had a value, from `place` ("file:line"), got another one.
  def __constant_reassigned(name, place)
    return nil if nil.equal?($VERBOSE)
    where = __warning_place
    path = equal?(Object) ? name.name : "#{inspect}::#{name}"
    Warning.warn("#{where}warning: already initialized constant #{path}\n")
    Warning.warn("#{place}: warning: previous definition of #{name} was here\n") if place
    nil
  end

  private :__constant_reassigned
end

# What the parser warns of, given when the program starts.
module Kernel
  def self.__parser_warning(text)
    Warning.warn(text + "\n") unless nil.equal?($VERBOSE)
  end

  def self.__verbose_parser_warning(text)
    Warning.warn(text + "\n") if $VERBOSE
  end
end

# Refusals whose messages the machine leaves to the library.
module Kernel
  private

  def __incompatible_strings(a, b)
    raise Encoding::CompatibilityError, "incompatible character encodings: #{a.encoding.__display} and #{b.encoding.__display}"
  end

  def __toplevel_class_variable(name)
    raise RuntimeError, "class variable access from toplevel"
  end
end
