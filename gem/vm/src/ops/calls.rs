//! Sends, yields, returns.
#![allow(unsafe_code)]

use super::Step;
use crate::Args;
use crate::code::{CacheEntry, CodeBlock, Site, TargetKind};
use crate::errors::{Fail, raise};
use crate::frame::{Frame, frame_flags};
use crate::interp::{Cursor, poll, safepoint};
use crate::sends::{Call, Current};
use crate::vm::Vm;
use gem_bytecode::{Instr, site_flags};
use gem_heap::Oop;

#[inline(always)]
fn site(cur: &Cursor, i: u16) -> &'static Site {
    let code: &'static CodeBlock = cur.code;
    // SAFETY: the verifier proved the index below the number of sites.
    unsafe { code.sites.get_unchecked(i as usize) }
}

#[inline(always)]
pub(crate) fn send(vm: &mut Vm, cur: &mut Cursor, i: Instr) -> Step {
    let site = site(cur, i.b());
    let receiver = cur.r(i.c());
    let shape = vm.heap.shape_of(receiver);
    let first = &site.entries[0];
    let entry = if first.shape.get() == shape {
        first
    } else {
        match site.find(shape) {
            Some(entry) => entry,
            None => return missed(vm, *cur, site, i),
        }
    };
    hit(vm, cur, site, entry, i)
}

#[inline(always)]
fn hit(
    vm: &mut Vm,
    cur: &mut Cursor,
    site: &'static Site,
    entry: &'static CacheEntry,
    i: Instr,
) -> Step {
    let Some(code) = entry.code.get() else {
        return missed(vm, *cur, site, i);
    };
    match entry.kind.get() {
        TargetKind::Plain => plain(vm, cur, site, code, i),
        TargetKind::Primitive => primitive(vm, cur, site, code, i),
        _ => missed(vm, *cur, site, i),
    }
}

/// Bytecode with arguments in place.
#[inline(always)]
fn plain(
    vm: &mut Vm,
    cur: &mut Cursor,
    site: &'static Site,
    code: &'static CodeBlock,
    i: Instr,
) -> Step {
    let block = if site.flags & site_flags::BLOCK == 0 {
        Oop::NIL
    } else {
        let given = cur.r(i.c() + 1 + site.argc);
        if !given.is_nil() && vm.heap.shape_of(given) != gem_heap::ShapeId::EXEC_BLOCK {
            return missed(vm, *cur, site, i);
        }
        given
    };
    cur.save(vm);
    let base = vm.regs.index(cur.base) + i.c() as usize;
    let end = base + code.registers as usize;
    if end > vm.regs.len() {
        vm.regs.grow(end);
    }
    if vm.frames.len() >= vm.options.frames_max {
        return Err(raise(
            proto::wellknown::ALMOST_OUT_OF_STACK,
            "stack level too deep",
        ));
    }
    vm.frames.push(Frame {
        code,
        pc: 0,
        base: base as u32,
        dst: i.a(),
        flags: 0,
        argc: site.argc,
        serial: 0,
        env: Oop::NIL,
        block,
        closure: Oop::NIL,
    });
    cur.code = code;
    cur.pc = code.instructions.as_ptr();
    cur.base = vm.regs.pointer(base);
    if poll(vm) {
        return safepoint(vm);
    }
    Ok(())
}

/// A primitive with arguments in place, then its body.
#[inline(always)]
fn primitive(
    vm: &mut Vm,
    cur: &mut Cursor,
    site: &'static Site,
    code: &'static CodeBlock,
    i: Instr,
) -> Step {
    let block = if site.flags & site_flags::BLOCK == 0 {
        Oop::NIL
    } else {
        let given = cur.r(i.c() + 1 + site.argc);
        if !given.is_nil() && vm.heap.shape_of(given) != gem_heap::ShapeId::EXEC_BLOCK {
            return missed(vm, *cur, site, i);
        }
        given
    };
    let Some(function) = code.primitive else {
        return missed(vm, *cur, site, i);
    };
    cur.save(vm);
    let base = vm.regs.index(cur.base) + i.c() as usize;
    let end = base + code.registers as usize;
    if end > vm.regs.len() {
        vm.regs.grow(end);
        cur.base = vm.regs.pointer(base - i.c() as usize);
    }
    vm.current = Current {
        base,
        dst: i.a(),
        frame_flags: 0,
    };
    match function(
        vm,
        Args {
            base,
            count: site.argc as usize,
            block,
        },
    ) {
        Ok(value) => {
            // The primitive may have grown the stack.
            cur.base = vm.regs.pointer(base - i.c() as usize);
            cur.set(i.a(), value);
            Ok(())
        }
        Err(Fail::Fallback) => {
            let call = Call {
                selector: site.selector,
                environment: 0,
                base,
                argc: site.argc as usize,
                site_flags: site.flags,
                dst: i.a(),
                frame_flags: 0,
                owner_above: None,
            };
            vm.push_frame(code, &call, block).map(drop)
        }
        Err(other) => Err(other),
    }
}

