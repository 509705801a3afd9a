//! What a session keeps in its machine, for the primitives to find.

use crate::error::SessionError;
use crate::host::SharedLink;
use crate::replay_log::Replay;
use crate::report::ConflictReport;
use gem_vm::{Oop, Vm};
use hashbrown::HashMap;

/// One for each machine; `Vm::extensions` holds it. Oops in here are held by the machine too.
pub struct SessionState {
    /// Array of what the session keeps for good; the machine holds it from login on, below every mark of `Vm::release`.
    pub(crate) kept: Oop,
    /// Array of the objects that the last report names.
    pub(crate) reported: Oop,
    pub(crate) link: SharedLink,
    /// Name of the stone as the user gave it; `embedded` without one.
    pub stone_name: String,
    /// What the last commit ran into.
    pub(crate) report: Option<ConflictReport>,
    /// A commit failed: only an abort goes on from here.
    pub(crate) abort_needed: bool,
    /// What this transaction did with reduced-conflict objects.
    pub(crate) replay: Replay,
    /// A program began the transaction itself: the view stays until it ends it.
    pub(crate) began: bool,
    /// Names of files and categories as objects; `shared` is the Array that holds them.
    pub(crate) shared_strings: HashMap<String, Oop>,
    pub(crate) shared: Oop,
    /// Ruby's `main`.
    pub(crate) main: Oop,
    /// The program's name and arguments.
    pub script_name: String,
    pub arguments: Vec<String>,
    /// Objects committed, bytes of their records, commits and aborts so far.
    pub objects_committed: u64,
    pub bytes_committed: u64,
    pub commits: u64,
    pub aborts: u64,
}

impl SessionState {
    pub(crate) fn new(
        link: SharedLink,
        stone_name: String,
        kept: Oop,
        reported: Oop,
        shared: Oop,
        replay: Replay,
    ) -> SessionState {
        SessionState {
            kept,
            reported,
            link,
            stone_name,
            report: None,
            abort_needed: false,
            replay,
            began: false,
            shared_strings: HashMap::new(),
            shared,
            main: Oop::NIL,
            script_name: String::new(),
            arguments: Vec::new(),
            objects_committed: 0,
            bytes_committed: 0,
            commits: 0,
            aborts: 0,
        }
    }

    /// The session's number at its stone.
    pub fn session(&self) -> u64 {
        self.link.borrow().session
    }

    /// The commit that the session sees.
    pub fn view(&self) -> u64 {
        self.link.borrow().view
    }

    pub fn is_read_only(&self) -> bool {
        self.link.borrow().read_only
    }

    /// What stood in the way of the last commit.
    pub fn conflict_report(&self) -> Option<&ConflictReport> {
        self.report.as_ref()
    }

    /// Requests for records that went to the stone.
    pub fn fault_requests(&self) -> u64 {
        self.link.borrow().requests
    }

    /// Bytes of fetched records that are kept beside the objects.
    pub fn cache_bytes(&self) -> usize {
        self.link.borrow().cache.bytes()
    }
}
#[cfg(test)]
impl SessionState {
    /// Ids of objects in memory that are known to be older than the view.
    pub(crate) fn stale_ids(&self) -> std::collections::BTreeSet<u64> {
        self.link.borrow().stale.ids.clone()
    }

    pub(crate) fn is_resting(&self) -> bool {
        self.link.borrow().resting
    }
}

/// The session's state in the machine.
///
/// # Errors
/// `Exit` in a machine that has no session.
pub(crate) fn state(vm: &mut Vm) -> Result<&mut SessionState, SessionError> {
    vm.exec
        .extensions
        .find::<SessionState>()
        .ok_or_else(|| SessionError::Exit("this machine is in no session".to_string()))
}

/// Keeps an object alive as long as the session.
pub(crate) fn keep(vm: &mut Vm, object: Oop) -> Result<(), SessionError> {
    let kept = state(vm)?.kept;
    Ok(vm.model.heap.push(kept, object)?)
}

pub(crate) fn link(vm: &mut Vm) -> Result<SharedLink, SessionError> {
    Ok(state(vm)?.link.clone())
}

/// What a report names stays alive until the next one; what there is no memory for is not named.
pub(crate) fn keep_report(
    vm: &mut Vm,
    mut report: Option<ConflictReport>,
) -> Result<(), SessionError> {
    let reported = state(vm)?.reported;
    vm.model.heap.drop_elements(reported);
    for row in report.iter_mut().flat_map(|r| &mut r.rows) {
        if vm.model.heap.push(reported, row.object).is_err() {
            row.object = Oop::NIL;
        }
    }
    state(vm)?.report = report;
    Ok(())
}
