# StringScanner: goes through a String by regular expressions.

class StringScanner
  class Error < StandardError
  end

  attr_reader :string

  def initialize(string, *, fixed_anchor: false)
    @string = string.to_str
    @at = 0
    @match = nil
    @last = 0
  end

  def string=(text)
    @string = text.to_str
    reset
    text
  end

  def concat(text)
    @string << text
    self
  end

  alias << concat

  def pos
    @at
  end

  alias pointer pos

  def pos=(position)
    position += @string.bytesize if position < 0
    raise RangeError, "index out of range" if position < 0 || position > @string.bytesize
    @at = position
  end

  alias pointer= pos=

  def charpos
    @string.byteslice(0, @at).size
  end

  def reset
    @at = 0
    @match = nil
    self
  end

  def terminate
    @at = @string.bytesize
    @match = nil
    self
  end

  def eos?
    @at >= @string.bytesize
  end

  def rest
    @string.byteslice(@at, @string.bytesize) || ""
  end

  def rest?
    !eos?
  end

  def rest_size
    @string.bytesize - @at
  end

  def beginning_of_line?
    @at == 0 || @string.getbyte(@at - 1) == 10
  end

  alias bol? beginning_of_line?

  # Matches here (anchored) or further on; answers the bytes up to the end of the match, or nil.
  def look(pattern, advance, anchored)
    if pattern.is_a?(String)
      text = rest
      if anchored
        @match = text.start_with?(pattern) ? Regexp.new(Regexp.escape(pattern)).match(text) : nil
      else
        @match = Regexp.new(Regexp.escape(pattern)).match(text)
      end
    else
      anchored_pattern = anchored ? ((@anchored ||= {})[pattern] ||= Regexp.new("\\A(?:#{pattern.source})", pattern.options)) : pattern
      @match = anchored_pattern.match(rest)
    end
    return nil unless @match
    @last = @at
    count = @match.byteoffset(0)[1]
    @at += count if advance
    count
  end

  private :look

  def scan(pattern)
    count = look(pattern, true, true)
    count && @match[0]
  end

  def match?(pattern)
    count = look(pattern, false, true)
    count
  end

  def skip(pattern)
    look(pattern, true, true)
  end

  def check(pattern)
    count = look(pattern, false, true)
    count && @match[0]
  end

  def scan_until(pattern)
    count = look(pattern, true, false)
    count && @string.byteslice(@last, count)
  end

  def skip_until(pattern)
    look(pattern, true, false)
  end

  def check_until(pattern)
    count = look(pattern, false, false)
    count && @string.byteslice(@last, count)
  end

  def exist?(pattern)
    look(pattern, false, false)
  end

  def search_full(pattern, advance, answer_string)
    count = look(pattern, advance, false)
    count && (answer_string ? @string.byteslice(@last, count) : count)
  end

  def scan_full(pattern, advance, answer_string)
    count = look(pattern, advance, true)
    count && (answer_string ? @match[0] : count)
  end

  def getch
    scan(/./m)
  end

  def get_byte
    return nil if eos?
    @last = @at
    @match = nil
    byte = @string.byteslice(@at, 1)
    @at += 1
    byte
  end

  def scan_byte
    return nil if eos?
    byte = @string.getbyte(@at)
    @at += 1
    byte
  end

  def peek_byte
    @string.getbyte(@at)
  end

  def peek(count)
    @string.byteslice(@at, count) || ""
  end

  def unscan
    raise Error, "unscan error: previous match record not exist" unless @match
    @at = @last
    @match = nil
    self
  end

  def matched
    @match && @match[0]
  end

  def matched?
    @match ? true : false
  end

  def matched_size
    @match && @match[0].bytesize
  end

  def [](group)
    @match && @match[group]
  end

  def captures
    @match && @match.captures
  end

  def values_at(*groups)
    @match && @match.values_at(*groups)
  end

  def named_captures
    @match ? @match.named_captures : {}
  end

  def size
    @match && @match.size
  end

  def pre_match
    @match && @string.byteslice(0, @last + @match.byteoffset(0)[0])
  end

  def post_match
    @match && @match.post_match
  end

  def inspect
    return "#<StringScanner fin>" if eos?
    "#<StringScanner #{@at}/#{@string.bytesize} @ #{rest[0, 5].inspect[0..-2]}...\">"
  end
end
