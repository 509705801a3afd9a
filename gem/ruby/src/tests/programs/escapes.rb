# Jumps out of class bodies.
i = 0
r = while true
  i += 1
  class C1
    next if X rescue p :no_x
    break 5
  end
end
p r, i
a = []
x = [1, 2, 3].each do |v|
  a << v
  class C2
    class C3
      begin
        break :out
      ensure
        p :ensure
      end
    end
  end
  a << :never
end
p x, a
n = 0
y = [1, 2].map do |v|
  n += 1
  class C4
    redo_it = $once.nil?
    $once = true
    redo if redo_it
    next 7
  end
end
p y, n
class Ret
  def m
    class << self
      return 9 if true
    end
    :never
  end
end
p Ret.new.m rescue p :error
z = class C5
  while true do break end
  :value
end
p z
