# Strings of some words.
require_relative "micro"

text = "the quick brown fox jumps over the lazy dog"
same = text.dup
micro("string character", 300_000) { |n| i = 0; (text[i & 31]; i += 1) while i < n }
micro("string compare", 300_000) { |n| i = 0; (text == same; i += 1) while i < n }
micro("string append", 300_000) { |n| i = 0; s = +""; (s << "word"; i += 1) while i < n }
micro("string concatenate", 500_000) { |n| i = 0; (text + same; i += 1) while i < n }
micro("string interpolate", 300_000) { |n| i = 0; ("a #{i} b"; i += 1) while i < n }
micro("string search", 500_000) { |n| i = 0; (text.index("lazy"); i += 1) while i < n }
micro("string slice", 500_000) { |n| i = 0; (text[4, 11]; i += 1) while i < n }
micro("string upcase", 300_000) { |n| i = 0; (text.upcase; i += 1) while i < n }
micro("string split", 50_000) { |n| i = 0; (text.split(" "); i += 1) while i < n }
micro("string to symbol", 500_000) { |n| i = 0; (text.to_sym; i += 1) while i < n }
micro("string hash", 500_000) { |n| i = 0; (text.hash; i += 1) while i < n }
