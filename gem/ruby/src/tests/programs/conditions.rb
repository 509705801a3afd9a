def c(a, b)
  [
    (a && b), (a || b), (a and not b), !(a && b), !a, (not b),
    (if a && b then 1 elsif a || b then 2 else 3 end),
    (unless a then 4 else 5 end),
    (a ? b ? 1 : 2 : b ? 3 : 4)
  ]
end
[true, false, nil].each { |a| [1, nil].each { |b| p c(a, b) } }
def cmp(a, b)
  r = []
  r << 1 if a < b
  r << 2 if a <= b && b > 0
  r << 3 unless a > b
  r << 4 if !(a >= b)
  r << 5 if a == b or a != 5
  r << 6 unless a == b || !(a < 3)
  r << 7 while r.size < 3
  r << 8 until r.size > 4
  r
end
p cmp(1, 2), cmp(2, 1), cmp(5, 5)
def k(x)
  case x
  when 1, 2 then :small
  when Integer then :int
  when nil then :nil
  when :a, :b then :sym
  when "s", *[true, "t"] then :splat
  when 10..20 then :range
  when ->(y) { y == [1] } then :proc
  else :other
  end
end
p [1, 2, 3, nil, :a, :c, "s", "t", true, [1], [2]].map { |x| k(x) }
def k2(x)
  case
  when x == 1 then :one
  when x == 2, x == 3 then :two
  when *[false, x == 4] then :four
  end
end
p [1, 2, 3, 4, 5].map { |x| k2(x) }
p (case 5 when 6 then 1 end)
i = 0
begin
  i += 1
end while i < 3
p i
begin i += 1 end until true
p i
i = 0
i += 1 while i < 5
p i
r = while i < 8
  i += 1
  next if i == 6
  break i if i == 7
end
p r
j = 0
until j == 2 do j += 1 end
p j
a = (1..20).map { |x| x if (x == 3)..(x == 6) }
p a
a = (1..20).map { |x| x if (x == 3)...(x == 3) }
p a
a = (1..9).map { |x| (x % 3 == 0)..(x % 3 == 0) ? x : 0 }
p a
p defined?(zzz), defined?(p), defined?(String), defined?(Zork), defined?(@q), defined?(a), defined?(1 + 1), defined?(a = 1), defined?(yield), defined?(nil.foo), defined?(Zork::Q), defined?(zork.foo), defined?([zork]), defined?(self), defined?(if a then 1 end)
@q = 1
p defined?(@q), defined?($nope), defined?(p(zzz)), defined?((zzz)), defined?(a.size.zork), defined?(Integer::Zork)
p __method__.inspect
def meth = __method__
p meth
p __LINE__
p (true and false), (not true)
x = 5
p "a#{x}b#{}c#{"d#{x + 1}"}" 'e' "f"
p :"s#{x}", %w[a b], %i[a b], :"q w"
p <<~T
  line #{x}
    two
T
n = 0
while (n += 1) < 10
  next if n == 2
  break if n == 4
  p n
end
z = 0
loop do
  z += 1
  next if z < 3
  break
end
p z
p (x > 3 and x < 7), (x > 3 && x), (x < 3 || :else)
p !!x, !nil, (x unless true)
t = true && nil
p t
p [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, "a", :b, nil]
p 1..2, (1...3), 5.class, 3 % 2, 7 / 2, 2 ** 3, -7
