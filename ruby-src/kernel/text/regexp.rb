# Regexp. The primitives compile lazily from the slots source and options; methods that answer a match also set the caller's $~.

class Regexp
  IGNORECASE = 1
  EXTENDED = 2
  MULTILINE = 4
  FIXEDENCODING = 16
  NOENCODING = 32

  class TimeoutError < RegexpError
  end

  # A compiled Regexp with this source; raises RegexpError when it is malformed.
  def self.__compile(source, options)
    Primitive.regexp_compile
    raise RegexpError, "invalid pattern: /#{source}/"
  end

  def self.new(source, options = nil, _ = nil, timeout: nil)
    given = source
    if Regexp === source
      warn("warning: flags ignored", uplevel: 0) if options
      options = source.options
      source = source.source
    else
      source = __str(source)
      if Integer === options
        options &= 7 | 16 | 32
      elsif String === options
        bits = 0
        options.each_char do |c|
          case c
          when "i" then bits |= 1
          when "x" then bits |= 2
          when "m" then bits |= 4
          else raise ArgumentError, "unknown regexp option: #{options}"
          end
        end
        options = bits
      else
        options = options ? 1 : 0
      end
    end
    made = __compile(source, options)
    return made if equal?(Regexp)
    copy = allocate
    copy.__slot_put(1, made.source)
    copy.__slot_put(2, made.options)
    copy.__send__(:initialize, *(nil.equal?(options) ? [given] : [given, options]))
    copy
  end

  def initialize(source, options = nil, *)
    __check_frozen
    raise TypeError, "already initialized regexp" if instance_of?(Regexp)
  end

  class << self
    alias compile new
  end

  def self.escape(text)
    text = text.name if Symbol === text
    __str(text).__escape
  end

  class << self
    alias quote escape
  end

  # The Regexp of an interpolated literal.
  def self.__from_parts(source, options)
    __compile(source, options)
  end

  # The pattern that matches text itself.
  def self.__literal(text)
    __compile(text.__escape, 0)
  end

  # What String#match and its kind take as a pattern.
  def self.__pattern(pattern)
    return pattern if Regexp === pattern
    text = __check_str(pattern)
    raise TypeError, "wrong argument type #{pattern.class} (expected Regexp)" unless text
    __compile(text, 0)
  end

  def self.union(*patterns)
    if patterns.size == 1 && (list = __check_ary(patterns[0]))
      patterns = list
    end
    patterns = patterns.map do |p|
      String === p || Regexp === p || Symbol === p ? p : (try_convert(p) || __str(p))
    end
    return /(?!)/ if patterns.empty?
    if patterns.size == 1
      single = patterns[0]
      return single if Regexp === single
      return new(escape(single))
    end
    new(patterns.map { |p| Regexp === p ? p.to_s : escape(p) }.join("|"))
  end

  def self.try_convert(object)
    return object if Regexp === object
    __try_convert(object, Regexp, :to_regexp)
  end

  def self.last_match(group = Primitive.undefined)
    match = __caller_match
    return match if Primitive.undefined?(group)
    match && match[group]
  end

  def self.linear_time?(source, options = nil, timeout: nil)
    false
  end

  def self.timeout
    $__regexp_timeout
  end

  def self.timeout=(seconds)
    $__regexp_timeout = seconds
  end

  def timeout
    nil
  end

  # First match at or after a character position, or nil.
  def __match(string, from)
    Primitive.regexp_match
    nil
  end

  # Match that starts exactly at a character position, or nil.
  def __match_at(string, at)
    Primitive.regexp_match_at
    nil
  end

  # First match at or after a byte position, or nil.
  def __match_byte(string, from)
    Primitive.regexp_match_byte
    nil
  end

  # Last match that starts at or before a character position, or nil.
  def __rmatch(string, from)
    while from >= 0
      match = __match_at(string, from)
      return match if match
      from -= 1
    end
    nil
  end

  def __match_from(string, from)
    return nil if nil.equal?(string)
    string = string.name if Symbol === string
    string = __str(string)
    from = __int(from)
    if from != 0
      size = string.size
      from += size if from < 0
      return nil if from < 0 || from > size
    end
    __match(string, from)
  end

  def source
    text = __slot(1)
    text.frozen? ? text : text.dup
  end

  def options
    __slot(2)
  end

  def casefold?
    options & 1 != 0
  end

  def fixed_encoding?
    options & 16 != 0 || !source.ascii_only?
  end

  def encoding
    return Encoding::BINARY if nil.equal?(__slot(1))
    text = source
    # Bytes above 127 may be written as escapes.
    return Encoding::BINARY if options & 32 != 0 && (!text.ascii_only? || text.match?(/\\x[89a-fA-F]/))
    return text.encoding if options & 16 != 0
    text.ascii_only? ? Encoding::US_ASCII : text.encoding
  end

  # Symbols are names of groups: [[name, [numbers]], …]
  def __names
    Primitive.regexp_names
    []
  end

  def names
    __names.map { |pair| pair[0] }
  end

  def named_captures
    made = {}
    __names.each { |pair| made[pair[0]] = pair[1] }
    made
  end

  def =~(string)
    if nil.equal?(string)
      __set_caller_match(nil)
      return nil
    end
    string = string.name if Symbol === string
    match = __match(__str(string), 0)
    __set_caller_match(match)
    match && match.begin(0)
  end

  def ===(string)
    string = string.name if Symbol === string
    unless String === string
      string = __check_str(string)
      unless string
        __set_caller_match(nil)
        return false
      end
    end
    match = __match(string, 0)
    __set_caller_match(match)
    match ? true : false
  end

  def ~
    line = $_
    unless String === line
      __set_caller_match(nil)
      return nil
    end
    match = __match(line, 0)
    __set_caller_match(match)
    match && match.begin(0)
  end

  def match(string, from = 0)
    if nil.equal?(string)
      __set_caller_match(nil)
      return nil
    end
    match = __match_from(string, from)
    __set_caller_match(match)
    return yield(match) if match && block_given?
    match
  end

  def match?(string, from = 0)
    __match_from(string, from) ? true : false
  end

  def ==(other)
    Regexp === other && source == other.source && options & ~32 == other.options & ~32
  end

  alias eql? ==

  def hash
    source.hash ^ options & ~32
  end

  def __bits(letters)
    (letters.include?("i") ? 1 : 0) | (letters.include?("x") ? 2 : 0) | (letters.include?("m") ? 4 : 0)
  end

  # Whether a text is a pattern with parentheses of its own.
  def __whole?(text)
    Regexp.__compile(text, 0)
    true
  rescue RegexpError
    false
  end

  def __flags
    bits = options
    (bits & 4 != 0 ? "m" : "") + (bits & 1 != 0 ? "i" : "") + (bits & 2 != 0 ? "x" : "")
  end

  def inspect
    "/" + __escaped_source + "/" + __flags + (options & 32 != 0 ? "n" : "")
  end

  # The source with slashes escaped.
  def __escaped_source
    text = source
    return text unless text.include?("/") || text.include?("\n")
    made = +""
    escaped = false
    text.each_char do |c|
      if escaped
        made << c
        escaped = false
      elsif c == "\\"
        made << c
        escaped = true
      elsif c == "/"
        made << "\\/"
      elsif c == "\n"
        made << "\\n"
      else
        made << c
      end
    end
    made
  end

  def to_s
    # One group around everything that sets options itself stands for the whole.
    if (match = /\A\(\?([mix]*)(?:-([mix]*))?:(.*)\)\z/m.__match(source, 0)) && __whole?(match[3])
      return Regexp.new(match[3], (options | __bits(match[1])) & ~__bits(match[2] || "")).to_s
    end
    on = __flags
    off = (on.include?("m") ? "" : "m") + (on.include?("i") ? "" : "i") + (on.include?("x") ? "" : "x")
    "(?" + on + (off.empty? ? "" : "-" + off) + ":" + __escaped_source + ")"
  end

  def freeze
    Primitive.freeze
    self
  end
end

class String
  def __escape
    Primitive.regexp_source_escape
  end
end
