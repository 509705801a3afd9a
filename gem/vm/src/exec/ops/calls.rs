//! Sends, yields, returns.
#![allow(unsafe_code)]

use super::Step;
use crate::Args;
use crate::codes::code::{CacheEntry, CodeBlock, Site, TargetKind};
use crate::errors::{Fail, raise};
use crate::exec::block_flags::{IN_LAMBDA, LAMBDA};
use crate::exec::call::{Call, Current};
use crate::exec::closures::code_number;
use crate::exec::frame::{Frame, frame_flags};
use crate::exec::interp::{Cursor, collect_point, poll, safepoint};
use crate::vm::Vm;
use format::wellknown::slots::block;
use gem_bytecode::{Instr, site_flags};
use gem_heap::{ClassIndex, Oop};

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
    let shape = vm.model.heap.shape_of(receiver);
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
        TargetKind::Plain => plain(vm, cur, site, entry, code, i),
        TargetKind::Primitive => primitive(vm, cur, site, entry, code, i),
        TargetKind::Getter => {
            let value = vm
                .model
                .heap
                .slot(cur.r(i.c()), entry.extra.get() as usize)?;
            cur.set(i.a(), if value.is_undef() { Oop::NIL } else { value });
            Ok(())
        }
        TargetKind::Setter => {
            let value = cur.r(i.c() + 1);
            vm.model
                .heap
                .set_slot(cur.r(i.c()), entry.extra.get() as usize, value)?;
            cur.set(i.a(), value);
            Ok(())
        }
        TargetKind::New => new(vm, cur, site, entry, code, i),
        TargetKind::NewPlain => {
            let object = vm.model.heap.instantiate(ClassIndex(entry.extra.get()));
            cur.set(i.a(), object);
            polled(vm, cur)
        }
        TargetKind::Allocate => {
            let object = vm.model.heap.instantiate(ClassIndex(entry.extra.get()));
            cur.set(i.a(), object);
            polled(vm, cur)
        }
        TargetKind::HasInstance => {
            let answer = vm.model.is_ruby_kind_of(cur.r(i.c() + 1), cur.r(i.c()))?;
            cur.set(i.a(), Oop::from_bool(answer));
            Ok(())
        }
        TargetKind::Value => {
            let closure = cur.r(i.c());
            let ruby = site.flags & site_flags::RUBY != 0;
            match closure_code(vm, closure, site.argc, ruby)? {
                Some(entry) => enter_closure(vm, cur, closure, entry, site.argc, i),
                None => missed(vm, *cur, site, i),
            }
        }
        _ => missed(vm, *cur, site, i),
    }
}

/// A safepoint after an allocation that pushes no frame.
#[inline(always)]
fn polled(vm: &mut Vm, cur: &mut Cursor) -> Step {
    if poll(vm) {
        cur.save(vm);
        return safepoint(vm);
    }
    Ok(())
}

/// `new`: a fresh object takes the receiver's place, and `initialize` runs on the same window.
#[inline(always)]
fn new(
    vm: &mut Vm,
    cur: &mut Cursor,
    site: &'static Site,
    entry: &'static CacheEntry,
    code: &'static CodeBlock,
    i: Instr,
) -> Step {
    let Some(block) = given_block(vm, cur, site, i) else {
        return missed(vm, *cur, site, i);
    };
    let object = vm.model.heap.instantiate(ClassIndex(entry.extra.get()));
    cur.set(i.c(), object);
    let activation = Activation {
        flags: frame_flags::KEEP_RECEIVER,
        argc: site.argc,
        env: Oop::NIL,
        block,
        closure: Oop::NIL,
    };
    enter(vm, cur, code, activation, i)?;
    if poll(vm) {
        return safepoint(vm);
    }
    Ok(())
}

/// What a frame on the way in differs by.
struct Activation {
    flags: u16,
    argc: u16,
    env: Oop,
    block: Oop,
    closure: Oop,
}

/// Pushes a frame on the window of `i` and lets the loop's locals follow.
#[inline(always)]
fn enter(
    vm: &mut Vm,
    cur: &mut Cursor,
    code: &'static CodeBlock,
    activation: Activation,
    i: Instr,
) -> Step {
    cur.save(vm);
    let base = vm.exec.regs.index(cur.base) + i.c() as usize;
    let end = base + code.registers as usize;
    if end > vm.exec.regs.len() {
        vm.exec.regs.grow(end);
    }
    debug_assert!(i.c() > 0, "a window over the caller's self");
    vm.exec.push(Frame {
        code,
        pc: 0,
        base: base as u32,
        dst: i.a(),
        flags: activation.flags,
        argc: activation.argc,
        serial: 0,
        env: activation.env,
        block: activation.block,
        closure: activation.closure,
    })?;
    cur.code = code;
    cur.pc = code.instructions.as_ptr();
    cur.base = vm.exec.regs.pointer(base);
    debug_assert!(end <= vm.exec.regs.len() && base < end);
    Ok(())
}

