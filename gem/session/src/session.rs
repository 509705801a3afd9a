//! A session: login, the machine with its primitives, logout.

use crate::error::SessionError;
use crate::host::{SharedLink, StoneHost, StoneLink};
use crate::line::Line;
use crate::replay_log::Replay;
use crate::smalltalk;
use crate::state::SessionState;
use crate::{abort, commit, primitives};
use format::version::KERNEL_MARKED;
use format::wellknown::slots::behavior;
use gem_vm::{Heap, Oop, PrimitiveRow, Stress, Vm, VmExit, VmOptions};
use proto::messages::LogoutRequest;
use proto::service::Stone;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// How often a commit is tried again because of reduced-conflict objects, as in `System class >> commit`.
const REPLAYS_MAX: usize = 50;

/// Smallest object memory beside which the kernel is kept: it would be most of what a smaller session holds.
const SURVIVAL_MEMORY_MIN: usize = 32 << 20;

/// How to log in.
#[derive(Clone, Debug)]
pub struct LoginOptions {
    pub user: String,
    /// What the operator sees: `gem ruby demo.rb`.
    pub client: String,
    /// Name of the stone as the user gave it.
    pub stone_name: String,
    /// The stone is another process: what handlers need is brought here before it can end.
    pub remote: bool,
    /// Most bytes of object memory; `gem_server::memory` knows what fits the machine.
    pub memory_bytes_max: usize,
    /// Deepest stack, in frames.
    pub frames_max: usize,
    /// Collect more than is needed, to find bugs of the machine.
    pub stress: Stress,
    /// Check the whole object memory after each collection.
    pub verify: bool,
    /// The kernel is being made: nothing that it defines redefines anything.
    pub building: bool,
    /// How long a commit whose answer was lost is asked for before the program is told that nobody knows.
    pub commit_patience: Duration,
}

impl Default for LoginOptions {
    fn default() -> LoginOptions {
        LoginOptions {
            user: String::new(),
            client: "gem".to_string(),
            stone_name: "embedded".to_string(),
            remote: false,
            memory_bytes_max: 2 << 30,
            frames_max: VmOptions::default().frames_max,
            stress: Stress::Off,
            verify: false,
            building: false,
            commit_patience: Duration::from_secs(30),
        }
    }
}

/// See the module text.
pub struct Session {
    pub vm: Vm,
    link: SharedLink,
}

impl Session {
    /// Logs in at `stone` with the primitives of `gem_primitives` and this crate.
    ///
    /// # Errors
    /// `Stone` with what the stone says, `Refused` when its version and this gem's do not go together.
    pub fn login(stone: Arc<dyn Stone>, options: &LoginOptions) -> Result<Session, SessionError> {
        Session::login_with(stone, options, &[])
    }

    /// The same with more primitives; a later table's row replaces an earlier one's of the same name.
    ///
    /// # Errors
    /// As `login`.
    pub fn login_with(
        stone: Arc<dyn Stone>,
        options: &LoginOptions,
        more: &[&[PrimitiveRow]],
    ) -> Result<Session, SessionError> {
        let mut line = Line::new(&options.user, &options.client, options.commit_patience);
        let reply = stone.login(line.login(None))?;
        line.answered(&reply)?;
        let mut link = StoneLink::new(stone, line, &reply, options.memory_bytes_max);
        link.survives = options.remote && options.memory_bytes_max >= SURVIVAL_MEMORY_MIN;
        let link: SharedLink = Rc::new(RefCell::new(link));
        let heap = Heap::new(Box::new(StoneHost(link.clone())), options.memory_bytes_max);
        let mut tables: Vec<&[PrimitiveRow]> = gem_primitives::TABLES.to_vec();
        tables.extend(primitives::TABLES);
        tables.extend(more);
        let vm_options = VmOptions {
            frames_max: options.frames_max,
            stress: options.stress,
            verify: options.verify,
            ..VmOptions::default()
        };
        let mut vm = Vm::new(heap, &tables, vm_options);
        let (kept, reported) = (vm.model.heap.new_array(&[])?, vm.model.heap.new_array(&[])?);
        let shared = vm.model.heap.new_array(&[])?;
        vm.model.hold_copies_of(kept);
        vm.model.hold_copies_of(reported);
        vm.model.hold_copies_of(shared);
        vm.model.booting = options.building;
        vm.model.kernel_is_marked = options.building || reply.image >= KERNEL_MARKED;
        let log = vm.model.heap.new_array(&[])?;
        vm.model.hold(log);
        let replay = Replay::new(log);
        let name = options.stone_name.clone();
        let state = SessionState::new(link.clone(), name, kept, reported, shared, replay);
        vm.exec.extensions.insert(state);
        Ok(Session { vm, link })
    }

    /// The session's state: view, stone, conflicts, counts.
    pub fn state(&mut self) -> &mut SessionState {
        self.vm
            .exec
            .extensions
            .find::<SessionState>()
            .expect("put there at login")
    }

    /// The stone of this session.
    pub fn stone(&self) -> Arc<dyn Stone> {
        self.link.borrow().stone.clone()
    }

    /// Commits.
    ///
    /// # Errors
    /// As `commit::commit`.
    pub fn commit(&mut self) -> Result<commit::Committed, SessionError> {
        for _ in 0..REPLAYS_MAX {
            match commit::commit(&mut self.vm) {
                // A message that fails leaves the replay under way: the next commit asks for an abort.
                Err(SessionError::Replay(report)) if !self.replay()? => {
                    self.state().abort_needed = true;
                    return Err(SessionError::Conflict(report));
                }
                Err(SessionError::Replay(_)) => {}
                other => return other,
            }
        }
        self.state().abort_needed = true;
        Err(SessionError::AbortNeeded)
    }

