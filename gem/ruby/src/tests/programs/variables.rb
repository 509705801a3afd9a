# Captured variables, nested environments, eval.
def lv(a)
  b = 2
  f = -> { a += 1; g = -> { b += a }; g.call; [a, b] }
  [f.call, f.call, a, b]
end
p lv(1)
def nest
  x = 1
  [1, 2].each do |i|
    y = i
    [10].each do |j|
      z = j
      [100].each { |k| x += y + z + k }
    end
  end
  x
end
p nest
def ev(a)
  b = 2
  c = eval("a + b")
  eval("b = 10")
  [b, c, eval("[1].map { |q| q + a + b }")]
end
p ev(5)
def evb
  x = 1
  [2].map { |y| eval("z = 3; x + y + z") }
end
p evb
def ret_eval
  eval("return 5")
  6
end
p ret_eval
$glob = 1
def setg = $glob += 1
setg
p $glob
class A
  K = 1
  @civ = 5
  class << self
    def civ = @civ
    def k = K
  end
  class B
    def k = K
    def self.sk = [K, A::K, ::A::K]
  end
  def initialize(x) = @x = x
  attr_accessor :y
  def x = @x
  def each
    yield @x
    yield @x + 1
  end
end
p A.civ, A.k, A::B.new.k, A::B.sk, A.new(3).x
r = []
A.new(5).each { |v| r << v }
p r
x = 10
add = ->(y) { x + y }
x = 20
p add.(1)
v = 1
blk = proc { |v| v }
p blk.call(2), v
def shadow(x)
  [3].each { |x| x += 1 }
  x
end
p shadow(1)
def rec(n, acc = []) = n == 0 ? acc : rec(n - 1, acc + [n])
p rec(4)
if false
  never = 1
end
p never
1.times { inner = 1 }
p defined?(inner)
def two
  f = ->(n) { n < 2 ? n : f.(n - 1) + f.(n - 2) }
  f.(10)
end
p two
def fib(n) = n < 2 ? n : fib(n - 1) + fib(n - 2)
p fib(12)
def captured_params(a, b = a, *c, k: b, **o, &blk)
  [1].map { [a, b, c, k, o, blk.call] }
end
p captured_params(1, 2, 3, z: 4) { 5 }
def opt_block(a = [1].map { |x| x + 1 }) = a
p opt_block
def m(x) = instance_eval { [x, self.class] }
p m(1)[0]
s = "a"
1.times { s << "b" }
p s
i = 0
w = []
while i < 3
  j = i
  w << -> { j }
  i += 1
end
p w.map(&:call)
