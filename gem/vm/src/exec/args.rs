//! The window of a primitive's arguments.

use crate::Vm;
use format::Oop;

/// Receiver and arguments of a primitive, by position. Cheap to copy; valid until the primitive returns.
#[derive(Clone, Copy, Debug)]
pub struct Args {
    pub(crate) base: usize,
    pub(crate) count: usize,
    /// Block given to a Ruby method, nil when none.
    pub block: Oop,
}

impl Args {
    /// Number of arguments without the receiver (for Ruby methods: of parameter registers).
    pub fn len(self) -> usize {
        self.count
    }
    pub fn is_empty(self) -> bool {
        self.count == 0
    }
}

impl Vm {
    /// Receiver of a primitive.
    #[inline(always)]
    pub fn receiver(&self, args: Args) -> Oop {
        self.exec.regs.get(args.base)
    }

    /// Argument `i`, from 1; undef when it was not given or does not exist.
    #[inline(always)]
    pub fn arg(&self, args: Args, i: usize) -> Oop {
        if i <= args.count {
            self.exec.regs.get(args.base + i)
        } else {
            Oop::UNDEF
        }
    }

    /// Argument `i` when it was given and is not nil.
    pub fn given(&self, args: Args, i: usize) -> Option<Oop> {
        Some(self.arg(args, i)).filter(|a| !a.is_undef() && !a.is_nil())
    }

    /// All arguments from `first` on.
    pub fn args_from(&self, args: Args, first: usize) -> Vec<Oop> {
        (first..=args.count)
            .map(|i| self.exec.regs.get(args.base + i))
            .collect()
    }
}
