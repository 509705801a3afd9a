//! The interpreter loop. One row of the `match` an opcode; the bodies are in `ops`.
//!
//! pc, register base and code are locals of the loop. Every slow path saves pc in the frame, works on the machine, and the
//! loop reads its locals again.
#![allow(unsafe_code)]

use crate::codes::code::CodeBlock;
use crate::errors::{Fail, VmExit};
use crate::exec::ops;
use crate::processes::process::ProcessId;
use crate::vm::Vm;
use format::wellknown::SYSTEM_EXIT;
use gem_bytecode::{Instr, Op};
use gem_heap::Oop;
use std::cell::Cell;
use std::sync::atomic::Ordering;

/// The loop's locals.
#[derive(Clone, Copy)]
pub(crate) struct Cursor {
    pub pc: *const Cell<Instr>,
    pub base: *mut Oop,
    pub code: &'static CodeBlock,
}

impl Cursor {
    /// Reads the locals from the top frame.
    #[inline(always)]
    pub fn load(vm: &mut Vm) -> Cursor {
        let frame = vm.exec.frames.last().expect("a frame to run");
        let (code, pc, base) = (frame.code, frame.pc as usize, frame.base as usize);
        debug_assert!(pc < code.instructions.len());
        // SAFETY: pc is within the instructions (verified code never leaves them).
        let pc = unsafe { code.instructions.as_ptr().add(pc) };
        Cursor {
            pc,
            base: vm.exec.regs.pointer(base),
            code,
        }
    }

    /// Finds register 0 again after the register stack may have moved.
    #[inline(always)]
    pub fn reload_base(&mut self, vm: &mut Vm) {
        let base = vm.exec.frames.last().map_or(0, |f| f.base as usize);
        self.base = vm.exec.regs.pointer(base);
    }

    /// Index of the next instruction.
    #[inline(always)]
    pub fn position(&self) -> u32 {
        // SAFETY: both point into the same instructions.
        unsafe { self.pc.offset_from(self.code.instructions.as_ptr()) as u32 }
    }

    /// Writes pc to the top frame.
    #[inline(always)]
    pub fn save(&self, vm: &mut Vm) {
        let position = self.position();
        let top = vm.exec.frames.len() - 1;
        // SAFETY: the loop runs only while there is a frame.
        unsafe { vm.exec.frames.get_unchecked_mut(top).pc = position };
    }

    /// Writes pc to the top frame, when that is the one the loop works on: a primitive that switched processes saved it before.
    #[cold]
    #[inline(never)]
    pub fn save_if_running(&self, vm: &mut Vm) {
        let Some(top) = vm.exec.frames.last() else {
            return;
        };
        let base = top.base as usize;
        if std::ptr::eq(top.code, self.code) && vm.exec.regs.pointer(base) == self.base {
            self.save(vm);
        }
    }

    /// Register `i` of the running frame.
    #[inline(always)]
    pub fn r(&self, i: u16) -> Oop {
        // SAFETY: the verifier proved i below the frame's registers, and the stack has room for all of them.
        unsafe { *self.base.add(i as usize) }
    }

    /// Sets register `i`.
    #[inline(always)]
    pub fn set(&self, i: u16, value: Oop) {
        debug_assert!(!value.is_id(), "H3");
        // SAFETY: as `r`.
        unsafe { *self.base.add(i as usize) = value }
    }

    #[inline(always)]
    pub fn literal(&self, i: u16) -> Oop {
        // SAFETY: the verifier proved i below the number of literals.
        unsafe { self.code.literals.get_unchecked(i as usize).get() }
    }

    #[inline(always)]
    pub fn jump(&mut self, offset: isize) {
        // SAFETY: the verifier proved that every jump stays within the code.
        self.pc = unsafe { self.pc.offset(offset) };
    }

    /// The Send behind a fast-path instruction.
    #[inline(always)]
    pub fn following(&self) -> Instr {
        // SAFETY: the verifier proved that a Send follows.
        unsafe { (*self.pc).get() }
    }
}

/// Runs until the entry frame at `depth` returns.
///
/// # Errors
/// See `VmExit`. After `Unhandled` the frames are still there.
pub(crate) fn run(vm: &mut Vm, depth: usize) -> Result<Oop, VmExit> {
    debug_assert!(depth <= vm.exec.frames.len(), "a run without a frame");
    debug_assert!(
        depth >= vm.exec.run_depth,
        "a run below the one that goes on"
    );
    let process = vm.processes.current;
    let outer = std::mem::replace(&mut vm.exec.run_depth, depth);
    run_begun(vm, depth, process, outer)
}

