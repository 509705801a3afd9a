//! The opcode table: every instruction, its operands and its meaning, once.
//!
//! Operand kinds (what the verifier checks and the listing prints):
//! `W` register written, `R` register read, `L` literal index, `S` call site index, `B` base register of a
//! send's window, `N` plain number, `K` inline cache index, `I` signed immediate in `bc`, `J` jump offset in `bc`
//! (relative to the next instruction), `j` jump offset in `c`, `_` unused, `X` register read or 65535.
//!
//! "+Send" marks an instruction with an inlined fast path. The NEXT instruction must be `Send dst site base`, which is its
//! slow path: when the fast path does not apply the machine copies the operands into `base`, `base+1`, ... and goes on with
//! that `Send`; when it applies the machine stores the result into the `Send`'s destination and skips it. `a` repeats the destination.

/// Which operands an opcode has, as three kind letters (see the module text).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operands {
    pub kinds: [u8; 3],
    /// The next instruction must be a `Send` (slow path).
    pub send_follows: bool,
}

macro_rules! opcodes {
    ($( $(#[doc = $doc:literal])+ $name:ident = $kinds:literal $(+ $send:ident)? ; )+) => {
        /// An opcode.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u16)]
        pub enum Op { $( $(#[doc = $doc])+ $name, )+ }

        impl Op {
            /// Every opcode, in the order of its number.
            pub const ALL: &'static [Op] = &[$(Op::$name),+];

            pub fn name(self) -> &'static str {
                match self { $(Op::$name => stringify!($name)),+ }
            }

            /// What the instruction does, from this table.
            pub fn doc(self) -> &'static str {
                match self { $(Op::$name => concat!($($doc, "\n"),+)),+ }
            }

            pub fn operands(self) -> Operands {
                match self {
                    $(Op::$name => Operands {
                        kinds: { const K: &[u8] = $kinds.as_bytes(); [K[0], K[1], K[2]] },
                        send_follows: false $(|| { let _ = stringify!($send); true })?,
                    }),+
                }
            }
        }
    };
}

opcodes! {
    /// Does nothing.
    Nop = "___";
    /// r[a] = r[b]
    Move = "WR_";
    /// r[a] = literal b
    LoadLit = "WL_";
    /// r[a] = SmallInteger bc
    LoadInt = "WI_";
    /// r[a] = nil
    LoadNil = "W__";
    /// r[a] = true
    LoadTrue = "W__";
    /// r[a] = false
    LoadFalse = "W__";
    /// r[a] = undef, the mark of an absent argument
    LoadUndef = "W__";
    /// r[a], r[a+1], ... b of them = nil
    LoadNils = "WN_";

    /// Makes this frame's environment with b variables, all nil; its parent is the closure's environment.
    /// At most once per code, and before any other instruction that uses environments.
    /// Home code (method, script, class body) that contains a MakeBlock or MakeBinding must have one.
    /// a = 0: an object. Else its variables lie in r[a], r[a+1], ... (which nothing else uses) until something keeps it.
    MakeEnv = "WN_";
    /// r[a] = variable c of the environment b levels out. Level 0 is this frame's own environment when the code has a MakeEnv,
    /// else the closure's.
    GetEnv = "WNN";
    /// variable c of the environment b levels out = r[a]
    SetEnv = "RNN";
    /// r[a] = declared slot b of self (Smalltalk instance variables, 0-based)
    GetSlot = "WN_";
    /// declared slot b of self = r[a]
    SetSlot = "RN_";
    /// r[a] = instance variable of self named by symbol literal b (nil when absent), through inline cache c
    GetIvar = "WLK";
    /// instance variable of self named by symbol literal b = r[a], through inline cache c
    SetIvar = "RLK";
    /// r[a] = value of the association that is literal b (Smalltalk globals, class and pool variables)
    GetAssoc = "WL_";
    /// value of the association that is literal b = r[a]
    SetAssoc = "RL_";

    /// r[a] = Ruby constant named by symbol literal b, looked up lexically then through ancestors; inline cache c.
    /// Missing constants send const_missing.
    GetConst = "WLK";
    /// r[a] = constant named by symbol literal b in the module r[c]
    GetConstIn = "WLR";
    /// r[a] = constant named by symbol literal b at top level (`::Name`)
    GetConstTop = "WL_";
    /// constant named by symbol literal b = r[a], in the module r[c], or in the innermost lexical module when c is 65535
    SetConst = "RLX";
    /// r[a] = Ruby global variable named by symbol literal b (name with its `$`)
    GetGlobal = "WL_";
    /// Ruby global variable named by symbol literal b = r[a]
    SetGlobal = "RL_";
    /// r[a] = class variable named by symbol literal b
    GetClassVar = "WL_";
    /// class variable named by symbol literal b = r[a]
    SetClassVar = "RL_";
    /// r[a] = result of defined? for the name in literal b: a String or nil. c: 0 instance variable, 1 global variable,
    /// 2 constant (lexical), 3 class variable, 4 method of self (private ones count), 5 yield, 6 super,
    /// 7 constant b in module r[a], 8 public method b of r[a], 9 nth reference or `$~` part (symbol literal like `$1`)
    Defined = "WLN";
    /// r[a] = the module that `def` defines into here (default definee)
    GetDefinee = "W__";
    /// r[a] = frame-local special variable b: 0 `$~`, 1 `$_`
    GetSpecial = "WN_";
    /// frame-local special variable b = r[a]
    SetSpecial = "RN_";
    /// r[a] = part of the last match: b = 0 `$&`, n `$n`, 1001 `` $` ``, 1002 `$'`, 1003 `$+`
    NthRef = "WN_";

    /// Send site b. Receiver in r[c], arguments from r[c+1]; result to r[a]. The callee's registers start at r[c]:
    /// everything from r[c] upward may be overwritten.
    Send = "WSB";
    /// Like Send, but lookup starts above the class (module) that owns the running method. r[c] must be self.
    SendSuper = "WSB";
    /// Calls the block of the home method; site b describes arguments from r[c+1] (r[c] is scratch); result to r[a].
    Yield = "WSB";

    /// r[b] + r[c]
    Add = "WRR" + Send;
    /// r[b] - r[c]
    Sub = "WRR" + Send;
    /// r[b] * r[c]
    Mul = "WRR" + Send;
    /// Ruby `/`: floored for integers, plain for floats
    Div = "WRR" + Send;
    /// Smalltalk `//`: floored integer quotient. Floats take the Send: theirs may be any Integer
    IntDiv = "WRR" + Send;
    /// Ruby `%`, Smalltalk `\\`: sign of the divisor. A division by zero takes the Send, also one of floats
    Mod = "WRR" + Send;
    /// r[b] + signed number c
    AddInt = "WRN" + Send;
    /// r[b] - signed number c
    SubInt = "WRN" + Send;
    /// r[b] & r[c]
    BitAnd = "WRR" + Send;
    /// r[b] | r[c]
    BitOr = "WRR" + Send;
    /// r[b] ^ r[c]
    BitXor = "WRR" + Send;
    /// Ruby `<<`: integer shift, or append to an Array
    ShiftLeft = "WRR" + Send;
    /// Ruby `>>`
    ShiftRight = "WRR" + Send;
    /// r[b] < r[c], true or false
    Lt = "WRR" + Send;
    /// r[b] <= r[c]
    Le = "WRR" + Send;
    /// r[b] > r[c]
    Gt = "WRR" + Send;
    /// r[b] >= r[c]
    Ge = "WRR" + Send;
    /// Ruby `==`, Smalltalk `=`
    Eq = "WRR" + Send;
    /// Ruby `!=`, Smalltalk `~=`
    Ne = "WRR" + Send;
    /// Ruby r[b][r[c]], 0-based, negative from the end (plain Arrays inlined)
    Aref = "WRR" + Send;
    /// Ruby r[b][r[c]] = r[a]. The Send's window has receiver, index, value; its destination is scratch.
    Aset = "RRR" + Send;
    /// Smalltalk r[b] at: r[c], 1-based
    At = "WRR" + Send;
    /// Smalltalk r[b] at: r[c] put: r[a]. The Send's destination receives r[a].
    AtPut = "RRR" + Send;

    /// r[a] = r[b] and r[c] are the same object (true or false); cannot be redefined
    Identical = "WRR";
    /// r[a] = r[b] and r[c] are different objects
    NotIdentical = "WRR";
    /// r[a] = true when r[b] is nil or false, else false
    Not = "WR_";
    /// r[a] = whether r[b] is nil
    IsNil = "WR_";

    /// Jumps by bc. A backward jump is a safepoint.
    Jump = "_J_";
    /// Jumps when r[a] is neither nil nor false
    BranchTrue = "RJ_";
    /// Jumps when r[a] is nil or false
    BranchFalse = "RJ_";
    /// Jumps when r[a] is nil
    BranchNil = "RJ_";
    /// Jumps when r[a] is not nil
    BranchNotNil = "RJ_";
    /// Jumps when r[a] is undef
    BranchUndef = "RJ_";
    /// Jumps when r[a] is not undef
    BranchNotUndef = "RJ_";
    /// Smalltalk: jumps when r[a] is true; a non-Boolean gets #mustBeBoolean (an error)
    BoolBranchTrue = "RJ_";
    /// Smalltalk: jumps when r[a] is false; a non-Boolean gets #mustBeBoolean (an error)
    BoolBranchFalse = "RJ_";
    /// Fused: unless r[a] < r[b] jump by c (relative to the instruction AFTER the two that follow). Followed by
    /// `Send t site base` and then a branch on t to the same target: the slow path.
    JumpUnlessLt = "RRj" + Send;
    /// Fused: unless r[a] <= r[b]
    JumpUnlessLe = "RRj" + Send;
    /// Fused: unless r[a] > r[b]
    JumpUnlessGt = "RRj" + Send;
    /// Fused: unless r[a] >= r[b]
    JumpUnlessGe = "RRj" + Send;
    /// Fused: unless r[a] == r[b] (Ruby `==`, Smalltalk `=`)
    JumpUnlessEq = "RRj" + Send;
    /// Fused: unless r[a] != r[b]
    JumpUnlessNe = "RRj" + Send;

    /// Returns r[a] from this frame (method, or block: Ruby `next`)
    Return = "R__";
    /// Returns self
    ReturnSelf = "___";
    /// Returns r[a] from the home method: Smalltalk `^` in a block, Ruby `return` in a block. Inside a lambda it returns from
    /// the innermost enclosing lambda. Runs ensure handlers on the way. A dead home raises CannotReturn / LocalJumpError.
    ReturnHome = "R__";
    /// Ruby `break` in a block: r[a] becomes the value of the call that the block was given to
    BreakBlock = "R__";

    /// r[a] = a closure of code literal b. c: 0 block or proc, 1 lambda (`->`), 2 a block written at the call: r[a] is the block
    /// register of the Send that follows, and the closure becomes an object only when something keeps it
    MakeBlock = "WLN";
    /// r[a] = the block given to the home method, or nil
    GetBlock = "W__";
    /// r[a] = whether the home method was given a block
    BlockGiven = "W__";
    /// r[a] = a Binding of this frame
    MakeBinding = "W__";

    /// r[a] = a new Array of the b values from r[c]
    NewArray = "WNR";
    /// appends r[b] to the Array r[a]
    ArrayPush = "RR_";
    /// appends all elements of the Array r[b] to the Array r[a]
    ArrayConcat = "RR_";
    /// Splat: r[a] = a fresh Array of r[b]'s elements when it is an Array, [] when nil. Else the Send `__splat`.
    Splat = "WR_" + Send;
    /// Multiple assignment's right side: r[a] = r[b] when it is an Array. Else the Send `__to_ary_multi` (always answers an Array).
    ToAry = "WR_" + Send;
    /// Spreads the Array r[b] over registers from r[a]. Literal c is a SmallInteger: pre | splat<<16 | post<<32.
    /// Writes pre values, then (splat = 1) an Array of the middle, then post values; missing ones are nil.
    ExpandArray = "WRL";
    /// r[a] = a new empty Hash
    NewHash = "W__";
    /// r[a] = (r[b]..r[c])
    NewRange = "WRR";
    /// r[a] = (r[b]...r[c])
    NewRangeExclusive = "WRR";
    /// r[a] = a new String with the bytes and encoding of literal b
    NewString = "WL_";
    /// Interpolation: r[a] = r[b] when it is a String. Else the Send `to_s`.
    ToStr = "WR_" + Send;
    /// r[a] = a new String of the b Strings from r[c] (a value that is no String is shown as Ruby's any_to_s)
    StrConcat = "WNR";

    /// Raises the exception r[a] again from here, keeping its backtrace (a rescue that did not match, a failed ensure)
    Reraise = "R__";
    /// End of an ensure body entered through the handler table: goes on unwinding with the pending state in r[a];
    /// falls through when r[a] is nil
    EndEnsure = "R__";
    /// r[a] = the exception being handled (`$!`)
    GetErrInfo = "W__";
    /// `$!` = r[a]
    SetErrInfo = "R__";

    /// `def name`: installs code literal b under symbol literal c in the default definee; r[a] = the symbol
    DefMethod = "WLL";
    /// `def obj.name`: object in r[a], code literal b, symbol literal c; r[a] = the symbol
    DefSingleton = "WLL";
    /// `class Name < Super`: r[c] = superclass or undef, r[c+1] = scope module or undef; body code literal b (its name is the
    /// class's). Opens or makes the class, runs the body with it as self, r[a] = the body's value. Registers from r[c] are clobbered.
    DefClass = "WLB";
    /// `module Name`: like DefClass, r[c] is ignored
    DefModule = "WLB";
    /// `class << obj`: r[c] = obj; runs body code literal b with the singleton class as self; r[a] = its value
    OpenSingleton = "WLB";

    /// Where a debugger wants to be asked. Never in stored code: the machine puts it over an instruction of loaded code.
    Trap = "___";
    /// r[a] = number of elements of the plain Array r[b]
    Size = "WR_" + Send;

    /// Fills the window of the Send that follows with r[b] and r[c]. This and the next four never stand in stored code: the machine puts
    /// them over instructions whose operator a program redefined.
    Window = "_RR" + Send;
    /// Fills the window with r[b] and the signed number c
    WindowInt = "_RN" + Send;
    /// Fills the window with r[b], r[c] and r[a]
    WindowStore = "RRR" + Send;
    /// Fills the window with r[b]
    WindowUnary = "_R_" + Send;
    /// Fills the window with r[a] and r[b]
    WindowFused = "RR_" + Send;
}

impl Op {
    /// The opcode with this number.
    pub fn from_bits(bits: u16) -> Option<Op> {
        Op::ALL.get(bits as usize).copied()
    }

    /// Whether this is one of the fused compare-and-branch instructions.
    pub fn is_fused(self) -> bool {
        matches!(
            self,
            Op::JumpUnlessLt
                | Op::JumpUnlessLe
                | Op::JumpUnlessGt
                | Op::JumpUnlessGe
                | Op::JumpUnlessEq
                | Op::JumpUnlessNe
        )
    }
}
