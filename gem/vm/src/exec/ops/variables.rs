//! Environments, instance variables, associations, closures.

use super::Step;
use crate::errors::Fail;
use crate::exec::interp::Cursor;
use crate::vm::Vm;
use format::wellknown::slots::{association, context};
use gem_bytecode::Instr;
use gem_heap::{Oop, ShapeId};

#[inline(always)]
pub(crate) fn make_env(vm: &mut Vm, cur: &mut Cursor, i: Instr) -> Step {
    let top = vm.exec.frames.len() - 1;
    let frame = &mut vm.exec.frames[top];
    // A frame with an environment from elsewhere and no closure is an eval's, whose bindings need objects.
    if i.a() == 0 || frame.closure.is_nil() && !frame.env.is_nil() {
        return make_env_object(vm, *cur, i);
    }
    frame.env = Oop::stack_env(top as u32);
    for variable in 0..i.b() {
        cur.set(i.a() + variable, Oop::NIL);
    }
    Ok(())
}

#[cold]
#[inline(never)]
fn make_env_object(vm: &mut Vm, _: Cursor, i: Instr) -> Step {
    vm.make_env(i.b() as usize)
}

/// Where a variable is.
enum VariableCell {
    /// In an environment object.
    Object(Oop),
    /// On the stack: its register.
    Register(usize),
}

#[inline(always)]
fn place(vm: &mut Vm, depth: u16, variable: u16) -> Result<VariableCell, Fail> {
    let mut env = vm.exec.frames.last().expect("a frame").env;
    for _ in 0..depth {
        env = vm.env_outside(env)?;
    }
    if !env.is_stack() {
        return Ok(VariableCell::Object(env));
    }
    let frame = &vm.exec.frames[env.stack_frame()];
    if frame.env != env {
        return Ok(VariableCell::Object(frame.env));
    }
    let register = frame.base as usize + frame.code.env_register as usize;
    Ok(VariableCell::Register(register + variable as usize))
}

#[inline(always)]
pub(crate) fn get_env(vm: &mut Vm, cur: &mut Cursor, i: Instr) -> Step {
    let value = match place(vm, i.b(), i.c())? {
        VariableCell::Register(register) => vm.exec.regs.get(register),
        VariableCell::Object(env) => vm
            .model
            .heap
            .slot(env, context::FIRST_VARIABLE + i.c() as usize)?,
    };
    cur.set(i.a(), value);
    Ok(())
}

#[inline(always)]
pub(crate) fn set_env(vm: &mut Vm, cur: &mut Cursor, i: Instr) -> Step {
    let value = cur.r(i.a());
    match place(vm, i.b(), i.c())? {
        VariableCell::Register(register) => vm.exec.regs.set(register, value),
        VariableCell::Object(env) => {
            vm.model
                .heap
                .set_slot(env, context::FIRST_VARIABLE + i.c() as usize, value)?
        }
    }
    Ok(())
}

#[inline(always)]
pub(crate) fn get_slot(vm: &mut Vm, cur: &mut Cursor, i: Instr) -> Step {
    let value = vm.model.heap.slot(cur.r(0), i.b() as usize)?;
    cur.set(i.a(), value);
    Ok(())
}

#[inline(always)]
pub(crate) fn set_slot(vm: &mut Vm, cur: &mut Cursor, i: Instr) -> Step {
    vm.model
        .heap
        .set_slot(cur.r(0), i.b() as usize, cur.r(i.a()))?;
    Ok(())
}

#[inline(always)]
pub(crate) fn get_ivar(vm: &mut Vm, cur: &mut Cursor, i: Instr) -> Step {
    let receiver = cur.r(0);
    let cache = &cur.code.caches[i.c() as usize];
    if receiver.is_pointer() && cache.key.get() == vm.model.heap.shape_of(receiver).0 as u64 {
        let value = vm.model.heap.slot(receiver, cache.extra.get() as usize)?;
        cur.set(i.a(), if value.is_undef() { Oop::NIL } else { value });
        return Ok(());
    }
    get_ivar_slow(vm, *cur, i)
}

#[cold]
#[inline(never)]
fn get_ivar_slow(vm: &mut Vm, cur: Cursor, i: Instr) -> Step {
    let receiver = cur.r(0);
    let name = cur.literal(i.b());
    if receiver.is_pointer() {
        let shape = vm.model.heap.shape_of(receiver);
        if let Some(gem_heap::IvarPlace::Inline(slot)) = vm.model.heap.shape(shape).place_of(name) {
            let cache = &cur.code.caches[i.c() as usize];
            cache.key.set(shape.0 as u64);
            cache.extra.set(slot as u64);
        }
    }
    let value = vm.model.heap.ivar(receiver, name)?.unwrap_or(Oop::NIL);
    cur.set(i.a(), value);
    Ok(())
}

