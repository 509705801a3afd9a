# Time: an instant with nanoseconds, seen in UTC, in the local zone or at a fixed offset. Slots (from 1): seconds since 1970,
# nanoseconds, offset (Integer seconds east of UTC, :utc, or nil for the local zone).

class Time
  include Comparable

  MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
  MONTH_NAMES = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]
  DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
  DAY_NAMES = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
  MONTH_STARTS = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]
  private_constant :MONTHS, :MONTH_NAMES, :DAYS, :DAY_NAMES, :MONTH_STARTS

  def self.__make(seconds, nanoseconds, offset)
    made = allocate
    made.__fill(seconds, nanoseconds, offset)
    made
  end

  def __fill(seconds, nanoseconds, offset)
    __slot_put(1, seconds)
    __slot_put(2, nanoseconds)
    __slot_put(3, offset)
  end

  def self.__at_nanoseconds(total, offset = nil)
    __make(total.div(1_000_000_000), total % 1_000_000_000, offset)
  end

  def self.__local_offset(seconds)
    Primitive.time_local_offset
    0
  end

  def self.__zone_name(seconds)
    Primitive.time_zone_name
    "UTC"
  end

  # Days from 1970-01-01 to a civil date (proleptic Gregorian).
  def self.__days(year, month, day)
    year -= 1 if month <= 2
    era = year.div(400)
    yoe = year - era * 400
    doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    doe = yoe * 365 + yoe / 4 - yoe / 100 + doy
    era * 146097 + doe - 719468
  end

  # [year, month, day] of a day number.
  def self.__civil(days)
    days += 719468
    era = days.div(146097)
    doe = days - era * 146097
    yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365
    doy = doe - (365 * yoe + yoe / 4 - yoe / 100)
    mp = (5 * doy + 2) / 153
    month = mp < 10 ? mp + 3 : mp - 9
    year = yoe + era * 400
    year += 1 if month <= 2
    [year, month, doy - (153 * mp + 2) / 5 + 1]
  end

  def self.now(**options)
    total = Process.__realtime
    __at_nanoseconds(total, options.key?(:in) ? __offset(options[:in], total.div(1_000_000_000)) : nil)
  end

  # The offset that `in:` or a zone argument names: :utc, seconds, or nil for local.
  def self.__offset(zone, seconds = 0)
    case zone
    when nil then nil
    when Integer
      raise ArgumentError, "utc_offset out of range" if zone <= -86400 || zone >= 86400
      zone
    when Rational, Float then zone.to_i
    when "UTC", "Z", "-00:00" then :utc
    when String
      if (m = /\A([-+])(\d\d):?(\d\d)(?::?(\d\d))?\z/.match(zone))
        raise ArgumentError, "utc_offset out of range" if m[2].to_i > 23 || m[3].to_i > 59
        n = m[2].to_i * 3600 + m[3].to_i * 60 + m[4].to_i
        return m[1] == "-" ? -n : n
      end
      if (m = /\A([-+])(\d\d)\z/.match(zone))
        n = m[2].to_i * 3600
        return m[1] == "-" ? -n : n
      end
      if zone.match?(/\A[A-IK-Z]\z/)
        at = "YXWVUTSRQPONZABCDEFGHIKLM".index(zone)
        return (at - 12) * 3600
      end
      raise ArgumentError, "\"+HH:MM\", \"-HH:MM\", \"UTC\" or \"A\"..\"I\",\"K\"..\"Z\" expected for utc_offset: #{zone}"
    else
      if zone.respond_to?(:utc_to_local)
        utc = __make(seconds, 0, :utc)
        return zone.utc_to_local(utc).to_i - seconds
      end
      __int(zone)
    end
  end

  def self.at(seconds, part = nil, unit = :microsecond, **options)
    if Time === seconds
      made = __make(seconds.to_i, seconds.nsec, options.key?(:in) ? nil : seconds.__slot(3))
    else
      raise TypeError, "can't convert #{seconds.class} into an exact number" unless Numeric === seconds || seconds.respond_to?(:to_r) && !(String === seconds) && !nil.equal?(seconds)
      if Integer === seconds && nil.equal?(part)
        made = __make(seconds, 0, nil)
      else
        total = seconds.to_r * 1_000_000_000
        unless nil.equal?(part)
          scale = { microsecond: 1000, usec: 1000, millisecond: 1_000_000, nanosecond: 1, nsec: 1 }[unit]
          raise ArgumentError, "unexpected unit: #{unit}" unless scale
          total += part.to_r * scale
        end
        made = __at_nanoseconds(total.floor)
      end
    end
    made.__slot_put(3, __offset(options[:in], made.to_i)) if options.key?(:in)
    made
  end

  def self.new(year = nil, month = nil, day = nil, hour = nil, minute = nil, second = nil, zone = nil, **options)
    zone = options[:in] if options.key?(:in)
    if nil.equal?(year)
      made = allocate
      total = Process.__realtime
      made.__fill(total.div(1_000_000_000), total % 1_000_000_000, __offset(zone, total.div(1_000_000_000)))
    elsif String === year && nil.equal?(month)
      made = __from_string(year, zone, options[:precision] || 9)
    else
      made = __from_parts(year, month, day, hour, minute, second, 0, __offset(zone), zone)
    end
    made.__send__(:initialize, year, month, day, hour, minute, second, zone) unless equal?(Time)
    made
  end

  def initialize(*)
  end

  def self.__from_string(text, zone, precision)
    if text.match?(/\A\s*\d+\s*\z/)
      return __from_parts(text.to_i, nil, nil, nil, nil, nil, 0, __offset(zone), zone)
    end
    m = /\A(\d{4,})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(?:\.(\d+))?\s*(\S+)?\z/.match(text)
    raise ArgumentError, "no time information in #{text.inspect}" unless m
    nanoseconds = m[7] ? m[7].ljust(9, "0")[0, 9].to_i : 0
    zone = m[8] if m[8]
    __from_parts(m[1].to_i, m[2].to_i, m[3].to_i, m[4].to_i, m[5].to_i, m[6].to_i, nanoseconds, __offset(zone), zone)
  end

  def self.__number(value, default)
    return default if nil.equal?(value)
    value = Integer(value, 10) if String === value
    Numeric === value ? value : __int(value)
  end

  def self.__month(value)
    if String === value
      at = MONTHS.index(value[0, 3].capitalize)
      return at + 1 if at
    end
    __number(value, 1).to_i
  end

  def self.__from_parts(year, month, day, hour, minute, second, nanoseconds, offset, zone = nil)
    year = __number(year, 1970).to_i
    month = __month(month)
    day = __number(day, 1).to_i
    hour = __number(hour, 0).to_i
    minute = __number(minute, 0).to_i
    if String === second && second.include?(".")
      second = second.to_r
    else
      second = __number(second, 0)
    end
    raise ArgumentError, "mon out of range" if month < 1 || month > 12
    raise ArgumentError, "mday out of range" if day < 1 || day > 31
    raise ArgumentError, "hour out of range" if hour < 0 || hour > 24
    raise ArgumentError, "min out of range" if minute < 0 || minute > 59 || (hour == 24 && minute > 0)
    raise ArgumentError, "sec out of range" if second < 0 || second >= 61
    whole = second.floor
    unless Integer === second
      nanoseconds += ((second.to_r - whole) * 1_000_000_000).floor
    end
    seconds = __days(year, month, day) * 86400 + hour * 3600 + minute * 60 + whole
    if offset == :utc
      return __make(seconds, nanoseconds, :utc)
    elsif offset
      return __make(seconds - offset, nanoseconds, offset)
    end
    # Local: the offset of the answer is the one that holds then.
    guess = seconds - __local_offset(seconds)
    guess = seconds - __local_offset(guess)
    __make(guess, nanoseconds, nil)
  end

  # year … second, and microseconds; or the ten values of to_a.
  def self.__civil_arguments(args)
    if args.size == 10
      second, minute, hour, day, month, year = args
      return [year, month, day, hour, minute, second, 0]
    end
    year, month, day, hour, minute, second, micro = args
    [year, month, day, hour, minute, second, nil.equal?(micro) ? 0 : (micro.to_r * 1000).floor]
  end

  def self.utc(*args)
    raise ArgumentError, "wrong number of arguments (given 0, expected 1+)" if args.empty?
    __from_parts(*__civil_arguments(args), :utc)
  end

  def self.local(*args)
    raise ArgumentError, "wrong number of arguments (given 0, expected 1+)" if args.empty?
    __from_parts(*__civil_arguments(args), nil)
  end

  class << self
    alias gm utc
    alias mktime local
  end

  # --- parts

  def to_i
    __slot(1)
  end

  alias tv_sec to_i

  def nsec
    __slot(2)
  end

  alias tv_nsec nsec

  def usec
    __slot(2) / 1000
  end

  alias tv_usec usec

  def subsec
    n = __slot(2)
    n == 0 ? 0 : Rational(n, 1_000_000_000)
  end

  def to_f
    __slot(1) + __slot(2) / 1_000_000_000.0
  end

  def to_r
    Rational(__slot(1) * 1_000_000_000 + __slot(2), 1_000_000_000)
  end

  def __nanoseconds
    __slot(1) * 1_000_000_000 + __slot(2)
  end

  def utc_offset
    offset = __slot(3)
    return 0 if :utc.equal?(offset)
    nil.equal?(offset) ? Time.__local_offset(__slot(1)) : offset
  end

  alias gmt_offset utc_offset
  alias gmtoff utc_offset

  # [year, month, day, seconds of the day, day number]
  def __civil
    local = __slot(1) + utc_offset
    days = local.div(86400)
    Time.__civil(days) << local - days * 86400 << days
  end

  def year
    __civil[0]
  end

  def month
    __civil[1]
  end

  alias mon month

  def day
    __civil[2]
  end

  alias mday day

  def __second_of_day
    (__slot(1) + utc_offset) % 86400
  end

  def hour
    __second_of_day / 3600
  end

  def min
    __second_of_day / 60 % 60
  end

  def sec
    __second_of_day % 60
  end

  def wday
    ((__slot(1) + utc_offset).div(86400) + 4) % 7
  end

  def yday
    c = __civil
    c[4] - Time.__days(c[0], 1, 1) + 1
  end

  def zone
    offset = __slot(3)
    return "UTC" if :utc.equal?(offset)
    nil.equal?(offset) ? Time.__zone_name(__slot(1)) : nil
  end

  def utc?
    :utc.equal?(__slot(3))
  end

  alias gmt? utc?

  def dst?
    false
  end

  alias isdst dst?

  def sunday?
    wday == 0
  end

  def monday?
    wday == 1
  end

  def tuesday?
    wday == 2
  end

  def wednesday?
    wday == 3
  end

  def thursday?
    wday == 4
  end

  def friday?
    wday == 5
  end

  def saturday?
    wday == 6
  end

  def to_a
    [sec, min, hour, day, month, year, wday, yday, isdst, zone]
  end

  def deconstruct_keys(keys)
    all = { year: year, month: month, day: day, yday: yday, wday: wday, hour: hour, min: min, sec: sec, subsec: subsec, dst: dst?, zone: zone }
    keys ? all.slice(*keys) : all
  end

  # --- other views of the same instant

  def utc
    __check_frozen
    __slot_put(3, :utc)
    self
  end

  alias gmtime utc

  def getutc
    Time.__make(__slot(1), __slot(2), :utc)
  end

  alias getgm getutc

  def localtime(zone = nil)
    __check_frozen
    __slot_put(3, Time.__offset(zone, __slot(1)))
    self
  end

  def getlocal(zone = nil)
    Time.__make(__slot(1), __slot(2), Time.__offset(zone, __slot(1)))
  end

  def initialize_copy(other)
    self
  end

  # --- arithmetic

  def +(other)
    raise TypeError, "time + time?" if Time === other
    __shifted(other, 1)
  end

  def -(other)
    if Time === other
      difference = __nanoseconds - other.__nanoseconds
      return difference / 1_000_000_000.0
    end
    __shifted(other, -1)
  end

  def __shifted(amount, sign)
    if Integer === amount
      return self.class.__make(__slot(1) + sign * amount, __slot(2), __slot(3))
    end
    unless Numeric === amount
      raise TypeError, "can't convert #{__type_name(amount)} into an exact number"
    end
    total = __nanoseconds + sign * (amount.to_r * 1_000_000_000).round
    self.class.__at_nanoseconds(total, __slot(3))
  end

  def <=>(other)
    if Time === other
      __nanoseconds <=> other.__nanoseconds
    else
      c = other.respond_to?(:<=>) && !nil.equal?(other) && !(Numeric === other) && !(String === other) ? other <=> self : nil
      c && -c
    end
  end

  def ==(other)
    Time === other && __nanoseconds == other.__nanoseconds
  end

  def eql?(other)
    Time === other && __nanoseconds == other.__nanoseconds
  end

  def hash
    __nanoseconds.hash
  end

  def round(digits = 0)
    unit = 10**(9 - digits)
    total = __nanoseconds
    Time.__at_nanoseconds((total + unit / 2).div(unit) * unit, __slot(3))
  end

  def floor(digits = 0)
    unit = 10**(9 - digits)
    Time.__at_nanoseconds(__nanoseconds.div(unit) * unit, __slot(3))
  end

  def ceil(digits = 0)
    unit = 10**(9 - digits)
    Time.__at_nanoseconds(-(-__nanoseconds).div(unit) * unit, __slot(3))
  end

  # --- text

  def to_s
    strftime(utc? ? "%Y-%m-%d %H:%M:%S UTC" : "%Y-%m-%d %H:%M:%S %z")
  end

  def inspect
    part = nsec == 0 ? "" : "." + nsec.to_s.rjust(9, "0").sub(/0+\z/, "")
    strftime("%Y-%m-%d %H:%M:%S") + part + (utc? ? " UTC" : strftime(" %z"))
  end

  def ctime
    strftime("%a %b %e %H:%M:%S %Y")
  end

  alias asctime ctime

  def iso8601(digits = 0)
    text = strftime("%Y-%m-%dT%H:%M:%S")
    text << "." << nsec.to_s.rjust(9, "0").ljust(digits, "0")[0, digits] if digits > 0
    text << (utc? ? "Z" : strftime("%:z"))
  end

  alias xmlschema iso8601

  def strftime(format)
    format = __str(format)
    made = +""
    made.force_encoding(format.encoding)
    c = __civil
    at = 0
    total = format.bytesize
    while at < total
      stop = format.__byteindex("%", at)
      unless stop
        made << format.__byteslice(at, total - at)
        break
      end
      made << format.__byteslice(at, stop - at) if stop > at
      at = __directive(format, stop, made, c)
    end
    made
  end

  # Appends what the directive at byte position start stands for; answers the position behind it.
  def __directive(format, start, made, c)
    at = start + 1
    total = format.bytesize
    pad = nil
    upper = false
    swap = false
    width = nil
    colons = 0
    while at < total
      byte = format.__byte_at(at)
      at += 1
      case byte
      when 45 then pad = :none
      when 48
        if width
          width *= 10
        else
          pad = "0"
        end
      when 94 then upper = true
      when 35 then swap = true
      when 95 then pad = " "
      when 49, 50, 51, 52, 53, 54, 55, 56, 57 then width = (width || 0) * 10 + byte - 48
      when 58 then colons += 1
      when 69, 79 then nil
      else
        text = __field(byte, pad, width, colons, c)
        unless text
          made << format.__byteslice(start, at - start)
          return at
        end
        text = text.upcase if upper
        text = byte == 112 || byte == 90 ? text.downcase : text.upcase if swap
        made << text
        return at
      end
    end
    made << format.__byteslice(start, total - start)
    total
  end

  def __padded(n, size, pad, width, fill = "0")
    return n.to_s if pad == :none
    fill = pad if pad
    size = width if width
    n < 0 && fill == "0" ? "-" + (-n).to_s.rjust(size - 1, "0") : n.to_s.rjust(size, fill)
  end

  def __word(text, pad, width)
    width ? text.rjust(width, pad == "0" ? "0" : " ") : text
  end

  def __field(byte, pad, width, colons, c)
    hour = c[3] / 3600
    case byte.chr
    when "Y"
      n = c[0]
      pad == :none ? n.to_s : (n < 0 ? "-" + (-n).to_s.rjust((width || 5) - 1, "0") : n.to_s.rjust(width || (n < 10000 ? 4 : 5), pad || "0"))
    when "C" then __padded(c[0].div(100), 2, pad, width)
    when "y" then __padded(c[0] % 100, 2, pad, width)
    when "m" then __padded(c[1], 2, pad, width)
    when "B" then __word(MONTH_NAMES[c[1] - 1], pad, width)
    when "b", "h" then __word(MONTHS[c[1] - 1], pad, width)
    when "d" then __padded(c[2], 2, pad, width)
    when "e" then __padded(c[2], 2, pad, width, " ")
    when "j" then __padded(yday, 3, pad, width)
    when "H" then __padded(hour, 2, pad, width)
    when "k" then __padded(hour, 2, pad, width, " ")
    when "I" then __padded((hour + 11) % 12 + 1, 2, pad, width)
    when "l" then __padded((hour + 11) % 12 + 1, 2, pad, width, " ")
    when "P" then __word(hour < 12 ? "am" : "pm", pad, width)
    when "p" then __word(hour < 12 ? "AM" : "PM", pad, width)
    when "M" then __padded(c[3] / 60 % 60, 2, pad, width)
    when "S" then __padded(c[3] % 60, 2, pad, width)
    when "L" then nsec.to_s.rjust(9, "0").ljust(width || 3, "0")[0, width || 3]
    when "N" then nsec.to_s.rjust(9, "0").ljust(width || 9, "0")[0, width || 9]
    when "z" then __zone_text(colons, pad, width)
    when "Z" then __word(zone || "", pad, width)
    when "A" then __word(DAY_NAMES[wday], pad, width)
    when "a" then __word(DAYS[wday], pad, width)
    when "u" then __padded(wday == 0 ? 7 : wday, 1, pad, width)
    when "w" then __padded(wday, 1, pad, width)
    when "G" then __padded(__iso_week[0], 4, pad, width)
    when "g" then __padded(__iso_week[0] % 100, 2, pad, width)
    when "V" then __padded(__iso_week[1], 2, pad, width)
    when "U" then __padded((yday - 1 + 7 - wday) / 7, 2, pad, width)
    when "W" then __padded((yday - 1 + 7 - (wday + 6) % 7) / 7, 2, pad, width)
    when "s" then __padded(to_i, 1, pad, width)
    when "n" then "\n"
    when "t" then "\t"
    when "%" then "%"
    when "c" then __word(strftime("%a %b %e %H:%M:%S %Y"), pad, width)
    when "D", "x" then __word(strftime("%m/%d/%y"), pad, width)
    when "F" then __word(strftime("%Y-%m-%d"), pad, width)
    when "T", "X" then __word(strftime("%H:%M:%S"), pad, width)
    when "R" then __word(strftime("%H:%M"), pad, width)
    when "r" then __word(strftime("%I:%M:%S %p"), pad, width)
    when "v" then __word(strftime("%e-%^b-%Y"), pad, width)
    end
  end

  def __zone_text(colons, pad, width)
    offset = utc_offset
    sign = offset < 0 ? "-" : "+"
    offset = offset.abs
    h = offset / 3600
    m = offset / 60 % 60
    s = offset % 60
    tail = case colons
    when 0 then m.to_s.rjust(2, "0")
    when 1 then ":" + m.to_s.rjust(2, "0")
    when 2 then ":" + m.to_s.rjust(2, "0") + ":" + s.to_s.rjust(2, "0")
    else
      s != 0 ? ":" + m.to_s.rjust(2, "0") + ":" + s.to_s.rjust(2, "0") : (m != 0 ? ":" + m.to_s.rjust(2, "0") : "")
    end
    return sign + h.to_s + tail if pad == :none
    size = width ? width - tail.size - 1 : 2
    size = 2 if size < 2
    return (sign + h.to_s).rjust(size + 1) + tail if pad == " "
    sign + h.to_s.rjust(size, "0") + tail
  end

  # [year, week] by ISO 8601.
  def __iso_week
    c = __civil
    monday = (wday + 6) % 7
    thursday = Time.__civil(c[4] - monday + 3)
    first = Time.__days(thursday[0], 1, 1)
    [thursday[0], (c[4] - monday + 3 - first) / 7 + 1]
  end
end