/// As `run`, for a run that `process` has begun: it may not be the one in the machine any more. `outer`: where the run around it begins.
///
/// # Errors
/// As `run`.
pub(crate) fn run_begun(
    vm: &mut Vm,
    depth: usize,
    process: ProcessId,
    outer: usize,
) -> Result<Oop, VmExit> {
    let result = run_loop(vm, depth, process).map_err(|exit| vm.settle_on_main(exit, process));
    if vm.processes.current == process {
        vm.exec.run_depth = outer;
    }
    result
}

/// Goes on with a run of `process` that was left in another process.
///
/// # Errors
/// As `run`.
pub(crate) fn go_on(vm: &mut Vm, depth: usize, process: ProcessId) -> Result<Oop, VmExit> {
    if vm.processes.current == process {
        return run(vm, depth);
    }
    let result = run_loop(vm, depth, process);
    if vm.processes.current == process {
        vm.exec.run_depth = 0;
    }
    result
}

fn run_loop(vm: &mut Vm, depth: usize, process: ProcessId) -> Result<Oop, VmExit> {
    let _run = vm.codes.begin_run(vm.model.heap.symbol_births());
    // Many short runs may never come to a safepoint of their own.
    if !finished(vm, depth, process)
        && let Err(full) = make_room(vm)
    {
        recover(vm, full, process)?;
    }
    steps(vm, depth, process)
}

/// The loop. Nothing in it lives longer than a step but the locals of the cursor.
#[inline(never)]
fn steps(vm: &mut Vm, depth: usize, process: ProcessId) -> Result<Oop, VmExit> {
    if finished(vm, depth, process) {
        return Ok(std::mem::replace(&mut vm.exec.finished, Oop::NIL));
    }
    let mut cur = Cursor::load(vm);
    'next: loop {
        // SAFETY: pc stays within verified code, which cannot run off its end.
        let mut instr = unsafe { (*cur.pc).get() };
        cur.jump(1);
        loop {
            // SAFETY: the verifier proved that the bits name an opcode; Op is repr(u16).
            let op: Op = unsafe { std::mem::transmute(instr.op_bits()) };
            let Err(fail) = dispatch(vm, &mut cur, op, instr) else {
                continue 'next;
            };
            match fail {
                Fail::Reenter => {}
                Fail::Covered(covered) => {
                    instr = covered;
                    continue;
                }
                fail => {
                    cur.save_if_running(vm);
                    recover(vm, fail, process)?;
                }
            }
            if finished(vm, depth, process) {
                return Ok(std::mem::replace(&mut vm.exec.finished, Oop::NIL));
            }
            cur = Cursor::load(vm);
            continue 'next;
        }
    }
}

/// Whether the run that `process` began at `depth` has ended: the process runs and has no frame above `depth`.
#[inline(always)]
fn finished(vm: &Vm, depth: usize, process: ProcessId) -> bool {
    vm.exec.frames.len() <= depth && vm.processes.current == process
}

/// Turns a failure into an exception and finds who handles it.
#[cold]
#[inline(never)]
fn recover(vm: &mut Vm, fail: Fail, process: ProcessId) -> Result<(), VmExit> {
    let mut fail = fail;
    if let Fail::Heap(gem_heap::HeapError::OutOfMemory { .. }) = &fail {
        vm.collect_between(true);
    }
    loop {
        let exception = match fail {
            Fail::Exit(VmExit::Unhandled(e))
                if vm.fails_alone(process) && !vm.model.heap.is_instance(e, SYSTEM_EXIT) =>
            {
                match vm.process_failed(e) {
                    Ok(()) | Err(Fail::Reenter) => return Ok(()),
                    Err(next) => {
                        fail = next;
                        continue;
                    }
                }
            }
            Fail::Reenter => return Ok(()),
            other => vm.exception_of(other)?,
        };
        let depth = vm.exec.run_depth;
        match vm.raise_from(exception, depth) {
            Ok(()) => return Ok(()),
            Err(VmExit::Unhandled(e)) if vm.fails_alone(process) => {
                fail = Fail::Exit(VmExit::Unhandled(e))
            }
            Err(e) => return Err(e),
        }
    }
}

