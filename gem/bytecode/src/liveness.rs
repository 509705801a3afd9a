//! Which registers a code still needs at an instruction: the usual backward analysis. A stored frame keeps these alone, so that what
//! a finished expression left in a register does not hold anything back.

use crate::code::{Code, HandlerKind, Literal};
use crate::{CREF, Instr, Op, site_flags};

/// A set of registers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LiveSet(Vec<u64>);

impl LiveSet {
    fn new(registers: usize) -> LiveSet {
        LiveSet(vec![0; registers.div_ceil(64)])
    }

    pub fn contains(&self, register: u16) -> bool {
        let at = register as usize;
        self.0
            .get(at / 64)
            .is_some_and(|w| w & (1 << (at % 64)) != 0)
    }

    fn insert(&mut self, register: u16) {
        let at = register as usize;
        if let Some(word) = self.0.get_mut(at / 64) {
            *word |= 1 << (at % 64);
        }
    }

    pub fn remove(&mut self, register: u16) {
        let at = register as usize;
        if let Some(word) = self.0.get_mut(at / 64) {
            *word &= !(1 << (at % 64));
        }
    }

    /// Adds another set; answers whether that changed anything.
    fn join(&mut self, other: &LiveSet) -> bool {
        let mut changed = false;
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            changed |= *theirs & !*mine != 0;
            *mine |= theirs;
        }
        changed
    }
}

/// The sets before every instruction of a verified code.
pub struct Liveness {
    before: Vec<LiveSet>,
}

impl Liveness {
    pub fn of(code: &Code) -> Liveness {
        let registers = code.registers as usize;
        let count = code.instructions.len();
        let mut before = vec![LiveSet::new(registers); count];
        let mut changed = true;
        while changed {
            changed = false;
            for pc in (0..count).rev() {
                let set = Self::transfer(code, pc, &before);
                changed |= before[pc].join(&set);
            }
        }
        Liveness { before }
    }

    /// Registers that the instruction at `pc` or a later one reads.
    pub fn before(&self, pc: usize) -> Option<&LiveSet> {
        self.before.get(pc)
    }

    /// Registers that are needed while the Send at `pc` runs: afterwards, and by handlers around it.
    pub fn during(&self, code: &Code, pc: usize) -> Option<LiveSet> {
        let mut set = self.before.get(pc + 1)?.clone();
        set.remove(code.instructions.get(pc)?.a());
        self.add_handlers(code, pc, &mut set);
        Some(set)
    }

    fn add_handlers(&self, code: &Code, pc: usize, set: &mut LiveSet) {
        add_handlers(code, pc, &self.before, set);
    }

    fn transfer(code: &Code, pc: usize, before: &[LiveSet]) -> LiveSet {
        let instr = code.instructions[pc];
        let mut set = LiveSet::new(code.registers as usize);
        // Self is read by instructions that do not name it.
        set.insert(crate::SELF);
        let Some(op) = instr.op() else { return set };
        for next in successors(code, pc, op, instr) {
            if let Some(after) = before.get(next) {
                set.join(after);
            }
        }
        if op.operands().send_follows {
            // The slow path's window is filled by this instruction.
            if let (Some(send), Some(after)) = (code.instructions.get(pc + 1), before.get(pc + 1)) {
                let mut slow = after.clone();
                for register in window(code, *send) {
                    slow.remove(register);
                }
                set.join(&slow);
            }
        }
        for register in written(code, op, instr) {
            set.remove(register);
        }
        for register in read(code, op, instr) {
            set.insert(register);
        }
        add_handlers(code, pc, before, &mut set);
        set
    }
}

fn add_handlers(code: &Code, pc: usize, before: &[LiveSet], set: &mut LiveSet) {
    for h in &code.handlers {
        if !(h.start as usize..h.end as usize).contains(&pc) {
            continue;
        }
        if let Some(at) = before.get(h.target as usize) {
            set.join(at);
        }
        match h.kind {
            HandlerKind::OnDo => {
                set.insert(h.reg);
                set.insert(h.reg + 1);
                // `retry` starts the range again.
                if let Some(at) = before.get(h.start as usize) {
                    set.join(at);
                }
            }
            HandlerKind::Catch => set.insert(h.reg),
            _ => {}
        }
    }
}

fn successors(code: &Code, pc: usize, op: Op, instr: Instr) -> Vec<usize> {
    let next = pc + 1;
    let imm = |from: usize, offset: i64| (from as i64 + offset).max(0) as usize;
    match op {
        Op::Return | Op::ReturnSelf | Op::ReturnHome | Op::BreakBlock | Op::Reraise => Vec::new(),
        Op::Jump => vec![imm(next, instr.imm() as i64)],
        _ if op.is_fused() => vec![pc + 3, imm(pc + 3, instr.sc() as i64)],
        _ if op.operands().kinds[1] == b'J' => vec![next, imm(next, instr.imm() as i64)],
        // The fast path stores the Send's result and skips the Send.
        _ if op.operands().send_follows => {
            debug_assert!(code.instructions.len() > pc + 1);
            vec![pc + 2]
        }
        _ => vec![next],
    }
}

/// Registers of a send's window: receiver, arguments, keywords, block.
fn window(code: &Code, send: Instr) -> std::ops::Range<u16> {
    let site = code.sites.get(send.b() as usize);
    let extra = site.map_or(0, |s| {
        s.argc
            + (s.flags & site_flags::KEYWORDS != 0) as u16
            + (s.flags & site_flags::BLOCK != 0) as u16
    });
    send.c()..send.c() + 1 + extra
}

