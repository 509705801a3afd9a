# Instance variables, from inside and through accessors.
require_relative "micro"

class Place
  attr_accessor :x, :y

  def initialize
    @x = 1
    @y = 2
  end

  def count(n)
    i = 0
    while i < n
      @x = @x + 1
      i += 1
    end
  end
end

place = Place.new
micro("attribute read", 500_000) { |n| i = 0; (place.x; i += 1) while i < n }
micro("attribute write", 500_000) { |n| i = 0; (place.y = i; i += 1) while i < n }
micro("variable read and write", 500_000) { |n| place.count(n) }
