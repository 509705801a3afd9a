# MatchData: one successful match.

class MatchData
  # Number of groups, group 0 included.
  def __size
    Primitive.match_size
  end

  # Text of a group by number, or nil.
  def __get(group)
    Primitive.match_get
    nil
  end

  # Character positions of a group, or nil.
  def __begin(group)
    Primitive.match_begin
    nil
  end

  def __end(group)
    Primitive.match_end
    nil
  end

  # Byte positions of a group, or nil.
  def __byte_begin(group)
    Primitive.match_byte_begin
    nil
  end

  def __byte_end(group)
    Primitive.match_byte_end
    nil
  end

  # What `$&` (0), `$1` …, `` $` `` (1001), `$'` (1002) and `$+` (1003) read.
  def __part(number)
    return __get(number) if number < 1001
    return pre_match if number == 1001
    return post_match if number == 1002
    i = __size - 1
    i -= 1 while i > 0 && !__byte_begin(i)
    i > 0 ? __get(i) : nil
  end

  def regexp
    __slot(1)
  end

  # The matched string, frozen.
  def string
    __slot(2)
  end

  def size
    __size
  end

  alias length size

  def names
    regexp.names
  end

  # The number of a group given by number or name.
  def __group(group)
    return group if Integer === group
    unless String === group || Symbol === group
      return __int(group)
    end
    name = group.to_s
    regexp.__names.each do |pair|
      next unless pair[0] == name
      numbers = pair[1]
      i = numbers.size - 1
      while i > 0
        return numbers[i] if __byte_begin(numbers[i])
        i -= 1
      end
      return numbers[0]
    end
    raise IndexError, "undefined group name reference: #{name}"
  end

  def [](group, count = Primitive.undefined)
    if Primitive.undefined?(count)
      if Integer === group
        group += __size if group < 0
        return group < 0 ? nil : __get(group)
      end
      return __get(__group(group)) if String === group || Symbol === group
      return to_a[group]
    end
    to_a[group, count]
  end

  def to_a
    made = []
    i = 0
    while i < __size
      made << __get(i)
      i += 1
    end
    made
  end

  def captures
    made = []
    i = 1
    while i < __size
      made << __get(i)
      i += 1
    end
    made
  end

  alias deconstruct captures

  def named_captures(symbolize_names: false)
    made = {}
    names.each { |name| made[symbolize_names ? name.to_sym : name] = __get(__group(name)) }
    made
  end

  def deconstruct_keys(keys)
    all = named_captures(symbolize_names: true)
    return all if nil.equal?(keys)
    raise TypeError, "wrong argument type #{keys.class} (expected Array or nil)" unless Array === keys
    all.slice(*keys)
  end

  def values_at(*groups)
    made = []
    groups.each do |group|
      Range === group ? made.concat(to_a.values_at(group)) : made << self[group]
    end
    made
  end

  def begin(group)
    __begin(__checked_group(group))
  end

  def end(group)
    __end(__checked_group(group))
  end

  def offset(group)
    group = __checked_group(group)
    [__begin(group), __end(group)]
  end

  def byteoffset(group)
    group = __checked_group(group)
    [__byte_begin(group), __byte_end(group)]
  end

  def bytebegin(group)
    __byte_begin(__checked_group(group))
  end

  def byteend(group)
    __byte_end(__checked_group(group))
  end

  def __checked_group(group)
    group = __group(group)
    raise IndexError, "index #{group} out of matches" if group < 0 || group >= __size
    group
  end

  def match(group)
    __get(__checked_group(group))
  end

  def match_length(group)
    text = match(group)
    text && text.size
  end

  def pre_match
    string.__byteslice(0, __byte_begin(0))
  end

  def post_match
    stop = __byte_end(0)
    string.__byteslice(stop, string.bytesize - stop)
  end

  def to_s
    __get(0)
  end

  def inspect
    text = "#<MatchData " + __get(0).inspect
    labels = {}
    regexp.__names.each { |pair| pair[1].each { |n| labels[n] = pair[0] } }
    i = 1
    while i < __size
      text << " " << (labels[i] || i.to_s) << ":" << __get(i).inspect
      i += 1
    end
    text << ">"
  end

  def ==(other)
    return true if equal?(other)
    MatchData === other && string == other.string && regexp == other.regexp && offset(0) == other.offset(0) && to_a == other.to_a
  end

  alias eql? ==

  def hash
    string.hash ^ regexp.hash ^ __byte_begin(0)
  end

  # Appends a replacement text with its \1, \0, \k<name> … filled in.
  def __expand(replacement, made)
    at = replacement.__byteindex("\\", 0)
    unless at
      return made << replacement
    end
    from = 0
    total = replacement.bytesize
    while at && at < total - 1
      made << replacement.__byteslice(from, at - from)
      c = replacement.__byte_at(at + 1)
      from = at + 2
      if c >= 48 && c <= 57
        text = __get(c - 48)
        made << text if text
      elsif c == 38
        made << __get(0)
      elsif c == 96
        made << pre_match
      elsif c == 39
        made << post_match
      elsif c == 92
        made << "\\"
      elsif c == 43
        i = __size - 1
        i -= 1 while i > 0 && !__byte_begin(i)
        made << __get(i) if i > 0
      elsif c == 107 && (stop = replacement.__byteindex(">", from)) && replacement.__byte_at(from) == 60
        name = replacement.__byteslice(from + 1, stop - from - 1)
        text = name.match?(/\A\d+\z/) ? __get(name.to_i) : __get(__group(name))
        made << text if text
        from = stop + 1
      else
        made << replacement.__byteslice(at, 2)
      end
      at = replacement.__byteindex("\\", from)
    end
    made << replacement.__byteslice(from, total - from)
  end

  class << self
    undef_method :new
  end

  def self.allocate
    raise TypeError, "allocator undefined for #{inspect}"
  end
end
