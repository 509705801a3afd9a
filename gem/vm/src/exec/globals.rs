//! Ruby's global variables. The library guards some names: reading or assigning those sends to nil instead, which knows Kernel's methods.

use crate::errors::Fail;
use crate::exec::call::Call;
use crate::exec::frame::Frame;
use crate::exec::ops::Step;
use crate::vm::Vm;
use gem_bytecode::site_flags;
use gem_heap::Oop;

impl Vm {
    /// Value of a Ruby global variable (nil when never set). Guards are not asked.
    pub fn global(&mut self, name: Oop) -> Oop {
        let name = self.model.global_target(name);
        if name == self.model.sym.error_info {
            return self.exec.error_info;
        }
        if name == self.model.sym.at_match || name == self.model.sym.match_last_line {
            return self
                .special(name == self.model.sym.match_last_line)
                .unwrap_or(Oop::NIL);
        }
        self.model
            .globals
            .values
            .get(&name)
            .copied()
            .unwrap_or(Oop::NIL)
    }

    /// GetGlobal for a variable that has no value yet: what the library answers for a guarded one, else nil.
    pub(crate) fn read_missing_global(&mut self, name: Oop, dst: u16) -> Step {
        let target = self.model.global_target(name);
        let guarded = self.model.globals.guards.contains(&target);
        let value = self.global(name);
        let verbose = self.model.globals.values.get(&self.model.sym.verbose) == Some(&Oop::TRUE);
        if !guarded && (!verbose || self.model.global_exists(target)) {
            let frame = self.exec.frames.last().expect("a frame");
            self.exec
                .regs
                .set(frame.base as usize + dst as usize, value);
            return Ok(());
        }
        let selector = if guarded {
            self.model.sym.read_global
        } else {
            self.model.sym.uninitialized_global
        };
        self.ask(Oop::NIL, selector, &[name], Some(dst))
    }

    /// SetGlobal for a guarded variable: the library stores the value, changes it or refuses.
    pub(crate) fn assign_guarded_global(&mut self, name: Oop, value: Oop) -> Step {
        let target = self.model.global_target(name);
        let selector = self.model.sym.assign_global;
        self.ask(Oop::NIL, selector, &[target, name, value], None)
    }

    /// Sends a Ruby message in the middle of an instruction. The value goes to register `dst` of the running frame, else nowhere.
    pub(crate) fn ask(
        &mut self,
        receiver: Oop,
        selector: Oop,
        args: &[Oop],
        dst: Option<u16>,
    ) -> Step {
        let base = self.free_base();
        self.ensure_registers(base + args.len() + 4);
        self.exec.regs.set(base, receiver);
        for (i, &arg) in args.iter().enumerate() {
            self.exec.regs.set(base + 1 + i, arg);
        }
        let top = self.exec.frames.len() - 1;
        let frame: Frame = self.exec.frames[top];
        // Nobody reads the first register above the frame any more when the send has ended.
        let dst = dst.unwrap_or((base - frame.base as usize) as u16);
        let value = self.dispatch(Call {
            selector,
            environment: 1,
            base,
            argc: args.len(),
            site_flags: site_flags::RUBY | site_flags::SELF_CALL,
            dst,
            frame_flags: 0,
            owner_above: None,
        })?;
        self.exec
            .regs
            .set(frame.base as usize + dst as usize, value);
        Err(Fail::Reenter)
    }
}
