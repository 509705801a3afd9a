# String: bytes with an encoding. Character positions are what the primitives take unless a name says bytes.

class String
  # --- primitives under names that only the kernel uses

  # Characters from..from+count, both in range.
  def __slice(from, count)
    Primitive.string_slice
    ""
  end

  def __byteslice(from, count)
    Primitive.byte_slice
    "".b
  end

  # Character position of the first occurrence at or after from, or nil.
  def __index(text, from)
    Primitive.string_index
    nil
  end

  # Character position of the last occurrence that starts at or before from, or nil.
  def __rindex(text, from)
    Primitive.string_rindex
    nil
  end

  def __byteindex(text, from)
    Primitive.byte_index
    nil
  end

  # Replaces count characters from from on, in place.
  def __replace_range(from, count, text)
    Primitive.string_replace_range
    __check_frozen
  end

  def __replace(text)
    Primitive.string_replace
    __check_frozen
  end

  # Appends a String, or a code point.
  def __append(text)
    Primitive.string_append
    __check_frozen
    __incompatible(text)
  end

  def __incompatible(text)
    text = text.chr(encoding) if Integer === text
    raise Encoding::CompatibilityError, "incompatible character encodings: #{encoding.__display} and #{text.encoding.__display}"
  end

  def __encoding_index
    Primitive.string_encoding
  end

  def __force_encoding(index)
    Primitive.string_force_encoding
    __check_frozen
  end

  def __equal(text)
    Primitive.string_eq
    false
  end

  def __compare_bytes(text)
    Primitive.string_compare
  end

  def __dup
    Primitive.string_dup
  end

  def __split_whitespace
    Primitive.string_split_whitespace
  end

  # All the parts between occurrences of separator; at most limit of them when limit is positive.
  def __split(separator, limit)
    Primitive.string_split
  end

  def __replace_all(text, by)
    Primitive.string_replace_all
  end

  # flags: 1 = squeeze runs of translated characters
  def __tr(from, to, flags)
    Primitive.string_tr
    raise ArgumentError, "invalid range in string transliteration"
  end

  def __count(set)
    Primitive.string_count
    raise ArgumentError, "invalid range in string transliteration"
  end

  def __delete(set)
    Primitive.string_delete
    raise ArgumentError, "invalid range in string transliteration"
  end

  # set nil: every run
  def __squeeze(set)
    Primitive.string_squeeze
    raise ArgumentError, "invalid range in string transliteration"
  end

  # strict: nil when the text is not entirely a number in that radix
  def __to_integer(radix, strict)
    Primitive.string_to_integer
    nil
  end

  def __to_float(strict)
    Primitive.string_to_float
    nil
  end

  def __byte_at(index)
    Primitive.string_getbyte
    nil
  end

  def __byte_at_put(index, byte)
    Primitive.string_setbyte
    __check_frozen
  end

  def __lines
    Primitive.string_lines
  end

  def self.__from_codepoint(codepoint)
    Primitive.string_from_codepoint
    raise RangeError, "invalid codepoint 0x#{codepoint.to_s(16).upcase} in UTF-8"
  end

  # One byte: US-ASCII below 128, else binary.
  def self.__from_byte(byte)
    Primitive.string_from_byte
    raise RangeError, "#{byte} out of char range"
  end

  # --- making

  def self.try_convert(object)
    __check_str(object)
  end

  def self.new(text = Primitive.undefined, encoding: nil, capacity: nil, **options, &block)
    unless equal?(String)
      made = allocate
      options[:encoding] = encoding if encoding
      if Primitive.undefined?(text)
        made.__send__(:initialize, **options, &block)
      else
        made.__send__(:initialize, text, **options, &block)
      end
      return made
    end
    made = Primitive.undefined?(text) ? "".b : __str(text).__dup
    made.force_encoding(encoding) if encoding
    made
  end

  def initialize(text = Primitive.undefined, encoding: nil, capacity: nil)
    replace(text) unless Primitive.undefined?(text)
    force_encoding(encoding) if encoding
    self
  end

  def initialize_copy(text)
    replace(text)
  end

  # --- size and encoding

  def size
    Primitive.string_size
  end

  alias length size

  def bytesize
    Primitive.byte_size
  end

  def empty?
    bytesize == 0
  end

  def encoding
    Encoding.__at(__encoding_index)
  end

  def force_encoding(encoding)
    __check_frozen
    __force_encoding(Encoding.__coerce(encoding).__index)
    self
  end

  def valid_encoding?
    Primitive.string_valid_encoding
  end

  def ascii_only?
    Primitive.string_ascii_only
  end

  def b
    __dup.__force_encoding(1)
  end

  def encode(to = nil, from = nil, **options)
    xml = options[:xml]
    newline = options[:newline]
    universal_newline = options[:universal_newline] || newline == :universal
    crlf_newline = options[:crlf_newline] || newline == :crlf
    cr_newline = options[:cr_newline] || newline == :cr
    target = to ? Encoding.__coerce(to) : (Encoding.default_internal || encoding)
    source = from ? Encoding.__coerce(from) : encoding
    made = Encoding::Converter.__convert(self, source, target, options)
    if xml
      made = made.gsub("&", "&amp;").gsub("<", "&lt;").gsub(">", "&gt;")
      made = "\"" + made.gsub("\"", "&quot;") + "\"" if xml == :attr
    end
    made = made.gsub(/\r\n?/, "\n") if universal_newline
    made = made.gsub("\n", "\r\n") if crlf_newline
    made = made.gsub("\n", "\r") if cr_newline
    made
  end

  def encode!(*args, **options)
    __check_frozen
    replace(encode(*args, **options))
  end

  def unicode_normalize(form = :nfc)
    return __dup if ascii_only?
    UnicodeNormalize.normalize(self, form)
  end

  def unicode_normalize!(form = :nfc)
    replace(unicode_normalize(form))
  end

  def unicode_normalized?(form = :nfc)
    unicode_normalize(form) == self
  end

  def scrub(replacement = nil)
    return __dup if valid_encoding?
    replacement = nil.equal?(replacement) ? nil : __str(replacement)
    made = "".dup.force_encoding(encoding)
    bad = nil
    each_char do |c|
      if c.valid_encoding?
        made << Encoding.__scrubbed(bad, replacement, encoding, block_given? ? proc { |x| yield x } : nil) if bad
        bad = nil
        made << c
      else
        # A truncated sequence is one error, stray bytes are one error each.
        if bad && !Encoding.__continues?(bad, c)
          made << Encoding.__scrubbed(bad, replacement, encoding, block_given? ? proc { |x| yield x } : nil)
          bad = nil
        end
        bad = bad ? bad.b << c.b : c.b
      end
    end
    made << Encoding.__scrubbed(bad, replacement, encoding, block_given? ? proc { |x| yield x } : nil) if bad
    made
  end

  def scrub!(replacement = nil, &block)
    replace(scrub(replacement, &block))
  end

  # --- comparing

  def ==(other)
    Primitive.string_eq
    return false if String === other
    other.respond_to?(:to_str) && other == self ? true : false
  end

  def ===(other)
    Primitive.string_eq
    self == other
  end

  def eql?(other)
    Primitive.string_eq
    false
  end

  def hash
    Primitive.string_hash
  end

  def <=>(other)
    Primitive.string_compare
    return nil if String === other
    return nil unless other.respond_to?(:to_str) && other.respond_to?(:<=>)
    c = other <=> self
    c && -c
  end

  def casecmp(other)
    other = __check_str(other)
    return nil unless other
    __tr("A-Z", "a-z", 0).__compare_bytes(other.__tr("A-Z", "a-z", 0))
  end

  def casecmp?(other)
    other = __check_str(other)
    return nil unless other
    downcase(:fold) == other.downcase(:fold)
  end

  # --- substrings

  # The text of a template with the common directives, nil when it takes more than those.
  def __format(args)
    Primitive.string_format
    nil
  end

  def __sub(from, count)
    size = self.size
    from += size if from < 0
    return nil if from < 0 || from > size || count < 0
    count = size - from if count > size - from
    __slice(from, count)
  end

  def [](index, count = Primitive.undefined)
    Primitive.string_aref
    if Primitive.undefined?(count)
      if Integer === index
        size = self.size
        index += size if index < 0
        return index < 0 || index >= size ? nil : __slice(index, 1)
      end
      if Range === index
        bounds = index.__bounds(self.size)
        return bounds && __slice(bounds.__at(0), bounds.__at(1))
      end
      if String === index
        return __byteindex(index, 0) ? index.__dup : nil
      end
      if Regexp === index
        match = index.__match(self, 0)
        __set_caller_match(match)
        return match && match[0]
      end
      return self[__long(index)]
    end
    if Regexp === index
      match = index.__match(self, 0)
      __set_caller_match(match)
      return match && match[count]
    end
    __sub(__long(index), __long(count))
  end

  alias slice []

  # [from, count] in characters that index and count denote, or nil.
  def __locate(index, count)
    if Primitive.undefined?(count)
      if Integer === index
        size = self.size
        index += size if index < 0
        return index < 0 || index >= size ? nil : [index, 1]
      end
      return index.__bounds(self.size) if Range === index
      if String === index
        at = __index(index, 0)
        return at && [at, index.size]
      end
      if Regexp === index
        match = index.__match(self, 0)
        return match && [match.begin(0), match.end(0) - match.begin(0)]
      end
      return __locate(__long(index), count)
    end
    if Regexp === index
      match = index.__match(self, 0)
      return nil unless match
      count = match.__group(count)
      raise IndexError, "index #{count} out of regexp" if count >= match.size || count < -match.size
      return nil unless match.begin(count)
      return [match.begin(count), match.end(count) - match.begin(count)]
    end
    from = __long(index)
    count = __long(count)
    size = self.size
    from += size if from < 0
    return nil if from < 0 || from > size || count < 0
    [from, count > size - from ? size - from : count]
  end

  def []=(index, count, text = Primitive.undefined)
    __check_frozen
    if Primitive.undefined?(text)
      text = count
      count = Primitive.undefined
    end
    text = __str(text)
    place = __locate(index, count)
    if !place && Integer === index && index == size && Primitive.undefined?(count)
      place = [index, 0]
    end
    unless place
      raise IndexError, "string not matched" if String === index
      raise IndexError, "regexp not matched" if Regexp === index
      raise RangeError, "#{index} out of range" if Range === index
      raise IndexError, "negative length #{count}" if !Primitive.undefined?(count) && __long(count) < 0
      raise IndexError, "index #{index} out of string"
    end
    __replace_range(place[0], place[1], text)
    text
  end

  def slice!(index, count = Primitive.undefined)
    __check_frozen
    if Regexp === index
      __set_caller_match(index.__match(self, 0))
    end
    place = __locate(index, count)
    return nil unless place
    cut = __slice(place[0], place[1])
    __replace_range(place[0], place[1], "")
    cut
  end

  def byteslice(index, count = Primitive.undefined)
    size = bytesize
    if Primitive.undefined?(count)
      if Range === index
        bounds = index.__bounds(self.size)
        return bounds && __byteslice(bounds[0], bounds[1])
      end
      index = __long(index)
      index += size if index < 0
      return index < 0 || index >= size ? nil : __byteslice(index, 1)
    end
    index = __long(index)
    count = __long(count)
    index += size if index < 0
    return nil if index < 0 || index > size || count < 0
    count = size - index if count > size - index
    __byteslice(index, count)
  end

  def bytesplice(index, count, text = Primitive.undefined, text_index = Primitive.undefined, text_count = nil)
    __check_frozen
    if Range === index
      text_index = text
      text = count
      bounds = index.__bounds!(bytesize)
      index = bounds[0]
      count = bounds[1]
    end
    unless Primitive.undefined?(text_index)
      text = Range === text_index ? text.byteslice(text_index) : text.byteslice(text_index, text_count)
    end
    raise IndexError, "index #{index} out of string" if index > bytesize || index < -bytesize
    index += bytesize if index < 0
    count = bytesize - index if count > bytesize - index
    __replace(__byteslice(0, index) << text << __byteslice(index + count, bytesize - index - count))
    self
  end

  def getbyte(index)
    __byte_at(__long(index))
  end

  def setbyte(index, byte)
    __check_frozen
    index = __long(index)
    size = bytesize
    raise IndexError, "index #{index} out of string" if index >= size || index < -size
    __byte_at_put(index < 0 ? index + size : index, __long(byte) & 255)
    byte
  end

  def chr
    self[0] || ""
  end

  def ord
    Primitive.string_ord
    raise ArgumentError, "empty string" if empty?
    raise ArgumentError, "invalid byte sequence in #{encoding}"
  end

  def chars(&block)
    list = __chars
    block ? (list.each(&block); self) : list
  end

  def __chars
    Primitive.string_chars
  end

  def __bytes
    Primitive.string_bytes
  end

  def __codepoints
    Primitive.string_codepoints
    raise ArgumentError, "invalid byte sequence in #{encoding}"
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

  # --- building

  def +(other)
    Primitive.string_concat
    other = __str(other)
    __dup.__append(other)
  end

  def *(count)
    count = __long(count)
    raise ArgumentError, "argument must be non-negative" if count < 0
    raise ArgumentError, "argument too big" if count * bytesize > 0x7fff_ffff_ffff
    __repeat(count)
  end

  def __repeat(count)
    Primitive.string_repeat
    raise NoMemoryError, "failed to allocate memory"
  end

  def %(values)
    list = Hash === values ? [values] : (__check_ary(values) || [values])
    Maglev::Format.format(self, list)
  end

  def <<(text)
    Primitive.string_append
    __check_frozen
    if Integer === text
      raise RangeError, "#{text} out of char range" if text < 0
      return __append(text.chr(encoding))
    end
    __append(__str(text))
  end

  def concat(*texts)
    __check_frozen
    texts = texts.map { |t| t.equal?(self) ? __dup : t }
    texts.each { |t| self << t }
    self
  end

  def append_as_bytes(*parts)
    __check_frozen
    index = __encoding_index
    made = b
    parts.each { |part| made << (Integer === part ? String.__from_byte(part & 255).b : part.b) }
    __replace(made)
    __force_encoding(index)
  end

  def prepend(*texts)
    __check_frozen
    __replace_range(0, 0, texts.map { |t| __str(t) }.join)
    self
  end

  def insert(index, text)
    __check_frozen
    index = __long(index)
    text = __str(text)
    size = self.size
    raise IndexError, "index #{index} out of string" if index > size || index < -size - 1
    index += size + 1 if index < 0
    __replace_range(index, 0, text)
    self
  end

  def replace(text)
    __check_frozen
    __replace(__str(text))
    self
  end

  def clear
    __check_frozen
    __replace("".dup.__force_encoding(__encoding_index))
    self
  end

  def +@
    frozen? ? dup : self
  end

  def -@
    return self if frozen?
    dup.freeze
  end

  alias dedup -@

  def freeze
    Primitive.freeze
    self
  end

  def dup
    instance_of?(String) ? __dup : super
  end

  def itself
    self
  end

  # --- case and padding

  def upcase(*options)
    Primitive.string_upcase
    __dup
  end

  def downcase(*options)
    Primitive.string_downcase
    __dup
  end

  def capitalize(*options)
    Primitive.string_capitalize
    __dup
  end

  def swapcase(*options)
    Primitive.string_swapcase
    __dup
  end

  def upcase!(*options)
    __become(upcase(*options))
  end

  def downcase!(*options)
    __become(downcase(*options))
  end

  def capitalize!(*options)
    __become(capitalize(*options))
  end

  def swapcase!(*options)
    __become(swapcase(*options))
  end

  # Takes the content of made and answers self, or nil when that changes nothing.
  def __become(made)
    __check_frozen
    return nil if __equal(made)
    __replace(made)
    self
  end

  def ljust(width, pad = " ")
    width = __long(width)
    pad = __str(pad)
    raise ArgumentError, "zero width padding" if pad.empty?
    missing = width - size
    return __dup if missing <= 0
    __dup << String.__padding(pad, missing)
  end

  def rjust(width, pad = " ")
    width = __long(width)
    pad = __str(pad)
    raise ArgumentError, "zero width padding" if pad.empty?
    missing = width - size
    return __dup if missing <= 0
    String.__padding(pad, missing) << self
  end

  def center(width, pad = " ")
    width = __long(width)
    pad = __str(pad)
    raise ArgumentError, "zero width padding" if pad.empty?
    missing = width - size
    return __dup if missing <= 0
    left = missing / 2
    String.__padding(pad, left) << self << String.__padding(pad, missing - left)
  end

  def self.__padding(pad, count)
    return pad * count if pad.size == 1
    (pad * (count / pad.size + 1)).__slice(0, count)
  end

  def strip
    Primitive.string_strip
  end

  def lstrip
    Primitive.string_lstrip
  end

  def rstrip
    Primitive.string_rstrip
    raise ArgumentError, "invalid byte sequence in #{encoding}"
  end

  def strip!
    __become(strip)
  end

  def lstrip!
    __become(lstrip)
  end

  def rstrip!
    __become(rstrip)
  end

  def chomp(ending = $/)
    return __dup if nil.equal?(ending)
    ending = __str(ending)
    size = bytesize
    return __dup if size == 0
    if ending.empty?
      while size > 0 && __byte_at(size - 1) == 10
        size -= 1
        size -= 1 if size > 0 && __byte_at(size - 1) == 13
      end
      return __byteslice(0, size)
    end
    if ending == "\n"
      last = __byte_at(size - 1)
      if last == 10
        size -= 1
        size -= 1 if size > 0 && __byte_at(size - 1) == 13
      elsif last == 13
        size -= 1
      end
      return __byteslice(0, size)
    end
    end_with?(ending) ? __byteslice(0, size - ending.bytesize) : __dup
  end

  def chomp!(ending = $/)
    __become(chomp(ending))
  end

  def chop
    count = size
    return __dup if count == 0
    return __slice(0, count - 2) if count > 1 && __byte_at(-1) == 10 && __byte_at(-2) == 13
    __slice(0, count - 1)
  end

  def chop!
    __become(chop)
  end

  def reverse
    Primitive.string_reverse
  end

  def reverse!
    __check_frozen
    __replace(reverse)
    self
  end

  def delete_prefix(prefix)
    prefix = __str(prefix)
    start_with?(prefix) ? __byteslice(prefix.bytesize, bytesize - prefix.bytesize) : __dup
  end

  def delete_prefix!(prefix)
    __become(delete_prefix(prefix))
  end

  def delete_suffix(suffix)
    suffix = __str(suffix)
    end_with?(suffix) ? __byteslice(0, bytesize - suffix.bytesize) : __dup
  end

  def delete_suffix!(suffix)
    __become(delete_suffix(suffix))
  end

  def succ
    Primitive.string_succ
  end

  alias next succ

  def succ!
    __check_frozen
    __replace(succ)
    self
  end

  alias next! succ!

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

  def between?(low, high)
    self >= low && self <= high
  end

  # --- searching

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

  def __starts_with(prefix)
    Primitive.string_starts_with
    false
  end

  def __ends_with(suffix)
    Primitive.string_ends_with
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
      stop = match.__byte_end(0)
      at = stop > match.__byte_begin(0) ? stop : stop + __char_bytes(stop)
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

  # Length in bytes of the character at a byte position: at least 1.
  def __char_bytes(position)
    Primitive.string_char_bytes
    1
  end

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

  # --- replacing

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

  def tr(from, to)
    __tr(__str(from), __str(to), 0)
  end

  def tr!(from, to)
    __become(tr(from, to))
  end

  def tr_s(from, to)
    __tr(__str(from), __str(to), 1)
  end

  def tr_s!(from, to)
    __become(tr_s(from, to))
  end

  def count(*sets)
    raise ArgumentError, "wrong number of arguments (given 0, expected 1+)" if sets.empty?
    return __count(__str(sets[0])) if sets.size == 1
    sets = sets.map { |s| __str(s) }
    __chars.count { |c| sets.all? { |s| c.__count(s) == 1 } }
  end

  def delete(*sets)
    raise ArgumentError, "wrong number of arguments (given 0, expected 1+)" if sets.empty?
    return __delete(__str(sets[0])) if sets.size == 1
    sets = sets.map { |s| __str(s) }
    __chars.reject { |c| sets.all? { |s| c.__count(s) == 1 } }.join
  end

  def delete!(*sets)
    __become(delete(*sets))
  end

  def squeeze(*sets)
    return __squeeze(nil) if sets.empty?
    return __squeeze(__str(sets[0])) if sets.size == 1
    sets = sets.map { |s| __str(s) }
    made = "".dup.force_encoding(encoding)
    before = nil
    __chars.each do |c|
      made << c unless c == before && sets.all? { |s| c.__count(s) == 1 }
      before = c
    end
    made
  end

  def squeeze!(*sets)
    __become(squeeze(*sets))
  end

  # --- converting

  def to_s
    instance_of?(String) ? self : __dup
  end

  alias to_str to_s

  def to_sym
    Primitive.string_to_symbol
    raise EncodingError, "invalid symbol in encoding #{encoding} :#{inspect}"
  end

  alias intern to_sym

  def to_i(radix = 10)
    radix = __long(radix)
    raise ArgumentError, "invalid radix #{radix}" if radix < 0 || radix == 1 || radix > 36
    __to_integer(radix, false) || 0
  end

  def hex
    __to_integer(16, false) || 0
  end

  # Octal unless a prefix says otherwise.
  def oct
    text = lstrip
    sign = text.start_with?("-") ? "-" : ""
    digits = text.delete_prefix("-").delete_prefix("+")
    if digits.match?(/\A0[xXbBdD]/)
      radix = { "x" => 16, "b" => 2, "d" => 10 }[digits[1].downcase]
      return (sign + digits).to_i(radix)
    end
    (sign + digits).to_i(8)
  end

  def to_f
    __to_float(false) || 0.0
  end

  def to_r
    Rational.__parse(self, false)
  end

  def to_c
    Complex.__parse(self, false)
  end

  def inspect
    Primitive.string_inspect
  end

  def dump
    made = +"\""
    if !ascii_only? && encoding.__unicode? && valid_encoding?
      __chars.each do |c|
        if c.ascii_only?
          made << c.__dump_ascii
        else
          code = c.ord
          made << (code < 0x10000 ? "\\u" + code.to_s(16).upcase.rjust(4, "0") : "\\u{" + code.to_s(16).upcase + "}")
        end
      end
    else
      __bytes.each { |byte| made << (byte < 128 ? String.__from_byte(byte).__dump_ascii : "\\x" + byte.to_s(16).upcase) }
      made = made.gsub(/(#)(?=[{$@])/) { "\\#" }
    end
    made << "\""
  end

  def __dump_ascii
    code = ord
    case code
    when 34 then "\\\""
    when 92 then "\\\\"
    when 10 then "\\n"
    when 13 then "\\r"
    when 9 then "\\t"
    when 12 then "\\f"
    when 11 then "\\v"
    when 8 then "\\b"
    when 7 then "\\a"
    when 27 then "\\e"
    else code < 32 || code == 127 ? "\\x" + code.to_s(16).upcase.rjust(2, "0") : self
    end
  end

  def undump
    text = self
    unless text.start_with?("\"") && text.end_with?("\"") && text.size >= 2
      raise RuntimeError, "invalid dumped string; not wrapped with '\"' nor '\"...\".force_encoding(\"...\")' form"
    end
    plain = { "n" => "\n", "r" => "\r", "t" => "\t", "f" => "\f", "v" => "\v", "b" => "\b", "a" => "\a", "e" => "\e" }
    text[1..-2].gsub(/\\(?:u\{(\h+)\}|u(\h{4})|x(\h{1,2})|([0-7]{1,3})|(.))/m) do
      if $1 || $2
        String.__from_codepoint(($1 || $2).to_i(16))
      elsif $3
        $3.to_i(16).chr
      elsif $4
        $4.to_i(8).chr
      else
        plain[$5] || $5
      end
    end
  end

  def unpack(format, offset: 0)
    text = offset == 0 ? self : __offset_bytes(offset)
    text.__unpack(__str(format))
  end

  def unpack1(format, offset: 0)
    unpack(format, offset: offset).first
  end

  def __offset_bytes(offset)
    raise ArgumentError, "offset can't be negative" if offset < 0
    raise ArgumentError, "offset outside of string" if offset > bytesize
    __byteslice(offset, bytesize - offset)
  end

  def __unpack(format)
    Primitive.string_unpack
    Maglev::Pack.unpack(self, format)
  end

  def sum(bits = 16)
    total = 0
    __bytes.each { |byte| total += byte }
    bits > 0 ? total & ((1 << bits) - 1) : total
  end

  def crypt(salt)
    raise NotImplementedError, "crypt() function is unimplemented on this machine"
  end

  include Comparable
end
