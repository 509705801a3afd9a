# JSON: parse and generate.

module JSON
  class JSONError < StandardError
  end

  class ParserError < JSONError
  end

  class NestingError < ParserError
  end

  class GeneratorError < JSONError
  end

  NaN = Float::NAN
  Infinity = Float::INFINITY
  MinusInfinity = -Float::INFINITY

  # A recursive descent over the bytes of a text.
  class Parser
    def initialize(text, symbolize_names: false, max_nesting: 100, allow_nan: false, object_class: nil, array_class: nil,
                   create_additions: false, decimal_class: nil, freeze: false, **options)
      @text = text.encoding == Encoding::UTF_8 ? text : text.encode(Encoding::UTF_8)
      @at = 0
      @size = @text.bytesize
      @symbolize = symbolize_names
      @depth_max = max_nesting || 0
      @allow_nan = allow_nan
      @object_class = object_class
      @array_class = array_class
      @freeze = freeze
    end

    def parse
      space
      raise ParserError, "unexpected end of input" if @at >= @size
      value = value(0)
      space
      unexpected if @at < @size
      value
    end

    def unexpected
      raise ParserError, "unexpected end of input" if @at >= @size
      shown = @text.byteslice(@at, 20).scrub
      line = @text.byteslice(0, @at).count("\n") + 1
      raise ParserError, "unexpected token at '#{shown}' (line #{line})"
    end

    def space
      while (c = @text.getbyte(@at))
        if c == 32 || c == 10 || c == 13 || c == 9
          @at += 1
        elsif c == 47
          comment
        else
          return
        end
      end
    end

    def comment
      if @text.getbyte(@at + 1) == 47
        @at = @text.byteindex("\n", @at) || @size
      elsif @text.getbyte(@at + 1) == 42
        stop = @text.byteindex("*/", @at + 2)
        unexpected unless stop
        @at = stop + 2
      else
        unexpected
      end
    end

    def value(depth)
      case @text.getbyte(@at)
      when 123 then object(depth + 1)
      when 91 then array(depth + 1)
      when 34 then string
      when 116 then word("true", true)
      when 102 then word("false", false)
      when 110 then word("null", nil)
      when 78
        unexpected unless @allow_nan
        word("NaN", NaN)
      when 73
        unexpected unless @allow_nan
        word("Infinity", Infinity)
      else number
      end
    end

    def word(text, value)
      unexpected unless @text.byteslice(@at, text.bytesize) == text
      @at += text.bytesize
      value
    end

    def check_depth(depth)
      raise NestingError, "nesting of #{depth} is too deep" if @depth_max > 0 && depth > @depth_max
    end

    def object(depth)
      check_depth(depth)
      made = @object_class ? @object_class.new : {}
      @at += 1
      space
      if @text.getbyte(@at) == 125
        @at += 1
        return made
      end
      while true
        space
        unexpected unless @text.getbyte(@at) == 34
        key = string
        space
        unexpected unless @text.getbyte(@at) == 58
        @at += 1
        space
        made[@symbolize ? key.to_sym : key] = value(depth)
        space
        case @text.getbyte(@at)
        when 44 then @at += 1
        when 125
          @at += 1
          made.freeze if @freeze
          return made
        else unexpected
        end
      end
    end

    def array(depth)
      check_depth(depth)
      made = @array_class ? @array_class.new : []
      @at += 1
      space
      if @text.getbyte(@at) == 93
        @at += 1
        return made
      end
      while true
        space
        made << value(depth)
        space
        case @text.getbyte(@at)
        when 44 then @at += 1
        when 93
          @at += 1
          made.freeze if @freeze
          return made
        else unexpected
        end
      end
    end

    ESCAPES = { 34 => "\"", 92 => "\\", 47 => "/", 98 => "\b", 102 => "\f", 110 => "\n", 114 => "\r", 116 => "\t" }

    def string
      @at += 1
      start = @at
      while (c = @text.getbyte(@at))
        if c == 34
          made = @text.byteslice(start, @at - start)
          @at += 1
          made.freeze if @freeze
          return made
        end
        return escaped_string(start) if c == 92
        unexpected if c < 32
        @at += 1
      end
      unexpected
    end

    def escaped_string(start)
      made = @text.byteslice(start, @at - start)
      while (c = @text.getbyte(@at))
        if c == 34
          @at += 1
          return made
        elsif c == 92
          e = @text.getbyte(@at + 1)
          if e == 117
            made << unicode
          else
            made << (ESCAPES[e] || @text.byteslice(@at + 1, 1))
            @at += 2
          end
        else
          unexpected if c < 32
          stop = @at + 1
          stop += 1 while (d = @text.getbyte(stop)) && d != 34 && d != 92 && d >= 32
          made << @text.byteslice(@at, stop - @at)
          @at = stop
        end
      end
      unexpected
    end

    def unicode
      code = hex4(@at + 2)
      @at += 6
      if code >= 0xd800 && code < 0xdc00 && @text.byteslice(@at, 2) == "\\u"
        low = hex4(@at + 2)
        if low >= 0xdc00 && low < 0xe000
          @at += 6
          code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00)
        end
      end
      code >= 0xd800 && code < 0xe000 ? "\u{FFFD}" : [code].pack("U")
    end

    def hex4(at)
      digits = @text.byteslice(at, 4)
      raise ParserError, "incomplete unicode character escape sequence at '#{digits}'" unless digits && digits.match?(/\A\h{4}\z/)
      digits.to_i(16)
    end

    def number
      start = @at
      @at += 1 if @text.getbyte(@at) == 45
      if @text.getbyte(@at) == 73 && @allow_nan
        return word("Infinity", MinusInfinity)
      end
      c = @text.getbyte(@at)
      unexpected unless c && c >= 48 && c <= 57
      if c == 48
        @at += 1
        d = @text.getbyte(@at)
        unexpected if d && d >= 48 && d <= 57
      else
        digits
      end
      float = false
      if @text.getbyte(@at) == 46
        float = true
        @at += 1
        unexpected unless digits
      end
      if (c = @text.getbyte(@at)) == 101 || c == 69
        float = true
        @at += 1
        c = @text.getbyte(@at)
        @at += 1 if c == 43 || c == 45
        unexpected unless digits
      end
      text = @text.byteslice(start, @at - start)
      float ? text.to_f : text.to_i
    end

    def digits
      start = @at
      while (c = @text.getbyte(@at)) && c >= 48 && c <= 57
        @at += 1
      end
      @at > start
    end
  end

  # Writes values as text.
  class Generator
    def initialize(indent: "", space: "", object_nl: "", array_nl: "", space_before: "", allow_nan: false, max_nesting: 100, ascii_only: false,
                   script_safe: false, **options)
      @indent = indent || ""
      @space = space || ""
      @space_before = space_before || ""
      @object_nl = object_nl || ""
      @array_nl = array_nl || ""
      @allow_nan = allow_nan
      @depth_max = max_nesting || 0
      @ascii = ascii_only
      @script_safe = script_safe
    end

    attr_reader :indent, :space, :object_nl, :array_nl

    def generate(value)
      out = +""
      write(value, out, 0)
      out
    end

    def write(value, out, depth)
      case value
      when Hash then object(value, out, depth + 1)
      when Array then array(value, out, depth + 1)
      when String then string(value, out)
      when nil then out << "null"
      when true then out << "true"
      when false then out << "false"
      when Integer then out << value.to_s
      when Float
        unless value.finite? || @allow_nan
          raise GeneratorError, "#{value} not allowed in JSON"
        end
        out << value.to_s
      else
        if value.respond_to?(:to_json) && value.method(:to_json).owner != Object
          out << value.to_json(self)
        else
          string(value.to_s, out)
        end
      end
    end

    def check_depth(depth)
      raise NestingError, "nesting of #{depth} is too deep" if @depth_max > 0 && depth > @depth_max
    end

    def object(hash, out, depth)
      check_depth(depth)
      if hash.empty?
        out << "{}"
        return
      end
      out << "{" << @object_nl
      first = true
      hash.each_pair do |key, value|
        out << "," << @object_nl unless first
        first = false
        out << @indent * depth
        string(key.is_a?(String) ? key : key.to_s, out)
        out << @space_before << ":" << @space
        write(value, out, depth)
      end
      out << @object_nl << @indent * (depth - 1) << "}"
    end

    def array(list, out, depth)
      check_depth(depth)
      if list.empty?
        out << "[]"
        return
      end
      out << "[" << @array_nl
      first = true
      list.each do |value|
        out << "," << @array_nl unless first
        first = false
        out << @indent * depth
        write(value, out, depth)
      end
      out << @array_nl << @indent * (depth - 1) << "]"
    end

    SPECIAL = { "\"" => "\\\"", "\\" => "\\\\", "\n" => "\\n", "\r" => "\\r", "\t" => "\\t", "\f" => "\\f", "\b" => "\\b" }

    def string(text, out)
      text = text.encode(Encoding::UTF_8) unless text.encoding == Encoding::UTF_8
      raise GeneratorError, "source sequence is illegal/malformed utf-8" unless text.valid_encoding?
      out << "\""
      if text.match?(/["\\\x00-\x1f]/) || @ascii || @script_safe
        pattern = @ascii ? /["\\\x00-\x1f]|[^\x00-\x7f]/ : /["\\\x00-\x1f]/
        out << text.gsub(pattern) { |c| SPECIAL[c] || escape(c) }
      else
        out << text
      end
      out << "\""
    end

    def escape(c)
      code = c.ord
      return "\\u" + code.to_s(16).rjust(4, "0") if code < 0x10000
      code -= 0x10000
      "\\u" + (0xd800 + (code >> 10)).to_s(16) + "\\u" + (0xdc00 + (code & 0x3ff)).to_s(16)
    end
  end

  State = Generator

  def self.parse(text, options = nil, **named)
    named = options.merge(named) if options
    text = text.to_str
    Parser.new(text, **named).parse
  end

  def self.parse!(text, **named)
    parse(text, max_nesting: false, allow_nan: true, **named)
  end

  def self.load(source, proc = nil, **named)
    text = source.respond_to?(:read) ? source.read : source
    return nil if text.nil? || text.empty?
    parse(text, max_nesting: false, allow_nan: true, **named)
  end

  def self.load_file(path, **named)
    parse(File.read(path), **named)
  end

  def self.generate(value, options = nil, **named)
    return options.generate(value) if options.is_a?(Generator)
    named = options.to_h.merge(named) if options
    Generator.new(**named).generate(value)
  end

  def self.pretty_generate(value, options = nil, **named)
    named = options.to_h.merge(named) if options
    Generator.new(indent: "  ", space: " ", object_nl: "\n", array_nl: "\n", **named).generate(value)
  end

  def self.dump(value, io = nil, limit = nil, **named)
    text = generate(value, max_nesting: false, allow_nan: true, **named)
    return text unless io
    io.write(text)
    io
  end

  def self.[](value, **named)
    value.respond_to?(:to_str) ? parse(value.to_str, **named) : generate(value, **named)
  end
end

class Object
  def to_json(state = nil, *)
    JSON.generate(self, state.is_a?(JSON::Generator) ? state : nil)
  end
end

module Kernel
  def JSON(value, **named)
    value.respond_to?(:to_str) ? JSON.parse(value.to_str, **named) : JSON.generate(value, **named)
  end

  def jj(*values)
    values.each { |value| puts JSON.pretty_generate(value) }
    nil
  end

  def j(*values)
    values.each { |value| puts JSON.generate(value) }
    nil
  end

  private :JSON, :jj, :j
end
