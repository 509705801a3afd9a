# Hashes: integer, string and symbol keys; stored, found, iterated, deleted.
require_relative "measure"

measure do
  total = 0
  10.times do |round|
    numbers = {}
    20_000.times { |i| numbers[i * 3] = i }
    20_000.times { |i| total += numbers[i] || 0 }
    names = {}
    5_000.times { |i| names["key#{i}"] = i + round }
    5_000.times { |i| total += names["key#{i * 2}"] || 1 }
    names.each { |key, value| total += value if key.size == 5 }
    counts = Hash.new(0)
    30_000.times { |i| counts[i % 97] += 1 }
    total += counts.size + counts[5]
    options = { one: 1, two: 2, three: 3 }
    20_000.times { total += options[:one] + options[:three] }
    5_000.times { |i| names.delete("key#{i}") if i.odd? }
    total += names.size
  end
  total
end
