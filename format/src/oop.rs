//! The 64-bit object pointer, the same on disk, on the wire and (immediates) in memory.
//!
//! | low bits | meaning |
//! |---|---|
//! | `...1` | SmallInteger, 63 bits signed |
//! | `...10` | SmallDouble: an IEEE double whose exponent was rotated away (CRuby's flonum) |
//! | `...000` | pointer into one gem's object memory; never on disk or wire |
//! | low byte `0x04` | object id, 56 bits |
//! | low byte `0x0C` | nil, false, true, undef (`undef` never leaves the virtual machine) |
//! | low byte `0x14` | Character, code point in the upper bits |
//! | low byte `0x1C` | an environment or block that lives on the stack: frame index, code number (never leaves the virtual machine) |

use std::fmt;

/// The id of a committed object: 1 ..= 2^56-1. Never renumbered, never reused.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectId(pub u64);

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A tagged 64-bit word. See the module table.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[repr(transparent)]
pub struct Oop(u64);

/// Low byte of an object id.
pub const TAG_ID: u8 = 0x04;
/// Low byte of nil, false, true and undef.
pub const TAG_SPECIAL: u8 = 0x0C;
/// Low byte of a Character.
pub const TAG_CHAR: u8 = 0x14;

/// Low byte of a reference into the stack.
pub const TAG_STACK: u8 = 0x1C;

/// Smallest SmallInteger: -2^62.
pub const SMALL_INT_MIN: i64 = -(1 << 62);
/// Largest SmallInteger: 2^62-1.
pub const SMALL_INT_MAX: i64 = (1 << 62) - 1;

impl Oop {
    pub const NIL: Oop = Oop(0x00C);
    pub const FALSE: Oop = Oop(0x10C);
    pub const TRUE: Oop = Oop(0x20C);
    /// The mark of a parameter that no argument filled. Never stored in an object.
    pub const UNDEF: Oop = Oop(0x30C);
    pub const ZERO: Oop = Oop::small_int_wrapping(0);

    /// The word itself: a key, something to hash or to print. None of its bits is worth more than what the methods say.
    #[inline(always)]
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// The oop of any word, also of a pointer.
    ///
    /// # Safety
    /// A word that is a pointer must be the address of a live object in this gem's object memory, unless nobody ever follows it.
    // Object memory alone knows which words are addresses, and it calls this from its own crate. Nothing here follows a pointer.
    #[allow(unsafe_code)]
    #[inline(always)]
    pub const unsafe fn from_bits(word: u64) -> Oop {
        Oop(word)
    }

    /// The oop of a word from disk or the wire; `None` of a word that may not stand there: a pointer, a reference into the stack, undef.
    #[inline(always)]
    pub const fn from_wire(word: u64) -> Option<Oop> {
        let oop = Oop(word);
        if oop.is_storable() { Some(oop) } else { None }
    }

    /// The oop of a word that [`from_wire`](Oop::from_wire) took before: out of a record that was checked.
    #[inline(always)]
    pub(crate) const fn from_checked(word: u64) -> Oop {
        debug_assert!(Oop(word).is_storable());
        Oop(word)
    }

    /// The SmallInteger that arithmetic on tagged words gave. The word has the tag.
    #[inline(always)]
    pub const fn small_int_from_word(word: u64) -> Oop {
        debug_assert!(word & 1 == 1);
        Oop(word)
    }

    /// The SmallInteger of `value`, or `None` when it needs more than 63 bits.
    #[inline(always)]
    pub const fn small_int(value: i64) -> Option<Oop> {
        if value >= SMALL_INT_MIN && value <= SMALL_INT_MAX {
            Some(Oop::small_int_wrapping(value))
        } else {
            None
        }
    }

    /// The SmallInteger of `value`, which the caller knows to fit 63 bits.
    #[inline(always)]
    pub const fn small_int_wrapping(value: i64) -> Oop {
        Oop(((value as u64) << 1) | 1)
    }

    #[inline(always)]
    pub const fn is_small_int(self) -> bool {
        self.0 & 1 == 1
    }

    /// The value of a SmallInteger; meaningless for other oops.
    #[inline(always)]
    pub const fn small_int_value(self) -> i64 {
        (self.0 as i64) >> 1
    }

