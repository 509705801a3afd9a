# UncaughtThrowError: a throw whose tag nobody catches.

class UncaughtThrowError
  def initialize(tag, value = nil, message = "uncaught throw %p")
    super(message)
    __slot_put(7, tag)
    __slot_put(6, value)
  end

  def tag
    __slot(7)
  end

  def value
    __slot(6)
  end

  def to_s
    __slot(1).gsub("%p") { tag.inspect }
  end
end
