# String: characters, bytes, code points and lines, one after the other.

class String
  def chars(&block)
    block ? __each_part(__chars, &block) : __chars
  end

  def bytes(&block)
    block ? __each_part(__bytes, &block) : __bytes
  end

  def codepoints(&block)
    block ? __each_part(__codepoints, &block) : __codepoints
  end

  def lines(separator = $/, chomp: false, &block)
    list = __split_lines(separator, chomp)
    block ? __each_part(list, &block) : list
  end

  def each_char(&block)
    return to_enum(:each_char) { size } unless block
    __each_part(__chars, &block)
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

  def each_codepoint(&block)
    return to_enum(:each_codepoint) { size } unless block
    __each_part(__codepoints, &block)
  end

  def each_line(separator = $/, chomp: false, &block)
    return to_enum(:each_line, separator, chomp: chomp) unless block
    __each_part(__split_lines(separator, chomp), &block)
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
    block ? __each_part(list, &block) : list
  end

  def each_grapheme_cluster(&block)
    return to_enum(:each_grapheme_cluster) { grapheme_clusters.size } unless block
    __each_part(grapheme_clusters, &block)
  end

  def __each_part(parts)
    i = 0
    while i < parts.__size
      yield parts[i]
      i += 1
    end
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

  private :__each_part
end
