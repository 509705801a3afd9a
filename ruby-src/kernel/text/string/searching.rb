# String: where a text or a pattern is found.

class String
  def include?(text)
    __byteindex(__str(text), 0) ? true : false
  end

  def start_with?(*prefixes)
    i = 0
    while i < prefixes.__size
      prefix = prefixes.__at(i)
      if Regexp === prefix
        match = prefix.__match_at(self, 0)
        __set_caller_match(match)
        return true if match
      elsif __starts_with(__str(prefix))
        return true
      end
      i += 1
    end
    false
  end

  def end_with?(*suffixes)
    i = 0
    while i < suffixes.__size
      return true if __ends_with(__str(suffixes.__at(i)))
      i += 1
    end
    false
  end

  def index(pattern, from = 0)
    from = __long(from)
    size = self.size
    from += size if from < 0
    if from < 0 || from > size
      __set_caller_match(nil) if Regexp === pattern
      return nil
    end
    if Regexp === pattern
      match = pattern.__match(self, from)
      __set_caller_match(match)
      return match && match.begin(0)
    end
    __index(__str(pattern), from)
  end

  def rindex(pattern, from = Primitive.undefined)
    size = self.size
    if Primitive.undefined?(from)
      from = size
    else
      from = __long(from)
      from += size if from < 0
      if from < 0
        __set_caller_match(nil) if Regexp === pattern
        return nil
      end
      from = size if from > size
    end
    if Regexp === pattern
      match = pattern.__rmatch(self, from)
      __set_caller_match(match)
      return match && match.begin(0)
    end
    __rindex(__str(pattern), from)
  end

  def byteindex(pattern, from = 0)
    from = __long(from)
    from += bytesize if from < 0
    return nil if from < 0 || from > bytesize
    if Regexp === pattern
      match = pattern.__match_byte(self, from)
      __set_caller_match(match)
      return match && match.byteoffset(0)[0]
    end
    __byteindex(__str(pattern), from)
  end

  def byterindex(pattern, from = bytesize)
    from = __long(from)
    from += bytesize if from < 0
    return nil if from < 0
    pattern = __str(pattern)
    from = bytesize - pattern.bytesize if from > bytesize - pattern.bytesize
    while from >= 0
      return from if __byteslice(from, pattern.bytesize).b == pattern.b
      from -= 1
    end
    nil
  end

  def =~(pattern)
    if Regexp === pattern
      match = pattern.__match(self, 0)
      __set_caller_match(match)
      return match && match.begin(0)
    end
    raise TypeError, "type mismatch: String given" if String === pattern
    pattern =~ self
  end

  def match(pattern, from = 0)
    pattern = Regexp.__pattern(pattern)
    match = pattern.__match_from(self, from)
    __set_caller_match(match)
    return yield(match) if match && block_given?
    match
  end

  def match?(pattern, from = 0)
    pattern = Regexp.__pattern(pattern)
    pattern.__match_from(self, from) ? true : false
  end

  def scan(pattern)
    pattern = String === pattern ? Regexp.__literal(pattern) : Regexp.__pattern(pattern)
    made = block_given? ? nil : []
    at = 0
    last = nil
    subject = self
    while at <= bytesize && (match = pattern.__match_byte(subject, at))
      last = match
      # The match's own copy is frozen: later matches share it.
      subject = match.string
      at = __after_match(match)
      found = match.__size == 1 ? match.__get(0) : match.captures
      if made
        made << found
      else
        __set_caller_match(match)
        yield found
      end
    end
    __set_caller_match(last)
    made || self
  end
end