    /// Sends the messages of the replay log; false when one of them has lost its ground.
    fn replay(&mut self) -> Result<bool, SessionError> {
        let log = self.state().replay.log;
        let system = crate::global_at(&mut self.vm, "System")?.unwrap_or(Oop::NIL);
        let selector = self.vm.model.heap.symbol("_replay:");
        let outcome = self.vm.send(system, selector, &[log], 0);
        Ok(self.ended(outcome)? == Oop::TRUE)
    }

    /// Aborts.
    ///
    /// # Errors
    /// As `abort::abort`.
    pub fn abort(&mut self) -> Result<(), SessionError> {
        abort::abort(&mut self.vm)
    }

    pub fn needs_commit(&self) -> bool {
        crate::transaction::needs_commit(&self.vm)
    }

    /// Compiles and runs Smalltalk statements; the receiver is nil.
    ///
    /// # Errors
    /// `Compile` before anything ran, else what the machine stopped at: after `Unhandled` the frames are still there.
    pub fn run_smalltalk(
        &mut self,
        source: &str,
        file: &str,
    ) -> Result<Result<Oop, VmExit>, SessionError> {
        let method = self.prepare_smalltalk(source, file)?;
        Ok(self.vm.call(method, Oop::NIL, &[]))
    }

    /// The method of Smalltalk statements, for `Vm::call`.
    ///
    /// # Errors
    /// `Compile`.
    pub fn prepare_smalltalk(&mut self, source: &str, file: &str) -> Result<Oop, SessionError> {
        smalltalk::compile_doit(&mut self.vm, source, file)
    }

    /// The same to the end: an exception that nobody handles ends the run, with its ensure blocks.
    ///
    /// # Errors
    /// `Compile`, or `Exit` with the exception's text and stack.
    pub fn evaluate_smalltalk(&mut self, source: &str, file: &str) -> Result<Oop, SessionError> {
        let outcome = self.run_smalltalk(source, file)?;
        self.ended(outcome)
    }

    /// What Smalltalk's `printString` answers for an object.
    ///
    /// # Errors
    /// As `evaluate_smalltalk`.
    pub fn print_string(&mut self, oop: Oop) -> Result<String, SessionError> {
        let selector = self.vm.model.heap.symbol("printString");
        let outcome = self.vm.send(oop, selector, &[], 0);
        let text = self.ended(outcome)?;
        Ok(self.vm.model.heap.text(text))
    }

    /// Class and message in Smalltalk's words, and the stack.
    fn smalltalk_message(&mut self, exception: Oop) -> String {
        let depth = self.vm.exec.frames.len();
        let selector = self.vm.model.heap.symbol("messageText");
        let class = self.vm.model.heap.class_index_of(exception);
        let message = match self.vm.model.lookup(class, selector, 0) {
            Ok(Some(_)) => self.vm.send(exception, selector, &[], 0).ok(),
            _ => None,
        };
        self.vm.unwind_to(depth);
        let message = message
            .filter(|&m| self.vm.model.heap.is_bytes(m))
            .map(|m| self.vm.model.heap.text(m));
        let name = self
            .vm
            .model
            .heap
            .class_of(exception)
            .and_then(|c| self.vm.model.heap.slot(c, behavior::NAME));
        let name = name.map_or_else(|_| "Error".to_string(), |n| self.vm.model.heap.text(n));
        let head = match message {
            Some(message) if message != name => format!("{name}: {message}"),
            _ => name,
        };
        let trace = self.trace_lines(exception);
        trace
            .into_iter()
            .fold(head, |text, line| format!("{text}\n\tfrom {line}"))
    }

    fn ended(&mut self, outcome: Result<Oop, VmExit>) -> Result<Oop, SessionError> {
        match outcome {
            Ok(value) => Ok(value),
            Err(VmExit::Unhandled(exception)) => {
                self.vm.model.hold(exception);
                let text = self.smalltalk_message(exception);
                let abandoned = self.vm.abandon(0);
                self.vm.unwind_to(0);
                match abandoned {
                    Err(VmExit::Internal(e)) => Err(SessionError::Exit(format!("{text}\n{e}"))),
                    _ => Err(SessionError::Exit(text)),
                }
            }
            Err(VmExit::Internal(e)) => Err(SessionError::Exit(e)),
            Err(VmExit::Trap) => Err(SessionError::Exit(crate::ruby::STRAY_TRAP.to_string())),
        }
    }

    /// Name and arguments of the program, for `System commandLine`.
    pub fn set_arguments(&mut self, name: &str, arguments: &[String]) {
        let state = self.state();
        state.script_name = name.to_string();
        state.arguments = arguments.to_vec();
    }

    /// Writes out what Smalltalk's Transcript holds back.
    pub fn flush_transcript(&mut self) {
        if let Ok(Some(transcript)) = crate::global_at(&mut self.vm, "Transcript")
            && transcript.is_pointer()
        {
            let selector = self.vm.model.heap.symbol("flush");
            // A repository whose Transcript cannot flush has nothing to write.
            let _ = self.vm.send(transcript, selector, &[], 0);
            self.vm.unwind_to(0);
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let link = self.link.borrow();
        // Nothing can be done about a stone that is gone.
        let _ = link.stone.logout(LogoutRequest {
            session: link.session,
        });
    }
}
