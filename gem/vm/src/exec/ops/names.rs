//! Constants, globals, class variables, frame-local specials, `defined?`.

use super::Step;
use crate::errors::Fail;
use crate::exec::call::Call;
use crate::exec::interp::Cursor;
use crate::vm::Vm;
use format::wellknown;
use gem_bytecode::{CREF, Instr, site_flags};
use gem_heap::Oop;

#[inline(always)]
pub(crate) fn get_const(vm: &mut Vm, cur: &mut Cursor, i: Instr) -> Step {
    let cache = &cur.code.caches[i.c() as usize];
    if cache.key.get() == vm.model.classes.const_epoch {
        cur.set(i.a(), cache.value.get());
        return Ok(());
    }
    get_const_slow(vm, *cur, i)
}

#[cold]
#[inline(never)]
fn get_const_slow(vm: &mut Vm, cur: Cursor, i: Instr) -> Step {
    cur.save(vm);
    let name = cur.literal(i.b());
    let lexical = vm.lexical_scope()?;
    if let Some(value) = vm.model.constant_lexical(lexical, name)? {
        // A method's code belongs to one method object and so to one lexical scope. A block's code is shared by the closures of
        // every method made from one template: those differ in scope only when one `def` ran in several scopes, which no body does twice.
        let cache = &cur.code.caches[i.c() as usize];
        cache.key.set(vm.model.classes.const_epoch);
        cache.value.set(value);
        vm.codes.touched.push(cur.code);
        cur.set(i.a(), value);
        return Ok(());
    }
    let module = vm.model.innermost_module(lexical)?;
    missing(vm, module, name, i.a())
}

/// Sends const_missing; its value goes to register `dst`.
fn missing(vm: &mut Vm, module: Oop, name: Oop, dst: u16) -> Step {
    let class = vm.model.heap.class_index_of(module);
    if vm
        .model
        .lookup(class, vm.model.sym.const_missing, 1)?
        .is_none()
    {
        return Err(vm.model.uninitialized_constant(module, name).into());
    }
    let base = vm.free_base();
    vm.ensure_registers(base + 4);
    vm.exec.regs.set(base, module);
    vm.exec.regs.set(base + 1, name);
    let selector = vm.model.sym.const_missing;
    let call = Call {
        selector,
        environment: 1,
        base,
        argc: 1,
        site_flags: site_flags::RUBY | site_flags::SELF_CALL,
        dst,
        frame_flags: 0,
        owner_above: None,
    };
    let value = vm.dispatch(call)?;
    let frame = vm.exec.frames.last().expect("a frame");
    let at = frame.base as usize + dst as usize;
    vm.exec.regs.set(at, value);
    Err(Fail::Reenter)
}

#[cold]
#[inline(never)]
pub(crate) fn get_const_in(vm: &mut Vm, cur: Cursor, i: Instr) -> Step {
    cur.save(vm);
    let (module, name) = (cur.r(i.c()), cur.literal(i.b()));
    if !vm.model.is_module_like(module)? {
        let text = format!("{} is not a class/module", vm.model.describe(module)?);
        return Err(crate::errors::raise(wellknown::ARGUMENT_TYPE_ERROR, text));
    }
    match vm.model.constant_at_path(module, name)? {
        Some(value) => {
            cur.set(i.a(), value);
            Ok(())
        }
        None => missing(vm, module, name, i.a()),
    }
}

#[cold]
#[inline(never)]
pub(crate) fn get_const_top(vm: &mut Vm, cur: Cursor, i: Instr) -> Step {
    cur.save(vm);
    let object = vm.model.known_class(wellknown::OBJECT)?;
    let name = cur.literal(i.b());
    match vm.model.constant_at_path(object, name)? {
        Some(value) => {
            cur.set(i.a(), value);
            Ok(())
        }
        None => missing(vm, object, name, i.a()),
    }
}

#[cold]
#[inline(never)]
pub(crate) fn set_const(vm: &mut Vm, cur: Cursor, i: Instr) -> Step {
    cur.save(vm);
    let module = if i.c() == CREF {
        let lexical = vm.lexical_scope()?;
        vm.model.innermost_module(lexical)?
    } else {
        cur.r(i.c())
    };
    if !vm.model.is_module_like(module)? {
        let text = format!("{} is not a class/module", vm.model.describe(module)?);
        return Err(crate::errors::raise(wellknown::ARGUMENT_TYPE_ERROR, text));
    }
    let (name, value) = (cur.literal(i.b()), cur.r(i.a()));
    let again = !vm.model.booting && vm.model.own_constant(module, name)?.is_some();
    let place = vm.model.constant_place(module, name)?;
    vm.set_constant(module, name, value)?;
    if !again {
        return Ok(());
    }
    let place = match place {
        Some((file, line)) => vm
            .model
            .heap
            .new_string(format!("{file}:{line}").as_bytes())?,
        None => Oop::NIL,
    };
    let selector = vm.model.sym.constant_reassigned;
    vm.ask(module, selector, &[name, place], None)
}