    #[inline(always)]
    pub const fn as_small_int(self) -> Option<i64> {
        if self.is_small_int() {
            Some(self.small_int_value())
        } else {
            None
        }
    }

    /// The SmallDouble of `value`, or `None` when its exponent needs a boxed Float.
    #[inline(always)]
    pub fn small_double(value: f64) -> Option<Oop> {
        let bits = value.to_bits();
        let top = (bits >> 60) & 7;
        if bits != 0x3000_0000_0000_0000 && (top == 3 || top == 4) {
            Some(Oop((bits.rotate_left(3) & !3) | 2))
        } else if bits == 0 {
            Some(Oop(0x8000_0000_0000_0002))
        } else {
            None
        }
    }

    #[inline(always)]
    pub const fn is_small_double(self) -> bool {
        self.0 & 3 == 2
    }

    /// The value of a SmallDouble; meaningless for other oops.
    #[inline(always)]
    pub const fn small_double_value(self) -> f64 {
        if self.0 == 0x8000_0000_0000_0002 {
            0.0
        } else {
            let top = 2 - (self.0 >> 63);
            f64::from_bits(((self.0 & !3) | top).rotate_right(3))
        }
    }

    #[inline(always)]
    pub const fn character(code_point: u32) -> Oop {
        Oop(((code_point as u64) << 8) | TAG_CHAR as u64)
    }

    #[inline(always)]
    pub const fn is_character(self) -> bool {
        self.0 as u8 == TAG_CHAR
    }

    #[inline(always)]
    pub const fn character_value(self) -> u32 {
        (self.0 >> 8) as u32
    }

    #[inline(always)]
    pub const fn from_id(id: ObjectId) -> Oop {
        Oop((id.0 << 8) | TAG_ID as u64)
    }

    /// Whether this is the id of an object that is not in this gem's memory: a stub.
    #[inline(always)]
    pub const fn is_id(self) -> bool {
        self.0 as u8 == TAG_ID
    }

    #[inline(always)]
    pub const fn as_id(self) -> Option<ObjectId> {
        if self.is_id() {
            Some(ObjectId(self.0 >> 8))
        } else {
            None
        }
    }

    /// The environment that lies in the registers of frame `frame`.
    #[inline(always)]
    pub const fn stack_env(frame: u32) -> Oop {
        Oop(((frame as u64) << 8) | TAG_STACK as u64)
    }

    /// The block of code number `code` (1 to 2^24-1) that frame `frame` gives to the call it makes.
    #[inline(always)]
    pub const fn stack_block(frame: u32, code: u32) -> Oop {
        Oop(((code as u64) << 40) | ((frame as u64) << 8) | TAG_STACK as u64)
    }

    /// Whether this is an environment or a block on the stack.
    #[inline(always)]
    pub const fn is_stack(self) -> bool {
        self.0 as u8 == TAG_STACK
    }

    /// Index of the frame that a reference into the stack names.
    #[inline(always)]
    pub const fn stack_frame(self) -> usize {
        (self.0 >> 8) as u32 as usize
    }

    /// Code number of a block on the stack, 0 of an environment.
    #[inline(always)]
    pub const fn stack_code(self) -> usize {
        (self.0 >> 40) as usize
    }

    /// Whether this points into object memory.
    #[inline(always)]
    pub const fn is_pointer(self) -> bool {
        self.0 & 7 == 0
    }

    #[inline(always)]
    pub const fn is_nil(self) -> bool {
        self.0 == Oop::NIL.0
    }

    #[inline(always)]
    pub const fn is_undef(self) -> bool {
        self.0 == Oop::UNDEF.0
    }

    /// Ruby's falsehood: nil or false.
    #[inline(always)]
    pub const fn is_falsy(self) -> bool {
        self.0 & !0x100 == Oop::NIL.0
    }

    #[inline(always)]
    pub const fn is_truthy(self) -> bool {
        !self.is_falsy()
    }

    #[inline(always)]
    pub const fn from_bool(value: bool) -> Oop {
        if value { Oop::TRUE } else { Oop::FALSE }
    }

