//! Ruby's global variables. The library guards some names: reading or assigning those sends to nil instead, which knows Kernel's methods.

use crate::errors::Fail;
use crate::frame::Frame;
use crate::ops::Step;
use crate::sends::Call;
use crate::vm::Vm;
use gem_bytecode::site_flags;
use gem_heap::{Oop, References};
use hashbrown::{HashMap, HashSet};

/// The variables by name.
#[derive(Default)]
pub struct Globals {
    pub values: HashMap<Oop, Oop>,
    pub aliases: HashMap<Oop, Oop>,
    /// Variables that programs reach through the library.
    pub(crate) guards: HashSet<Oop>,
}

impl References for Globals {
    fn visit(&self, visit: &mut dyn FnMut(Oop)) {
        for (&name, &value) in self.values.iter().chain(&self.aliases) {
            visit(name);
            visit(value);
        }
        self.guards.iter().for_each(|&name| visit(name));
    }

    /// The values: names are symbols, which nothing exchanges.
    fn each_mut(&mut self, change: &mut dyn FnMut(&mut Oop)) {
        self.values.values_mut().for_each(change);
    }
}

impl Vm {
    /// The name that a global variable's name stands for.
    pub(crate) fn global_target(&self, name: Oop) -> Oop {
        self.model
            .globals
            .aliases
            .get(&name)
            .copied()
            .unwrap_or(name)
    }

    /// Value of a Ruby global variable (nil when never set). Guards are not asked.
    pub fn global(&mut self, name: Oop) -> Oop {
        let name = self.global_target(name);
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

    /// Sets a Ruby global variable. Guards are not asked.
    pub fn set_global(&mut self, name: Oop, value: Oop) {
        let name = self.global_target(name);
        self.model.globals.values.insert(name, value);
    }

    /// From now on programs reach `name` through the library.
    pub fn guard_global(&mut self, name: Oop) {
        self.model.globals.guards.insert(name);
    }

    /// Whether `defined?` says that there is such a variable.
    pub(crate) fn global_exists(&self, name: Oop) -> bool {
        let target = self.global_target(name);
        let special = [
            self.model.sym.error_info,
            self.model.sym.at_match,
            self.model.sym.match_last_line,
        ];
        self.model.globals.values.contains_key(&target)
            || self.model.globals.guards.contains(&target)
            || special.contains(&target)
    }

    /// GetGlobal for a variable that has no value yet: what the library answers for a guarded one, else nil.
    pub(crate) fn read_missing_global(&mut self, name: Oop, dst: u16) -> Step {
        let target = self.global_target(name);
        let guarded = self.model.globals.guards.contains(&target);
        let value = self.global(name);
        let verbose = self.model.globals.values.get(&self.model.sym.verbose) == Some(&Oop::TRUE);
        if !guarded && (!verbose || self.global_exists(target)) {
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
        let target = self.global_target(name);
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
