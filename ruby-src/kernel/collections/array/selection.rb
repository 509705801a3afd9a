# Array: elements and positions by a test: select, partition, find, index, grep.

class Array
  def select
    return to_enum(:select) { __size } unless block_given?
    made = []
    i = 0
    while i < __size
      item = __at(i)
      made << item if yield(item)
      i += 1
    end
    made
  end

  alias filter select

  def find_all(&block)
    return to_enum(:find_all) { __size } unless block
    select(&block)
  end

  def reject
    return to_enum(:reject) { __size } unless block_given?
    made = []
    i = 0
    while i < __size
      item = __at(i)
      made << item unless yield(item)
      i += 1
    end
    made
  end

  def select!(&block)
    return to_enum(:select!) { __size } unless block
    __retain(true, &block)
  end

  alias filter! select!

  def keep_if(&block)
    return to_enum(:keep_if) { __size } unless block
    __retain(true, &block)
    self
  end

  def reject!(&block)
    return to_enum(:reject!) { __size } unless block
    __retain(false, &block)
  end

  def delete_if(&block)
    return to_enum(:delete_if) { __size } unless block
    __retain(false, &block)
    self
  end

  # Keeps the elements for which the block says `wanted`, and those that it was not asked about when it ends early.
  # Answers nil when all stay.
  def __retain(wanted)
    __check_frozen
    unwanted = !wanted
    before = __size
    kept = 0
    i = 0
    begin
      while i < __size
        item = __at(i)
        if yield(item) ? wanted : unwanted
          __set(kept, item)
          kept += 1
        end
        i += 1
      end
    ensure
      __splice(kept, i - kept, []) if i > kept
    end
    __size == before ? nil : self
  end

  def partition
    return to_enum(:partition) { __size } unless block_given?
    yes = []
    no = []
    i = 0
    while i < __size
      item = __at(i)
      (yield(item) ? yes : no) << item
      i += 1
    end
    [yes, no]
  end

  def group_by
    return to_enum(:group_by) { __size } unless block_given?
    groups = {}
    i = 0
    while i < __size
      item = __at(i)
      key = yield item
      list = groups[key]
      list ? list << item : groups[key] = [item]
      i += 1
    end
    groups
  end

  def find(if_none = nil)
    return to_enum(:find, if_none) unless block_given?
    i = 0
    while i < __size
      item = __at(i)
      return item if yield(item)
      i += 1
    end
    nil.equal?(if_none) ? nil : if_none.call
  end

  alias detect find

  def index(value = Primitive.undefined)
    if !Primitive.undefined?(value)
      warn("given block not used", uplevel: 1) if block_given?
    else
      return to_enum(:index) unless block_given?
      i = 0
      while i < __size
        return i if yield(__at(i))
        i += 1
      end
      return nil
    end
    i = 0
    while i < __size
      return i if __at(i) == value
      i += 1
    end
    nil
  end

  alias find_index index

  def rindex(value = Primitive.undefined)
    i = __size - 1
    if !Primitive.undefined?(value)
      warn("given block not used", uplevel: 1) if block_given?
    else
      return to_enum(:rindex) unless block_given?
      while i >= 0
        return i if yield(__at(i))
        i -= 1
        i = __size - 1 if i >= __size
      end
      return nil
    end
    while i >= 0
      return i if __at(i) == value
      i -= 1
      i = __size - 1 if i >= __size
    end
    nil
  end

  def rfind(if_none = nil)
    return to_enum(:rfind, if_none) unless block_given?
    reverse_each { |item| return item if yield(item) }
    nil.equal?(if_none) ? nil : if_none.call
  end

  def include?(value)
    i = 0
    while i < __size
      item = __at(i)
      return true if item.equal?(value) || item == value
      i += 1
    end
    false
  end

  alias member? include?

  def grep(pattern)
    made = []
    i = 0
    while i < __size
      item = __at(i)
      if Regexp === pattern
        match = String === item || Symbol === item ? pattern.__match_from(item, 0) : nil
        hit = match
        __set_caller_match(match) if match
      else
        hit = pattern === item
      end
      made << (block_given? ? yield(item) : item) if hit
      i += 1
    end
    made
  end

  private :__retain
end
