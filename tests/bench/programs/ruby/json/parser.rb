# frozen_string_literal: true

# Reads one value from a text. Strings and numbers keep the characters they were written with.
require_relative "value"

class JsonError < StandardError
  attr_reader :offset, :line, :column

  def initialize(message, offset, line, column)
    super(message)
    @offset = offset
    @line = line
    @column = column
  end
end

class JsonParser
  def initialize(text)
    @text = text
    @index = -1
    @line = 1
    @column = 0
    @current = nil
    @captured = ""
    @capture_start = -1
  end

  def parse
    read
    skip_white_space
    value = read_value
    skip_white_space
    raise error("unexpected character") unless end_of_text?

    value
  end

  private

  def read_value
    case @current
    when "n"
      read_word("null", JsonLiteral::NULL)
    when "t"
      read_word("true", JsonLiteral::TRUE)
    when "f"
      read_word("false", JsonLiteral::FALSE)
    when '"'
      JsonString.new(read_string)
    when "["
      read_array
    when "{"
      read_object
    when "-", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9"
      read_number
    else
      raise expected("value")
    end
  end

  def read_array
    read
    array = JsonArray.new
    skip_white_space
    return array if read_if("]")

    more = true
    while more
      skip_white_space
      array.add(read_value)
      skip_white_space
      more = read_if(",")
    end
    raise expected("',' or ']'") unless read_if("]")

    array
  end

  def read_object
    read
    object = JsonObject.new
    skip_white_space
    return object if read_if("}")

    more = true
    while more
      skip_white_space
      name = read_name
      skip_white_space
      require_character(":")
      skip_white_space
      object.add(name, read_value)
      skip_white_space
      more = read_if(",")
    end
    raise expected("',' or '}'") unless read_if("}")

    object
  end

  def read_name
    raise expected("name") unless @current == '"'

    read_string
  end

  def read_word(word, value)
    read
    (1...word.length).each { |i| require_character(word[i]) }
    value
  end

  def require_character(character)
    raise expected("'#{character}'") unless read_if(character)
  end

  def read_string
    read
    start_capture
    while @current != '"'
      if @current == "\\"
        pause_capture
        read_escape
        start_capture
      else
        raise expected("'\"'") if end_of_text?

        read
      end
    end
    string = end_capture
    read
    string
  end

  def read_escape
    read
    case @current
    when '"', "/", "\\"
      @captured += @current
    when "b"
      @captured += "\b"
    when "f"
      @captured += "\f"
    when "n"
      @captured += "\n"
    when "r"
      @captured += "\r"
    when "t"
      @captured += "\t"
    else
      raise expected("valid escape sequence")
    end
    read
  end

  def read_number
    start_capture
    read_if("-")
    first = @current
    require_digit
    read_digits unless first == "0"
    read_fraction
    read_exponent
    JsonNumber.new(end_capture)
  end

  def read_fraction
    return unless read_if(".")

    require_digit
    read_digits
  end

  def read_exponent
    return unless read_if("e") || read_if("E")

    read_if("-") unless read_if("+")
    require_digit
    read_digits
  end

  def require_digit
    raise expected("digit") unless read_digit
  end

  def read_digits
    nil while read_digit
  end

  def read_digit
    return false unless digit?

    read
    true
  end

  def read_if(character)
    return false if @current != character

    read
    true
  end

  def skip_white_space
    read while white_space?
  end

  def read
    if @current == "\n"
      @line += 1
      @column = 0
    end
    @index += 1
    @column += 1
    @current = @index < @text.length ? @text[@index] : nil
  end

  def start_capture
    @capture_start = @index
  end

  def pause_capture
    @captured += capture
    @capture_start = -1
  end

  def end_capture
    string = capture
    unless @captured == ""
      string = @captured + string
      @captured = ""
    end
    @capture_start = -1
    string
  end

  def capture
    @text[@capture_start..(@index - 1)]
  end

  def expected(what)
    end_of_text? ? error("unexpected end of text") : error("expected #{what}")
  end

  def error(message)
    JsonError.new(message, @index, @line, @column)
  end

  def white_space?
    @current == " " || @current == "\t" || @current == "\n" || @current == "\r"
  end

  def digit?
    @current == "0" || @current == "1" || @current == "2" || @current == "3" || @current == "4" ||
      @current == "5" || @current == "6" || @current == "7" || @current == "8" || @current == "9"
  end

  def end_of_text?
    @current.nil?
  end
end
