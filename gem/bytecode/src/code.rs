//! What a compiler produces: one `Code` per method, block, script or class body.

use crate::Instr;
use num_bigint::BigInt;

/// What kind of frame a code runs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum CodeKind {
    /// A method: a home for returns and yields.
    Method = 0,
    /// A block: has a parent environment and a home.
    Block = 1,
    /// A Ruby class or module body, or a Smalltalk/Ruby script: a home without arguments.
    Body = 2,
    /// Code given to `eval` (Ruby) or evaluated in a debugger frame: runs as a block of the binding's frame.
    Eval = 3,
}

/// Whether keyword arguments beyond the named ones are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(u8)]
pub enum KeyRest {
    /// No `**`: unknown keywords raise ArgumentError when any keyword is declared.
    #[default]
    None = 0,
    /// `**rest`: one register.
    Present = 1,
    /// `**nil`
    Forbidden = 2,
}

/// Parameters. Their registers follow self in this order:
/// required, optional, rest, post, keywords, keyword rest, block.
/// Optional and keyword registers without argument hold undef on entry; the code starts by filling them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Params {
    pub required: u16,
    pub optional: u16,
    pub rest: bool,
    pub post: u16,
    /// Symbol literal index and whether the keyword must be given.
    pub keywords: Vec<(u16, bool)>,
    pub keyrest: KeyRest,
    pub block: bool,
    /// Ruby procs and blocks: missing arguments are nil, surplus ones dropped, a lone Array spread over several parameters.
    pub lenient: bool,
    /// A block written `|a, |`: one parameter that still spreads an Array.
    pub trailing_comma: bool,
    /// Ruby 3.4 `it` or numbered parameters count as `required` but are not listed.
    pub implicit: bool,
    /// Names in register order, for `parameters` and the debugger; empty string for anonymous ones.
    pub names: Vec<String>,
}

impl Params {
    /// Only required parameters: a plain call needs no binding.
    pub fn is_simple(&self) -> bool {
        self.optional == 0
            && !self.rest
            && self.post == 0
            && self.keywords.is_empty()
            && self.keyrest == KeyRest::None
            && !self.block
            && !self.lenient
    }
    /// Registers used by all parameters.
    pub fn registers(&self) -> usize {
        self.required as usize
            + self.optional as usize
            + self.rest as usize
            + self.post as usize
            + self.keywords.len()
            + (self.keyrest == KeyRest::Present) as usize
            + self.block as usize
    }
}

/// Bits of `CallSite::flags`.
pub mod site_flags {
    /// The method is looked up in environment 1 (Ruby), else 0.
    pub const RUBY: u16 = 1;
    /// One register after the positional arguments holds a Hash of keyword arguments (may be empty).
    pub const KEYWORDS: u16 = 2;
    /// One register after positional arguments and keywords holds the block: a closure, nil, or anything with to_proc.
    pub const BLOCK: u16 = 4;
    /// `argc` is 1 and that register holds an Array of all positional arguments.
    pub const SPLAT: u16 = 8;
    /// No explicit receiver: private methods may be called; a missing one is a NameError when VARIABLE too.
    pub const SELF_CALL: u16 = 16;
    /// A bare identifier that could have been a variable.
    pub const VARIABLE: u16 = 32;
    /// The block was written at the call (`{ }`): a `break` in it ends this call.
    pub const LITERAL_BLOCK: u16 = 64;
    /// `super` without argument list; the compiler passes the current parameters as arguments.
    pub const IMPLICIT_SUPER: u16 = 128;
}

/// One call site. Registers from the window's base: receiver, `argc` arguments, keyword Hash, block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallSite {
    /// Literal index of the selector symbol.
    pub selector: u16,
    pub argc: u16,
    pub flags: u16,
}

/// What a handler table entry does when control leaves its range abnormally.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum HandlerKind {
    /// Ruby `rescue`: an exception unwinds to here; r[reg] = the exception. The code tests classes itself and
    /// ends with Reraise when none matches.
    Rescue = 0,
    /// `ensure`: any unwinding runs the code at `target` with r[reg] = pending state, which ends in EndEnsure reg.
    Ensure = 1,
    /// Smalltalk `on:do:`: r[reg] = exception class or set, r[reg+1] = handler block; nothing unwinds before the handler runs.
    /// `target` is where the frame goes on when the handler returns, with the value in r[reg+2].
    OnDo = 2,
    /// Smalltalk `ifCurtailed:`: as Ensure, but never reached by normal completion.
    Curtail = 3,
    /// Ruby `retry`-able or `catch` frame: a throw unwinds to here when r[reg] is the tag; r[reg+1] = the value.
    Catch = 4,
}

