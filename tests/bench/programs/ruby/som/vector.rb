# frozen_string_literal: true

# A growing list over arrays that do not grow, so that every language copies at the same moments.
class SomVector
  FIRST_CAPACITY = 10

  def self.with(element)
    new(1).append(element)
  end

  def initialize(capacity = 0)
    @storage = capacity == 0 ? nil : Array.new(capacity)
    @first = 0
    @last = 0
  end

  # nil outside.
  def at(index)
    return nil if @storage.nil? || index >= @storage.size

    @storage[index]
  end

  def at_put(index, value)
    if @storage.nil?
      @storage = Array.new([index + 1, FIRST_CAPACITY].max)
    elsif index >= @storage.size
      capacity = @storage.size
      capacity *= 2 while capacity <= index
      grow(capacity)
    end
    @storage[index] = value
    @last = index + 1 if @last < index + 1
  end

  def append(element)
    if @storage.nil?
      @storage = Array.new(FIRST_CAPACITY)
    elsif @last >= @storage.size
      grow(2 * @storage.size)
    end
    @storage[@last] = element
    @last += 1
    self
  end

  def empty?
    @last == @first
  end

  def size
    @last - @first
  end

  def capacity
    @storage.nil? ? 0 : @storage.size
  end

  def each
    (@first..(@last - 1)).each { |i| yield @storage[i] }
  end

  def has_some
    (@first..(@last - 1)).each do |i|
      return true if yield @storage[i]
    end
    false
  end

  # The first element that the block accepts, or nil.
  def get_one
    (@first..(@last - 1)).each do |i|
      element = @storage[i]
      return element if yield element
    end
    nil
  end

  def remove_first
    return nil if empty?

    @first += 1
    @storage[@first - 1]
  end

  # Answers whether it was there.
  def remove(object)
    return false if @storage.nil? || empty?

    kept = Array.new(capacity)
    last = 0
    found = false
    each do |element|
      if element.equal?(object)
        found = true
      else
        kept[last] = element
        last += 1
      end
    end
    @storage = kept
    @first = 0
    @last = last
    found
  end

  def remove_all
    @first = 0
    @last = 0
    @storage = Array.new(@storage.size) if @storage
  end

  # The block answers whether its first argument stands before its second.
  def sort(&before)
    sort_range(@first, @last - 1, &before) if size > 0
  end

  private

  def grow(capacity)
    old = @storage
    @storage = Array.new(capacity)
    old.each_index { |i| @storage[i] = old[i] }
  end

  # Quicksort around the median of the ends and the middle.
  def sort_range(i, j, &before)
    count = j + 1 - i
    return self if count <= 1

    swap(i, j) unless yield @storage[i], @storage[j]
    return self if count == 2

    middle = (i + j) / 2
    if yield @storage[i], @storage[middle]
      swap(j, middle) unless yield @storage[middle], @storage[j]
    else
      swap(i, middle)
    end
    return self if count == 3

    pivot = @storage[middle]
    left = i
    right = j - 1
    loop do
      right -= 1 while left <= right && (yield pivot, @storage[right])
      left += 1
      left += 1 while left <= right && (yield @storage[left], pivot)
      break unless left <= right

      swap(left, right)
    end
    sort_range(i, right, &before)
    sort_range(left, j, &before)
  end

  def swap(i, j)
    element = @storage[i]
    @storage[i] = @storage[j]
    @storage[j] = element
  end
end