/// Bytecode with arguments in place.
#[inline(always)]
fn plain(
    vm: &mut Vm,
    cur: &mut Cursor,
    site: &'static Site,
    entry: &'static CacheEntry,
    code: &'static CodeBlock,
    i: Instr,
) -> Step {
    let Some(block) = given_block(vm, cur, site, i) else {
        return missed(vm, *cur, site, i);
    };
    let activation = Activation {
        flags: 0,
        argc: site.argc,
        env: Oop::NIL,
        block,
        closure: Oop::NIL,
    };
    enter(vm, cur, code, activation, i)?;
    for absent in site.argc..entry.extra.get() as u16 {
        cur.set(absent + 1, Oop::UNDEF);
    }
    if poll(vm) {
        return safepoint(vm);
    }
    Ok(())
}

/// The block in the window, nil without one. `None`: it has to become one first.
#[inline(always)]
fn given_block(vm: &Vm, cur: &Cursor, site: &'static Site, i: Instr) -> Option<Oop> {
    if site.flags & site_flags::BLOCK == 0 {
        return Some(Oop::NIL);
    }
    let given = cur.r(i.c() + 1 + site.argc);
    let ready = given.is_stack()
        || given.is_nil()
        || vm.model.heap.shape_of(given) == gem_heap::ShapeId::EXEC_BLOCK;
    ready.then_some(given)
}

