def m(a, b = a, *c, d, e: 1, f:, **g, &h) = [a, b, c, d, e, f, g, h && h.call]
p m(1, 2, f: 3)
p m(1, 2, 3, f: 3)
p m(1, 2, 3, 4, 5, e: 6, f: 7, z: 8) { 9 }
args = [1, 2, 3]
opts = {f: 1}
p m(*args, **opts)
p m(0, *args, 4, *[], **opts, e: 2)
p m(*args, **opts, &-> { :blk })
def fwd(...) = m(...)
p fwd(1, 2, f: 3) { 4 }
def fwd2(x, ...) = m(x, 7, ...)
p fwd2(1, 2, f: 3)
def anon(*, **, &) = m(*, **, &)
p anon(1, 2, f: 5) { 6 }
def anon_block(*) = [1].map { |x| [x, *[]] }
p anon_block(3)
def o(a, b = 2, c = a + b) = [a, b, c]
p o(1), o(1, 5), o(1, 5, 9)
def post(*a, b) = [a, b]
p post(1), post(1, 2, 3)
def kwonly(a:, b: a * 2) = [a, b]
p kwonly(a: 2), kwonly(b: 1, a: 0)
a = 5
b = 6
p kwonly(a:, b:)
p({a:, b:, "c" => 1, **opts, d: 2})
p [*1..3, *nil, *[4]]
p [*"x"], [1, *[2, 3], 4]
class Sup
  def i(a, b = 2, *c, k: 1, **o, &blk) = [a, b, c, k, o, blk && blk.call]
  def j(a) = [:j, a]
  def bl = yield
  def opt(x = 1) = x
end
class Sub < Sup
  def i(a, b = 3, *c, k: 4, **o, &blk)
    a += 1
    super
  end
  def j(a)
    [1].map { |x| super }
  end
  def bl = super
  def opt(x = 9) = super()
end
s = Sub.new
p s.i(1)
p s.i(1, 2, 3, 4, k: 5, q: 6) { 7 }
p s.j(8)
p s.bl { :given }
p s.opt
class Sub2 < Sup
  def i((x, y), *) = super([x, y], 2, k: 3)
  def j(a) = super(a) + [1]
  def bl = super() { :own }
end
t = Sub2.new
p t.i([1, 2]), t.j(1), t.bl { :ignored }
def ret = return 1, 2
def ret2 = return *[1], 2
p ret, ret2
def d((a, *b), (c, (d, e)), f = b) = [a, b, c, d, e, f]
p d([1, 2, 3], [4, [5, 6]])
def h(a, b = {}) = [a, b]
p h(1, x: 2), h({y: 1})
def u(_, _ = 2, x) = x
p u(1, 3)
begin; o; rescue ArgumentError => e; p e.class; end
begin; kwonly; rescue ArgumentError => e; p e.class; end
begin; kwonly(a: 1, q: 2); rescue ArgumentError => e; p e.class; end
class V
  attr_accessor :w
  def [](*i) = i
  def []=(*i) ; @last = i; end
  def last = @last
  def -@ = :neg
  def +(o) = [:plus, o]
  def call(*x) = x
  def !; :bang; end
  def ==(o) = :eq
end
v = V.new
p v[1], v[1, 2], v[], v[*[1, 2], 3]
p(v[1] = 2, v.last)
p(v[1, 2] = 3, v.last)
p(v[*[1, 2]] = 3, v.last)
p(v.w = 4)
p -v, v + 1, v.(1, 2)
p !v, (v == 1), v != 1
p v&.w, nil&.w, (nil&.w = 5)
p (v.w = 1, 2)
