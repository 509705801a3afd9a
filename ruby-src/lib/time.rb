# Time.parse, iso8601, httpdate, rfc2822, strptime.

class Time
  MONTH_NUMBERS = { "jan" => 1, "feb" => 2, "mar" => 3, "apr" => 4, "may" => 5, "jun" => 6, "jul" => 7, "aug" => 8, "sep" => 9,
                    "oct" => 10, "nov" => 11, "dec" => 12 }
  ZONES = { "utc" => 0, "gmt" => 0, "z" => 0, "ut" => 0, "est" => -18000, "edt" => -14400, "cst" => -21600, "cdt" => -18000,
            "mst" => -25200, "mdt" => -21600, "pst" => -28800, "pdt" => -25200, "jst" => 32400, "cet" => 3600, "cest" => 7200 }
  private_constant :MONTH_NUMBERS, :ZONES

  # Seconds east of UTC that a zone's text means, :utc, or nil.
  def self.zone_offset(zone, year = nil)
    return nil if zone.nil?
    if (m = /\A([-+])(\d\d):?(\d\d)?(?::?(\d\d))?\z/.match(zone))
      n = m[2].to_i * 3600 + m[3].to_i * 60 + m[4].to_i
      return m[1] == "-" ? -n : n
    end
    ZONES[zone.downcase]
  end

  def self.__in_zone(year, month, day, hour, minute, second, zone)
    return local(year, month, day, hour, minute, second) if zone.nil?
    return utc(year, month, day, hour, minute, second) if zone.match?(/\A(?:z|utc|gmt|-00:00)\z/i)
    offset = zone_offset(zone)
    offset ? new(year, month, day, hour, minute, second, offset) : local(year, month, day, hour, minute, second)
  end

  def self.parse(text, now = nil)
    text = text.to_str
    year = month = day = nil
    hour = minute = 0
    second = 0
    if (m = /(-?\d{4,})-(\d\d?)-(\d\d?)/.match(text)) || (m = /\b(\d{4})\/(\d\d?)\/(\d\d?)/.match(text)) || (m = /\b(\d{4})(\d\d)(\d\d)(?=T|\b)/.match(text))
      year, month, day = m[1].to_i, m[2].to_i, m[3].to_i
    elsif (m = /\b(\d\d?)(?:st|nd|rd|th)?[-\s]+([A-Za-z]{3})[a-z]*\.?[-,\s]+(-?\d{2,})/.match(text)) && MONTH_NUMBERS[m[2].downcase]
      year, month, day = m[3].to_i, MONTH_NUMBERS[m[2].downcase], m[1].to_i
      year += year < 69 ? 2000 : 1900 if m[3].size == 2
    elsif (m = /\b([A-Za-z]{3})[a-z]*\.?\s+(\d\d?)(?:st|nd|rd|th)?\b/.match(text)) && MONTH_NUMBERS[m[1].downcase]
      month, day = MONTH_NUMBERS[m[1].downcase], m[2].to_i
      year = (y = /\b(\d{4})\b/.match(m.post_match.gsub(/\d+:\d+(?::\d+)?/, ""))) ? y[1].to_i : nil
    end
    rest = text
    zone = nil
    found_time = false
    if (m = /(\d\d?):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?\s*([ap]m)?\s*(z\b|[-+]\d\d:?\d\d(?::?\d\d)?|[-+]\d\d\b|\b(?:utc|gmt|ut|[ecmp][sd]t|jst|cet|cest)\b)?/i.match(rest)) ||
       (m = /T(\d\d)(\d\d)(\d\d)?(?:[.,](\d+))?()(z|[-+]\d\d:?\d\d)?/i.match(rest))
      found_time = true
      hour = m[1].to_i
      minute = m[2].to_i
      second = m[3].to_i
      second += Rational(m[4].to_i, 10**m[4].size) if m[4]
      half = m[5]
      hour = hour % 12 + (half.downcase == "pm" ? 12 : 0) if half && !half.empty?
      zone = m[6]
    end
    raise ArgumentError, "no time information in #{text.inspect}" unless year || month || found_time
    today = now || Time.now
    if year.nil? && month.nil?
      year, month, day = today.year, today.month, today.day
    end
    year ||= today.year
    __in_zone(year, month, day || 1, hour, minute, second, zone)
  end

  def self.iso8601(text)
    m = /\A\s*(-?\d+)-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(Z|[-+]\d\d(?::?\d\d)?)?\s*\z/i.match(text)
    raise ArgumentError, "invalid xmlschema date: #{text.inspect}" unless m
    second = m[6].to_i
    second += Rational(m[7].to_i, 10**m[7].size) if m[7]
    __in_zone(m[1].to_i, m[2].to_i, m[3].to_i, m[4].to_i, m[5].to_i, second, m[8])
  end

  class << self
    alias xmlschema iso8601
  end

  def self.httpdate(text)
    m = /\A\s*[A-Za-z]{3},\s(\d\d)\s([A-Za-z]{3})\s(\d{4})\s(\d\d):(\d\d):(\d\d)\sGMT\s*\z/.match(text)
    raise ArgumentError, "not RFC 2616 compliant date: #{text.inspect}" unless m && MONTH_NUMBERS[m[2].downcase]
    utc(m[3].to_i, MONTH_NUMBERS[m[2].downcase], m[1].to_i, m[4].to_i, m[5].to_i, m[6].to_i)
  end

  def self.rfc2822(text)
    m = /\A\s*(?:[A-Za-z]{3}\s*,\s*)?(\d{1,2})\s+([A-Za-z]{3})\s+(\d{2,})\s+(\d{2})\s*:\s*(\d{2})(?:\s*:\s*(\d\d))?\s+([-+]\d{4}|[A-Za-z]+)/.match(text)
    raise ArgumentError, "not RFC 2822 compliant date: #{text.inspect}" unless m && MONTH_NUMBERS[m[2].downcase]
    year = m[3].to_i
    year += year < 50 ? 2000 : 1900 if m[3].size == 2
    __in_zone(year, MONTH_NUMBERS[m[2].downcase], m[1].to_i, m[4].to_i, m[5].to_i, m[6].to_i, m[7])
  end

  class << self
    alias rfc822 rfc2822
  end

  def self.strptime(text, format)
    parts = {}
    pattern = format.gsub(/%[-0^#_]?([A-Za-z%])|([^%\s]+)|\s+/) do |whole|
      letter = $1
      if letter.nil?
        next whole.match?(/\A\s+\z/) ? "\\s*" : Regexp.escape(whole)
      end
      case letter
      when "Y" then "(?<Y>[-+]?\\d+)"
      when "m" then "(?<m>\\d\\d?)"
      when "d", "e" then "\\s*(?<d>\\d\\d?)"
      when "H", "k" then "\\s*(?<H>\\d\\d?)"
      when "I", "l" then "\\s*(?<I>\\d\\d?)"
      when "M" then "(?<M>\\d\\d?)"
      when "S" then "(?<S>\\d\\d?)"
      when "L", "N" then "(?<N>\\d+)"
      when "p", "P" then "(?<p>[AaPp]\\.?[Mm]\\.?)"
      when "y" then "(?<y>\\d\\d)"
      when "b", "B", "h" then "(?<b>[A-Za-z]+)"
      when "a", "A" then "[A-Za-z]+"
      when "z", "Z" then "(?<z>Z|UTC|GMT|[-+]\\d\\d:?\\d\\d|[A-Z]+)"
      when "s" then "(?<s>-?\\d+)"
      when "j" then "(?<j>\\d{1,3})"
      when "T" then "(?<H>\\d\\d?):(?<M>\\d\\d?):(?<S>\\d\\d?)"
      when "F" then "(?<Y>[-+]?\\d+)-(?<m>\\d\\d?)-(?<d>\\d\\d?)"
      when "R" then "(?<H>\\d\\d?):(?<M>\\d\\d?)"
      when "D" then "(?<m>\\d\\d?)/(?<d>\\d\\d?)/(?<y>\\d\\d)"
      when "n", "t" then "\\s+"
      when "%" then "%"
      else raise ArgumentError, "unsupported format #{whole}"
      end
    end
    m = Regexp.new("\\A\\s*#{pattern}").match(text)
    raise ArgumentError, "invalid date or strptime format - '#{text}' '#{format}'" unless m
    parts = m.named_captures
    return at(parts["s"].to_i) if parts["s"]
    year = parts["Y"] ? parts["Y"].to_i : (parts["y"] ? (y = parts["y"].to_i; y + (y < 69 ? 2000 : 1900)) : Time.now.year)
    month = parts["m"] ? parts["m"].to_i : (parts["b"] ? MONTH_NUMBERS[parts["b"][0, 3].downcase] : 1)
    hour = parts["H"] ? parts["H"].to_i : (parts["I"] ? parts["I"].to_i % 12 + (parts["p"] && parts["p"].match?(/p/i) ? 12 : 0) : 0)
    second = parts["S"].to_i
    second += Rational(parts["N"].to_i, 10**parts["N"].size) if parts["N"]
    made = __in_zone(year, month, (parts["d"] || 1).to_i, hour, parts["M"].to_i, second, parts["z"])
    parts["j"] ? made + (parts["j"].to_i - 1) * 86400 : made
  end

  def httpdate
    getutc.strftime("%a, %d %b %Y %H:%M:%S GMT")
  end

  def rfc2822
    strftime("%a, %d %b %Y %T ") + (utc? ? "-0000" : strftime("%z"))
  end

  alias rfc822 rfc2822
end