/// A primitive with arguments in place, then its body.
#[inline(always)]
fn primitive(
    vm: &mut Vm,
    cur: &mut Cursor,
    site: &'static Site,
    entry: &'static CacheEntry,
    code: &'static CodeBlock,
    i: Instr,
) -> Step {
    let Some(block) = given_block(vm, cur, site, i) else {
        return missed(vm, *cur, site, i);
    };
    let block = vm.settled_block(block)?;
    let Some(function) = code.primitive else {
        return missed(vm, *cur, site, i);
    };
    cur.save(vm);
    let base = vm.exec.regs.index(cur.base) + i.c() as usize;
    let end = base + code.registers as usize;
    if end > vm.exec.regs.len() {
        vm.exec.regs.grow(end);
        cur.base = vm.exec.regs.pointer(base - i.c() as usize);
    }
    let count = entry.extra.get() as u16;
    for absent in site.argc..count {
        cur.set(i.c() + absent + 1, Oop::UNDEF);
    }
    vm.exec.current = Current {
        base,
        dst: i.a(),
        frame_flags: 0,
    };
    match function(
        vm,
        Args {
            base,
            count: count as usize,
            block,
        },
    ) {
        Ok(value) => {
            // The primitive may have grown the stack.
            cur.base = vm.exec.regs.pointer(base - i.c() as usize);
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
        collect_point(vm)?;
    }
    let base = vm.exec.regs.index(cur.base) + i.c() as usize;
    let outcome = vm.send_missed(site, base, i.a());
    settle(vm, i, outcome)
}

/// Stores a value that came without a new frame.
#[inline(always)]
fn settle(vm: &mut Vm, i: Instr, outcome: Result<Oop, Fail>) -> Step {
    let value = outcome?;
    let base = vm.exec.frames.last().map_or(0, |f| f.base as usize);
    vm.exec.regs.set(base + i.a() as usize, value);
    Err(Fail::Reenter)
}

#[cold]
#[inline(never)]
pub(crate) fn send_super(vm: &mut Vm, cur: Cursor, i: Instr) -> Step {
    cur.save(vm);
    let base = vm.exec.regs.index(cur.base) + i.c() as usize;
    let outcome = vm.send_super(site(&cur, i.b()), base, i.a());
    settle(vm, i, outcome)
}

/// How a closure that can run on a window as it lies is entered.
struct Entry {
    code: &'static CodeBlock,
    env: Oop,
    receiver: Oop,
    flags: u16,
}

/// Whether a block of `code` can run on a window of `argc` arguments as it lies; `lenient` ones drop and fill.
#[inline(always)]
fn fits(code: &CodeBlock, argc: u16, lenient: bool) -> bool {
    let required = code.params.required;
    code.plain_params
        && (argc == required || lenient && code.params.lenient && (argc != 1 || required == 0))
}

/// The entry of a closure that can run on a window of `argc` arguments as it lies.
#[inline(always)]
fn closure_code(vm: &mut Vm, closure: Oop, argc: u16, ruby: bool) -> Result<Option<Entry>, Fail> {
    if !closure.is_pointer() || vm.model.heap.shape_of(closure) != gem_heap::ShapeId::EXEC_BLOCK {
        return Ok(None);
    }
    let flags = vm.model.heap.slot(closure, block::FLAGS)?;
    let number = code_number(vm.model.heap.slot(closure, block::CREATOR)?);
    let kind = flags.as_small_int().unwrap_or(-1) & !IN_LAMBDA;
    let lambda = kind == LAMBDA;
    if kind != 0 && !lambda || number == 0 {
        return Ok(None);
    }
    let code = vm.codes.at(number);
    if !fits(code, argc, ruby && !lambda) {
        return Ok(None);
    }
    Ok(Some(Entry {
        code,
        env: vm.model.heap.slot(closure, block::CONTEXT)?,
        receiver: vm.model.heap.slot(closure, block::RECEIVER)?,
        flags: if lambda { frame_flags::LAMBDA } else { 0 },
    }))
}

/// As `closure_code`, of a block on the stack.
#[inline(always)]
fn stack_block_code(vm: &Vm, given: Oop, argc: u16) -> Option<Entry> {
    let made_of = vm.stack_block(given);
    (made_of.closure_flags == 0 && fits(made_of.code, argc, true)).then_some(Entry {
        code: made_of.code,
        env: made_of.env,
        receiver: made_of.receiver,
        flags: 0,
    })
}

/// Pushes the frame of a closure whose arguments lie in the window.
#[inline(always)]
fn enter_closure(
    vm: &mut Vm,
    cur: &mut Cursor,
    closure: Oop,
    entry: Entry,
    argc: u16,
    i: Instr,
) -> Step {
    let activation = Activation {
        flags: entry.flags,
        argc,
        env: entry.env,
        block: Oop::NIL,
        closure,
    };
    enter(vm, cur, entry.code, activation, i)?;
    cur.set(0, entry.receiver);
    for missing in argc..entry.code.params.required {
        cur.set(missing + 1, Oop::NIL);
    }
    if poll(vm) {
        return safepoint(vm);
    }
    Ok(())
}

#[inline(always)]
pub(crate) fn yield_(vm: &mut Vm, cur: &mut Cursor, i: Instr) -> Step {
    let site = site(cur, i.b());
    let frame = vm.exec.frames.last().expect("a frame");
    if frame.closure.is_nil()
        && site.flags & (site_flags::SPLAT | site_flags::KEYWORDS | site_flags::BLOCK) == 0
    {
        let block = frame.block;
        let entry = match block.is_stack() {
            true => stack_block_code(vm, block, site.argc),
            false => closure_code(vm, block, site.argc, true)?,
        };
        if let Some(entry) = entry {
            return enter_closure(vm, cur, block, entry, site.argc, i);
        }
    }
    yield_slow(vm, *cur, i)
}

#[inline(never)]
fn yield_slow(vm: &mut Vm, cur: Cursor, i: Instr) -> Step {
    cur.save(vm);
    let site = site(&cur, i.b());
    let block = vm.yield_block()?;
    if block.is_nil() {
        return Err(raise(
            format::wellknown::CANNOT_RETURN,
            "no block given (yield)",
        ));
    }
    let base = vm.exec.regs.index(cur.base) + i.c() as usize;
    let call = Call {
        selector: vm.model.sym.call,
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
        collect_point(vm)?;
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
    let frame = unsafe { vm.exec.frames.pop().unwrap_unchecked() };
    debug_assert!(
        vm.exec.frames.len() >= vm.exec.run_depth,
        "a return out of an outer run"
    );
    debug_assert!(!value.is_stack() && !value.is_id(), "H3");
    let marks = frame.flags & !frame_flags::QUIET;
    let mut value = value;
    if marks != 0 {
        if marks != frame_flags::KEEP_RECEIVER {
            return leave_marked(vm, frame, value);
        }
        value = cur.r(0);
    }
    *cur = Cursor::load(vm);
    debug_assert!(vm.exec.frames.last().is_some_and(|f| f.base < frame.base));
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
