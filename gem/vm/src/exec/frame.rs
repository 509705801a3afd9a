//! One activation. Frames lie in a vector beside the register stack; `docs/frames.md` describes the layout.

use crate::CodeBlock;
use format::Oop;

/// Bits of `Frame::flags`. A frame without any takes the short way out in `Return`.
pub mod frame_flags {
    /// Bottom of a run of the interpreter: its value leaves the loop.
    pub const ENTRY: u16 = 1;
    /// The call answers the receiver, whatever the method returns (`new` calling `initialize`).
    pub const KEEP_RECEIVER: u16 = 2;
    /// A Smalltalk handler block: its value returns from the `on:do:` frame. `Frame::block` is the exception.
    pub const HANDLER: u16 = 4;
    /// `def` in this frame defines into self (class body, `class_eval`).
    pub const DEFINEE_SELF: u16 = 8;
    /// `def` in this frame defines into self's singleton class (`instance_eval`).
    pub const DEFINEE_SINGLETON: u16 = 16;
    /// The frame's block acts as a lambda.
    pub const LAMBDA: u16 = 32;
    /// The caller executes its Send again with the value as its block (`to_proc` of a block argument).
    pub const RETRY_SEND: u16 = 64;
    /// Bottom of a green process.
    pub const PROCESS: u16 = 128;
    /// The value is negated (`!=` through `==`).
    pub const NEGATE: u16 = 256;
    /// Called between two instructions of the caller, which goes on with its next one whatever the value is.
    pub const REDO: u16 = 512;
    /// Flags that only mark and need no work at return.
    pub const QUIET: u16 = DEFINEE_SELF | DEFINEE_SINGLETON | LAMBDA;
}

/// See the module text.
#[derive(Clone, Copy)]
pub struct Frame {
    /// Lives as long as the frame is one of a process: the collector visits its method.
    pub(crate) code: &'static CodeBlock,
    /// Next instruction; current while the frame is not on top.
    pub pc: u32,
    /// Register 0, as an index into the process's registers.
    pub base: u32,
    /// Register of the caller (relative to its base) that receives the value.
    pub dst: u16,
    pub flags: u16,
    /// Positional arguments that came.
    pub argc: u16,
    /// Identity for returns and breaks, 0 while nobody needs one.
    pub serial: u64,
    /// This frame's environment, else the closure's, else nil.
    pub env: Oop,
    /// The block given to a method; the exception of a HANDLER frame.
    pub block: Oop,
    /// The closure a block frame runs, else nil.
    pub closure: Oop,
}

impl Frame {
    /// Calls `change` with every object that the frame refers to and that may be another one after `become:`.
    pub(crate) fn each_mut(&mut self, change: &mut dyn FnMut(&mut Oop)) {
        change(&mut self.env);
        change(&mut self.block);
        change(&mut self.closure);
    }
}