#[cold]
#[inline(never)]
fn missed(vm: &mut Vm, cur: Cursor, site: &'static Site, i: Instr) -> Step {
    cur.save(vm);
    if poll(vm) {
        // Arguments are in registers of the running frame, all of which are roots.
        safepoint(vm)?;
    }
    let base = vm.regs.index(cur.base) + i.c() as usize;
    let outcome = vm.send_missed(site, base, i.a());
    settle(vm, i, outcome)
}

/// Stores a value that came without a new frame.
#[inline(always)]
fn settle(vm: &mut Vm, i: Instr, outcome: Result<Oop, Fail>) -> Step {
    let value = outcome?;
    let base = vm.frames.last().map_or(0, |f| f.base as usize);
    vm.regs.set(base + i.a() as usize, value);
    Err(Fail::Reenter)
}

#[cold]
#[inline(never)]
pub(crate) fn send_super(vm: &mut Vm, cur: Cursor, i: Instr) -> Step {
    cur.save(vm);
    let base = vm.regs.index(cur.base) + i.c() as usize;
    let outcome = vm.send_super(site(&cur, i.b()), base, i.a());
    settle(vm, i, outcome)
}

#[inline(never)]
pub(crate) fn yield_(vm: &mut Vm, cur: Cursor, i: Instr) -> Step {
    cur.save(vm);
    let site = site(&cur, i.b());
    let block = vm.home_block()?;
    if block.is_nil() {
        return Err(raise(
            proto::wellknown::CANNOT_RETURN,
            "no block given (yield)",
        ));
    }
    let base = vm.regs.index(cur.base) + i.c() as usize;
    let call = Call {
        selector: vm.sym.call,
        environment: 1,
        base,
        argc: site.argc as usize,
        site_flags: site.flags,
        dst: i.a(),
        frame_flags: 0,
        owner_above: None,
    };
    if site.flags & site_flags::BLOCK != 0 {
        vm.normalise_block(&call)?;
    }
    if poll(vm) {
        safepoint(vm)?;
    }
    let outcome = vm.call_closure(block, &call, None, 0);
    settle(vm, i, outcome)
}

#[inline(always)]
pub(crate) fn return_(vm: &mut Vm, cur: &mut Cursor, i: Instr) -> Step {
    let value = cur.r(i.a());
    leave(vm, cur, value)
}

#[inline(always)]
pub(crate) fn return_self(vm: &mut Vm, cur: &mut Cursor, _: Instr) -> Step {
    let value = cur.r(0);
    leave(vm, cur, value)
}

#[inline(always)]
fn leave(vm: &mut Vm, cur: &mut Cursor, value: Oop) -> Step {
    // SAFETY: the loop runs only while there is a frame.
    let frame = unsafe { vm.frames.pop().unwrap_unchecked() };
    if frame.flags & !frame_flags::QUIET != 0 {
        return leave_marked(vm, frame, value);
    }
    *cur = Cursor::load(vm);
    cur.set(frame.dst, value);
    Ok(())
}

#[cold]
#[inline(never)]
fn leave_marked(vm: &mut Vm, frame: Frame, value: Oop) -> Step {
    vm.deliver(&frame, value)?;
    Err(Fail::Reenter)
}

#[cold]
#[inline(never)]
pub(crate) fn return_home(vm: &mut Vm, cur: Cursor, i: Instr) -> Step {
    cur.save(vm);
    vm.return_home(cur.r(i.a()))?;
    Err(Fail::Reenter)
}

#[cold]
#[inline(never)]
pub(crate) fn break_block(vm: &mut Vm, cur: Cursor, i: Instr) -> Step {
    cur.save(vm);
    vm.break_block(cur.r(i.a()))?;
    Err(Fail::Reenter)
}
