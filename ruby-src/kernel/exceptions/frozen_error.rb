# FrozenError: a change to a frozen object.

class FrozenError
  def initialize(message = nil, receiver: Primitive.undefined)
    super(message)
    __slot_put(7, receiver) unless Primitive.undefined?(receiver)
  end

  def receiver
    object = __slot(7)
    raise ArgumentError, "no receiver is available" if nil.equal?(object)
    object
  end

  # The machine only says what class it was.
  def to_s
    text = super
    object = __slot(7)
    return text if nil.equal?(object)
    text = "can't modify frozen #{object.__class}" if text.empty?
    text.end_with?("frozen #{object.__class}") ? "#{text}: #{object.inspect}" : text
  end
end
