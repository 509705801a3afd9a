# frozen_string_literal: true

# Hash tables with chained entries and a number of buckets that is a power of two. Keys answer `custom_hash`.
require_relative "vector"

class SomEntry
  attr_reader :hash, :key
  attr_accessor :value, :next

  def initialize(hash, key, value, following)
    @hash = hash
    @key = key
    @value = value
    @next = following
  end

  def match(hash, key)
    @hash == hash && @key == key
  end
end

class SomIdentityEntry < SomEntry
  def match(hash, key)
    @hash == hash && @key.equal?(key)
  end
end

class SomDictionary
  FIRST_CAPACITY = 16

  attr_reader :size

  def initialize(capacity = FIRST_CAPACITY)
    @buckets = Array.new(capacity)
    @size = 0
  end

  def hash_of(key)
    return 0 unless key

    hash = key.custom_hash
    hash ^ (hash >> 16)
  end

  def empty?
    @size == 0
  end

  def at(key)
    hash = hash_of(key)
    entry = bucket(hash)
    while entry
      return entry.value if entry.match(hash, key)

      entry = entry.next
    end
    nil
  end

  def contains_key(key)
    hash = hash_of(key)
    entry = bucket(hash)
    while entry
      return true if entry.match(hash, key)

      entry = entry.next
    end
    false
  end

  def at_put(key, value)
    hash = hash_of(key)
    index = bucket_index(hash)
    head = @buckets[index]
    if head
      put_in_chain(head, hash, key, value)
    else
      @buckets[index] = new_entry(hash, key, value)
      @size += 1
    end
    double if @size > @buckets.size
  end

  def remove_all
    @buckets = Array.new(@buckets.size)
    @size = 0
  end

  def keys
    keys = SomVector.new(@size)
    each_entry { |entry| keys.append(entry.key) }
    keys
  end

  def values
    values = SomVector.new(@size)
    each_entry { |entry| values.append(entry.value) }
    values
  end

  def new_entry(hash, key, value)
    SomEntry.new(hash, key, value, nil)
  end

  private

  def bucket_index(hash)
    (@buckets.size - 1) & hash
  end

  def bucket(hash)
    @buckets[bucket_index(hash)]
  end

  def each_entry
    @buckets.each_index do |i|
      entry = @buckets[i]
      while entry
        yield entry
        entry = entry.next
      end
    end
  end

  def put_in_chain(head, hash, key, value)
    entry = head
    loop do
      if entry.match(hash, key)
        entry.value = value
        return
      end
      unless entry.next
        @size += 1
        entry.next = new_entry(hash, key, value)
        return
      end
      entry = entry.next
    end
  end

  def double
    old = @buckets
    @buckets = Array.new(old.size * 2)
    old.each_with_index do |head, i|
      next unless head

      old[i] = nil
      if head.next
        split(old.size, i, head)
      else
        @buckets[bucket_index(head.hash)] = head
      end
    end
  end

  # One chain becomes two, which keep its order: one stays at its index, the other moves up by the old size.
  def split(old_size, index, head)
    low_head = low_tail = high_head = high_tail = nil
    entry = head
    while entry
      if (entry.hash & old_size) == 0
        low_tail ? low_tail.next = entry : low_head = entry
        low_tail = entry
      else
        high_tail ? high_tail.next = entry : high_head = entry
        high_tail = entry
      end
      entry = entry.next
    end
    if low_tail
      low_tail.next = nil
      @buckets[index] = low_head
    end
    return unless high_tail

    high_tail.next = nil
    @buckets[index + old_size] = high_head
  end
end

class SomIdentityDictionary < SomDictionary
  def new_entry(hash, key, value)
    SomIdentityEntry.new(hash, key, value, nil)
  end
end
