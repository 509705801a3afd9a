# Strings: appending, interpolation, searching, splitting, comparing.
require_relative "measure"

measure do
  total = 0
  80.times do |round|
    text = +""
    2_000.times { |i| text << "word#{i + round} " }
    total += text.size
    words = text.split(" ")
    words.each { |word| total += 1 if word.start_with?("word1") && word.end_with?("9") }
    total += words.map { |word| word.upcase }.uniq.size
    total += text.index("word1999").to_i
    joined = words.join(",")
    total += joined.count("7") + joined.sub("word", "x").size
    total += words.sort.first.size
    2_000.times { |i| total += 1 if words[i] == words[(i * 3) % words.size] }
  end
  total
end
