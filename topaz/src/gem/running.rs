//! Running texts, and what becomes of a run that fails: its process stops and stays, or ends.

use super::failures::{self, source_failure};
use super::{DOIT, Gem};
use crate::session::{Failure, Outcome, Value};
use gem_debug::Stopped;
use gem_session::RubyEnd;
use gem_vm::{Oop, VmExit};

impl Gem {
    /// The value of a run that began on `depth` frames, or its failure. With `keep` an error leaves the process stopped.
    pub(super) fn outcome(
        &mut self,
        depth: usize,
        result: Result<Oop, VmExit>,
        keep: bool,
    ) -> Outcome<Value> {
        match result {
            Ok(oop) => self.value(oop),
            Err(VmExit::Unhandled(exception)) => {
                self.value(exception)?;
                let mut failure = failures::raised(&mut self.inner.vm, exception);
                failure.stopped = keep && self.inner.vm.frames.len() > depth;
                let stopped = Stopped::new(&self.inner.vm, depth, exception);
                if failure.stopped {
                    self.stopped = Some(stopped);
                } else if let Err(e) = stopped.give_up(&mut self.inner.vm) {
                    failure.text.push_str(&format!(
                        "\nan ensure block failed too: {}",
                        failures::exit_text(&e)
                    ));
                }
                Err(failure)
            }
            Err(other) => {
                self.inner.vm.unwind_to(depth);
                Err(Failure::plain(2710, "Error", failures::exit_text(&other)))
            }
        }
    }

    pub(super) fn smalltalk(&mut self, source: &str, keep: bool) -> Outcome<Value> {
        let depth = self.inner.vm.frames.len();
        if keep {
            self.text = source.to_string();
        }
        // What an administrator makes is for everybody, once it is committed.
        let mode = std::mem::replace(&mut self.inner.vm.persistent_mode, true);
        let result = self.inner.run_smalltalk(source, DOIT);
        self.inner.vm.persistent_mode = mode;
        match result {
            Ok(result) => self.outcome(depth, result, keep),
            Err(e) => Err(source_failure(&e, source)),
        }
    }

    pub(super) fn ruby(&mut self, source: &str) -> Outcome<Value> {
        if !self.ruby_started {
            self.inner
                .start_ruby("topaz", &[])
                .map_err(|end| failures::ruby_end(&mut self.inner.vm, end))?;
            self.ruby_started = true;
        }
        match self.inner.run_ruby(source.as_bytes(), DOIT, 1) {
            RubyEnd::Value(oop) => self.value(oop),
            end => Err(failures::ruby_end(&mut self.inner.vm, end)),
        }
    }
}
