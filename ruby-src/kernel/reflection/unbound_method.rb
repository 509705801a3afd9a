# UnboundMethod: a method without receiver. Slots (from 1): method, name, owner.

class UnboundMethod
  def self.__make(method, name, seen_from)
    made = __allocate
    made.__slot_put(1, method)
    made.__slot_put(2, name)
    made.__slot_put(3, method.owner)
    made
  end

  def __method
    __slot(1)
  end

  def name
    __slot(2)
  end

  def owner
    __slot(3)
  end

  def original_name
    __slot(1).__name || name
  end

  def arity
    __slot(1).__arity
  end

  def parameters
    __slot(1).__parameters
  end

  def source_location
    __slot(1).__source_location
  end

  def bind(receiver)
    if Class === owner && !receiver.__kind_of(owner)
      raise TypeError, owner.singleton_class? ? "singleton method called for a different object" : "bind argument must be an instance of #{owner}"
    end
    Method.__make(receiver, __slot(1), name)
  end

  def bind_call(receiver, *args, **options, &block)
    bind(receiver).__call(*args, **options, &block)
  end

  def super_method
    nil
  end

  def ==(other)
    return true if equal?(other)
    UnboundMethod === other && __method.__same_code?(other.__method) && owner.equal?(other.owner)
  end

  alias eql? ==

  def hash
    (__method.__slot(3) || __method).__id__.hash
  end

  def self.__signature(parameters)
    parts = parameters.map do |kind, name|
      case kind
      when :req then name ? name.to_s : "_"
      when :opt then "#{name || '_'}=..."
      when :rest then "*#{name == :* ? '' : name}"
      when :keyreq then "#{name}:"
      when :key then "#{name}: ..."
      when :keyrest then "**#{name == :** ? '' : name}"
      when :nokey then "**nil"
      when :block then "&#{name == :& ? '' : name}"
      else name.to_s
      end
    end
    "(" + parts.join(", ") + ")"
  end

  def self.__place(location)
    location ? " #{location[0]}:#{location[1]}" : ""
  end

  def inspect
    "#<#{self.class}: #{owner}##{name}" + UnboundMethod.__signature(parameters) + UnboundMethod.__place(source_location) + ">"
  end

  alias to_s inspect

  class << self
    undef_method :new
  end
end
