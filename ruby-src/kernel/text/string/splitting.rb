# String: the parts around a text or a pattern.

class String
  def partition(pattern)
    if Regexp === pattern
      match = pattern.__match(self, 0)
      __set_caller_match(match)
      return [__dup, "", ""] unless match
      return [match.pre_match, match[0], match.post_match]
    end
    pattern = __str(pattern)
    at = __byteindex(pattern, 0)
    return [__dup, "", ""] unless at
    stop = at + pattern.bytesize
    [__byteslice(0, at), pattern.__dup, __byteslice(stop, bytesize - stop)]
  end

  def rpartition(pattern)
    if Regexp === pattern
      match = pattern.__rmatch(self, size)
      __set_caller_match(match)
      return ["", "", __dup] unless match
      return [match.pre_match, match[0], match.post_match]
    end
    pattern = __str(pattern)
    at = __rindex(pattern, size)
    return ["", "", __dup] unless at
    stop = at + pattern.size
    [__slice(0, at), pattern.__dup, __slice(stop, size - stop)]
  end

  def split(pattern = nil, limit = 0, &block)
    limit = __long(limit)
    list = __split_by(pattern, limit)
    return list unless block
    list.each(&block)
    self
  end

  def __split_by(pattern, limit)
    return [] if empty?
    return [__dup] if limit == 1
    pattern = $; if nil.equal?(pattern)
    if nil.equal?(pattern) || pattern == " "
      return __split_whitespace if limit == 0
      return __split_awk(limit)
    end
    if Regexp === pattern
      list = pattern.source.empty? ? __split_chars(limit) : __split_regexp(pattern, limit)
    else
      pattern = __str(pattern)
      list = pattern.empty? ? __split_chars(limit) : __split(pattern, limit > 0 ? limit : 0)
    end
    if limit == 0
      list.__pop while list.__size > 0 && list.__at(-1).empty?
    end
    list
  end

  def __split_awk(limit)
    made = []
    rest = lstrip
    while limit < 0 || made.size < limit - 1
      at = rest.__match_space
      break unless at
      made << rest.__byteslice(0, at)
      rest = rest.__byteslice(at, rest.bytesize - at).lstrip
      break if rest.empty?
    end
    made << rest
    made
  end

  def __match_space
    i = 0
    while i < bytesize
      c = __byte_at(i)
      return i if c == 32 || (c >= 9 && c <= 13) || c == 0
      i += 1
    end
    nil
  end

  def __split_chars(limit)
    list = __chars
    return list << "" if limit < 0
    return list if limit == 0 || list.size <= limit
    head = list.__slice(0, limit - 1)
    head << list.__slice(limit - 1, list.size - limit + 1).join
  end

  def __split_regexp(pattern, limit)
    made = []
    pieces = 1
    from = 0
    at = 0
    total = bytesize
    empty_before = false
    subject = self
    while at <= total && (match = pattern.__match_byte(subject, at))
      subject = match.string
      start = match.__byte_begin(0)
      stop = match.__byte_end(0)
      if at == start && start == stop
        unless empty_before
          # An empty match where the search began says nothing yet: look one character further.
          at += at == total ? 1 : __char_bytes(at)
          empty_before = true
          next
        end
        made << __byteslice(from, __char_bytes(from))
        from = at
      else
        made << __byteslice(from, start - from)
        from = stop
        at = stop
      end
      empty_before = false
      i = 1
      while i < match.__size
        made << match.__get(i) if match.__byte_begin(i)
        i += 1
      end
      pieces += 1
      break if limit > 0 && pieces >= limit
    end
    made << __byteslice(from, total - from) if total > from || limit != 0
    made
  end
end
