# SignalException and its best known case, Interrupt.

class SignalException
  def initialize(signal = Primitive.undefined, name = nil)
    raise ArgumentError, "wrong number of arguments (given 0, expected 1+)" if Primitive.undefined?(signal)
    if Integer === signal
      number = signal
      text = Signal.signame(number)
      raise ArgumentError, "invalid signal number (#{number})" unless text || name
      message = name || "SIG#{text}"
    else
      text = signal.to_s.delete_prefix("SIG")
      number = Signal.list[text]
      raise ArgumentError, "unsupported signal 'SIG#{text}'" unless number
      message = "SIG#{text}"
    end
    super(message)
    @__signo = number
  end

  def signo
    @__signo
  end

  def signm
    message
  end
end

class Interrupt
  def initialize(message = "Interrupt")
    super(2, message)
  end
end
