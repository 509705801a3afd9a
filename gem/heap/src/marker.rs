//! What a collection carries through its tracing: objects marked and not scanned yet, and references on their way into the cache.
//!
//! Whether a reference leads to an unmarked object stands in that object's header, which is seldom in the cache. So a reference waits in a short queue
//! while its header is fetched (Cher, Hosking and Vitek, "Software prefetching for mark-sweep garbage collection", ASPLOS 2004).

use crate::layout::{ObjectRef, flags};
use format::{ObjectId, Oop};

/// References that wait. A fetch takes as long as about so many steps.
const AHEAD: usize = 16;
/// How far below the top of the stack objects are fetched that are to be scanned soon.
const SCAN_AHEAD: usize = 4;

pub(crate) struct Marker {
    stack: Vec<ObjectRef>,
    /// Weak objects as they are met.
    pub weak: Vec<ObjectRef>,
    /// Those of them that are no ephemerons.
    pub plain_weak: Vec<ObjectRef>,
    waiting: [(*mut Oop, ObjectRef); AHEAD],
    next: usize,
    /// The mark of this collection.
    state: u64,
    drop_clean: bool,
    pub stubs: u64,
    /// Objects marked.
    pub marked: u64,
}

impl Marker {
    pub fn new(state: u64, drop_clean: bool) -> Marker {
        Marker {
            stack: Vec::new(),
            weak: Vec::new(),
            plain_weak: Vec::new(),
            waiting: [(std::ptr::null_mut(), ObjectRef(std::ptr::null_mut())); AHEAD],
            next: 0,
            state,
            drop_clean,
            stubs: 0,
            marked: 0,
        }
    }

    /// The object is alive: it is marked and will be scanned.
    #[inline(always)]
    pub fn mark(&mut self, oop: Oop) {
        if oop.is_pointer() && oop.bits() != 0 {
            let r = ObjectRef(oop.bits() as *mut u64);
            let header = r.header();
            debug_assert!(
                header != crate::layout::POISON,
                "{oop:?} is held and was freed"
            );
            if header & flags::MARK != self.state {
                self.mark_now(r, header);
            }
        }
    }

    #[inline(always)]
    fn mark_now(&mut self, r: ObjectRef, header: u64) {
        r.set_header((header & !flags::MARK) | self.state);
        self.marked += 1;
        self.stack.push(r);
    }

    /// An object that is marked is to be scanned (again).
    pub fn push(&mut self, r: ObjectRef) {
        self.stack.push(r);
    }

    /// Whether nothing is left to scan and no reference waits.
    pub fn is_done(&self) -> bool {
        self.stack.is_empty() && self.weak.is_empty() && self.waiting.iter().all(|w| w.0.is_null())
    }

    /// The next object to scan, `None` when there is none and no reference waits.
    #[inline(always)]
    pub fn pop(&mut self) -> Option<ObjectRef> {
        if self.stack.is_empty() {
            self.settle();
        }
        let r = self.stack.pop()?;
        if let Some(soon) = self.stack.len().checked_sub(SCAN_AHEAD) {
            prefetch(self.stack[soon]);
        }
        Some(r)
    }

    /// A slot of a live object: what it refers to is alive, or becomes a stub. Decided a little later, at the latest when `pop` runs dry.
    ///
    /// # Safety
    /// `field` is a slot of a live object, which nobody changes until then.
    #[inline(always)]
    pub unsafe fn field(&mut self, field: *mut Oop) {
        // SAFETY: the caller's promise.
        let value = unsafe { *field };
        if !value.is_pointer() || value.bits() == 0 {
            return;
        }
        let r = ObjectRef(value.bits() as *mut u64);
        prefetch(r);
        let place = self.next % AHEAD;
        self.next = self.next.wrapping_add(1);
        let (field, r) = std::mem::replace(&mut self.waiting[place], (field, r));
        if !field.is_null() {
            self.decide(field, r);
        }
    }

    #[inline(always)]
    fn decide(&mut self, field: *mut Oop, r: ObjectRef) {
        let header = r.header();
        debug_assert!(header != crate::layout::POISON, "{:?} was freed", r.oop());
        if header & flags::MARK == self.state {
            return;
        }
        if self.drop_clean
            && header & (flags::COMMITTED | flags::DIRTY | flags::PINNED) == flags::COMMITTED
        {
            debug_assert!(r.id_bits() != 0, "a committed object without id");
            self.stubs += 1;
            // SAFETY: `field`'s promise. The object stays if something else marks it; the id finds it then.
            unsafe { *field = Oop::from_id(ObjectId(r.id_bits())) };
            return;
        }
        self.mark_now(r, header);
    }

    /// Decides about everything that waits.
    fn settle(&mut self) {
        for place in 0..AHEAD {
            let (field, r) = self.waiting[place];
            if !field.is_null() {
                self.waiting[place].0 = std::ptr::null_mut();
                self.decide(field, r);
            }
        }
    }
}

/// Asks for the first words of an object to be brought into the cache. A hint: nothing else happens.
#[inline(always)]
fn prefetch(r: ObjectRef) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a prefetch reads nothing and cannot fault.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(r.0 as *const i8);
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = r;
}
