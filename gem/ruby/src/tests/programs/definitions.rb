p(def foo(a) = a)
p foo(1)
class Base
  def hi = :base
  def to_a = [1, 2]
  def self.make = new
  def self.[](x) = [:idx, x]
end
class Derived < Base
  alias old hi
  def hi = [:derived, super]
  alias_it = 1
  undef to_a
end
p Derived.new.hi, Derived.new.old, Base.make.class, Base[3]
p [*Base.new]
begin
  Derived.new.to_a
rescue NoMethodError
  p :undefined
end
o = Base.new
def o.single = :single
p o.single
module Space
  class Inner
    def where = :inner
  end
  X = 1
end
class Space::Other
  Y = 2
  def y = Y
end
p Space::Inner.new.where, Space::X, Space::Other.new.y, Space::Other::Y
p(class Reopen; 5; end, (class Reopen; def q = 1; self; end).name, Reopen.new.q)
class Meta
  define_method(:dm) { |x| x * 2 }
  define_method(:dm_ret) { |x| [1].each { return x }; 0 }
end
p Meta.new.dm(4), Meta.new.dm_ret(6)
def with_private = (private def inner_private = 1)
p with_private
class Ops
  def +(o) = [:+, o]
  def -(o) = [:-, o]
  def <(o) = o
  def ==(o) = false
  def <<(o) = (@l = (@l || []) + [o]; self)
  def l = @l
  def [](i) = i
  def ===(o) = o == 1
  def call = :called
  def coerce_me? = true
  def bang! = :bang
  def set=(v)
    @v = v
    :ignored
  end
end
q = Ops.new
p q + 1, q - 1, q < nil, q == q, q != q, (q << 1 << 2).l, q[7], q.(), q.coerce_me?, q.bang!, (q.set = 4)
p (case 1 when q then :matched end)
p (q < false ? 1 : 2)
while q < nil do end
r = []
r << 1 unless q < nil
p r
class Cnt
  def initialize; @n = 0; end
  def inc = @n += 1
  def n = @n
end
c = Cnt.new
3.times { c.inc }
p c.n
def nested_def
  def made_inside = :made
  made_inside
end
p nested_def
class Pt
  attr_accessor :x
  def initialize(x: 0, **rest) = (@x, @rest = x, rest)
  def rest = @rest
end
p Pt.new(x: 1, y: 2).x, Pt.new(x: 1, y: 2).rest
p [1, 2].send(:map) { |x| x + 1 }
p self.foo(3)
class SelfCall
  def a = self.b + b
  def b = 2
  def c=(v); @c = v; end
  def t = (self.c = 5; self.c += 1 rescue :none)
  private def c = @c || 0
end
p SelfCall.new.a, SelfCall.new.t