/// A safepoint: collects, notices interrupts, lets other processes run.
#[cold]
#[inline(never)]
pub(crate) fn safepoint(vm: &mut Vm) -> Result<(), Fail> {
    vm.exec.attention.store(false, Ordering::Relaxed);
    if vm.debug.profile.is_some() {
        crate::debug::sampling::sample(vm);
    }
    if !vm.traps_requested() && vm.exec.interrupted.swap(false, Ordering::Relaxed) {
        let fail = crate::errors::raise(format::wellknown::INTERRUPT, "");
        if vm.runs_for_main() {
            return raise_here(vm, fail);
        }
        let exception = vm.exception_of(fail).map_err(Fail::Exit)?;
        vm.send_to_main(exception);
        return vm.switch_at_safepoint(true);
    }
    if let Err(full) = make_room(vm) {
        return raise_here(vm, full);
    }
    let slice_over = vm.processes.slice.is_over();
    vm.switch_at_safepoint(slice_over)
}

/// A safepoint within an instruction, which has to be finished: only collects.
#[cold]
#[inline(never)]
pub(crate) fn collect_point(vm: &mut Vm) -> Result<(), Fail> {
    if vm.model.heap.wants_collection() {
        make_room(vm)?;
    }
    Ok(())
}

fn make_room(vm: &mut Vm) -> Result<(), Fail> {
    let codes = vm.codes.wants_collection();
    if codes || vm.model.heap.wants_collection() {
        vm.collect_between(codes);
        vm.model.heap.check_shortage()?;
    }
    Ok(())
}

/// Raises between two instructions.
fn raise_here(vm: &mut Vm, fail: Fail) -> Result<(), Fail> {
    let exception = vm.exception_of(fail).map_err(Fail::Exit)?;
    match vm.raise_between(exception) {
        Ok(()) => Err(Fail::Reenter),
        Err(exit) => Err(Fail::Exit(exit)),
    }
}

/// Whether a safepoint has work.
#[inline(always)]
pub(crate) fn poll(vm: &Vm) -> bool {
    vm.model.heap.wants_collection() || vm.exec.attention.load(Ordering::Relaxed)
}

/// Fast bodies are inlined and change the loop's locals; cold ones get a copy, so that the locals can stay in machine registers.
macro_rules! table {
    ($vm:ident, $cur:ident, $op:ident, $i:ident; fast { $( $name:ident => $body:path ),+ $(,)? } cold { $( $slow:ident => $slow_body:path ),+ $(,)? }) => {
        match $op {
            $( Op::$name => $body($vm, $cur, $i), )+
            $( Op::$slow => {
                let step = $slow_body($vm, *$cur, $i);
                if step.is_ok() {
                    // The register stack may have grown and moved.
                    $cur.reload_base($vm);
                }
                step
            } )+
        }
    };
}

