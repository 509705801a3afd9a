//! How the session tells the compiler what a name means that is no local variable.

/// A variable that outlives a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Variable {
    /// Declared slot of self, from 0.
    InstVar(u16),
    /// A class variable or pool variable of the class (or pool) that owns it.
    ClassVar { class: String, name: String },
    /// A name in a symbol dictionary of the session's symbol list.
    Global(String),
    /// A variable of the environments that a text is evaluated in (`compile_eval`): how many of them it is further out, and which one there.
    Outer { level: u16, index: u16 },
}

/// Answers for names. Called once per occurrence, after locals, arguments and pseudo-variables were tried.
pub trait Scope {
    /// `None` makes the name an undeclared variable, which is an error.
    fn resolve(&self, name: &str) -> Option<Variable>;
}

/// Knows no names.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoScope;

impl Scope for NoScope {
    fn resolve(&self, _name: &str) -> Option<Variable> {
        None
    }
}
