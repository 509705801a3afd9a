//! Ruby's entry points: session start, scripts, the end of a program.

use crate::error::SessionError;
use crate::install::install_ruby;
use crate::session::Session;
use crate::state::{keep, state};
use format::wellknown;
use format::wellknown::slots::exception;
use gem_vm::{Oop, Vm, VmExit};

/// How a program ended.
#[derive(Clone, Debug, PartialEq)]
pub enum RubyEnd {
    Value(Oop),
    /// SystemExit: the status.
    Exit(i32),
    /// An exception that nobody rescued, and its text with backtrace.
    Uncaught {
        exception: Oop,
        text: String,
    },
    /// The text does not compile.
    Syntax(String),
    /// The machine could not go on.
    Broken(String),
}

/// Ruby's `main`: made anew for each session from the one in the repository, so that what a script does to it stays in the session.
///
/// # Errors
/// `Heap`: those of [`Heap::fault`](gem_heap::Heap::fault) for the object in the repository, `OutOfMemory` for the copy; `Exit` in a machine that has no
/// session.
pub fn main_object(vm: &mut Vm) -> Result<Oop, SessionError> {
    let known = state(vm)?.main;
    if known.is_pointer() {
        return Ok(known);
    }
    let kept = vm.model.heap.fault(wellknown::RUBY_STATE)?;
    let template = vm.model.heap.element(kept, 0)?;
    let main = if vm.model.booting {
        template
    } else {
        vm.model.heap.shallow_copy(template)?
    };
    keep(vm, main)?;
    state(vm)?.main = main;
    name_main(vm, main)?;
    Ok(main)
}

/// `Maglev::MAIN`, in this session.
fn name_main(vm: &mut Vm, main: Oop) -> Result<(), SessionError> {
    let object = vm.model.known_class(wellknown::OBJECT)?;
    let name = vm.model.heap.symbol("Maglev");
    if let Some(maglev) = vm.model.own_constant(object, name)? {
        let mode = std::mem::replace(&mut vm.model.persistent_mode, false);
        let name = vm.model.heap.symbol("MAIN");
        let outcome = vm.set_constant(maglev, name, main);
        vm.model.persistent_mode = mode;
        outcome?;
    }
    Ok(())
}

impl Session {
    /// Prepares the session for a Ruby program: its name, its arguments, the standard files.
    ///
    /// # Errors
    /// `Uncaught` or `Exit` when the kernel raised, `Broken` when the repository holds no Ruby or cannot give it.
    pub fn start_ruby(&mut self, script: &str, args: &[String]) -> Result<(), RubyEnd> {
        let broken = |e: SessionError| RubyEnd::Broken(e.to_string());
        main_object(&mut self.vm).map_err(broken)?;
        let kernel = self.constant("Kernel").map_err(broken)?;
        let Some(kernel) = kernel else {
            let text = "this repository holds no Ruby: start from extent0.ruby.dbf, which image-builder makes";
            return Err(RubyEnd::Broken(text.to_string()));
        };
        let strings = self.strings(args).map_err(broken)?;
        let name = self
            .vm
            .model
            .heap
            .new_string(script.as_bytes())
            .map_err(|e| broken(e.into()))?;
        let selector = self.vm.model.heap.symbol("__start_session");
        match self.vm.send(kernel, selector, &[name, strings], 1) {
            Ok(_) => Ok(()),
            Err(e) => Err(self.end_of(e)),
        }
    }

    /// A top-level Ruby constant.
    ///
    /// # Errors
    /// `Heap`: as `Model::own_constant`, for Object.
    pub fn constant(&mut self, name: &str) -> Result<Option<Oop>, SessionError> {
        let object = self.vm.model.known_class(wellknown::OBJECT)?;
        let name = self.vm.model.heap.symbol(name);
        Ok(self.vm.model.own_constant(object, name)?)
    }

    /// A new Array of new Strings.
    ///
    /// # Errors
    /// `Heap`: `OutOfMemory`.
    pub fn strings(&mut self, texts: &[String]) -> Result<Oop, SessionError> {
        let mut made = Vec::new();
        for text in texts {
            made.push(self.vm.model.heap.new_string(text.as_bytes())?);
        }
        Ok(self.vm.model.heap.new_array(&made)?)
    }

    /// Runs a text as a script at top level.
    pub fn run_ruby(&mut self, source: &[u8], file: &str, line: u32) -> RubyEnd {
        match self.prepare_ruby(source, file, line) {
            Ok((method, main)) => match self.vm.call(method, main, &[]) {
                Ok(value) => RubyEnd::Value(value),
                Err(e) => self.end_of(e),
            },
            Err(end) => end,
        }
    }

    /// The method of a script and the object it runs on, for `Vm::call`.
    ///
    /// # Errors
    /// `Syntax`, `Broken`.
    pub fn prepare_ruby(
        &mut self,
        source: &[u8],
        file: &str,
        line: u32,
    ) -> Result<(Oop, Oop), RubyEnd> {
        let compile = match self.vm.model.booting {
            true => gem_ruby::compile_kernel,
            false => gem_ruby::compile_script,
        };
        let code = compile(source, file, line).map_err(|e| RubyEnd::Syntax(e.to_string()))?;
        main_object(&mut self.vm)
            .and_then(|main| Ok((install_ruby(&mut self.vm, &code, Oop::NIL)?, main)))
            .map_err(|e| RubyEnd::Broken(e.to_string()))
    }

