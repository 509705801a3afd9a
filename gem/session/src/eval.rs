//! Ruby's `eval` and its relatives: source text run in a binding, as an object, or as a module.

use crate::error::SessionError;
use crate::install::install_ruby;
use format::wellknown;
use format::wellknown::slots::{context, method};
use gem_bytecode::{Code, Instr, Op};
use gem_model::RaiseClass;
use gem_vm::{Fail, Oop, PrimResult, Vm, binding, frame_flags, raise, raise_class};

/// How a text is evaluated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// As written where the binding was made.
    Binding,
    /// `def` goes to the receiver's singleton class.
    Instance,
    /// The receiver is a module: definee and innermost lexical module.
    Class,
}

/// One evaluation.
pub struct Eval<'a> {
    pub source: &'a [u8],
    pub file: &'a str,
    pub line: u32,
    /// A RubyBinding, or nil: no outer locals.
    pub binding: Oop,
    pub receiver: Oop,
    pub mode: Mode,
}

/// A SyntaxError (CompileError) with the parser's text.
pub fn syntax_error(e: &gem_ruby::SyntaxError) -> Fail {
    raise(wellknown::COMPILE_ERROR, e.to_string())
}

/// A primitive ends by running the text.
///
/// # Errors
/// A SyntaxError.
pub fn tail_eval(vm: &mut Vm, eval: &Eval) -> PrimResult {
    let scopes = names_of(vm, eval.binding)?;
    let mut code = gem_ruby::compile_eval(eval.source, eval.file, eval.line, &scopes)
        .map_err(|e| syntax_error(&e))?;
    let (context, outer) = if eval.binding.is_pointer() {
        let context = vm.model.heap.slot(eval.binding, binding::CONTEXT)?;
        let home = vm.model.heap.slot(eval.binding, binding::METHOD)?;
        let lexical = if home.is_pointer() {
            vm.model.heap.slot(home, method::LEXICAL_SCOPE)?
        } else {
            Oop::NIL
        };
        (context, lexical)
    } else {
        (Oop::NIL, Oop::NIL)
    };
    let lexical = match eval.mode {
        Mode::Binding => outer,
        Mode::Class => vm.model.new_scope(eval.receiver, outer),
        Mode::Instance if eval.receiver.is_pointer() && !vm.model.heap.is_symbol(eval.receiver) => {
            let singleton = vm.model.singleton_class(eval.receiver)?;
            vm.model.new_scope(singleton, outer)
        }
        Mode::Instance => outer,
    };
    let keeps_locals = eval
        .binding
        .is_pointer()
        .then(|| take_environment(&mut code))
        .flatten();
    let installed = install_ruby(vm, &code, lexical).map_err(fail_of)?;
    let receiver = match eval.mode {
        Mode::Binding if eval.binding.is_pointer() => {
            vm.model.heap.slot(eval.binding, binding::RECEIVER)?
        }
        _ => eval.receiver,
    };
    let env = match keeps_locals {
        Some(variables) => {
            let env = new_environment(vm, installed, context, variables);
            let names: Vec<Oop> = code
                .env_names
                .iter()
                .map(|n| vm.model.heap.symbol(n))
                .collect();
            remember_environment(vm, eval.binding, env, &names)?;
            env
        }
        None => context,
    };
    let definee = match eval.mode {
        Mode::Instance => frame_flags::DEFINEE_SINGLETON,
        Mode::Binding if eval.binding.is_pointer() => {
            let bits = vm.model.heap.slot(eval.binding, binding::DEFINEE)?;
            bits.as_small_int().unwrap_or(0) as u16
        }
        _ => 0,
    };
    vm.tail_eval(installed, env, receiver, definee)
}

/// The binding's variables, innermost environment first.
fn names_of(vm: &mut Vm, bound: Oop) -> Result<Vec<Vec<String>>, Fail> {
    if !bound.is_pointer() {
        return Ok(Vec::new());
    }
    let lists = vm.model.heap.slot(bound, binding::NAMES)?;
    let mut names = Vec::new();
    if lists.is_pointer() {
        for list in vm.model.heap.elements(lists)? {
            let list = vm.model.heap.elements(list)?;
            names.push(list.into_iter().map(|n| vm.model.heap.text(n)).collect());
        }
    }
    Ok(names)
}

