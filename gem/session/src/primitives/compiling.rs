//! Compilers as primitives: methods, doits, evals, files.

use super::rows;
use crate::eval::{Eval, Mode, fail_of, raise_ruby, tail_eval, tail_script};
use crate::ruby::main_object;
use crate::smalltalk::{MethodPlace, compile_doit, compile_method};
use crate::symbol_list::elements;
use format::wellknown;
use gem_vm::{Args, Fail, Oop, PrimResult, Vm};

rows! {
    compileMethod => compile_method_, "the compiler is Rust";
    evaluate => evaluate, "the compiler is Rust";
    evalString => eval_string, "the compiler is Rust";
    fileLoadRuby => file_load_ruby, "the compiler is Rust";
}

/// The text of a String argument, not of a Symbol.
fn text(vm: &Vm, oop: Oop) -> Result<String, Fail> {
    if !vm.model.heap.is_bytes(oop) || vm.model.heap.is_symbol(oop) {
        return Err(Fail::Fallback);
    }
    Ok(vm.model.heap.text(oop))
}

/// Arguments source, class, environment, category and, if wanted, an Array of SymbolDictionaries that are searched first; answers the method.
fn compile_method_(vm: &mut Vm, args: Args) -> PrimResult {
    let source = text(vm, vm.arg(args, 1))?;
    let class = vm.arg(args, 2);
    let environment = vm.arg(args, 3).as_small_int();
    let category = vm.given(args, 4).map_or_else(
        || "as yet unclassified".to_string(),
        |c| vm.model.heap.text(c),
    );
    if !vm.model.is_module_like(class)? {
        return Err(Fail::Fallback);
    }
    let Some(environment @ (0 | 1)) = environment else {
        return Err(Fail::Fallback);
    };
    let dictionaries = match vm.given(args, 5) {
        Some(list) => elements(vm, list).map_err(|e| compile_failure(e, &source))?,
        None => Vec::new(),
    };
    let place = MethodPlace {
        category: &category,
        environment: environment as u8,
        dictionaries,
        ..MethodPlace::of(class)
    };
    // A method compiled by Smalltalk goes where Smalltalk methods go: into the class itself, when that is persistable.
    let mode = std::mem::replace(&mut vm.model.persistent_mode, true);
    let outcome = compile_method(vm, &source, &place);
    vm.model.persistent_mode = mode;
    outcome.map_err(|e| compile_failure(e, &source))
}

/// A CompileError shows the line and a caret.
fn compile_failure(e: crate::SessionError, source: &str) -> Fail {
    if let crate::SessionError::Compile {
        line,
        column,
        message,
        ..
    } = &e
    {
        let text = source
            .lines()
            .nth((*line as usize).saturating_sub(1))
            .unwrap_or("");
        let pad: String = text
            .chars()
            .take((*column as usize).saturating_sub(1))
            .map(|c| if c == '\t' { '\t' } else { ' ' })
            .collect();
        return gem_vm::raise(
            wellknown::COMPILE_ERROR,
            format!("{message} at {line}:{column}\n{text}\n{pad}^"),
        );
    }
    fail_of(e)
}

/// The receiver's text as Smalltalk statements.
fn evaluate(vm: &mut Vm, args: Args) -> PrimResult {
    let source = text(vm, vm.receiver(args))?;
    let method = compile_doit(vm, &source, "(doit)").map_err(|e| compile_failure(e, &source))?;
    vm.tail_method(method, Oop::NIL, &[], Oop::NIL)
}

/// Receiver is self; arguments source, binding or nil, file, line, mode.
fn eval_string(vm: &mut Vm, args: Args) -> PrimResult {
    let source = vm.arg(args, 1);
    text(vm, source)?;
    let source = vm.model.heap.bytes(source).to_vec();
    let file = text(vm, vm.arg(args, 3))?;
    let mode = match vm.arg(args, 5).as_small_int() {
        Some(0) => Mode::Binding,
        Some(1) => Mode::Instance,
        Some(2) => Mode::Class,
        _ => return Err(Fail::Fallback),
    };
    let line = vm.arg(args, 4).as_small_int().unwrap_or(1);
    let eval = Eval {
        source: &source,
        file: &file,
        line: u32::try_from(line).unwrap_or(1),
        binding: vm.given(args, 2).unwrap_or(Oop::NIL),
        receiver: vm.receiver(args),
        mode,
    };
    tail_eval(vm, &eval)
}

/// Runs the file whose path is the argument at top level.
fn file_load_ruby(vm: &mut Vm, args: Args) -> PrimResult {
    let path = text(vm, vm.arg(args, 1))?;
    let source = match std::fs::read(&path) {
        Ok(source) => source,
        Err(e) => {
            return Err(raise_ruby(
                vm,
                "LoadError",
                wellknown::ERROR,
                format!("cannot load such file -- {path} ({e})"),
            ));
        }
    };
    let main = main_object(vm).map_err(fail_of)?;
    tail_script(vm, &source, &path, main)
}
