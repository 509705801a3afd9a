//! The loaded codes of a machine: their numbers, and how long they live.
//!
//! A code is loaded when its method first runs. Closures (CREATOR) and blocks on the stack name it by a number of `CODE_BITS` bits;
//! frames, call sites and the machine's own functions by reference. It lives as long as its method object: a full collection traces the
//! codes of living methods only, and those of the others end with it (`Vm::collect`), their numbers free for codes to come.
//!
//! Inside this crate a code is a `&'static CodeBlock`, so that a call costs no more than following it. The lifetime is a promise that this file
//! keeps; other crates see codes only through borrows of the machine, or by `CodeId`.
//!
//! Must not know: what refers to codes (see `roots`), how methods are decoded (see `load`).
#![allow(unsafe_code)]

pub(crate) mod caches;
pub(crate) mod code;
pub(crate) mod code_check;
pub(crate) mod load;
pub(crate) mod operators;
pub(crate) mod targets;
pub(crate) mod watching;

use crate::codes::code::CodeBlock;
use crate::codes::operators::Operators;
use crate::exec::primitive::{PrimitiveFn, PrimitiveRow};
use gem_heap::{HeapError, Oop, References};
use hashbrown::HashMap;
use std::cell::Cell;
use std::ptr::NonNull;
use std::rc::Rc;

/// Bits of a code's number: in a closure's CREATOR, where the frame's serial lies above, and in `Oop::stack_block`.
pub(crate) const CODE_BITS: u32 = 24;

/// Numbers that are given only after the program was told that there are no more, so that it can run what handles that error.
const RESERVE: usize = 512;

/// Most codes of a machine, unless its options say less.
pub(crate) const CODES_MAX: usize = (1 << CODE_BITS) - 1 - RESERVE;

/// So many loads, and as many as there are codes, make a full collection due. A code takes one to two kilobytes.
const LOADS_MIN: usize = 1 << 14;

/// Names a loaded code outside of this crate: the number of one that has ended may be another's, the id never is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct CodeId {
    number: u32,
    born: u64,
}

/// Which codes and symbols the machine's own functions may be holding, those that called the innermost run of the interpreter.
#[derive(Clone, Copy)]
struct Runs {
    nested: u32,
    /// Codes born up to here were loaded before the innermost run began, when that one has others around it.
    floor: u64,
    /// Symbols born up to here were made before it began.
    symbols: u64,
}

impl Default for Runs {
    /// Outside of runs.
    fn default() -> Runs {
        Runs {
            nested: 0,
            floor: 0,
            symbols: u64::MAX,
        }
    }
}

/// A run of the interpreter; ends when it is dropped.
pub(crate) struct Run {
    runs: Rc<Cell<Runs>>,
    outer: Runs,
}

impl CodeBlock {
    /// Its name outside of this crate.
    pub fn id(&self) -> CodeId {
        CodeId {
            number: self.number.get() as u32,
            born: self.born.get(),
        }
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.runs.set(self.outer);
    }
}

/// See the module text.
pub(crate) struct Codes {
    /// By number, less one. Free numbers have `vacant`.
    all: Vec<&'static CodeBlock>,
    /// Where `all` got them; `None` for free numbers.
    owned: Vec<Option<NonNull<CodeBlock>>>,
    free: Vec<u32>,
    vacant: &'static CodeBlock,
    /// By address of the method object, which lives as long as its code.
    of_method: HashMap<u64, &'static CodeBlock>,
    max: usize,
    /// The program was told that there are no more numbers, and there are still none.
    told: bool,
    /// Codes loaded so far.
    births: u64,
    /// Loads since the last full collection, and at how many the next is due.
    loads: usize,
    due: usize,
    runs: Rc<Cell<Runs>>,
    /// Codes that live on without their methods: `become:` made other objects of those.
    kept: Vec<u64>,
    /// Those that are new or whose caches took a value since the last collection: of thousands a young one visits only these.
    pub touched: Vec<&'static CodeBlock>,
    pub primitives: HashMap<&'static str, PrimitiveFn>,
    /// An operator of Integer, Float or Array was redefined: fast paths are off from now on.
    pub operators_redefined: bool,
    pub operators: Operators,
}