/// Takes the instruction out that makes the environment of the text's own variables; answers their number. The environment is then
/// made here, because the binding must keep it.
fn take_environment(code: &mut Code) -> Option<usize> {
    let at = code
        .instructions
        .iter()
        .position(|i| i.op() == Some(Op::MakeEnv))?;
    let variables = code.instructions[at].b() as usize;
    code.instructions[at] = Instr::abc(Op::Nop, 0, 0, 0);
    Some(variables)
}

fn new_environment(vm: &mut Vm, home: Oop, parent: Oop, variables: usize) -> Oop {
    let mut slots = vec![Oop::NIL; context::FIRST_VARIABLE + variables];
    slots[context::PARENT] = parent;
    slots[context::HOME] = Oop::ZERO;
    slots[context::METHOD] = home;
    vm.model
        .heap
        .new_with_slots(wellknown::VARIABLE_CONTEXT, &slots)
}

fn remember_environment(vm: &mut Vm, bound: Oop, env: Oop, names: &[Oop]) -> Result<(), Fail> {
    let list = vm.model.heap.new_array(names)?;
    let old = vm.model.heap.slot(bound, binding::NAMES)?;
    let mut lists = vec![list];
    if old.is_pointer() {
        lists.extend(vm.model.heap.elements(old)?);
    }
    let lists = vm.model.heap.new_array(&lists)?;
    vm.model.heap.set_slot(bound, binding::NAMES, lists)?;
    Ok(vm.model.heap.set_slot(bound, binding::CONTEXT, env)?)
}

/// A primitive ends by running a file's text at top level with self `main`.
///
/// # Errors
/// A SyntaxError.
pub fn tail_script(vm: &mut Vm, source: &[u8], file: &str, main: Oop) -> PrimResult {
    let code = gem_ruby::compile_script(source, file, 1).map_err(|e| syntax_error(&e))?;
    let installed = install_ruby(vm, &code, Oop::NIL).map_err(fail_of)?;
    vm.tail_method(installed, main, &[], Oop::NIL)
}

/// The exception of an error of the session, for running code.
pub fn fail_of(e: SessionError) -> Fail {
    match e {
        SessionError::Heap(e) => Fail::Heap(e),
        SessionError::Compile { .. } => raise(wellknown::COMPILE_ERROR, e.to_string()),
        SessionError::Stone(proto::service::StoneError::TransactionRevoked)
        | SessionError::Incomplete => raise(wellknown::TRANSACTION_REVOKED, e.to_string()),
        SessionError::Stone(proto::service::StoneError::ReadOnly)
        | SessionError::NotPersistable(_)
        | SessionError::Conflict(_)
        | SessionError::Replay(_)
        | SessionError::Rejected(_)
        | SessionError::LineBroke
        | SessionError::AbortNeeded => raise(wellknown::TRANSACTION_ERROR, e.to_string()),
        SessionError::Stone(_) | SessionError::OutcomeUnknown { .. } => {
            raise(wellknown::REPOSITORY_ERROR, e.to_string())
        }
        SessionError::Definition(_) | SessionError::Exit(_) => {
            raise(wellknown::ERROR, e.to_string())
        }
    }
}

/// A Ruby class that the kernel defines, by name; `fallback` while there is none.
pub fn raise_ruby(vm: &mut Vm, class: &str, fallback: format::ObjectId, message: String) -> Fail {
    let found = vm
        .model
        .known_class(wellknown::OBJECT)
        .ok()
        .and_then(|object| {
            let name = vm.model.heap.symbol(class);
            vm.model.own_constant(object, name).ok().flatten()
        });
    match found {
        Some(class) => raise_class(RaiseClass::Class(class), message),
        None => raise(fallback, message),
    }
}