    /// Whether the word may stand in a record on disk or on the wire.
    pub const fn is_storable(self) -> bool {
        self.is_small_int()
            || self.is_small_double()
            || (self.is_id() && self.0 >> 8 != 0)
            || (self.is_character() && self.0 >> 8 <= 0x10_FFFF)
            || self.0 == Oop::NIL.0
            || self.0 == Oop::FALSE.0
            || self.0 == Oop::TRUE.0
    }
}

impl fmt::Debug for Oop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_small_int() {
            write!(f, "{}", self.small_int_value())
        } else if self.is_small_double() {
            write!(f, "{:?}", self.small_double_value())
        } else if let Some(id) = self.as_id() {
            write!(f, "{id:?}")
        } else if self.is_character() {
            write!(f, "$\\u{{{:x}}}", self.character_value())
        } else {
            match *self {
                Oop::NIL => f.write_str("nil"),
                Oop::FALSE => f.write_str("false"),
                Oop::TRUE => f.write_str("true"),
                Oop::UNDEF => f.write_str("undef"),
                _ => write!(f, "@{:x}", self.0),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_integers_keep_their_value_at_both_ends() {
        for v in [0, 1, -1, SMALL_INT_MIN, SMALL_INT_MAX] {
            assert_eq!(Oop::small_int(v).unwrap().small_int_value(), v);
        }
        assert!(Oop::small_int(SMALL_INT_MAX + 1).is_none());
        assert!(Oop::small_int(SMALL_INT_MIN - 1).is_none());
    }

    #[test]
    fn small_doubles_round_trip_or_refuse() {
        for v in [0.0, 1.0, -1.0, 3.25, 1e70, -1e-70, std::f64::consts::PI] {
            let oop = Oop::small_double(v).unwrap();
            assert!(oop.is_small_double() && !oop.is_small_int());
            assert_eq!(oop.small_double_value().to_bits(), v.to_bits());
        }
        for v in [
            -0.0,
            f64::NAN,
            f64::INFINITY,
            1e300,
            1e-300,
            f64::from_bits(0x3000_0000_0000_0000),
        ] {
            assert!(Oop::small_double(v).is_none(), "{v}");
        }
    }

    #[test]
    fn references_into_the_stack_keep_both_numbers_and_are_nothing_else() {
        let block = Oop::stack_block(u32::MAX, (1 << 24) - 1);
        assert_eq!(
            (block.stack_frame(), block.stack_code()),
            (u32::MAX as usize, (1 << 24) - 1)
        );
        let env = Oop::stack_env(7);
        assert_eq!((env.stack_frame(), env.stack_code()), (7, 0));
        for oop in [block, env] {
            assert!(oop.is_stack() && !oop.is_pointer() && !oop.is_id() && !oop.is_storable());
            assert!(!oop.is_small_int() && !oop.is_small_double() && !oop.is_character());
            assert!(oop.is_truthy());
        }
    }

    #[test]
    fn truth_is_rubys() {
        assert!(Oop::NIL.is_falsy() && Oop::FALSE.is_falsy());
        assert!(Oop::TRUE.is_truthy() && Oop::ZERO.is_truthy());
    }

    #[test]
    fn pointers_and_undef_are_not_storable() {
        assert!(!Oop(0x1000).is_storable() && !Oop::UNDEF.is_storable());
        assert!(Oop::from_id(ObjectId(7)).is_storable());
    }

    #[test]
    fn a_word_from_the_wire_becomes_an_oop_only_when_it_may_stand_there() {
        let id = Oop::from_id(ObjectId(7));
        let real = Oop::small_double(1.5).unwrap();
        for oop in [Oop::NIL, Oop::FALSE, Oop::TRUE, Oop::ZERO, real, id] {
            assert_eq!(Oop::from_wire(oop.bits()), Some(oop));
        }
        let last = Oop::character(0x10_FFFF);
        assert_eq!(Oop::from_wire(last.bits()), Some(last));
        for oop in [
            Oop(0),
            Oop(0x1000),
            Oop::UNDEF,
            Oop::stack_env(1),
            Oop::stack_block(1, 1),
            Oop::from_id(ObjectId(0)),
            Oop::character(0x11_0000),
        ] {
            assert_eq!(Oop::from_wire(oop.bits()), None);
        }
    }
}
