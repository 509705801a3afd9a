# NameError: an unknown name and where it was looked for.

class NameError
  def initialize(message = nil, name = nil, receiver: Primitive.undefined)
    super(message)
    __slot_put(8, name)
    unless Primitive.undefined?(receiver)
      __slot_put(7, receiver)
      @__receiver_known = true
    end
  end

  def name
    __slot(8)
  end

  def receiver
    value = __slot(7)
    raise ArgumentError, "no receiver is available" if nil.equal?(value) && !@__receiver_known
    value
  end

  def local_variables
    []
  end
end
