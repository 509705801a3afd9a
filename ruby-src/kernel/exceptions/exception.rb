# Exception: construction, message, backtrace, cause. Slots (from 1): message, number, stack, signal context, cause, value,
# receiver, selector.

class Exception
  class << self
    alias exception new
  end

  def self.to_tty?
    $stderr.tty?
  end

  def initialize(message = nil)
    __slot_put(1, message)
  end

  def __raise
    Primitive.raise
  end

  def exception(message = Primitive.undefined)
    return self if Primitive.undefined?(message) || equal?(message)
    copy = clone
    copy.__slot_put(1, message)
    copy
  end

  def to_s
    text = __slot(1)
    nil.equal?(text) ? self.class.to_s : (String === text ? text : text.to_s)
  end

  def message
    to_s.to_s
  end

  def detailed_message(highlight: false, **options)
    text = message
    name = self.class.to_s
    return highlight ? "\e[1;4m#{name}\e[m" : name if text.empty?
    first, rest = text.split("\n", 2)
    first ||= ""
    if highlight
      made = "\e[1m#{first} (\e[1;4m#{name}\e[m\e[1m)\e[m"
      made << "\n" << rest.split("\n", -1).map { |line| line.empty? ? line : "\e[1m#{line}\e[m" }.join("\n") if rest
    else
      made = "#{first} (#{name})"
      made << "\n" << rest if rest
    end
    made
  end

  def full_message(highlight: false, order: :top, **options)
    text = detailed_message(highlight: highlight, **options)
    lines = backtrace || (Kernel.caller(1, 1) || [])
    made = +""
    if order == :bottom
      made << "Traceback (most recent call last):\n"
      i = lines.size
      while i > 1
        i -= 1
        made << "\t#{i.to_s.rjust(lines.size.to_s.size)}: from #{lines[i]}\n"
      end
      made << (lines.empty? ? "#{$0}: " : "#{lines[0]}: ") << text
      return made
    end
    made << (lines.empty? ? "#{$0}: " : "#{lines[0]}: ") << text
    i = 1
    while i < lines.size
      made << "\n\tfrom " << lines[i]
      i += 1
    end
    made << "\n" if lines.size > 1 || cause
    shown = [self]
    reason = cause
    while reason && !shown.__index_identical(reason)
      shown << reason
      lines = reason.backtrace || []
      made << (lines.empty? ? "" : "#{lines[0]}: ") << reason.detailed_message(highlight: highlight) << "\n"
      i = 1
      while i < lines.size
        made << "\tfrom " << lines[i] << "\n"
        i += 1
      end
      reason = reason.cause
    end
    made
  end

  def inspect
    text = to_s
    name = self.class.to_s
    return name if text.empty?
    text.include?("\n") ? "#<#{name}: #{text.inspect}>" : "#<#{name}: #{text}>"
  end

  def backtrace
    return @__backtrace if @__backtrace || @__backtrace_set
    lines = __stack_lines
    return nil unless lines
    lines = Kernel.__user_lines(lines)
    # The same Array each time: programs change it in place.
    @__backtrace = lines unless frozen?
    lines
  end

  def backtrace_locations
    return @__backtrace_locations if @__backtrace_set
    lines = __stack_lines
    lines && Kernel.__user_lines(lines).map { |line| Thread::Backtrace::Location.new(line) }
  end

  # Location lines of where it was raised, innermost first; nil before that.
  def __stack_lines
    Primitive.exception_backtrace
    nil
  end

  def set_backtrace(lines)
    if Array === lines
      if !lines.empty? && lines.all? { |line| Thread::Backtrace::Location === line }
        locations = lines
        lines = lines.map { |line| line.to_s }
      elsif !lines.all? { |line| String === line }
        raise TypeError, "backtrace must be an Array of String or an Array of Thread::Backtrace::Location"
      end
    elsif String === lines
      lines = [lines]
    elsif !nil.equal?(lines)
      raise TypeError, "backtrace must be an Array of String or an Array of Thread::Backtrace::Location"
    end
    @__backtrace_set = true
    @__backtrace_locations = locations
    @__backtrace = lines
  end

  def cause
    __slot(5)
  end

  def __cause=(exception)
    __slot_put(5, exception)
  end

  def ==(other)
    return true if equal?(other)
    self.class == other.class && message == other.message && backtrace == other.backtrace
  end
end

module Kernel
  # Location lines as users see them: frames of the kernel itself take the place of their caller, `raise` and
  # helpers disappear.
  def self.__user_lines(lines)
    made = []
    place = nil
    i = lines.__size - 1
    while i >= 0
      line = lines.__at(i)
      at = line.__index(":in ", 0)
      if __kernel_line?(line)
        label = at ? line.__byteslice(line.__byteindex(":in ", 0), line.bytesize) : ""
        made << place + label if place && !label.include?("__") && !__hidden_label?(label)
      else
        made << line
        cut = line.__byteindex(":in ", 0)
        place = cut ? line.__byteslice(0, cut) : line
      end
      i -= 1
    end
    made.reverse
  end

  def self.__kernel_line?(line)
    line.start_with?("<internal:") || line.include?("ruby-src/kernel/")
  end

  def self.__hidden_label?(label)
    label.end_with?("#raise'") || label.end_with?(".raise'") || label.end_with?("#method_missing'") || label.end_with?(".exception'") || label.end_with?("#new'") ||
      label.start_with?(":in 'block") || label.end_with?("#const_missing'")
  end
end
