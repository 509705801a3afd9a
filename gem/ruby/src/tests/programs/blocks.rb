def y1; yield 1; end
def y2; yield 1, 2; end
def ya; yield [1, 2]; end
def yn; yield [1, [2, [3, 4]], 5]; end
y1 { |a| p a }
y1 { |a, b| p a, b }
y2 { |a| p a }
y2 { |a, | p a }
ya { |a, | p a }
ya { |a| p a }
ya { |a, b| p [a, b] }
ya { |*a| p a }
ya { |a, *b| p [a, b] }
ya { |a, b = 9, c = 8| p [a, b, c] }
yn { |a, (b, (c, *d)), e| p [a, b, c, d, e] }
ya { p _1 }
ya { p [_1, _2] }
y1 { |a; b| p [a, b] }
l = ->(a, b = a + 1, *c, d, k: 3, **o, &blk) { p [a, b, c, d, k, o] }
l.(1, 2)
l.call(1, 2, 3, 4, k: 5, z: 6)
l[1, 2, k: 0]
def counter
  n = 0
  [-> { n += 1 }, -> { n }]
end
inc, get = counter
inc.call; inc.call
p get.call
fs = []
[1, 2, 3].each { |x| y = x * 10; fs << -> { y += x } }
p fs.map { |f| f.call; f.call }
p [1, 2, 3].each { |x| break x * 100 if x == 2 }
p([1, 2, 3].map { |x| next 0 if x == 2; x })
p [1, 2, 3].map(&:to_s)
def pass(&b) = b
b = pass { |x| x + 1 }
p b.call(1)
def fwd(&) = [5, 6].map(&)
p fwd { |x| x * 2 }
def yy; yield yield(1); end
p yy { |x| x + 1 }
n = 0
r = [1, 2].each do |x|
  n += 1
  redo if n == 1
end
p n, r
def outer
  [1, 2].each { |x| [3, 4].each { |y| return [x, y] if y == 4 } }
end
p outer
p [[1, 2], [3, 4]].map { |a, b| a + b }
z = 1
[5].each { |z2| z = z2 }
p z
[5].each { |x; z| z = x }
p z
def kw; yield a: 1, b: 2; end
kw { |a:, b:, c: 3| p [a, b, c] }
kw { |h| p h }
add = proc { |a, b| [a, b] }
p add.call(1), add.call(1, 2, 3), add.call([4, 5])
compose = ->(f) { ->(g) { ->(x) { f.(g.(x)) } } }
p compose.(->(x) { x + 1 }).(->(x) { x * 2 }).(5)
p (1..4).map { |i| i * i }
i = 10
for i in 1..3 do end
p i
for a, (b, *c), d in [[1, [2, 3, 4], 5], [6, [7], 8]]
  p [a, b, c, d]
end
res = for q in [1, 2, 3]
  next if q == 1
  break q * 7 if q == 2
end
p res
fs = []
for v in [1, 2] do fs << -> { v } end
p fs.map(&:call)
def with_for
  for x in [1, 2, 3]
    return x if x == 2
  end
end
p with_for
def bg = block_given?
p bg, bg { }
p (lambda { |x| return x * 2 }).call(4)
lam = lambda do |x|
  [1].each { |k| return x + k }
  :never
end
p lam.call(1)
def m_default(a, b = [a].map { |q| q + 1 }, c = b) = [a, b, c]
p m_default(1)
END { p :at_exit }
2.times { END { p :once } }
BEGIN { p :begin }
