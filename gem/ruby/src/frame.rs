//! One code under construction: its assembler, its variables, the control structures that are open in it.
//!
//! Must not know: Prism.

use gem_bytecode::{Assembler, CallSite, Code, CodeKind, Label, Literal, Params, site_flags};
use std::collections::HashMap;

/// Where a variable of a frame lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Storage {
    Register(u16),
    /// Index in the frame's environment.
    Env(u16),
}

/// What a frame is to jumps and variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FrameKind {
    Method,
    /// Script, class body.
    Body,
    Block,
    /// `->`: surely a lambda, so `return` and `break` are plain returns.
    Lambda,
    /// A block the language does not show: body of `for`, of `END`. Its variables are the enclosing frame's.
    Transparent,
    Eval,
    /// A level of the binding an eval runs in: only names.
    Outer,
}

/// An argument that an implicit `super` passes on.
#[derive(Clone, Debug)]
pub(crate) enum SuperArgument {
    Positional(String),
    Rest(String),
    Keyword(String),
    KeyRest(String),
}

/// Where control goes when it leaves structures before their end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JumpKind {
    /// To a label, storing the value into a register first.
    To(Label, Option<u16>),
    /// Return from this frame.
    Return,
}

/// A jump that stays outside of `floor` open structures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Jump {
    pub kind: JumpKind,
    pub floor: usize,
}

/// A jump out of a class body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Escape {
    Break,
    Next,
    Redo,
    Return,
}

impl Jump {
    pub(crate) const RETURN: Jump = Jump {
        kind: JumpKind::Return,
        floor: 0,
    };

    pub(crate) fn to(label: Label, result: Option<u16>, floor: usize) -> Jump {
        Jump {
            kind: JumpKind::To(label, result),
            floor,
        }
    }

    pub(crate) fn carries_value(&self) -> bool {
        !matches!(self.kind, JumpKind::To(_, None))
    }
}

/// An open `ensure`: jumps out of it run its body first, then go on by number.
#[derive(Debug)]
pub(crate) struct Ensure {
    pub pending: u16,
    pub which: u16,
    pub value: u16,
    pub entry: Label,
    pub jumps: Vec<Jump>,
}

/// A control structure that is open at this point.
#[derive(Debug)]
pub(crate) enum Control {
    Loop {
        break_to: Label,
        next_to: Label,
        redo_to: Label,
        result: Option<u16>,
    },
    Ensure(Ensure),
    /// `$!` is to be restored from this register on leaving.
    ErrInfo(u16),
    /// In a rescue clause: where `retry` goes.
    Retry(Label),
}

/// See the module text.
pub(crate) struct CodeFrame {
    pub asm: Assembler,
    pub kind: FrameKind,
    pub places: HashMap<String, Storage>,
    pub env_names: Vec<String>,
    pub has_env: bool,
    /// Registers below this one are self, parameters and locals: they keep their values across expressions.
    pub first_temp: u16,
    pub controls: Vec<Control>,
    /// Where `redo` goes in a block.
    pub body_start: Option<Label>,
    pub super_arguments: Vec<SuperArgument>,
    /// A class body that answers `[number, value]`, and the jumps it asks for by number.
    pub wraps: bool,
    pub escapes: Vec<Escape>,
    pub overflow: bool,
    symbols: HashMap<String, u16>,
    strings: HashMap<(Vec<u8>, u16), u16>,
    shared_sites: HashMap<&'static str, u16>,
}

