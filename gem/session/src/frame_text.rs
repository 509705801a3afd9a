//! Texts that are evaluated in a frame of a stopped process: they see the frame's variables.
//!
//! Must not know: how a frame's variables are found or kept. It gets their names, by environment, innermost first.

use crate::error::SessionError;
use crate::install::{Installer, install_ruby};
use crate::scope::ClassScope;
use format::wellknown::slots::method;
use gem_smalltalk::{Scope, Variable};
use gem_vm::{Oop, Vm};

/// The frame's names, then those of its class.
struct FrameScope<'a, 'v> {
    names: &'a [Vec<String>],
    class: ClassScope<'v>,
}

impl Scope for FrameScope<'_, '_> {
    fn resolve(&self, name: &str) -> Option<Variable> {
        for (level, names) in self.names.iter().enumerate() {
            if let Some(index) = names.iter().position(|n| n == name) {
                return Some(Variable::Outer {
                    level: u16::try_from(level).ok()?,
                    index: u16::try_from(index).ok()?,
                });
            }
        }
        self.class.resolve(name)
    }
}

/// Compiles Smalltalk statements that see `names` and the instance variables of `class`. Answers a method for `Vm::run_eval`.
///
/// # Errors
/// `Compile`.
pub fn compile_smalltalk_in_frame(
    vm: &mut Vm,
    source: &str,
    file: &str,
    names: &[Vec<String>],
    class: Oop,
) -> Result<Oop, SessionError> {
    let scope = FrameScope {
        names,
        class: ClassScope::new(vm, class)?,
    };
    let code = gem_smalltalk::compile_eval(source, &scope, file)
        .map_err(|e| SessionError::smalltalk(file, &e))?;
    let links = scope.class.into_links();
    Installer {
        vm,
        links: &links,
        in_class: Oop::NIL,
        lexical: Oop::NIL,
        category: Oop::NIL,
    }
    .method(&code)
}

/// Compiles a Ruby text that sees `names` and the constants of the method `home`. Answers a method for `Vm::run_eval`.
///
/// # Errors
/// `Compile`.
pub fn compile_ruby_in_frame(
    vm: &mut Vm,
    source: &str,
    file: &str,
    names: &[Vec<String>],
    home: Oop,
) -> Result<Oop, SessionError> {
    let code = gem_ruby::compile_eval(source.as_bytes(), file, 1, names).map_err(|e| {
        SessionError::Compile {
            file: file.to_string(),
            line: e.line,
            column: 0,
            message: e.message,
        }
    })?;
    let lexical = if home.is_pointer() {
        vm.model.heap.slot(home, method::LEXICAL_SCOPE)?
    } else {
        Oop::NIL
    };
    install_ruby(vm, &code, lexical)
}