#[inline(always)]
pub(crate) fn set_ivar(vm: &mut Vm, cur: &mut Cursor, i: Instr) -> Step {
    let receiver = cur.r(0);
    let cache = &cur.code.caches[i.c() as usize];
    // The upper half of the key holds one more than the shape after the write when that differs.
    if receiver.is_pointer()
        && cache.key.get() & 0xFFFF_FFFF == vm.model.heap.shape_of(receiver).0 as u64
        && cache.key.get() != 0
    {
        let next = cache.key.get() >> 32;
        vm.model
            .heap
            .set_slot(receiver, cache.extra.get() as usize, cur.r(i.a()))?;
        if next != 0 {
            vm.model
                .heap
                .change_shape(receiver, ShapeId(next as u32 - 1));
        }
        return Ok(());
    }
    set_ivar_slow(vm, *cur, i)
}

#[cold]
#[inline(never)]
fn set_ivar_slow(vm: &mut Vm, cur: Cursor, i: Instr) -> Step {
    let receiver = cur.r(0);
    let name = cur.literal(i.b());
    if !receiver.is_pointer() {
        return Err(Fail::Heap(gem_heap::HeapError::Frozen(receiver)));
    }
    let before = vm.model.heap.shape_of(receiver);
    vm.model.heap.set_ivar(receiver, name, cur.r(i.a()))?;
    let after = vm.model.heap.shape_of(receiver);
    if let Some(gem_heap::IvarPlace::Inline(slot)) = vm.model.heap.shape(after).place_of(name) {
        let cache = &cur.code.caches[i.c() as usize];
        let next = if after == before {
            0
        } else {
            after.0 as u64 + 1
        };
        cache.key.set(before.0 as u64 | next << 32);
        cache.extra.set(slot as u64);
    }
    Ok(())
}

#[inline(always)]
pub(crate) fn get_assoc(vm: &mut Vm, cur: &mut Cursor, i: Instr) -> Step {
    let value = vm.model.heap.slot(cur.literal(i.b()), association::VALUE)?;
    cur.set(i.a(), value);
    Ok(())
}

#[inline(always)]
pub(crate) fn set_assoc(vm: &mut Vm, cur: &mut Cursor, i: Instr) -> Step {
    vm.model
        .heap
        .set_slot(cur.literal(i.b()), association::VALUE, cur.r(i.a()))?;
    Ok(())
}

#[inline(always)]
pub(crate) fn make_block(vm: &mut Vm, cur: &mut Cursor, i: Instr) -> Step {
    if i.c() == CALL_BLOCK
        && let Some(code) = cur.code.blocks[i.b() as usize].get()
    {
        let creator = vm.exec.frames.len() as u32 - 1;
        let number = code.number.get() as u32;
        cur.set(i.a(), Oop::stack_block(creator, number));
        return Ok(());
    }
    make_closure(vm, *cur, i)
}

/// Operand of MakeBlock: the block of the call that follows.
const CALL_BLOCK: u16 = 2;
/// Operand of MakeBlock: `->`.
const LAMBDA: u16 = 1;

#[inline(never)]
fn make_closure(vm: &mut Vm, cur: Cursor, i: Instr) -> Step {
    if i.c() == CALL_BLOCK {
        let code = vm.block_code(cur.code, i.b())?;
        let creator = vm.exec.frames.len() as u32 - 1;
        cur.set(i.a(), Oop::stack_block(creator, code.number.get() as u32));
        return Ok(());
    }
    let closure = vm.make_block(cur.code, i.b(), i.c() == LAMBDA)?;
    cur.set(i.a(), closure);
    Ok(())
}

#[inline(always)]
pub(crate) fn get_block(vm: &mut Vm, cur: &mut Cursor, i: Instr) -> Step {
    let block = vm.home_block()?;
    cur.set(i.a(), block);
    Ok(())
}

#[inline(always)]
pub(crate) fn block_given(vm: &mut Vm, cur: &mut Cursor, i: Instr) -> Step {
    let block = vm.home_block_as_it_is()?;
    cur.set(i.a(), Oop::from_bool(!block.is_nil()));
    Ok(())
}

#[inline(never)]
pub(crate) fn make_binding(vm: &mut Vm, cur: Cursor, i: Instr) -> Step {
    let binding = vm.binding_of_frame(0)?;
    cur.set(i.a(), binding);
    Ok(())
}
