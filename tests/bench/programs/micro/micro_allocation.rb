# Small objects, made in a loop that drops them.
require_relative "micro"

class Pair
  def initialize(one, other)
    @one = one
    @other = other
  end
end

class Bare
end

micro("empty loop", 500_000) { |n| i = 0; i += 1 while i < n }
micro("object", 500_000) { |n| i = 0; (Bare.new; i += 1) while i < n }
micro("object of two variables", 500_000) { |n| i = 0; (Pair.new(i, i); i += 1) while i < n }
micro("array of two", 500_000) { |n| i = 0; (x = [i, n]; i += 1) while i < n }
micro("string literal", 500_000) { |n| i = 0; (x = +"text"; i += 1) while i < n }
micro("block object", 500_000) { |n| i = 0; (x = proc { i }; i += 1) while i < n }
micro("float sum", 300_000) { |n| i = 0; f = 0.5; (f += 1.25; i += 1) while i < n }