impl CodeFrame {
    pub(crate) fn new(name: &str, kind: FrameKind, params: Params) -> CodeFrame {
        let code_kind = match kind {
            FrameKind::Method => CodeKind::Method,
            FrameKind::Body => CodeKind::Body,
            FrameKind::Block | FrameKind::Lambda | FrameKind::Transparent => CodeKind::Block,
            FrameKind::Eval | FrameKind::Outer => CodeKind::Eval,
        };
        let asm = Assembler::new(name, code_kind, gem_bytecode::ENV_RUBY, params);
        CodeFrame {
            first_temp: asm.mark(),
            asm,
            kind,
            places: HashMap::new(),
            env_names: Vec::new(),
            has_env: false,
            controls: Vec::new(),
            body_start: None,
            super_arguments: Vec::new(),
            wraps: false,
            escapes: Vec::new(),
            overflow: false,
            symbols: HashMap::new(),
            strings: HashMap::new(),
            shared_sites: HashMap::new(),
        }
    }

    /// A level of a binding, which eval code sees through its environments.
    pub(crate) fn outer(names: &[String]) -> CodeFrame {
        let mut frame = CodeFrame::new("", FrameKind::Outer, Params::default());
        frame.has_env = true;
        for (i, name) in names.iter().enumerate() {
            frame
                .places
                .insert(name.clone(), Storage::Env(i.min(u16::MAX as usize) as u16));
        }
        frame
    }

    /// Gives `name` a place in the environment.
    pub(crate) fn add_env(&mut self, name: &str) -> u16 {
        let index = self.env_names.len();
        self.overflow |= index >= u16::MAX as usize;
        self.env_names.push(name.to_string());
        self.places
            .insert(name.to_string(), Storage::Env(index as u16));
        index as u16
    }

    /// Index of a new literal, without looking for an equal one.
    pub(crate) fn push_literal(&mut self, literal: Literal) -> u16 {
        let literals = &mut self.asm.code_mut().literals;
        if literals.len() >= u16::MAX as usize {
            self.overflow = true;
            return 0;
        }
        literals.push(literal);
        (literals.len() - 1) as u16
    }

    pub(crate) fn symbol(&mut self, name: &str) -> u16 {
        if let Some(&i) = self.symbols.get(name) {
            return i;
        }
        let i = self.push_literal(Literal::Symbol(name.to_string()));
        self.symbols.insert(name.to_string(), i);
        i
    }

    pub(crate) fn string(&mut self, bytes: &[u8], encoding: u16) -> u16 {
        let key = (bytes.to_vec(), encoding);
        if let Some(&i) = self.strings.get(&key) {
            return i;
        }
        let i = self.push_literal(Literal::String {
            bytes: bytes.to_vec(),
            encoding,
        });
        self.strings.insert(key, i);
        i
    }

    /// A call site of its own; `flags` beside RUBY.
    pub(crate) fn site(&mut self, selector: &str, argc: u16, flags: u16) -> u16 {
        let selector = self.symbol(selector);
        let sites = &mut self.asm.code_mut().sites;
        if sites.len() >= u16::MAX as usize {
            self.overflow = true;
            return 0;
        }
        sites.push(CallSite {
            selector,
            argc,
            flags: flags | site_flags::RUBY,
        });
        (sites.len() - 1) as u16
    }

    /// One site for all calls of a helper in this code: their receivers are always of one class.
    pub(crate) fn shared_site(&mut self, selector: &'static str, argc: u16) -> u16 {
        if let Some(&i) = self.shared_sites.get(selector) {
            return i;
        }
        let i = self.site(selector, argc, 0);
        self.shared_sites.insert(selector, i);
        i
    }

    /// Resolves labels and fills in what the frame collected.
    ///
    /// # Errors
    /// A sentence when the code is too large for the instruction format.
    pub(crate) fn finish(mut self) -> Result<Code, String> {
        if self.overflow {
            return Err("too many variables, literals or calls in one method".to_string());
        }
        let mut locals: Vec<(String, u16)> = self
            .places
            .iter()
            .filter_map(|(name, place)| match place {
                Storage::Register(r) if !name.starts_with('%') => Some((name.clone(), *r)),
                _ => None,
            })
            .collect();
        locals.sort_by_key(|l| l.1);
        let code = self.asm.code_mut();
        code.env_names = std::mem::take(&mut self.env_names);
        code.local_names = locals;
        self.asm.finish()
    }
}