#[inline(always)]
fn dispatch(vm: &mut Vm, cur: &mut Cursor, op: Op, i: Instr) -> Result<(), Fail> {
    table!(vm, cur, op, i;
        fast {
            Nop => ops::moves::nop,
            Move => ops::moves::mov,
            LoadLit => ops::moves::load_literal,
            LoadInt => ops::moves::load_int,
            LoadNil => ops::moves::load_nil,
            LoadTrue => ops::moves::load_true,
            LoadFalse => ops::moves::load_false,
            LoadUndef => ops::moves::load_undef,
            LoadNils => ops::moves::load_nils,
            MakeEnv => ops::variables::make_env,
            MakeBlock => ops::variables::make_block,
            GetEnv => ops::variables::get_env,
            SetEnv => ops::variables::set_env,
            GetSlot => ops::variables::get_slot,
            SetSlot => ops::variables::set_slot,
            GetIvar => ops::variables::get_ivar,
            SetIvar => ops::variables::set_ivar,
            GetAssoc => ops::variables::get_assoc,
            SetAssoc => ops::variables::set_assoc,
            GetConst => ops::names::get_const,
            Send => ops::calls::send,
            Yield => ops::calls::yield_,
            Add => ops::arithmetic::add,
            Sub => ops::arithmetic::sub,
            Mul => ops::arithmetic::mul,
            Div => ops::arithmetic::div,
            IntDiv => ops::arithmetic::int_div,
            Mod => ops::arithmetic::modulo,
            AddInt => ops::arithmetic::add_int,
            SubInt => ops::arithmetic::sub_int,
            BitAnd => ops::arithmetic::bit_and,
            BitOr => ops::arithmetic::bit_or,
            BitXor => ops::arithmetic::bit_xor,
            ShiftLeft => ops::arithmetic::shift_left,
            ShiftRight => ops::arithmetic::shift_right,
            Lt => ops::comparison::lt,
            Le => ops::comparison::le,
            Gt => ops::comparison::gt,
            Ge => ops::comparison::ge,
            Eq => ops::comparison::eq,
            Ne => ops::comparison::ne,
            Size => ops::arrays::size,
            Aref => ops::arrays::aref,
            Aset => ops::arrays::aset,
            At => ops::arrays::at,
            AtPut => ops::arrays::at_put,
            Identical => ops::comparison::identical,
            NotIdentical => ops::comparison::not_identical,
            Not => ops::comparison::not,
            IsNil => ops::comparison::is_nil,
            Jump => ops::jumps::jump,
            BranchTrue => ops::jumps::branch_true,
            BranchFalse => ops::jumps::branch_false,
            BranchNil => ops::jumps::branch_nil,
            BranchNotNil => ops::jumps::branch_not_nil,
            BranchUndef => ops::jumps::branch_undef,
            BranchNotUndef => ops::jumps::branch_not_undef,
            BoolBranchTrue => ops::jumps::bool_branch_true,
            BoolBranchFalse => ops::jumps::bool_branch_false,
            JumpUnlessLt => ops::comparison::jump_unless_lt,
            JumpUnlessLe => ops::comparison::jump_unless_le,
            JumpUnlessGt => ops::comparison::jump_unless_gt,
            JumpUnlessGe => ops::comparison::jump_unless_ge,
            JumpUnlessEq => ops::comparison::jump_unless_eq,
            JumpUnlessNe => ops::comparison::jump_unless_ne,
            Return => ops::calls::return_,
            ReturnSelf => ops::calls::return_self,
            GetBlock => ops::variables::get_block,
            BlockGiven => ops::variables::block_given,
            ArrayPush => ops::arrays::array_push,
            NewRange => ops::arrays::new_range,
            NewRangeExclusive => ops::arrays::new_range_exclusive,
            ToStr => ops::strings::to_str,
            EndEnsure => ops::exceptions::end_ensure,
        }
        cold {
            GetConstIn => ops::names::get_const_in,
            GetConstTop => ops::names::get_const_top,
            SetConst => ops::names::set_const,
            GetGlobal => ops::names::get_global,
            SetGlobal => ops::names::set_global,
            GetClassVar => ops::names::get_class_var,
            SetClassVar => ops::names::set_class_var,
            Defined => ops::names::defined,
            GetDefinee => ops::names::get_definee,
            GetSpecial => ops::names::get_special,
            SetSpecial => ops::names::set_special,
            NthRef => ops::names::nth_ref,
            SendSuper => ops::calls::send_super,
            ReturnHome => ops::calls::return_home,
            BreakBlock => ops::calls::break_block,
            MakeBinding => ops::variables::make_binding,
            NewArray => ops::arrays::new_array,
            ArrayConcat => ops::arrays::array_concat,
            Splat => ops::arrays::splat,
            ToAry => ops::arrays::to_ary,
            ExpandArray => ops::arrays::expand_array,
            NewHash => ops::arrays::new_hash,
            NewString => ops::strings::new_string,
            StrConcat => ops::strings::str_concat,
            Reraise => ops::exceptions::reraise,
            GetErrInfo => ops::exceptions::get_error_info,
            SetErrInfo => ops::exceptions::set_error_info,
            DefMethod => ops::definitions::def_method,
            DefSingleton => ops::definitions::def_singleton,
            DefClass => ops::definitions::def_class,
            DefModule => ops::definitions::def_module,
            OpenSingleton => ops::definitions::open_singleton,
            Trap => ops::traps::trap,
            Window => ops::windows::window,
            WindowInt => ops::windows::window_int,
            WindowStore => ops::windows::window_store,
            WindowUnary => ops::windows::window_unary,
            WindowFused => ops::windows::window_fused,
        }
    )
}
