//! Compiled code becomes GsNMethods: the code's bytes, an Array of literals, file and source.
//!
//! Must not know: either language.

use crate::error::SessionError;
use crate::scope::Links;
use crate::state::state;
use format::wellknown;
use format::wellknown::slots::method;
use gem_bytecode::{Code, CodeKind, encode};
use gem_vm::{Oop, Vm};

/// Names that are shared before sharing begins anew: programs may evaluate texts under ever new names. Making an image shares all.
const SHARED_MAX: usize = 4096;

/// Makes the methods of one compiled text.
pub struct Installer<'a> {
    pub vm: &'a mut Vm,
    /// What globals and class variables stand for.
    pub links: &'a Links,
    /// Class that the method goes to, or nil.
    pub in_class: Oop,
    /// LexicalScope of Ruby code, or nil for top level.
    pub lexical: Oop,
    /// String, or nil.
    pub category: Oop,
}

impl Installer<'_> {
    /// The GsNMethod of `code` and, among its literals, those of its blocks.
    ///
    /// # Errors
    /// `Heap`: `OutOfMemory`; `Definition` for a global or class variable that `links` lacks; `Exit` in a machine that has no session.
    pub fn method(&mut self, code: &Code) -> Result<Oop, SessionError> {
        let literals = code
            .literals
            .iter()
            .map(|l| self.literal(l))
            .collect::<Result<Vec<_>, _>>()?;
        let literals = self.vm.model.heap.new_array(&literals)?;
        let bytes = self
            .vm
            .model
            .heap
            .new_bytes_of(wellknown::BYTE_ARRAY, &encode(code))?;
        let source = if code.source.is_empty() {
            Oop::NIL
        } else {
            self.vm.model.heap.new_string(code.source.as_bytes())?
        };
        let file = self.shared_string(&code.file)?;
        let is_home = matches!(
            code.kind,
            CodeKind::Method | CodeKind::Body | CodeKind::Eval
        );
        let mut slots = [Oop::NIL; 10];
        slots[method::SELECTOR] = self.vm.model.heap.symbol(&code.name);
        slots[method::IN_CLASS] = self.in_class;
        slots[method::CODE] = bytes;
        slots[method::LITERALS] = literals;
        slots[method::FILE] = file;
        slots[method::SOURCE] = source;
        slots[method::LEXICAL_SCOPE] = self.lexical;
        slots[method::CATEGORY] = if is_home { self.category } else { Oop::NIL };
        slots[method::ENVIRONMENT] = Oop::small_int_wrapping(i64::from(code.environment));
        slots[method::FLAGS] = self.vm.model.new_method_flags();
        for part in [bytes, literals, source] {
            if part.is_pointer() {
                self.vm.model.heap.freeze(part);
            }
        }
        Ok(self
            .vm
            .model
            .heap
            .new_with_slots(wellknown::GS_NMETHOD, &slots))
    }

    /// A frozen String, the same one for equal texts: names of files and categories.
    pub fn shared_string(&mut self, name: &str) -> Result<Oop, SessionError> {
        if let Some(&known) = state(self.vm)?.shared_strings.get(name) {
            return Ok(known);
        }
        let string = self.vm.model.heap.new_string(name.as_bytes())?;
        self.vm.model.heap.freeze(string);
        let full = state(self.vm)?.shared_strings.len() >= SHARED_MAX;
        let shared = state(self.vm)?.shared;
        if full && !self.vm.model.booting {
            state(self.vm)?.shared_strings.clear();
            self.vm.model.heap.resize(shared, 0)?;
        }
        self.vm.model.heap.push(shared, string)?;
        state(self.vm)?
            .shared_strings
            .insert(name.to_string(), string);
        Ok(string)
    }
}

/// Installs code that names no Smalltalk globals (Ruby's), of no class.
///
/// # Errors
/// As `Installer::method`.
pub fn install_ruby(vm: &mut Vm, code: &Code, lexical: Oop) -> Result<Oop, SessionError> {
    let links = Links::default();
    Installer {
        vm,
        links: &links,
        in_class: Oop::NIL,
        lexical,
        category: Oop::NIL,
    }
    .method(code)
}