fn written(code: &Code, op: Op, instr: Instr) -> Vec<u16> {
    match op {
        Op::LoadNils => (instr.a()..instr.a() + instr.b()).collect(),
        Op::ExpandArray => {
            let shape = match code.literals.get(instr.c() as usize) {
                Some(Literal::Integer(shape)) => u64::try_from(shape).unwrap_or(0),
                _ => 0,
            };
            let count = (shape & 0xFFFF) + (shape >> 16 & 1) + (shape >> 32 & 0xFFFF);
            (instr.a()..instr.a().saturating_add(count as u16)).collect()
        }
        // The destination belongs to the Send that follows as well.
        _ if op.operands().kinds[0] == b'W' => vec![instr.a()],
        _ => Vec::new(),
    }
}

fn read(code: &Code, op: Op, instr: Instr) -> Vec<u16> {
    let fields = [instr.a(), instr.b(), instr.c()];
    let mut out: Vec<u16> = op
        .operands()
        .kinds
        .iter()
        .zip(fields)
        .filter(|&(&kind, field)| kind == b'R' || kind == b'X' && field != CREF)
        .map(|(_, field)| field)
        .collect();
    match op {
        Op::Send | Op::SendSuper => out.extend(window(code, instr)),
        Op::Yield => out.extend(window(code, instr).skip(1)),
        Op::NewArray | Op::StrConcat => {
            out.retain(|&r| r != instr.c());
            out.extend(instr.c()..instr.c() + instr.b());
        }
        Op::DefClass | Op::DefModule => out.extend(instr.c()..instr.c() + 2),
        Op::OpenSingleton => out.push(instr.c()),
        // The register of the result has the operand before.
        Op::DefSingleton => out.push(instr.a()),
        Op::Defined if matches!(instr.c(), 7 | 8) => out.push(instr.a()),
        _ => {}
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Assembler, CodeKind, Params};

    /// `^(self foo: a) + b`, with a temporary that is done with before the Send.
    #[test]
    fn only_what_is_read_later_lives_during_a_send() {
        let params = Params {
            required: 2,
            ..Params::default()
        };
        let mut asm = Assembler::new("sample", CodeKind::Method, 0, params);
        let scrap = asm.temp();
        let window = asm.temps(3);
        asm.emit(Op::LoadNil, scrap, 0, 0);
        asm.emit(Op::Move, window, 0, 0);
        asm.emit(Op::Move, window + 1, 1, 0);
        let foo = asm.site("foo:", 1, 0);
        asm.emit(Op::Send, window, foo, window);
        asm.emit(Op::Move, window + 1, 2, 0);
        let plus = asm.site("+", 1, 0);
        asm.emit(Op::Send, window, plus, window);
        asm.emit(Op::Return, window, 0, 0);
        let code = asm.finish().unwrap();
        let live = Liveness::of(&code);
        let during = live.during(&code, 3).unwrap();
        assert!(during.contains(2), "b is read after the send");
        assert!(during.contains(0), "self always counts");
        assert!(!during.contains(1), "a was an argument and is done with");
        assert!(!during.contains(scrap));
        assert!(!during.contains(window), "the result is not there yet");
        assert!(live.before(0).unwrap().contains(1));
    }

    #[test]
    fn an_operand_in_the_register_of_the_result_is_read() {
        let mut asm = Assembler::new("sample", CodeKind::Method, 0, Params::default());
        let (object, list) = (asm.temp(), asm.temp());
        let parts = asm.temps(3);
        let body = Assembler::new("m", CodeKind::Method, 1, Params::default());
        let body = asm.literal(Literal::Code(Box::new(body.finish().unwrap())));
        let name = asm.symbol("m");
        // One value, an Array of the middle, one value.
        let shape = asm.literal(Literal::Integer((1u64 | 1 << 16 | 1 << 32).into()));
        asm.emit(Op::ExpandArray, parts, list, shape);
        asm.emit(Op::DefSingleton, object, body, name);
        asm.emit(Op::Return, parts + 2, 0, 0);
        let code = asm.finish().unwrap();
        let live = Liveness::of(&code);
        let before = live.before(0).unwrap();
        assert!(before.contains(object) && before.contains(list));
        for written in parts..parts + 3 {
            assert!(!before.contains(written), "{written} is written first");
        }
        assert!(live.before(1).unwrap().contains(parts + 2));
    }

    #[test]
    fn a_handler_keeps_what_it_reads() {
        let mut asm = Assembler::new("sample", CodeKind::Method, 0, Params::default());
        let row = asm.temps(3);
        let kept = asm.temp();
        let window = asm.temp();
        let start = asm.here();
        asm.emit(Op::Move, window, 0, 0);
        let site = asm.site("value", 0, 0);
        asm.emit(Op::Send, row + 2, site, window);
        let end = asm.here();
        asm.emit(Op::Return, row + 2, 0, 0);
        let target = asm.here();
        asm.emit(Op::Return, kept, 0, 0);
        asm.handler(start, end, target, HandlerKind::OnDo, row);
        let code = asm.finish().unwrap();
        let during = Liveness::of(&code).during(&code, 1).unwrap();
        for register in [row, row + 1, kept] {
            assert!(during.contains(register));
        }
        assert!(!during.contains(window));
    }
}
