//! The registers of one process. All of them hold what lived at the last collection; those that an instruction still reads hold what
//! it expects: no mark of an absent argument outside of parameters, no reference to a frame that is gone.

use super::stack::{Stack, end_of};
use crate::exec::frame::{Frame, frame_flags};
use crate::vm::Vm;
use format::wellknown::slots::method;
use gem_bytecode::{Code, LiveSet, Liveness, Op, decode};
use gem_heap::{Oop, Verifier};
use hashbrown::HashMap;

/// Which registers codes read, by the address of the method. `None`: the method's bytecode is not in memory.
#[derive(Default)]
pub(super) struct Analyses(HashMap<u64, Option<(Code, Liveness)>>);

impl Analyses {
    fn of(&mut self, vm: &Vm, method: Oop) -> Option<&(Code, Liveness)> {
        let analyse = || {
            let bytes = vm.model.heap.raw_slot(method, method::CODE);
            if !bytes.is_pointer() {
                return None;
            }
            let code = decode(vm.model.heap.bytes(bytes)).ok()?;
            let live = Liveness::of(&code);
            Some((code, live))
        };
        self.0.entry(method.bits()).or_insert_with(analyse).as_ref()
    }
}

/// Checks the registers of all frames, each as one of the highest frame that it belongs to.
pub(super) fn verify(
    stack: &Stack,
    memory: &Verifier,
    analyses: &mut Analyses,
) -> Result<(), String> {
    for (i, frame) in stack.frames.iter().enumerate() {
        let upper = stack.frames.get(i + 1);
        let (base, end) = (frame.base as usize, end_of(frame));
        let limit = upper.map_or(end, |f| f.base as usize);
        let analysis = analyses.of(stack.vm, frame.code.method);
        let live = analysis.and_then(|(code, live)| read_later(code, live, frame, upper));
        for at in base..limit.min(stack.regs.len()) {
            let (register, value) = (at - base, stack.regs.get(at));
            let wrong = |wrong: String| stack.at(i, &format!("register {register}: {wrong}"));
            memory.reference(value).map_err(wrong)?;
            let read = live.as_ref().is_some_and(|l| l.contains(register as u16));
            if read && at < end {
                let code = analysis.map(|a| &a.0);
                readable(stack, i, code, register as u16, value).map_err(wrong)?;
            }
            if is_variable(frame, i, register) && (value.is_undef() || value.is_stack()) {
                return Err(wrong(format!("{value:?} is a variable that blocks share")));
            }
        }
    }
    Ok(())
}

/// Registers that frame `frame` reads when it goes on: fewer rather than more, as an instruction that is under way has read its own.
fn read_later(
    code: &Code,
    live: &Liveness,
    frame: &Frame,
    upper: Option<&Frame>,
) -> Option<LiveSet> {
    let pc = frame.pc as usize;
    if upper.is_some_and(|f| f.flags & frame_flags::REDO != 0) {
        return live.before(pc.checked_sub(1)?).cloned();
    }
    let mut set = live.before(pc)?.clone();
    // The value of the instruction under way comes later.
    if let Some(running) = pc.checked_sub(1).and_then(|at| code.instructions.get(at)) {
        set.remove(running.a());
    }
    if let Some(upper) = upper {
        set.remove(upper.dst);
    }
    Some(set)
}

/// What an instruction may find in a register that it reads.
fn readable(
    stack: &Stack,
    i: usize,
    code: Option<&Code>,
    register: u16,
    value: Oop,
) -> Result<(), String> {
    if value.is_stack() {
        // A block on its way into the call that it is given to.
        return stack.stack_block(i + 1, value).map(drop);
    }
    let absent = |code: &Code| {
        let parameters = 1..=code.params.registers() as u16;
        let marks = |instr: &gem_bytecode::Instr| {
            instr.op() == Some(Op::LoadUndef) && instr.a() == register
        };
        parameters.contains(&register) || code.instructions.iter().any(marks)
    };
    if value.is_undef() && !code.is_some_and(absent) {
        return Err("holds the mark of an absent argument and is no parameter".to_string());
    }
    Ok(())
}

/// Whether the register holds a variable of the frame's environment, which lies on the stack.
fn is_variable(frame: &Frame, i: usize, register: usize) -> bool {
    let first = frame.code.env_register as usize;
    let variables = first..first + frame.code.env_variables as usize;
    frame.env == Oop::stack_env(i as u32) && variables.contains(&register)
}
