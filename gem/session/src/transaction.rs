//! What a transaction is between its beginning and its end.

use crate::error::SessionError;
use crate::replay;
use crate::state::state;
use gem_vm::Vm;

/// Whether the transaction changed committed objects.
pub fn needs_commit(vm: &Vm) -> bool {
    vm.model.heap.has_dirty()
}

/// A transaction ended well: the next one has begun, inside.
pub(crate) fn settle_transaction(vm: &mut Vm) -> Result<(), SessionError> {
    replay::clear(vm)?;
    let state = state(vm)?;
    state.began = false;
    state.link.borrow_mut().resting = false;
    Ok(())
}
