# NoMethodError: a message that nobody understood.

class NoMethodError
  def initialize(message = nil, name = nil, args = [], private_call = false, receiver: Primitive.undefined)
    if Primitive.undefined?(receiver)
      super(message, name)
    else
      super(message, name, receiver: receiver)
    end
    @__args = args
    @__private_call = private_call
  end

  def args
    @__args || []
  end

  def private_call?
    @__private_call ? true : false
  end
end

module Kernel
  # How an error message names an object.
  def self.__describe(object)
    return "nil" if nil.equal?(object)
    return "true" if true.equal?(object)
    return "false" if false.equal?(object)
    return "main:Object" if Maglev::MAIN.equal?(object)
    real = object.__class
    if real <= Module
      kind = Class === object ? "class" : "module"
      return "#{kind} #{object.inspect}"
    end
    "an instance of #{real}"
  end

  # 0 missing, 1 private, 2 protected, 3 super, 4 a name that could have been a variable
  def self.__missing_reason
    Primitive.missing_reason
    0
  end

  def self.__raise_missing(object, name, args)
    reason = __missing_reason
    if reason == 4
      error = NameError.new("undefined local variable or method '#{name}' for #{__describe(object)}", name, receiver: object)
    else
      text = case reason
      when 1 then "private method '#{name}' called for #{__describe(object)}"
      when 2 then "protected method '#{name}' called for #{__describe(object)}"
      when 3 then "super: no superclass method '#{name}' for #{__describe(object)}"
      else "undefined method '#{name}' for #{__describe(object)}"
      end
      error = NoMethodError.new(text, name, args, false, receiver: object)
    end
    raise error
  end

  def self.__raise_undefined(object, name)
    real = object.__class
    shown = real <= Module ? "class '#<Class:#{object.inspect}>'" : "class '#{real}'"
    shown = "class '#<Class:#{object.inspect}>'" if Module === object
    raise NameError.new("undefined method '#{name}' for #{shown}", name, receiver: object)
  end
end