#[inline(never)]
pub(crate) fn get_global(vm: &mut Vm, cur: Cursor, i: Instr) -> Step {
    let name = cur.literal(i.b());
    match vm.model.globals.values.get(&vm.model.global_target(name)) {
        Some(&value) => {
            cur.set(i.a(), value);
            Ok(())
        }
        None => {
            cur.save(vm);
            vm.read_missing_global(name, i.a())
        }
    }
}

#[inline(never)]
pub(crate) fn set_global(vm: &mut Vm, cur: Cursor, i: Instr) -> Step {
    let name = cur.literal(i.b());
    let target = vm.model.global_target(name);
    if vm.model.globals.guards.contains(&target) {
        cur.save(vm);
        return vm.assign_guarded_global(name, cur.r(i.a()));
    }
    vm.model.set_global(target, cur.r(i.a()));
    Ok(())
}

#[cold]
#[inline(never)]
pub(crate) fn get_class_var(vm: &mut Vm, cur: Cursor, i: Instr) -> Step {
    let module = vm.class_var_module()?;
    let name = cur.literal(i.b());
    if outside_of_modules(vm, module)? {
        cur.save(vm);
        let selector = vm.model.sym.toplevel_class_variable;
        return vm.ask(Oop::NIL, selector, &[name], Some(i.a()));
    }
    match vm.model.class_var(module, name)? {
        Some(value) => {
            cur.set(i.a(), value);
            Ok(())
        }
        None => {
            let text = format!(
                "uninitialized class variable {} in {}",
                vm.model.heap.text(name),
                vm.model.class_name(module)
            );
            Err(crate::errors::raise(wellknown::NAME_ERROR, text))
        }
    }
}

#[cold]
#[inline(never)]
pub(crate) fn set_class_var(vm: &mut Vm, cur: Cursor, i: Instr) -> Step {
    let module = vm.class_var_module()?;
    if outside_of_modules(vm, module)? {
        cur.save(vm);
        let selector = vm.model.sym.toplevel_class_variable;
        return vm.ask(Oop::NIL, selector, &[cur.literal(i.b())], None);
    }
    Ok(vm
        .model
        .set_class_var(module, cur.literal(i.b()), cur.r(i.a()))?)
}

/// Whether a class variable is used at top level, where there is none.
fn outside_of_modules(vm: &mut Vm, module: Oop) -> Result<bool, Fail> {
    let object = vm.model.known_class(wellknown::OBJECT)?;
    Ok(module == object && !vm.model.booting && vm.lexical_scope()?.is_nil())
}

#[cold]
#[inline(never)]
pub(crate) fn get_definee(vm: &mut Vm, cur: Cursor, i: Instr) -> Step {
    let definee = vm.definee()?;
    cur.set(i.a(), definee);
    Ok(())
}

#[inline(never)]
pub(crate) fn get_special(vm: &mut Vm, cur: Cursor, i: Instr) -> Step {
    let value = vm.special(i.b() == 1)?;
    cur.set(i.a(), value);
    Ok(())
}

#[inline(never)]
pub(crate) fn set_special(vm: &mut Vm, cur: Cursor, i: Instr) -> Step {
    let top = vm.exec.frames.len() - 1;
    let value = cur.r(i.a());
    let last_line = i.b() == 1;
    if !last_line && !value.is_nil() && !vm.model.heap.is_instance(value, wellknown::MATCH_DATA) {
        cur.save(vm);
        let class = vm.model.ruby_class_of(value)?;
        let text = format!(
            "wrong argument type {} (expected MatchData)",
            vm.model.class_name(class)
        );
        return Err(crate::errors::raise(wellknown::ARGUMENT_TYPE_ERROR, text));
    }
    vm.set_special_of(top, last_line, value)
}

