$g = :gv
def m(x)
  case x
  in 0 | 1 then :small
  in Integer => n if n > 100 then [:big, n]
  in Integer | nil => n unless n == 7 then [:int, n]
  in [] then :empty
  in [Integer => a] then [:one, a]
  in [a, [b, *c], *d, :end] then [a, b, c, d]
  in [*, :needle, x, *post] then [:found, x, post]
  in [*pre, 5, 6] then [:pre, pre]
  in {name: String => name, age: Integer => age} then [name, age]
  in {k: {deep: [_, v]}, **rest} then [v, rest]
  in {only:, **nil} then [:only, only]
  in {} then :empty_hash
  in "str" then :str
  in ^$g then :global
  in :a | :b | :c => s then [:alt, s]
  else :else
  end
end
[0, 1, 101, 50, nil, 7, [], [3], [1, [2, 3, 4], 5, 6, :end], [1, 2, :needle, 3, 4], [:z, 5, 6],
 {name: "N", age: 3}, {k: {deep: [1, 2]}, z: 1}, {only: 1}, {only: 1, more: 2}, {}, "str", :gv, :b, 1..2, [nil, 1, 2]].each { |x| p m(x) }
p(({a: 1} in {a: Integer}), (5 in String), (5 in 1..9))
{a: 1, b: [2, 3]} => {a:, b: [x, y]}
p [a, x, y]
5 => five
p five
z = 3
p((3 in ^z), (4 in ^(z + 1)), ([3, 3] in [w, ^w]))
def err; yield; rescue => e; e.class; end
p err { 5 => String }, err { {a: 1} => {b:} }, err { case 5; in 6; end }, err { [1, 2] => [q] }, err { case 5; in Integer if false; end }
p err { {a: 1} => {a: String} }, err { [1] => [*, 2, *] }, err { {a: 1, b: 2} => {a: 1, **nil} }
class Point
  def initialize(x, y) = (@x, @y = x, y)
  def deconstruct = (p :deconstruct; [@x, @y])
  def deconstruct_keys(keys) = (p keys; {x: @x, y: @y})
end
case Point.new(1, 2)
in [0, _] then p :no
in [1, 3] then p :no
in Point(a, 2) then p a
end
case Point.new(1, 2)
in {x: 0} then p :no
in Point(x:, y:) then p [x, y]
end
case Point.new(1, 2)
in {x:, **r} then p x, r
end
r = case [1, [2, [3]]]
    in [Integer, [Integer, [Integer => deep]]] then deep
    end
p r
r = case {a: nil}
    in {a: nil} then 1
    end
p r
r = case [1, 2, 3, 4]
    in [first, *, last] then [first, last]
    end
p r
if {s: [1, {t: 2}]} in {s: [_, {t:}]}
  p t
end
in_res = (1 in Integer) && (2 in String)
p in_res
arr = [1, 2]
arr in [h, *tl]
p h, tl
f = lambda do |v|
  case v
  in {n: 0..9 => d} then d
  in {n:} then [n]
  end
end
p f.({n: 3}), f.({n: 30})