impl References for Codes {
    fn visit(&self, visit: &mut dyn FnMut(Oop)) {
        self.operators.visit(visit);
        self.iter().for_each(|code| code.visit(visit));
    }

    fn visit_young(&self, visit: &mut dyn FnMut(Oop)) {
        self.operators.visit(visit);
        self.touched.iter().for_each(|code| code.visit(visit));
    }

    fn each_mut(&mut self, change: &mut dyn FnMut(&mut Oop)) {
        self.operators.each_mut(change);
        self.iter().for_each(|code| code.each_shared_mut(change));
    }
}

impl Codes {
    pub fn new(max: usize, tables: &[&[PrimitiveRow]]) -> Codes {
        let rows = tables.iter().flat_map(|table| table.iter());
        let vacant = own(CodeBlock::vacant());
        let mut new = Codes {
            all: Vec::new(),
            owned: Vec::new(),
            free: Vec::new(),
            vacant: borrow(vacant),
            of_method: HashMap::new(),
            max: max.min(CODES_MAX),
            told: false,
            births: 0,
            loads: 0,
            due: 0,
            runs: Rc::default(),
            kept: Vec::new(),
            touched: Vec::new(),
            primitives: rows.map(|row| (row.name, row.function)).collect(),
            operators_redefined: false,
            operators: Operators::default(),
        };
        new.count_again();
        new
    }

