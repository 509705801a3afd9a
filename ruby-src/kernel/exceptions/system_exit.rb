# SystemExit: the program wants to end. The status is in the slot `value`.

class SystemExit
  def initialize(status = true, message = Primitive.undefined)
    if Primitive.undefined?(message)
      if true.equal?(status) || false.equal?(status) || Integer === status
        message = "exit"
      else
        message = status
        status = 0
      end
    end
    status = 0 if true.equal?(status)
    status = 1 if false.equal?(status)
    super(message)
    __slot_put(6, status)
  end

  def status
    __slot(6) || 0
  end

  def success?
    status == 0
  end
end
