# FrozenError: a change to a frozen object.

class FrozenError
  def initialize(message = nil, receiver: Primitive.undefined)
    super(message)
    @__receiver = [receiver] unless Primitive.undefined?(receiver)
  end

  def receiver
    raise ArgumentError, "no receiver is available" unless @__receiver
    @__receiver[0]
  end
end
