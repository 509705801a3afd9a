//! Random numbers of the system's generator.

use crate::check::{Ask, Checked, ensure, small};
use crate::macros::primitives;
use gem_vm::{Args, Fail, PrimResult, Vm};

primitives! {
    randomFloat => random_float, "asks the system";
    randomInt => random_int, "asks the system";
}

fn word() -> Checked<u64> {
    let mut bytes = [0u8; 8];
    let mut filled = 0;
    while filled < bytes.len() {
        match rustix::rand::getrandom(&mut bytes[filled..], rustix::rand::GetRandomFlags::empty()) {
            Ok(n) => filled += n,
            Err(rustix::io::Errno::INTR) => {}
            Err(_) => return Err(Fail::Fallback),
        }
    }
    Ok(u64::from_le_bytes(bytes))
}

/// 0 ≤ x < 1
fn random_float(vm: &mut Vm, _: Args) -> PrimResult {
    let value = (word()? >> 11) as f64 / (1u64 << 53) as f64;
    Ok(vm.model.heap.new_float(value))
}

/// `randomInt(n)`: 0 ≤ x < n, every value equally likely.
fn random_int(vm: &mut Vm, args: Args) -> PrimResult {
    let limit = vm.index_arg(args, 1)? as u64;
    ensure(limit > 0)?;
    let fair = u64::MAX - u64::MAX % limit;
    loop {
        let word = word()?;
        if word < fair {
            return Ok(small((word % limit) as i64));
        }
    }
}
