//! Hashes of values that need no user code, as the machine's hash tables use them.

use crate::check::{is_indexed, small};
use gem_vm::{Args, PrimResult, Vm};

/// 0 ≤ h < 2^60. Arrays combine the hashes of their elements.
pub(crate) fn value_hash(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.receiver(args);
    let hash = if is_indexed(&vm.model.heap, receiver) {
        vm.model.array_hash(receiver)?
    } else {
        vm.model.key_hash(receiver)?.hash
    };
    Ok(small(hash))
}
