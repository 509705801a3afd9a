# String: sub and gsub.

class String
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

  # The text with the match replaced.
  def __replaced(match, replacement)
    start = match.__byte_begin(0)
    stop = match.__byte_end(0)
    made = __byteslice(0, start)
    if Hash === replacement
      made << replacement[match.__get(0)].to_s
    else
      match.__expand(replacement, made)
    end
    made << __byteslice(stop, bytesize - stop)
  end

  def __replaced_by(match, text)
    start = match.__byte_begin(0)
    stop = match.__byte_end(0)
    __byteslice(0, start) << text.to_s << __byteslice(stop, bytesize - stop)
  end

  # Only a method that the program itself called can set the program's $~: so the four methods below hold their own loops.

  def sub(pattern, replacement = Primitive.undefined, &block)
    if Primitive.undefined?(replacement)
      raise ArgumentError, "wrong number of arguments (given 1, expected 2)" unless block
      match = __sub_pattern(pattern).__match_byte(self, 0)
      __set_caller_match(match)
      return __dup unless match
      made = __replaced_by(match, block.call(match.__get(0)))
      __set_caller_match(match)
      return made
    end
    replacement = __sub_replacement(replacement)
    match = __sub_pattern(pattern).__match_byte(self, 0)
    __set_caller_match(match)
    match ? __replaced(match, replacement) : __dup
  end

  def sub!(pattern, replacement = Primitive.undefined, &block)
    __check_frozen
    if Primitive.undefined?(replacement)
      raise ArgumentError, "wrong number of arguments (given 1, expected 2)" unless block
      match = __sub_pattern(pattern).__match_byte(self, 0)
      __set_caller_match(match)
      return nil unless match
      made = __replaced_by(match, block.call(match.__get(0)))
      __set_caller_match(match)
      __check_frozen
      return __replace(made)
    end
    replacement = __sub_replacement(replacement)
    match = __sub_pattern(pattern).__match_byte(self, 0)
    __set_caller_match(match)
    match ? __replace(__replaced(match, replacement)) : nil
  end

  def gsub(pattern, replacement = Primitive.undefined, &block)
    unless Primitive.undefined?(replacement)
      pair = __sub_all(pattern, replacement)
      __set_caller_match(pair.__at(1))
      return pair.__at(0) || __dup
    end
    return to_enum(:gsub, pattern) unless block
    pattern = __sub_pattern(pattern)
    made = nil
    from = 0
    at = 0
    total = bytesize
    last = nil
    while at <= total && (match = pattern.__match_byte(self, at))
      last = match
      made ||= __byteslice(0, 0)
      made << __byteslice(from, match.__byte_begin(0) - from)
      __set_caller_match(match)
      made << block.call(match.__get(0)).to_s
      from = match.__byte_end(0)
      at = __after_match(match)
      made << __byteslice(from, at - from) if at > from && at <= total
      from = at
    end
    __set_caller_match(last)
    return __dup unless made
    made << __byteslice(from, total - from) if from < total
    made
  end

  def gsub!(pattern, replacement = Primitive.undefined, &block)
    if Primitive.undefined?(replacement) && !block
      return to_enum(:gsub!, pattern)
    end
    __check_frozen
    unless Primitive.undefined?(replacement)
      pair = __sub_all(pattern, replacement)
      __set_caller_match(pair.__at(1))
      return pair.__at(0) ? __replace(pair.__at(0)) : nil
    end
    pattern = __sub_pattern(pattern)
    made = nil
    from = 0
    at = 0
    total = bytesize
    last = nil
    while at <= total && (match = pattern.__match_byte(self, at))
      last = match
      made ||= __byteslice(0, 0)
      made << __byteslice(from, match.__byte_begin(0) - from)
      __set_caller_match(match)
      made << block.call(match.__get(0)).to_s
      from = match.__byte_end(0)
      at = __after_match(match)
      made << __byteslice(from, at - from) if at > from && at <= total
      from = at
    end
    __set_caller_match(last)
    return nil unless made
    made << __byteslice(from, total - from) if from < total
    __check_frozen
    __replace(made)
  end

  # Where to look for the next match: a character further after an empty one.
  def __after_match(match)
    stop = match.__byte_end(0)
    stop > match.__byte_begin(0) ? stop : stop + __char_bytes(stop)
  end

  # [the text with every match replaced or nil when there is none, the last match]
  def __sub_all(pattern, replacement)
    replacement = __sub_replacement(replacement)
    plain = String === replacement && !replacement.include?("\\")
    unless Regexp === pattern
      text = __check_str(pattern)
      raise TypeError, "wrong argument type #{pattern.class} (expected Regexp)" unless text
      if plain && !text.empty?
        at = __rindex(text, size)
        return [nil, nil] unless at
        return [__replace_all(text, replacement), Regexp.__literal(text).__match_at(self, at)]
      end
      pattern = Regexp.__literal(text)
    end
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
      if plain
        made << replacement
      elsif Hash === replacement
        made << replacement[match.__get(0)].to_s
      else
        match.__expand(replacement, made)
      end
      from = match.__byte_end(0)
      at = __after_match(match)
      made << __byteslice(from, at - from) if at > from && at <= total
      from = at
    end
    made << __byteslice(from, total - from) if made && from < total
    [made, last]
  end
end
