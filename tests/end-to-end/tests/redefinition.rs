//! Operators with instructions of their own are methods all the same: a program that redefines one gets its own.

use end_to_end::{gem, run};

const PROGRAM: &str = r#"
def plus(a, b) = a + b
def less(a, b) = a < b ? 1 : 2
def first(a) = a[0]
def size(a) = a.size
def nothing?(a) = a == nil
p plus(1, 2), less(1, 2), first([5]), size([1, 2]), nothing?(nil)
class Integer
  alias old_plus +
  def +(other) = old_plus(other).old_plus(1000)
end
x = 5
x += 1
p plus(1, 2), 3 + 4, x
class Integer
  alias_method :+, :old_plus
  alias old_less <
  def <(other) = !old_less(other)
end
p plus(1, 2), less(1, 2), [3, 1, 2].map { |n| n }
class Integer
  alias_method :<, :old_less
end
module First
  def [](index) = "first #{super}"
end
class Array
  prepend First
  def size = 77
end
class NilClass
  def ==(other) = :never
end
p first([5]), size([1]), nothing?(nil)
"#;

#[test]
fn redefined_operators_are_called_and_the_kernel_goes_on() {
    run(&mut gem(&["ruby"]), PROGRAM)
        .ok()
        .prints("3\n1\n5\n2\ntrue\n1003\n1007\n1006\n3\n2\n[3, 1, 2]\n\"first 5\"\n77\n:never");
}