    /// The code with a number, not 0, that a closure or a block on the stack gave. Without such a code the vacant one, which fits no call.
    #[inline(always)]
    pub fn at(&self, number: usize) -> &'static CodeBlock {
        self.all.get(number - 1).copied().unwrap_or(self.vacant)
    }

    /// The same for numbers that may be anything.
    pub fn get(&self, number: usize) -> Option<&'static CodeBlock> {
        let code = *self.all.get(number.checked_sub(1)?)?;
        (!code.has_ended()).then_some(code)
    }

    pub fn of_method(&self, method: Oop) -> Option<&'static CodeBlock> {
        self.of_method.get(&method.bits()).copied()
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &'static CodeBlock> + '_ {
        self.all.iter().copied().filter(|code| !code.has_ended())
    }

    /// Numbers given so far: all numbers are below or equal.
    pub fn places(&self) -> usize {
        self.all.len()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len() - self.free.len()
    }

    pub fn named(&self, id: CodeId) -> Option<&'static CodeBlock> {
        self.get(id.number as usize)
            .filter(|code| code.born.get() == id.born)
    }

    /// Whether `code`, which may have ended, is one of those here. Does not look into it.
    pub fn holds(&self, code: *const CodeBlock) -> bool {
        self.iter().any(|c| std::ptr::eq(c, code))
    }

    /// Takes a code in and gives it its number.
    ///
    /// # Errors
    /// `CodesFull`. The next full collection, which is due from now on, may find some that ended.
    pub fn add(&mut self, code: CodeBlock) -> Result<&'static CodeBlock, HeapError> {
        let limit = self.max + if self.told { RESERVE } else { 0 };
        if self.len() >= limit {
            self.told = true;
            self.due = 0;
            return Err(HeapError::CodesFull { max: self.max });
        }
        self.births += 1;
        self.loads += 1;
        let owned = own(code);
        let code = borrow(owned);
        let place = match self.free.pop() {
            Some(place) => place as usize,
            None => {
                self.all.push(code);
                self.owned.push(None);
                self.all.len() - 1
            }
        };
        self.all[place] = code;
        self.owned[place] = Some(owned);
        code.number.set(place as u64 + 1);
        code.born.set(self.births);
        self.of_method.insert(code.method.bits(), code);
        assert!(code.number.get() < 1 << CODE_BITS);
        Ok(code)
    }

    /// Whether so much was loaded that a full collection is due.
    #[inline]
    pub fn wants_collection(&self) -> bool {
        self.loads >= self.due
    }

    /// A run of the interpreter begins, `symbols` having been made.
    pub fn begin_run(&self, symbols: u64) -> Run {
        let outer = self.runs.get();
        self.runs.set(Runs {
            nested: outer.nested + 1,
            floor: if outer.nested == 0 { 0 } else { self.births },
            symbols,
        });
        Run {
            runs: self.runs.clone(),
            outer,
        }
    }

    /// How many of the first symbols somebody outside of the innermost run may hold.
    pub fn lasting_symbols(&self) -> u64 {
        self.runs.get().symbols
    }

    /// Whether `code` may end once its method is dead: none of the machine's functions holds it. `within`: a primitive asks, so its own code and what it falls
    /// back to are in use.
    pub fn may_end(&self, code: &CodeBlock, within: bool) -> bool {
        code.born.get() > self.runs.get().floor
            && !(within && code.primitive.is_some())
            && !self.is_kept(code)
    }

    /// Whether `keep` was asked for it.
    pub fn is_kept(&self, code: &CodeBlock) -> bool {
        self.kept.contains(&code.number.get())
    }

    /// The code of `method` lives as long as the machine: closures name it whose METHOD is another object now.
    pub fn keep(&mut self, method: Oop) {
        if let Some(code) = self.of_method(method)
            && !self.is_kept(code)
        {
            self.kept.push(code.number.get());
        }
    }

    /// A full collection found which numbers are in use (by place): takes the other codes out, and what living codes cached of them. Until `bury` they
    /// can be looked at, and have ended.
    pub fn end_others(&mut self, alive: &[bool]) -> Vec<Ended> {
        let mut ended = Vec::new();
        for (place, owned) in self.owned.iter_mut().enumerate() {
            if alive.get(place) != Some(&true)
                && let Some(owned) = owned.take()
            {
                let code = std::mem::replace(&mut self.all[place], self.vacant);
                code.number.set(0);
                self.of_method.remove(&code.method.bits());
                self.free.push(place as u32);
                ended.push(Ended(owned));
            }
        }
        if !ended.is_empty() {
            let sites = self.iter().flat_map(|code| code.sites.iter());
            sites.filter(|s| s.names_ended()).for_each(|s| s.flush());
        }
        self.told &= self.len() >= self.max;
        self.loads = 0;
        self.count_again();
        ended
    }

    /// Frees codes that ended.
    ///
    /// SAFETY of this file. References to a code lie in these places, and none outlives it:
    /// - frames of all processes: `visit_stack` marks the method of each, so the code is alive;
    /// - inline caches: `end_others` flushed those of living codes, others end with the code that has them;
    /// - `CodeBlock::blocks`: `visit_code` visits the methods of all of them with the code that has them;
    /// - the notes of traps, of the profile, of young collections: roots, or taken out by `Vm::collect` between `end_others` and `bury`;
    /// - variables of this crate's functions. A function that runs while a collection does was called by the interpreter's innermost run or lies below
    ///   it. Those below hold codes loaded before that run began, and `may_end` refuses them. Those above are the collecting instruction itself, which holds
    ///   the code of the frame on top and no other, and, when a primitive collects (`within`), the ones that call primitives: these hold
    ///   the code of the primitive's method, which `may_end` refuses then.
    ///
    /// Numbers of a code lie in closures and in blocks on the stack. A closure has its method in METHOD, which is pinned and so never an id; a block on the stack lies above
    /// a frame whose code has it among its literals. Both keep the code alive.
    pub fn bury(&mut self, ended: Vec<Ended>) {
        for Ended(code) in ended {
            // SAFETY: `own` made the pointer, `end_others` took it out of the only table that has it, and nothing refers to the code: see above.
            drop(unsafe { Box::from_raw(code.as_ptr()) });
        }
    }

    fn count_again(&mut self) {
        let room = self.max.saturating_sub(self.len());
        self.due = LOADS_MIN.max(self.len()).min(room / 2).max(1);
    }
}

