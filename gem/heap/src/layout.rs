//! How an object lies in memory.
//!
//! ```text
//! word 0   bits 0-31 shape   32-47 inline slots   48-49 Kind   50-63 flags
//! word 1   bits 0-55 object id (0: none yet)   56-63 detail (encoding of a String, sign of a LargeInteger)
//! word 2.. inline slots
//! then, for kinds Indexed and Bytes:
//!          pointer to the buffer's payload (0 when empty), number of elements or bytes
//! ```
//! A buffer is one word `capacity in bytes | large index << 40`, then its payload. Objects are multiples of 16 bytes.

use format::Oop;

/// What follows the inline slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// Nothing.
    Slots = 0,
    /// A buffer of oops.
    Indexed = 1,
    /// A buffer of bytes.
    Bytes = 2,
    /// The inline slots themselves are raw words (boxed floats).
    Raw = 3,
}

/// Most slots that lie in an object itself.
pub const MAX_INLINE_SLOTS: usize = u16::MAX as usize - 8;

/// `header_flags! { /// what it says \n NAME = bit, of kinds; … }`: the one list of flags, from which the constants and the verifier's table are made.
macro_rules! header_flags {
    ($( $(#[$doc:meta])+ $name:ident = $bit:literal, $kinds:expr; )+) => {
        $( $(#[$doc])+ pub const $name: u64 = 1 << $bit; )+

        /// Each flag with its name and the kinds of objects that may have it, a bit each.
        pub(crate) const ALL: &[(&str, u64, u8)] = &[
            $( (stringify!($name), $name, $kinds) ),+
        ];
    };
}

/// Flag bits of header word 0, and the mark above them.
pub mod flags {
    use super::Kind;

    const ANY: u8 = 0b1111;

    header_flags! {
        /// The machine derived tables from it: see `Heap::watch`. Pinned as well.
        WATCHED = 50, ANY;
        /// The bytes are known to be ASCII. Whoever changes bytes clears it.
        ASCII = 52, 1 << Kind::Bytes as u8;
        /// On the list of objects with cards set.
        CARDED = 52, 1 << Kind::Indexed as u8;
        /// A write must take the barrier's slow path: the object is old, committed and clean, or frozen.
        BARRIER = 53, ANY;
        /// The object is in the repository.
        COMMITTED = 54, ANY;
        /// Committed, and changed in this transaction: on the dirty list.
        DIRTY = 55, ANY;
        /// May not be changed.
        FROZEN = 56, ANY;
        /// Has instance variables in the side table.
        SIDE = 57, ANY;
        /// On the remembered list of the young collection.
        REMEMBERED = 58, ANY;
        /// Never turned back into a stub (classes, methods, symbols).
        PINNED = 59, ANY;
        /// Slot 0 does not keep its referent alive.
        WEAK = 60, ANY;
        /// Beside WEAK: an ephemeron.
        EPHEMERON = 61, ANY;
    }

    /// Two bits: 0 in a new object; equal to the heap's mark state (1, 2 or 3 in turn) when the object survived the last collection.
    pub const MARK: u64 = 3 << 62;
    /// The first mark state.
    pub const MARK_FIRST: u64 = 1 << 62;

    /// No two flags of one kind share a bit, and none lies among the mark, the kind or what stands below.
    const _: () = {
        let mut i = 0;
        while i < ALL.len() {
            assert!(
                ALL[i].1 & MARK == 0 && ALL[i].1 >> super::FLAGS_SHIFT != 0,
                "a flag lies outside of the flags"
            );
            let mut j = i + 1;
            while j < ALL.len() {
                assert!(
                    ALL[i].1 != ALL[j].1 || ALL[i].2 & ALL[j].2 == 0,
                    "two flags share a bit"
                );
                j += 1;
            }
            i += 1;
        }
    };

    /// The names of `bits` in an object of `kind`.
    pub(crate) fn names(kind: Kind, bits: u64) -> String {
        let of_kind = ALL.iter().filter(|f| f.2 >> kind as u8 & 1 != 0);
        let names: Vec<_> = of_kind.filter(|f| f.1 & bits != 0).map(|f| f.0).collect();
        names.join(", ")
    }
}

const KIND_SHIFT: u64 = 48;
pub(crate) const FLAGS_SHIFT: u64 = 50;
const SLOTS_SHIFT: u64 = 32;
pub(crate) const ID_MASK: u64 = (1 << 56) - 1;
pub(crate) const BUFFER_HEADER_BYTES: usize = 8;
const BUFFER_CAPACITY_MASK: u64 = (1 << 40) - 1;

/// What freed lines are filled with in debug builds. As a reference it points nowhere, as a header it is no object's.
pub(crate) const POISON_BYTE: u8 = 0x58;
pub(crate) const POISON: u64 = u64::from_ne_bytes([POISON_BYTE; 8]);

/// A pointer to an object. Everything here trusts that the pointer is one; `Heap` makes sure.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(transparent)]
pub struct ObjectRef(pub(crate) *mut u64);

impl ObjectRef {
    /// The object an oop points to, `None` for an immediate or an object id.
    #[inline(always)]
    pub fn checked(oop: Oop) -> Option<ObjectRef> {
        (oop.is_pointer() && oop.bits() != 0).then(|| ObjectRef::of(oop))
    }
    /// The object an oop points to.
    ///
    /// # Panics
    /// When the oop is an immediate or an object id.
    #[inline(always)]
    pub fn of(oop: Oop) -> ObjectRef {
        assert!(
            oop.is_pointer() && oop.bits() != 0,
            "{oop:?} is no object in memory"
        );
        debug_assert!(
            ObjectRef(oop.bits() as *mut u64).header() != POISON,
            "{oop:?} was freed"
        );
        ObjectRef(oop.bits() as *mut u64)
    }
    #[inline(always)]
    pub fn oop(self) -> Oop {
        // SAFETY: an ObjectRef points to a live object (H1).
        unsafe { Oop::from_bits(self.0 as u64) }
    }
    #[inline(always)]
    pub fn header(self) -> u64 {
        // SAFETY: an ObjectRef points to a live object of at least two words (H1).
        unsafe { *self.0 }
    }
    #[inline(always)]
    pub(crate) fn set_header(self, header: u64) {
        // SAFETY: as `header`.
        unsafe { *self.0 = header }
    }
    #[inline(always)]
    pub fn shape_bits(self) -> u32 {
        self.header() as u32
    }
    #[inline(always)]
    pub fn inline_slots(self) -> usize {
        (self.header() >> SLOTS_SHIFT) as u16 as usize
    }
    #[inline(always)]
    pub fn kind(self) -> Kind {
        match (self.header() >> KIND_SHIFT) & 3 {
            0 => Kind::Slots,
            1 => Kind::Indexed,
            2 => Kind::Bytes,
            _ => Kind::Raw,
        }
    }
    #[inline(always)]
    pub fn has(self, flag: u64) -> bool {
        self.header() & flag != 0
    }
    #[inline(always)]
    pub(crate) fn set(self, flag: u64) {
        self.set_header(self.header() | flag);
    }
    #[inline(always)]
    pub(crate) fn clear(self, flag: u64) {
        self.set_header(self.header() & !flag);
    }
    #[inline(always)]
    pub(crate) fn word1(self) -> u64 {
        // SAFETY: as `header`.
        unsafe { *self.0.add(1) }
    }
    #[inline(always)]
    pub(crate) fn set_word1(self, word: u64) {
        // SAFETY: as `header`.
        unsafe { *self.0.add(1) = word }
    }
    pub fn id_bits(self) -> u64 {
        self.word1() & ID_MASK
    }
    pub fn detail(self) -> u8 {
        (self.word1() >> 56) as u8
    }
    #[inline(always)]
    pub(crate) fn slot_ptr(self, i: usize) -> *mut Oop {
        debug_assert!(i < self.inline_slots());
        // SAFETY: inline slots start at word 2; callers keep i below inline_slots().
        unsafe { self.0.add(2 + i) as *mut Oop }
    }
    /// Address of the buffer pointer word (kinds Indexed and Bytes).
    #[inline(always)]
    fn buffer_word(self) -> *mut u64 {
        debug_assert!(matches!(self.kind(), Kind::Indexed | Kind::Bytes));
        // SAFETY: for these kinds two more words follow the inline slots.
        unsafe { self.0.add(2 + self.inline_slots()) }
    }
    #[inline(always)]
    pub(crate) fn buffer(self) -> *mut u8 {
        // SAFETY: see buffer_word.
        unsafe { *self.buffer_word() as *mut u8 }
    }
    #[inline(always)]
    pub(crate) fn set_buffer(self, ptr: *mut u8) {
        // SAFETY: see buffer_word.
        unsafe { *self.buffer_word() = ptr as u64 }
    }
    /// Elements of an Indexed object, bytes of a Bytes object.
    #[inline(always)]
    pub fn len(self) -> usize {
        // SAFETY: the word after buffer_word.
        unsafe { *self.buffer_word().add(1) as usize }
    }
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }
    #[inline(always)]
    pub(crate) fn set_len(self, len: usize) {
        // SAFETY: as len.
        unsafe { *self.buffer_word().add(1) = len as u64 }
    }
    /// Bytes of the object itself, without buffer.
    pub(crate) fn size_bytes(self) -> usize {
        object_bytes(self.kind(), self.inline_slots())
    }
}

/// Size of an object of `kind` with `slots` inline slots.
#[inline(always)]
pub(crate) const fn object_bytes(kind: Kind, slots: usize) -> usize {
    let extra = match kind {
        Kind::Indexed | Kind::Bytes => 2,
        _ => 0,
    };
    ((2 + slots + extra) * 8).next_multiple_of(16)
}

/// Header word 0 without flags.
#[inline(always)]
pub(crate) const fn header_word(shape: u32, kind: Kind, slots: usize) -> u64 {
    shape as u64 | (slots as u64) << SLOTS_SHIFT | (kind as u64) << KIND_SHIFT
}

/// Capacity in bytes of the buffer whose payload starts at `payload`.
#[inline(always)]
pub(crate) fn buffer_capacity(payload: *mut u8) -> usize {
    if payload.is_null() {
        return 0;
    }
    // SAFETY: a non-null payload is preceded by its header word.
    unsafe { (*(payload.sub(BUFFER_HEADER_BYTES) as *const u64) & BUFFER_CAPACITY_MASK) as usize }
}

/// Index + 1 in the large-object table, 0 for a buffer inside a block.
#[inline(always)]
pub(crate) fn buffer_large_index(payload: *mut u8) -> usize {
    // SAFETY: as buffer_capacity; callers pass non-null payloads.
    unsafe { (*(payload.sub(BUFFER_HEADER_BYTES) as *const u64) >> 40) as usize }
}

pub(crate) fn buffer_header(capacity: usize, large: usize) -> u64 {
    debug_assert!((capacity as u64) <= BUFFER_CAPACITY_MASK);
    capacity as u64 | (large as u64) << 40
}
