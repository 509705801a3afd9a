# KeyError: a key that is not there.

class KeyError
  def initialize(message = nil, receiver: Primitive.undefined, key: Primitive.undefined)
    super(message)
    @__receiver = [receiver] unless Primitive.undefined?(receiver)
    @__key = [key] unless Primitive.undefined?(key)
  end

  def receiver
    raise ArgumentError, "no receiver is available" unless @__receiver
    @__receiver[0]
  end

  def key
    raise ArgumentError, "no key is available" unless @__key
    @__key[0]
  end
end
