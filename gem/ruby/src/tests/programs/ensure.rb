# Every way out of begin … rescue … else … ensure.
def t(name) = (p name; p(yield))
class E1 < StandardError; end
class E2 < StandardError; end

def m1
  return 1
ensure
  p :ensure
end
t(:return) { m1 }

def m2
  [1, 2, 3].each do |x|
    begin
      return x if x == 2
    ensure
      p [:e, x]
    end
  end
  :none
ensure
  p :outer
end
t(:return_from_block) { m2 }

def m3
  i = 0
  r = while true
    begin
      i += 1
      next if i < 3
      break i * 10
    ensure
      p [:w, i]
    end
  end
  [r, i]
end
t(:loop) { m3 }

def m4
  begin
    raise E1, "a"
  rescue E2
    :no
  rescue E1 => e
    p $!
    [:e1, e.message]
  else
    :else
  ensure
    p $!
  end
end
t(:rescue) { m4 }
p $!

def m5
  tries = 0
  begin
    tries += 1
    raise "again" if tries < 3
    tries
  rescue
    retry
  end
end
t(:retry) { m5 }

def m6
  begin
    1
  rescue
    2
  else
    3
  ensure
    4
  end
end
t(:else) { m6 }

def m7
  begin
    begin
      raise E1, "inner"
    ensure
      p :first
    end
  rescue => e
    begin
      raise E2, "second"
    rescue => f
      [e.message, f.message, $!.message]
    end
  end
end
t(:nested) { m7 }
p $!

def m8
  x = 1
  x = begin
    raise "a"
  rescue
    [x]
  ensure
    p x
  end
  x
end
t(:old_value) { m8 }

def m9
  begin
    return :first
  ensure
    return :second
  end
end
t(:override) { m9 }

def m10
  while true
    begin
      raise "lost"
    ensure
      break
    end
  end
  $!
end
t(:swallowed) { m10 }

def m11
  a = []
  [1, 2, 3].each do |x|
    begin
      next if x == 1
      a << x
      break if x == 2
    rescue
      :never
    else
      a << :else
    ensure
      a << :ensure
    end
  end
  a
end
t(:block_exits) { m11 }

def m12
  yield
ensure
  p :m12
end
t(:break_through) { m12 { break 5 }; 6 }
t(:break_value) { x = m12 { break 5 }; x }

def m13(list)
  begin
    raise E1, "x"
  rescue *list
    :splat
  end
end
t(:splat) { m13([E2, E1]) }
t(:no_match) { begin; m13([E2]); rescue E1; :passed; end }
t(:not_a_class) { begin; m13(["x"]); rescue TypeError => e; e.message; end }
t(:dynamic) { begin; raise E1; rescue [E2, E1][1]; :dyn; end }

t(:modifier) { (raise "x" rescue 7) }
t(:modifier_assign) { x = raise("x") rescue 8; x }
t(:modifier_other) { begin; (raise Exception, "x" rescue 7); rescue Exception; :exc; end }

class Holder; attr_accessor :e; end
def m14
  h = Holder.new
  a = [1]
  begin; raise "in h"; rescue => h.e; end
  begin; raise "in a"; rescue => a[0]; end
  begin; raise "in i"; rescue => @i; end
  [h.e.message, a[0].message, @i.message]
end
t(:targets) { m14 }

def m15
  begin
    begin
      return 1
    ensure
      p :a
    end
  ensure
    p :b
  end
end
t(:two) { m15 }

def m16
  r = []
  while true
    begin
      begin
        break
      ensure
        r << 1
      end
    ensure
      r << 2
    end
  end
  r
end
t(:two_breaks) { m16 }

def m17
  i = 0
  begin
    i += 1
    begin
      raise "x" if i < 3
      i
    ensure
      p [:i, i]
    end
  rescue
    retry
  end
end
t(:retry_through) { m17 }

def m18
  l = -> { begin; return 1; ensure; p :lambda; end; 2 }
  [l.call, l.()]
end
t(:lambda) { m18 }

def m19
  [[1, 2], [3, 4]].each { |a| a.each { |b| begin; return b if b == 3; ensure; p b; end } }
end
t(:deep_return) { m19 }

def m20
  begin
    raise "a"
  rescue
    return $!.message
  end
end
t(:return_in_rescue) { m20 }
p $!

def m21
  n = 0
  until n == 3
    begin
      n += 1
      redo_once = n == 1
      raise "x" if n == 2
    rescue
      next
    ensure
      p [:n, n, $!]
    end
  end
  n
end
t(:next_in_rescue) { m21 }
def m22 = begin; raise E2; rescue E1, E2; 1; else; 2; ensure; 3; end
t(:endless) { m22 }
def m23
  p(begin; Integer; ensure; p :arg; end, [begin; raise "q"; rescue; 4; end, 5])
end
t(:operands) { m23 }
begin
  begin
    raise "a"
  rescue
    raise
  end
rescue => e
  p e.message
end