/// A code that has ended and is not freed yet.
pub(crate) struct Ended(NonNull<CodeBlock>);

impl Ended {
    /// Address of its method, which is dead.
    pub fn method(&self) -> u64 {
        borrow(self.0).method.bits()
    }
}

fn own(code: CodeBlock) -> NonNull<CodeBlock> {
    NonNull::from(Box::leak(Box::new(code)))
}

fn borrow(owned: NonNull<CodeBlock>) -> &'static CodeBlock {
    // SAFETY: the code is there until `bury` or the end of the machine; nothing but cells in it changes.
    unsafe { &*owned.as_ptr() }
}

impl Drop for Codes {
    fn drop(&mut self) {
        let vacant = NonNull::from(self.vacant);
        for code in self.owned.drain(..).flatten().chain([vacant]) {
            // SAFETY: the machine ends, and with it everything that refers to codes.
            drop(unsafe { Box::from_raw(code.as_ptr()) });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The method that is said to lie at `address`.
    fn at(address: u64) -> Oop {
        // SAFETY: the table compares methods, and follows none.
        unsafe { Oop::from_bits(address) }
    }

    /// A code whose method is said to lie at `address`.
    fn add(codes: &mut Codes, address: u64) -> Result<&'static CodeBlock, HeapError> {
        codes.add(CodeBlock {
            method: at(address),
            ..CodeBlock::vacant()
        })
    }

    #[test]
    fn numbers_are_used_again_and_ids_are_not() {
        let mut codes = Codes::new(3, &[]);
        let all: Vec<_> = (1..4).map(|n| add(&mut codes, n * 8).unwrap()).collect();
        let ids: Vec<CodeId> = all.iter().map(|code| code.id()).collect();
        assert!(matches!(
            add(&mut codes, 80),
            Err(HeapError::CodesFull { max: 3 })
        ));
        let ended = codes.end_others(&[true, false, true]);
        assert_eq!(ended.iter().map(Ended::method).collect::<Vec<_>>(), [16]);
        assert!(codes.get(2).is_none() && codes.at(2).has_ended());
        codes.bury(ended);
        assert!(codes.of_method(at(16)).is_none());
        let new = add(&mut codes, 88).unwrap();
        assert_eq!(new.number.get(), 2);
        assert!(codes.named(ids[1]).is_none() && codes.named(new.id()).is_some());
        assert_eq!(codes.named(ids[2]).unwrap().method, at(24));
        assert!(codes.get(0).is_none() && codes.get(4).is_none() && codes.at(4).has_ended());
    }

    #[test]
    fn whoever_was_told_that_there_are_no_more_numbers_gets_a_few() {
        let mut codes = Codes::new(2, &[]);
        let mut next = 0;
        let mut add = |codes: &mut Codes| {
            next += 8;
            add(codes, next).is_ok()
        };
        assert_eq!([add(&mut codes), add(&mut codes)], [true, true]);
        assert!(codes.wants_collection() && !add(&mut codes));
        assert!((0..RESERVE).all(|_| add(&mut codes)) && !add(&mut codes));
        let ended = codes.end_others(&[true]);
        codes.bury(ended);
        // The next is told again, once.
        assert_eq!([add(&mut codes), add(&mut codes)], [true, false]);
    }

    #[test]
    fn a_nested_run_ends_no_code_that_was_loaded_before_it() {
        let mut codes = Codes::new(10, &[]);
        let old = add(&mut codes, 8).unwrap();
        let outer = codes.begin_run(0);
        assert!(codes.may_end(old, false));
        let inner = codes.begin_run(0);
        let new = add(&mut codes, 16).unwrap();
        assert!(!codes.may_end(old, false) && codes.may_end(new, false));
        let innermost = codes.begin_run(0);
        assert!(!codes.may_end(new, false));
        drop(innermost);
        assert!(codes.may_end(new, false));
        drop(inner);
        assert!(codes.may_end(old, false));
        drop(outer);
        codes.keep(at(8));
        assert!(!codes.may_end(old, false));
    }
}