    /// Runs what `at_exit` and `END` registered and flushes the standard files. Answers a status that replaces the program's.
    ///
    /// # Errors
    /// How one of these ended, when not with a value.
    pub fn finish_ruby(&mut self) -> Result<Option<i32>, RubyEnd> {
        let Ok(Some(kernel)) = self.constant("Kernel") else {
            return Ok(None);
        };
        let selector = self.vm.model.heap.symbol("__run_at_exit");
        let end = match self.vm.send(kernel, selector, &[], 1) {
            Ok(status) => Ok(status.as_small_int().map(|s| s as i32)),
            Err(e) => Err(self.end_of(e)),
        };
        // A reader that went away is no failure of the program.
        let _ = gem_primitives::flush_output(&mut self.vm);
        end
    }

    /// What the machine's exit means for a Ruby program. Frees the frames of the failed run, running their ensure bodies.
    pub fn end_of(&mut self, exit: VmExit) -> RubyEnd {
        let raised = match exit {
            VmExit::Unhandled(e) => e,
            VmExit::Internal(e) => return RubyEnd::Broken(e),
            VmExit::Trap => return RubyEnd::Broken(STRAY_TRAP.to_string()),
        };
        let mark = self.vm.model.held();
        self.vm.model.hold(raised);
        let end = self.explain(raised);
        if let Err(VmExit::Internal(e)) = self.vm.abandon(0) {
            return RubyEnd::Broken(e);
        }
        self.vm.unwind_to(0);
        self.vm.model.release(mark);
        end
    }

    /// How an exception that nobody rescued ends a program. Its frames stay.
    pub fn explain(&mut self, raised: Oop) -> RubyEnd {
        let system_exit = self.vm.model.known_class(wellknown::SYSTEM_EXIT);
        if let Ok(class) = system_exit
            && self.vm.model.is_kind_of(raised, class).unwrap_or(false)
        {
            let status = self
                .vm
                .model
                .heap
                .slot(raised, exception::VALUE)
                .ok()
                .and_then(|s| s.as_small_int());
            return RubyEnd::Exit(status.unwrap_or(0) as i32);
        }
        let text = self
            .full_message(raised)
            .unwrap_or_else(|| self.plain_message(raised));
        RubyEnd::Uncaught {
            exception: raised,
            text,
        }
    }

    /// Whether the exception is Ctrl-C's.
    pub fn is_interrupt(&mut self, raised: Oop) -> bool {
        let class = self.vm.model.known_class(wellknown::INTERRUPT);
        class.is_ok_and(|c| self.vm.model.is_kind_of(raised, c).unwrap_or(false))
    }

    /// The exception's own `full_message`.
    fn full_message(&mut self, raised: Oop) -> Option<String> {
        let selector = self.vm.model.heap.symbol("full_message");
        let class = self.vm.model.heap.class_index_of(raised);
        self.vm.model.lookup(class, selector, 1).ok()??;
        let depth = self.vm.exec.frames.len();
        let answer = self.vm.send(raised, selector, &[], 1);
        self.vm.unwind_to(depth);
        match answer {
            Ok(text) if self.vm.model.heap.is_bytes(text) => Some(self.vm.model.heap.text(text)),
            _ => None,
        }
    }

    /// `file:line:in 'name': message (Class)` without any help from the library.
    pub fn plain_message(&mut self, raised: Oop) -> String {
        let class = match self.vm.model.heap.class_of(raised) {
            Ok(class) => self.vm.model.class_name(class),
            Err(_) => "?".to_string(),
        };
        let message = self
            .vm
            .model
            .heap
            .slot(raised, exception::MESSAGE)
            .unwrap_or(Oop::NIL);
        let message = if self.vm.model.heap.is_bytes(message) {
            self.vm.model.heap.text(message)
        } else {
            class.clone()
        };
        let lines = self.trace_lines(raised);
        let mut out = match lines.first() {
            Some(first) => format!("{first}: {message} ({class})"),
            None => format!("{message} ({class})"),
        };
        for line in lines.iter().skip(1) {
            out.push_str(&format!("\n\tfrom {line}"));
        }
        out
    }

    /// Where an exception was raised, innermost first; the middle of a long trace is left out.
    pub(crate) fn trace_lines(&mut self, raised: Oop) -> Vec<String> {
        let pairs = match self.vm.model.heap.slot(raised, exception::STACK) {
            Ok(stack) if stack.is_pointer() => {
                self.vm.model.heap.elements(stack).unwrap_or_default()
            }
            _ => self.vm.stack_pairs(0),
        };
        let mut lines: Vec<String> = self
            .vm
            .locations(&pairs)
            .iter()
            .map(ToString::to_string)
            .collect();
        let left_out = lines.len().saturating_sub(TRACE_HEAD + TRACE_TAIL);
        if left_out > 0 {
            lines.splice(
                TRACE_HEAD..TRACE_HEAD + left_out,
                [format!("({left_out} levels)")],
            );
        }
        lines
    }
}

/// Lines of a long trace that are shown at its beginning and its end.
const TRACE_HEAD: usize = 20;
const TRACE_TAIL: usize = 10;

/// Traps stop only runs that a debugger started.
pub(crate) const STRAY_TRAP: &str = "a debugger's trap stopped a run that is not the debugger's";