/// Instructions `start..end` are covered. Inner entries come before outer ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handler {
    pub start: u32,
    pub end: u32,
    pub target: u32,
    pub kind: HandlerKind,
    pub reg: u16,
}

/// A literal as compilers see it; the session turns it into an object.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    Nil,
    True,
    False,
    Integer(BigInt),
    Float(f64),
    /// Exact `numerator / denominator` (Ruby `3r`; Smalltalk has no literal fractions).
    Rational(BigInt, BigInt),
    /// Ruby `2i`: the imaginary part.
    Imaginary(Box<Literal>),
    /// Smalltalk `3.14s2`: unscaled numerator and denominator, scale.
    ScaledDecimal(BigInt, BigInt, u32),
    /// Smalltalk `3.14p2`: as a scaled decimal.
    FixedPoint(BigInt, BigInt, u32),
    /// Smalltalk `6.02f23`: an integer and the power of ten it is multiplied by. At most 20 digits, no zero at their end.
    DecimalFloat(BigInt, i32),
    Character(u32),
    /// Frozen String. `encoding` as in `format::wellknown`: 0 UTF-8, 1 binary, 2 US-ASCII.
    String {
        bytes: Vec<u8>,
        encoding: u16,
    },
    Symbol(String),
    Array(Vec<Literal>),
    ByteArray(Vec<u8>),
    /// Ruby regular expression: source, option bits (1 i, 2 x, 4 m, 16 fixed encoding, 32 none).
    Regexp {
        source: Vec<u8>,
        options: u32,
    },
    /// Ruby literal range of literals.
    Range {
        low: Box<Literal>,
        high: Box<Literal>,
        exclusive: bool,
    },
    Code(Box<Code>),
    /// The association of a Smalltalk global, resolved by the installer through the symbol list. A missing one is
    /// a compile error unless the installer defers it.
    Global(String),
    /// The association of a class variable or pool variable, already found by the compiler's scope: owner class name, variable name.
    ClassVariable {
        class: String,
        name: String,
    },
}

/// A compiled method, block, body or eval.
#[derive(Clone, Debug, PartialEq)]
pub struct Code {
    /// Selector; `"a block"`-style names are the debugger's business, blocks repeat the home's selector.
    pub name: String,
    pub kind: CodeKind,
    /// 0 Smalltalk, 1 Ruby.
    pub environment: u8,
    pub params: Params,
    /// Registers of the frame: self, parameters, locals, temporaries and the send windows' bases.
    pub registers: u16,
    pub instructions: Vec<Instr>,
    pub literals: Vec<Literal>,
    pub sites: Vec<CallSite>,
    pub handlers: Vec<Handler>,
    /// Number of inline caches that instructions of kind `K` use.
    pub caches: u16,
    /// Name of the primitive tried before the instructions.
    pub primitive: Option<String>,
    /// (first instruction, line) ascending; the first is the place of the code's head. A line may come several times, for places
    /// within it; of several for one instruction the last counts.
    pub lines: Vec<(u32, u32)>,
    /// Column (characters from 1, 0 when unknown) of each entry of `lines`; shorter than `lines` when the rest is unknown.
    pub columns: Vec<u16>,
    pub file: String,
    /// Source text of a method; empty for blocks (theirs lies in the home's) and for bodies.
    pub source: String,
    /// Names of the environment's variables, by index (for eval, binding, debugger).
    pub env_names: Vec<String>,
    /// (name, register) of locals that live in registers.
    pub local_names: Vec<(String, u16)>,
}

impl Code {
    /// Source line of the instruction at `pc`, 0 when unknown.
    pub fn line_at(&self, pc: u32) -> u32 {
        match self.lines.partition_point(|&(start, _)| start <= pc) {
            0 => 0,
            n => self.lines[n - 1].1,
        }
    }
}

/// The name of a primitive as the tables have it: `some_name` → `someName`; names without underscore stay.
pub fn camel_case(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut upper = false;
    for c in name.chars() {
        if c == '_' && !out.is_empty() {
            upper = true;
        } else if upper {
            out.extend(c.to_uppercase());
            upper = false;
        } else {
            out.push(c);
        }
    }
    out
}
