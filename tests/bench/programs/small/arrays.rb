# Arrays: growing, indexing, slicing, sorting.
require_relative "measure"

measure do
  sum = 0
  20.times do |round|
    list = []
    20_000.times { |i| list << (i * 7919 + round) % 10_007 }
    i = 0
    while i < list.size
      list[i] = list[i] + list[-1 - i]
      i += 1
    end
    sorted = list.sort
    sum += sorted[100] + sorted[-100] + list[5, 100].size + list.index(sorted[0])
    sum += list.select { |x| x.even? }.size
    list.pop until list.size < 10
    sum += list.reverse.first
  end
  sum
end
