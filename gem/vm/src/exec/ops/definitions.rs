//! `def`, `class`, `module`, `class <<`.

use super::Step;
use crate::errors::Fail;
use crate::exec::call::Call;
use crate::exec::frame::frame_flags;
use crate::exec::interp::Cursor;
use crate::vm::Vm;
use format::wellknown::slots::method;
use gem_bytecode::{Instr, site_flags};
use gem_heap::Oop;

#[cold]
#[inline(never)]
pub(crate) fn def_method(vm: &mut Vm, cur: Cursor, i: Instr) -> Step {
    cur.save(vm);
    let (template, selector) = (cur.literal(i.b()), cur.literal(i.c()));
    let definee = vm.definee()?;
    let symbol = vm.define_method(template, selector)?;
    cur.set(i.a(), symbol);
    notify(vm, definee, selector)
}

/// Sends `method_added` (or `singleton_method_added`) when somebody defined it.
fn notify(vm: &mut Vm, definee: Oop, selector: Oop) -> Step {
    if vm.model.booting {
        return Ok(());
    }
    let attached = vm
        .model
        .heap
        .slot(definee, format::wellknown::slots::behavior::ATTACHED)?;
    let (receiver, hook) = if attached.is_nil() {
        (definee, vm.model.sym.method_added)
    } else {
        (attached, vm.model.sym.singleton_method_added)
    };
    hook_send(vm, receiver, hook, selector)
}

/// Sends a hook whose value is dropped, unless it is the kernel's empty one (which has no class of its own to be defined in).
fn hook_send(vm: &mut Vm, receiver: Oop, hook: Oop, argument: Oop) -> Step {
    let class = vm.model.heap.class_index_of(receiver);
    let Some(entry) = vm.model.lookup(class, hook, 1)? else {
        return Ok(());
    };
    let code = vm.loaded(entry.method)?;
    if code.instructions.len() <= 2 {
        return Ok(());
    }
    let base = vm.free_base() + 1;
    vm.ensure_registers(base + 4);
    vm.exec.regs.set(base, receiver);
    vm.exec.regs.set(base + 1, argument);
    // The value goes to the register just above the running frame's.
    let dst = vm.exec.frames.last().map_or(0, |f| f.code.registers);
    let call = Call {
        selector: hook,
        environment: 1,
        base,
        argc: 1,
        site_flags: site_flags::RUBY | site_flags::SELF_CALL,
        dst,
        frame_flags: 0,
        owner_above: None,
    };
    vm.dispatch(call).map(drop)
}

#[cold]
#[inline(never)]
pub(crate) fn def_singleton(vm: &mut Vm, cur: Cursor, i: Instr) -> Step {
    cur.save(vm);
    let object = cur.r(i.a());
    let selector = cur.literal(i.c());
    let symbol = vm.define_singleton_method(object, cur.literal(i.b()), selector)?;
    cur.set(i.a(), symbol);
    if vm.model.booting {
        return Ok(());
    }
    let hook = vm.model.sym.singleton_method_added;
    hook_send(vm, object, hook, selector)
}

fn body_name(vm: &mut Vm, template: Oop) -> Result<Oop, Fail> {
    let selector = vm.model.heap.slot(template, method::SELECTOR)?;
    if vm.model.heap.is_symbol(selector) {
        return Ok(selector);
    }
    let code = vm.loaded(template)?;
    Ok(vm.model.heap.symbol(&code.name))
}

/// Runs a body code with `module` as self, its value to `dst`.
fn run_body(vm: &mut Vm, template: Oop, module: Oop, base: usize, dst: u16) -> Step {
    let body = vm.body_method(template, module)?;
    let code = vm.loaded(body)?;
    vm.ensure_registers(base + code.registers as usize + 2);
    vm.exec.regs.set(base, module);
    let call = Call {
        selector: vm.model.sym.call,
        environment: 1,
        base,
        argc: 0,
        site_flags: site_flags::RUBY,
        dst,
        frame_flags: frame_flags::DEFINEE_SELF,
        owner_above: None,
    };
    vm.push_frame(code, &call, Oop::NIL).map(drop)
}

/// `Foo::Bar` names its scope in the window; the class's own name is the last part.
fn simple_name(vm: &mut Vm, name: Oop) -> Oop {
    let text = vm.model.heap.text(name);
    match text.rsplit("::").next() {
        Some(last) if last.len() < text.len() => vm.model.heap.symbol(last),
        _ => name,
    }
}

#[cold]
#[inline(never)]
pub(crate) fn def_class(vm: &mut Vm, cur: Cursor, i: Instr) -> Step {
    cur.save(vm);
    let template = cur.literal(i.b());
    let base = vm.exec.regs.index(cur.base) + i.c() as usize;
    let (superclass, within) = (cur.r(i.c()), cur.r(i.c() + 1));
    let name = body_name(vm, template)?;
    let name = simple_name(vm, name);
    let (class, fresh) = vm.open_class(name, superclass, within)?;
    run_body_then_hook(vm, template, class, base, i.a(), fresh)
}

fn run_body_then_hook(
    vm: &mut Vm,
    template: Oop,
    class: Oop,
    base: usize,
    dst: u16,
    fresh: bool,
) -> Step {
    let started = run_body(vm, template, class, base, dst);
    if !matches!(started, Err(Fail::Reenter)) || !fresh || vm.model.booting {
        return started;
    }
    // `inherited` runs before the body: its frame lies on top of the body's.
    let superclass = vm.model.ruby_superclass(class)?;
    if superclass.is_nil() {
        return started;
    }
    let hook = vm.model.sym.inherited;
    match hook_send(vm, superclass, hook, class) {
        Ok(()) => started,
        Err(other) => Err(other),
    }
}

#[cold]
#[inline(never)]
pub(crate) fn def_module(vm: &mut Vm, cur: Cursor, i: Instr) -> Step {
    cur.save(vm);
    let template = cur.literal(i.b());
    let base = vm.exec.regs.index(cur.base) + i.c() as usize;
    let within = cur.r(i.c() + 1);
    let name = body_name(vm, template)?;
    let name = simple_name(vm, name);
    let module = vm.open_module(name, within)?;
    run_body(vm, template, module, base, i.a())
}

#[cold]
#[inline(never)]
pub(crate) fn open_singleton(vm: &mut Vm, cur: Cursor, i: Instr) -> Step {
    cur.save(vm);
    let template = cur.literal(i.b());
    let base = vm.exec.regs.index(cur.base) + i.c() as usize;
    let singleton = vm.model.singleton_class(cur.r(i.c()))?;
    run_body(vm, template, singleton, base, i.a())
}
