# The exception classes that exist in Ruby only. Those shared with Smalltalk are bound in reflection/classes.rb.

class LoadError < ScriptError
  attr_reader :path

  def __path=(path)
    @path = path
  end
end

class NotImplementedError < ScriptError
end

class SecurityError < Exception
end

class StopIteration < IndexError
  def result
    @result
  end

  def __result=(value)
    @result = value
  end
end

class ClosedQueueError < StopIteration
end

class EOFError < IOError
end

class ThreadError < StandardError
end

class FiberError < StandardError
end

class EncodingError < StandardError
end

class NoMatchingPatternError < StandardError
end

class NoMatchingPatternKeyError < NoMatchingPatternError
  def initialize(message = nil, matchee: Primitive.undefined, key: Primitive.undefined)
    super(message)
    @matchee = matchee unless Primitive.undefined?(matchee)
    @key = key unless Primitive.undefined?(key)
  end

  def matchee
    raise ArgumentError, "no matchee is available" unless instance_variable_defined?(:@matchee)
    @matchee
  end

  def key
    raise ArgumentError, "no key is available" unless instance_variable_defined?(:@key)
    @key
  end
end