/// The kernel answers parts of a match: `MatchData#__part(n)` finds the text.
#[inline(never)]
pub(crate) fn nth_ref(vm: &mut Vm, cur: Cursor, i: Instr) -> Step {
    cur.save(vm);
    let matched = vm.special(false)?;
    if matched.is_nil() {
        cur.set(i.a(), Oop::NIL);
        return Ok(());
    }
    let selector = vm.model.heap.symbol("__part");
    let base = vm.free_base();
    vm.ensure_registers(base + 4);
    vm.exec.regs.set(base, matched);
    vm.exec
        .regs
        .set(base + 1, Oop::small_int_wrapping(i.b() as i64));
    let call = Call {
        selector,
        environment: 1,
        base,
        argc: 1,
        site_flags: site_flags::RUBY | site_flags::SELF_CALL,
        dst: i.a(),
        frame_flags: 0,
        owner_above: None,
    };
    let value = vm.dispatch(call)?;
    let frame = vm.exec.frames.last().expect("a frame");
    let at = frame.base as usize + i.a() as usize;
    vm.exec.regs.set(at, value);
    Err(Fail::Reenter)
}

#[cold]
#[inline(never)]
pub(crate) fn defined(vm: &mut Vm, cur: Cursor, i: Instr) -> Step {
    cur.save(vm);
    let name = cur.literal(i.b());
    let receiver = cur.r(0);
    let answer = match i.c() {
        0 => vm
            .model
            .heap
            .ivar(receiver, name)?
            .map(|_| "instance-variable"),
        1 => vm.model.global_exists(name).then_some("global-variable"),
        2 => {
            let lexical = vm.lexical_scope()?;
            vm.model
                .constant_lexical(lexical, name)?
                .map(|_| "constant")
        }
        3 => {
            let module = vm.class_var_module()?;
            vm.model.class_var(module, name)?.map(|_| "class variable")
        }
        4 => {
            let class = vm.model.heap.class_index_of(receiver);
            vm.model.lookup(class, name, 1)?.map(|_| "method")
        }
        5 => (!vm.yield_block()?.is_nil()).then_some("yield"),
        6 => vm.super_exists()?.then_some("super"),
        7 => {
            let module = cur.r(i.a());
            if vm.model.is_module_like(module)? {
                vm.model.constant_at_path(module, name)?.map(|_| "constant")
            } else {
                None
            }
        }
        8 => return defined_method(vm, cur, name, i.a()),
        _ => {
            let matched = vm.special(false)?;
            if matched.is_nil() {
                None
            } else {
                Some("global-variable")
            }
        }
    };
    let value = match answer {
        Some(text) => {
            let s = vm.model.heap.new_string(text.as_bytes())?;
            vm.model.heap.freeze(s);
            s
        }
        None => Oop::NIL,
    };
    cur.set(i.a(), value);
    Ok(())
}

/// `defined?(receiver.name)`: the receiver lies in register `dst`, and so does the answer.
fn defined_method(vm: &mut Vm, cur: Cursor, name: Oop, dst: u16) -> Step {
    let receiver = cur.r(dst);
    let class = vm.model.heap.class_index_of(receiver);
    let found = vm.model.lookup(class, name, 1)?;
    if found.is_none() {
        let asks = vm.model.sym.respond_to_missing;
        // The library's own answer is no.
        return match vm.model.lookup(class, asks, 1)? {
            Some(entry) if !vm.model.heap.is_committed(entry.method) => {
                let selector = vm.model.sym.defined_if_missing;
                vm.ask(Oop::NIL, selector, &[receiver, name], Some(dst))
            }
            _ => {
                cur.set(dst, Oop::NIL);
                Ok(())
            }
        };
    }
    let visible = match found {
        Some(entry) if entry.visibility == gem_model::Visibility::Protected => {
            let own = vm.model.heap.class_index_of(cur.r(0));
            vm.model.lookup_order(own, 1)?.contains(&entry.owner)
        }
        Some(entry) => entry.visibility == gem_model::Visibility::Public,
        None => false,
    };
    let answer = if visible {
        let word = vm.model.heap.new_string(b"method")?;
        vm.model.heap.freeze(word);
        word
    } else {
        Oop::NIL
    };
    cur.set(dst, answer);
    Ok(())
}

impl Vm {
    fn super_exists(&mut self) -> Result<bool, Fail> {
        let method = self.home_method();
        let owner = self
            .model
            .heap
            .slot(method, wellknown::slots::method::IN_CLASS)?;
        if owner.is_nil() {
            return Ok(false);
        }
        let selector = self
            .model
            .heap
            .slot(method, wellknown::slots::method::SELECTOR)?;
        let owner = self.model.heap.class_index(owner)?;
        let frame = self.exec.frames.last().expect("a frame");
        let receiver = self.exec.regs.get(frame.base as usize);
        let class = self.model.heap.class_index_of(receiver);
        Ok(self
            .model
            .lookup_after(class, selector, 1, Some(owner))?
            .is_some())
    }
}
