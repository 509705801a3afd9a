# String: sub and gsub.

class String
  def sub(pattern, replacement = Primitive.undefined, &block)
    __sub_first(pattern, replacement, block) || __dup
  end

  def sub!(pattern, replacement = Primitive.undefined, &block)
    __check_frozen
    made = __sub_first(pattern, replacement, block)
    made && __replace(made)
  end

  def gsub(pattern, replacement = Primitive.undefined, &block)
    return to_enum(:gsub, pattern) if Primitive.undefined?(replacement) && !block
    __sub_all(pattern, replacement, block) || __dup
  end

  def gsub!(pattern, replacement = Primitive.undefined, &block)
    return to_enum(:gsub!, pattern) if Primitive.undefined?(replacement) && !block
    __check_frozen
    made = __sub_all(pattern, replacement, block)
    made && __replace(made)
  end

  # The text with the first match replaced, nil when there is none. This and the next are for methods that the program itself
  # called: they set the program's $~, for the block and for what comes after.
  def __sub_first(pattern, replacement, block)
    if Primitive.undefined?(replacement)
      raise ArgumentError, "wrong number of arguments (given 1, expected 2)" unless block
    else
      replacement = __sub_replacement(replacement)
      block = nil
    end
    match = __sub_pattern(pattern).__match_byte(self, 0)
    __set_outer_caller_match(match)
    return nil unless match
    if block
      text = block.call(match.__get(0)).to_s
      __set_outer_caller_match(match)
    end
    stop = match.__byte_end(0)
    made = __byteslice(0, match.__byte_begin(0))
    block ? made << text : __add_replacement(made, match, replacement)
    made << __byteslice(stop, bytesize - stop)
  end

  # The text with every match replaced, nil when there is none.
  def __sub_all(pattern, replacement, block)
    if Primitive.undefined?(replacement)
      plain = false
    else
      block = nil
      replacement = __sub_replacement(replacement)
      plain = String === replacement && !replacement.include?("\\")
    end
    if plain && !(Regexp === pattern)
      text = __check_str(pattern)
      if text && !text.empty?
        at = __rindex(text, size)
        __set_outer_caller_match(at && Regexp.__literal(text).__match_at(self, at))
        return at && __replace_all(text, replacement)
      end
      pattern = text if text
    end
    pattern = __sub_pattern(pattern)
    made = nil
    from = 0
    at = 0
    total = bytesize
    last = nil
    while at <= total && (match = pattern.__match_byte(self, at))
      last = match
      start = match.__byte_begin(0)
      made ||= __byteslice(0, 0)
      made << __byteslice(from, start - from) if start > from
      if block
        __set_outer_caller_match(match)
        made << block.call(match.__get(0)).to_s
      elsif plain
        made << replacement
      else
        __add_replacement(made, match, replacement)
      end
      from = match.__byte_end(0)
      at = __after_match(match)
      made << __byteslice(from, at - from) if at > from && at <= total
      from = at
    end
    __set_outer_caller_match(last)
    made << __byteslice(from, total - from) if made && from < total
    made
  end

  # A pattern as sub and gsub take it.
  def __sub_pattern(pattern)
    return pattern if Regexp === pattern
    text = __check_str(pattern)
    raise TypeError, "wrong argument type #{pattern.class} (expected Regexp)" unless text
    Regexp.__literal(text)
  end

  # A replacement as sub and gsub take it: a String or a Hash.
  def __sub_replacement(replacement)
    return replacement if String === replacement || Hash === replacement
    __check_hash(replacement) || __str(replacement)
  end

  # Appends what replaces the match.
  def __add_replacement(made, match, replacement)
    if Hash === replacement
      made << replacement[match.__get(0)].to_s
    else
      match.__expand(replacement, made)
    end
  end

  # Where to look for the next match: a character further after an empty one.
  def __after_match(match)
    stop = match.__byte_end(0)
    stop > match.__byte_begin(0) ? stop : stop + __char_bytes(stop)
  end

  private :__sub_first, :__sub_all, :__sub_pattern, :__sub_replacement, :__add_replacement
end
