//! Environments, instance variables, associations, closures.

use super::Step;
use crate::errors::Fail;
use crate::interp::Cursor;
use crate::vm::Vm;
use gem_bytecode::Instr;
use gem_heap::{Oop, Place, ShapeId};
use proto::wellknown::slots::{association, context};

#[inline(never)]
pub(crate) fn make_env(vm: &mut Vm, _: Cursor, i: Instr) -> Step {
    vm.make_env(i.b() as usize);
    Ok(())
}

#[inline(always)]
fn env_at(vm: &mut Vm, depth: u16) -> Result<Oop, Fail> {
    let mut env = vm.frames.last().expect("a frame").env;
    for _ in 0..depth {
        env = vm.heap.slot(env, context::PARENT)?;
    }
    Ok(env)
}

#[inline(always)]
pub(crate) fn get_env(vm: &mut Vm, cur: &mut Cursor, i: Instr) -> Step {
    let env = env_at(vm, i.b())?;
    let value = vm
        .heap
        .slot(env, context::FIRST_VARIABLE + i.c() as usize)?;
    cur.set(i.a(), value);
    Ok(())
}

#[inline(always)]
pub(crate) fn set_env(vm: &mut Vm, cur: &mut Cursor, i: Instr) -> Step {
    let env = env_at(vm, i.b())?;
    vm.heap
        .set_slot(env, context::FIRST_VARIABLE + i.c() as usize, cur.r(i.a()))?;
    Ok(())
}

#[inline(always)]
pub(crate) fn get_slot(vm: &mut Vm, cur: &mut Cursor, i: Instr) -> Step {
    let value = vm.heap.slot(cur.r(0), i.b() as usize)?;
    cur.set(i.a(), value);
    Ok(())
}

#[inline(always)]
pub(crate) fn set_slot(vm: &mut Vm, cur: &mut Cursor, i: Instr) -> Step {
    vm.heap.set_slot(cur.r(0), i.b() as usize, cur.r(i.a()))?;
    Ok(())
}

#[inline(always)]
pub(crate) fn get_ivar(vm: &mut Vm, cur: &mut Cursor, i: Instr) -> Step {
    let receiver = cur.r(0);
    let cache = &cur.code.caches[i.c() as usize];
    if receiver.is_pointer() && cache.key.get() == vm.heap.shape_of(receiver).0 as u64 {
        let value = vm.heap.slot(receiver, cache.extra.get() as usize)?;
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
        let shape = vm.heap.shape_of(receiver);
        if let Some(Place::Inline(slot)) = vm.heap.shape(shape).place_of(name) {
            let cache = &cur.code.caches[i.c() as usize];
            cache.key.set(shape.0 as u64);
            cache.extra.set(slot as u64);
        }
    }
    let value = vm.heap.ivar(receiver, name)?.unwrap_or(Oop::NIL);
    cur.set(i.a(), value);
    Ok(())
}

#[inline(always)]
pub(crate) fn set_ivar(vm: &mut Vm, cur: &mut Cursor, i: Instr) -> Step {
    let receiver = cur.r(0);
    let cache = &cur.code.caches[i.c() as usize];
    // The upper half of the key holds one more than the shape after the write when that differs.
    if receiver.is_pointer()
        && cache.key.get() & 0xFFFF_FFFF == vm.heap.shape_of(receiver).0 as u64
        && cache.key.get() != 0
    {
        let next = cache.key.get() >> 32;
        vm.heap
            .set_slot(receiver, cache.extra.get() as usize, cur.r(i.a()))?;
        if next != 0 {
            vm.heap.change_shape(receiver, ShapeId(next as u32 - 1));
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
    let before = vm.heap.shape_of(receiver);
    vm.heap.set_ivar(receiver, name, cur.r(i.a()))?;
    let after = vm.heap.shape_of(receiver);
    if let Some(Place::Inline(slot)) = vm.heap.shape(after).place_of(name) {
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
    let value = vm.heap.slot(cur.literal(i.b()), association::VALUE)?;
    cur.set(i.a(), value);
    Ok(())
}

#[inline(always)]
pub(crate) fn set_assoc(vm: &mut Vm, cur: &mut Cursor, i: Instr) -> Step {
    vm.heap
        .set_slot(cur.literal(i.b()), association::VALUE, cur.r(i.a()))?;
    Ok(())
}

#[inline(never)]
pub(crate) fn make_block(vm: &mut Vm, cur: Cursor, i: Instr) -> Step {
    let closure = vm.make_block(cur.code, i.b(), i.c() == 1)?;
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
    let block = vm.home_block()?;
    cur.set(i.a(), Oop::from_bool(!block.is_nil()));
    Ok(())
}

#[inline(never)]
pub(crate) fn make_binding(vm: &mut Vm, cur: Cursor, i: Instr) -> Step {
    let binding = vm.binding_of_frame(0)?;
    cur.set(i.a(), binding);
    Ok(())
}
