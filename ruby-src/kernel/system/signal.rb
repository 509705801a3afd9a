# Signal: names and numbers of signals (Linux), and the handlers of this session.

module Signal
  LIST = { "EXIT" => 0, "HUP" => 1, "INT" => 2, "QUIT" => 3, "ILL" => 4, "TRAP" => 5, "ABRT" => 6, "IOT" => 6, "BUS" => 7, "FPE" => 8,
           "KILL" => 9, "USR1" => 10, "SEGV" => 11, "USR2" => 12, "PIPE" => 13, "ALRM" => 14, "TERM" => 15, "STKFLT" => 16,
           "CHLD" => 17, "CLD" => 17, "CONT" => 18, "STOP" => 19, "TSTP" => 20, "TTIN" => 21, "TTOU" => 22, "URG" => 23, "XCPU" => 24,
           "XFSZ" => 25, "VTALRM" => 26, "PROF" => 27, "WINCH" => 28, "IO" => 29, "POLL" => 29, "PWR" => 30, "SYS" => 31 }
  private_constant :LIST

  def self.list
    LIST.dup
  end

  def self.signame(number)
    LIST.key(__int(number))
  end

  def self.trap(signal, command = nil, &block)
    name = Integer === signal ? signame(signal) : signal.to_s.delete_prefix("SIG")
    raise ArgumentError, "unsupported signal 'SIG#{name}'" unless name && LIST.key?(name)
    raise ArgumentError, "can't trap reserved signal: SIG#{name}" if %w[SEGV BUS ILL FPE VTALRM KILL STOP].include?(name)
    handler = block || command
    table = ($__traps ||= {})
    before = table.key?(name) ? table[name] : "DEFAULT"
    table[name] = handler
    if name == "EXIT" && handler.respond_to?(:call)
      at_exit { current = $__traps["EXIT"]; current.call(0) if current.respond_to?(:call) && current.equal?(handler) }
    end
    before
  end

  # The host calls this, between two instructions, when a signal came. Answers false when the default action is due.
  def self.__deliver(number)
    handler = $__traps && $__traps[signame(number)]
    case handler
    when nil, "DEFAULT", "SIG_DFL", "SYSTEM_DEFAULT"
      raise Interrupt, "" if number == 2
      raise SignalException, number if number == 15 || number == 1
      false
    when "", "IGNORE", "SIG_IGN" then true
    when "EXIT" then exit
    else
      handler.call(number)
      true
    end
  end
end
