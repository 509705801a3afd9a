# String: characters, bytes, code points and lines, one after the other.

class String
  def chars(&block)
    list = __chars
    block ? (list.each(&block); self) : list
  end

  def bytes(&block)
    block ? (__bytes.each(&block); self) : __bytes
  end

  def codepoints(&block)
    block ? (__codepoints.each(&block); self) : __codepoints
  end

  def lines(separator = $/, chomp: false, &block)
    list = __split_lines(separator, chomp)
    return list unless block
    list.each(&block)
    self
  end

  def each_char
    return to_enum(:each_char) { size } unless block_given?
    list = __chars
    i = 0
    while i < list.__size
      yield list[i]
      i += 1
    end
    self
  end

  def each_byte
    return to_enum(:each_byte) { bytesize } unless block_given?
    i = 0
    while i < bytesize
      yield __byte_at(i)
      i += 1
    end
    self
  end

  def each_codepoint
    return to_enum(:each_codepoint) { size } unless block_given?
    list = __codepoints
    i = 0
    while i < list.__size
      yield list[i]
      i += 1
    end
    self
  end

  def each_line(separator = $/, chomp: false)
    return to_enum(:each_line, separator, chomp: chomp) unless block_given?
    list = __split_lines(separator, chomp)
    i = 0
    while i < list.__size
      yield list[i]
      i += 1
    end
    self
  end

  def __split_lines(separator, chomp)
    return [__dup] if nil.equal?(separator)
    separator = __str(separator)
    paragraphs = separator.empty?
    if separator == "\n"
      list = __lines
      if chomp
        list = list.map { |line| line.chomp }
      end
      return list
    end
    separator = "\n\n" if paragraphs
    made = []
    from = 0
    total = bytesize
    while from < total
      at = __byteindex(separator, from)
      if nil.equal?(at)
        made << __byteslice(from, total - from)
        break
      end
      stop = at + separator.bytesize
      if paragraphs
        stop += 1 while stop < total && __byte_at(stop) == 10
      end
      made << __byteslice(from, (chomp ? at : (paragraphs ? at + 2 : stop)) - from)
      from = stop
    end
    made
  end

  def grapheme_clusters(&block)
    list = scan(/\X/)
    block ? (list.each(&block); self) : list
  end

  def each_grapheme_cluster(&block)
    return to_enum(:each_grapheme_cluster) { grapheme_clusters.size } unless block
    grapheme_clusters.each(&block)
    self
  end

  def upto(limit, exclusive = false)
    return to_enum(:upto, limit, exclusive) unless block_given?
    limit = __str(limit)
    if size == 1 && limit.size == 1 && ascii_only? && limit.ascii_only?
      i = ord
      last = limit.ord
      last -= 1 if exclusive
      while i <= last
        yield String.__from_codepoint(i)
        i += 1
      end
      return self
    end
    if match?(/\A\d+\z/) && limit.match?(/\A\d+\z/)
      width = size
      i = to_i
      last = limit.to_i
      last -= 1 if exclusive
      while i <= last
        yield i.to_s.rjust(width, "0")
        i += 1
      end
      return self
    end
    c = self <=> limit
    return self if size > limit.size || (c > 0 && size >= limit.size)
    current = __dup
    while true
      at_end = current == limit
      break if at_end && exclusive
      yield current
      break if at_end
      current = current.succ
      break if current.size > limit.size || current.size == 0
    end
    self
  end
end
