//! Symbols.

use crate::check::{Ask, ensure, new_text};
use crate::macros::primitives;
use gem_vm::{Args, Oop, PrimResult, Vm};

primitives! {
    stringToSymbol => to_symbol, "the symbol table";
    symbolToString => to_string, "copies bytes";
    symbolName => name, "copies bytes";
    allSymbols => all, "the symbol table";
}

fn to_symbol(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.text_arg(args, 0)?;
    if vm.model.heap.is_symbol(receiver) {
        return Ok(receiver);
    }
    let bytes = vm.model.heap.bytes(receiver).to_vec();
    ensure(bytes.len() <= format::limits::SYMBOL_BYTES_MAX && std::str::from_utf8(&bytes).is_ok())?;
    Ok(vm.model.heap.symbol_bytes(&bytes))
}

fn to_string(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.symbol_arg(args, 0)?;
    let text = vm.model.heap.text(receiver);
    new_text(vm, &text)
}

/// A frozen String.
fn name(vm: &mut Vm, args: Args) -> PrimResult {
    let string = to_string(vm, args)?;
    vm.model.heap.freeze(string);
    Ok(string)
}

fn all(vm: &mut Vm, _: Args) -> PrimResult {
    let mut symbols: Vec<Oop> = vm.model.heap.all_symbols().collect();
    symbols.sort_by(|&a, &b| vm.model.heap.bytes(a).cmp(vm.model.heap.bytes(b)));
    Ok(vm.model.heap.new_array(&symbols)?)
}
