# Ruby's names for the classes that both languages share, and the bare modules that later files fill.
# Nothing is defined yet when this file runs: only `def`, sends to self, constants and literals are safe here.

def __bind(ruby_name, smalltalk_name, superclass)
  Primitive.bind_class
end

__bind :BasicObject, :ProtoObject, nil
__bind :Object, :Object, BasicObject
__bind :Module, :Module, Object
__bind :Class, :Class, Module

__bind :NilClass, :UndefinedObject, Object
__bind :TrueClass, :True, Object
__bind :FalseClass, :False, Object
__bind :Numeric, :Number, Object
__bind :Integer, :Integer, Numeric
__bind :Float, :Float, Numeric
__bind :Rational, :Fraction, Numeric
__bind :Complex, :Complex, Numeric
__bind :Array, :Array, Object
__bind :String, :String, Object
__bind :Symbol, :Symbol, Object
__bind :Hash, :RubyHash, Object
__bind :Range, :Range, Object
__bind :Regexp, :Regexp, Object
__bind :MatchData, :MatchData, Object
__bind :Proc, :ExecBlock, Object
__bind :Method, :RubyMeth, Object
__bind :UnboundMethod, :RubyUnboundMeth, Object
__bind :Binding, :RubyBinding, Object
__bind :GsNMethod, :GsNMethod, Object
__bind :Thread, :GsProcess, Object
__bind :Time, :RubyTime, Object
__bind :Encoding, :RubyEncoding, Object
__bind :Random, :Random, Object
__bind :IO, :GsFile, Object
__bind :GsSemaphore, :Semaphore, Object
__bind :WeakRefHolder, :WeakReference, Object
__bind :Ephemeron, :Ephemeron, Object
__bind :ProfMonitor, :ProfMonitor, Object

__bind :Exception, :Exception, Object
__bind :StandardError, :Error, Exception
__bind :ArgumentError, :ArgumentError, StandardError
__bind :UncaughtThrowError, :UncaughtThrow, ArgumentError
__bind :TypeError, :ArgumentTypeError, StandardError
__bind :NameError, :NameError, StandardError
__bind :NoMethodError, :MessageNotUnderstood, NameError
__bind :IndexError, :OffsetError, StandardError
__bind :KeyError, :LookupError, IndexError
__bind :RangeError, :OutOfRange, StandardError
__bind :FloatDomainError, :FloatingPointError, RangeError
__bind :ZeroDivisionError, :ZeroDivide, StandardError
__bind :LocalJumpError, :CannotReturn, StandardError
__bind :RegexpError, :RegexpError, StandardError
__bind :IOError, :IOError, StandardError
__bind :SystemCallError, :SystemCallError, StandardError
__bind :SystemStackError, :AlmostOutOfStack, Exception
__bind :NoMemoryError, :AlmostOutOfMemory, Exception
__bind :fatal, :Deadlock, Exception
__bind :SystemExit, :RubySystemExit, Exception
__bind :TransactionError, :TransactionError, StandardError
__bind :TransactionRevoked, :TransactionRevoked, TransactionError
__bind :RepositoryError, :RepositoryError, StandardError

class ScriptError < Exception
end

class SignalException < Exception
end

class RuntimeError < StandardError
end

__bind :SyntaxError, :CompileError, ScriptError
__bind :Interrupt, :Break, SignalException
__bind :FrozenError, :ImproperOperation, RuntimeError

module Kernel
end

module Comparable
end

module Enumerable
end

module Maglev
end
