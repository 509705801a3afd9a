a, b = 1, 2
a, b = b, a
p [a, b]
a, (b, *c), *d, e = 1, [2, 3, 4], 5, 6, 7
p [a, b, c, d, e]
*a, b = [1, 2, 3]
p a, b
a, = [9, 8]
p a
a, b = 5
p a, b
a, b = nil
p a, b
a, *b = *[1], 2
p a, b
p((a, b = [1, 2]))
p((a, b = 7))
r = (a, b = 3, 4)
p r
class T
  attr_accessor :x, :y
  def log = $log
  def x=(v); $log << [:x, v]; @x = v; end
  def []=(i, v); $log << [i, v]; end
  def [](i) = i
end
$log = []
def tr(v) = ($log << v; v)
t = T.new
tr(t).x, t[tr(1)], @iv, $gv = tr(10), tr(20), 30, 40
p $log.size, $log[1], $log[2], $log[3], $log[4], $log[5], @iv, $gv
x = y = z = 3
p [x, y, z]
x += 1; x -= 2; x *= 5; x <<= 1; x **= 2
p x
h = {a: 1}
h[:a] += 1
h[:b] ||= 5
h[:b] ||= 6
h[:a] &&= 9
h[:zz] &&= 9
p h
t.y ||= 4
t.y += 1
t.y &&= t.y * 2
p t.y
@i ||= 1
@i += 1
$g ||= 2
$g &&= 3
p @i, $g
C ||= 5
C ||= 6
p C
module Mod; end
Mod::D ||= 1
Mod::D ||= 2
Mod::E = 3
p Mod::D, Mod::E
class CV
  @@v ||= 1
  @@v ||= 2
  @@v += 3
  def self.v = @@v
end
p CV.v
n = nil
p(n&.foo ||= 1)
q = nil
q ||= begin
  1
  2
end
p q
u = 1
u = u && u + 1
p u
u = (u or 5) if true
p u
arr = [1, 2, 3]
i = 0
arr[i += 1] += 10
p arr, i
arr[*[0]] += 5
p arr
a = [1, 2]
(a[0], b), c = [3, 4], 5
p a, b, c
a, b, *c = 1
p a, b, c
def multi = [1, 2]
a, b = multi
p a, b
f = [1, 2, 3]
f[0], f[1] = f[1], f[0]
p f
x = 5
x = [x, x += 1, x]
p x
y = 1
p y + (y = 5) + y
s = "a"
s += "b"
s <<= "c" if false
p s
k = (1 if false)
p k
m = if true then 1 else 2 end
p m
w = while true do break end
p w
g, h = *nil
p g, h
self_ref = self_ref
p self_ref
o = o.nil? ? 1 : 2
p o
aa = bb = [1, 2]
aa[0], bb[1] = bb[1], aa[0]
p aa
