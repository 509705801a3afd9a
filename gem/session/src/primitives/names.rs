//! Globals, Ruby's names for Smalltalk's classes.

use super::rows;
use crate::eval::fail_of;
use crate::ruby::main_object;
use crate::state::state;
use crate::symbol_list::{global_at, global_at_put};
use format::wellknown;
use format::wellknown::slots::behavior;
use gem_vm::{Args, Fail, Oop, PrimResult, Vm};

rows! {
    globalAt => global_at_, "the symbol list is session state";
    globalAtPut => global_at_put_, "the symbol list is session state";
    bindClass => bind_class, "runs before anything is defined";
    argv => argv, "session state";
    scriptName => script_name, "session state";
    mainObject => main_object_, "session state";
    persistentRoot => persistent_root, "a well-known object";
}

fn symbol_text(vm: &Vm, oop: Oop) -> Result<String, Fail> {
    if vm.model.heap.is_bytes(oop) {
        Ok(vm.model.heap.text(oop))
    } else {
        Err(Fail::Fallback)
    }
}

fn global_at_(vm: &mut Vm, args: Args) -> PrimResult {
    let name = symbol_text(vm, vm.arg(args, 1))?;
    global_at(vm, &name).map_err(fail_of)?.ok_or(Fail::Fallback)
}

fn global_at_put_(vm: &mut Vm, args: Args) -> PrimResult {
    let name = symbol_text(vm, vm.arg(args, 1))?;
    let value = vm.arg(args, 2);
    if value.is_undef() {
        return Err(Fail::Fallback);
    }
    global_at_put(vm, &name, value).map_err(fail_of)?;
    Ok(value)
}

/// Arguments Ruby name, Smalltalk name, Ruby superclass or nil. Answers the class.
fn bind_class(vm: &mut Vm, args: Args) -> PrimResult {
    let ruby_name = vm.arg(args, 1);
    let smalltalk = symbol_text(vm, vm.arg(args, 2))?;
    let superclass = vm.given(args, 3);
    let Some(class) = global_at(vm, &smalltalk).map_err(fail_of)? else {
        return Err(Fail::Fallback);
    };
    if !vm.model.is_module_like(class)? || !vm.model.heap.is_symbol(ruby_name) {
        return Err(Fail::Fallback);
    }
    if vm.model.heap.slot(class, behavior::NAME)? != ruby_name {
        vm.model
            .heap
            .set_slot(class, behavior::RUBY_NAME, ruby_name)?;
    }
    if let Some(superclass) = superclass {
        // The metaclass follows, so that class methods are inherited along the same line.
        let (meta, super_meta) = (
            vm.model.heap.class_of(class)?,
            vm.model.heap.class_of(superclass)?,
        );
        for (below, above) in [(class, superclass), (meta, super_meta)] {
            if vm.model.heap.slot(below, behavior::SUPERCLASS)? != above {
                vm.model
                    .heap
                    .set_slot(below, behavior::RUBY_SUPERCLASS, above)?;
            }
        }
        if class == vm.model.known_class(wellknown::CLASS)? {
            // A metaclass is an instance of Class's own metaclass for Ruby: it has the class methods of Class.
            let metaclass = vm.model.known_class(wellknown::METACLASS)?;
            vm.model
                .heap
                .set_slot(metaclass, behavior::RUBY_SUPERCLASS, meta)?;
        }
        vm.flush_all_caches();
    }
    let object = vm.model.known_class(wellknown::OBJECT)?;
    vm.set_constant(object, ruby_name, class)?;
    Ok(class)
}

fn persistent_root(vm: &mut Vm, _args: Args) -> PrimResult {
    Ok(vm.model.known_object(wellknown::PERSISTENT_ROOT)?)
}

fn argv(vm: &mut Vm, _args: Args) -> PrimResult {
    let arguments = state(vm).map_err(fail_of)?.arguments.clone();
    let strings = arguments
        .iter()
        .map(|a| Ok(vm.model.heap.new_string(a.as_bytes())?))
        .collect::<Result<Vec<_>, Fail>>()?;
    Ok(vm.model.heap.new_array(&strings)?)
}

fn script_name(vm: &mut Vm, _args: Args) -> PrimResult {
    let name = state(vm).map_err(fail_of)?.script_name.clone();
    Ok(vm.model.heap.new_string(name.as_bytes())?)
}

fn main_object_(vm: &mut Vm, _args: Args) -> PrimResult {
    main_object(vm).map_err(fail_of)
}
