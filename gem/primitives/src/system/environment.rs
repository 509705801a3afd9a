//! What the system says of this process: environment, clocks, numbers.
//!
//! A program's changes to its environment are the session's own: the process may serve others. Its children and its time zone see them.

use crate::check::{Ask, Checked, ensure, new_encoded, room, small};
use crate::io::files::{attempt, begin};
use crate::macros::primitives;
use format::wellknown::encoding::BINARY;
use gem_vm::{Args, Oop, PrimResult, Vm};
use rustix::process::{getegid, geteuid, getgid, getuid};
use rustix::time::{ClockId, clock_gettime};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

primitives! {
    envGet => env_get, "asks the system";
    envSet => env_set, "kept for children and the time zone";
    envKeys => env_keys, "asks the system";
    clockMonotonic => clock_monotonic, "asks the system";
    clockRealtime => clock_realtime, "asks the system";
    clockCpu => clock_cpu, "asks the system";
    processId => process_id, "asks the system";
    processParentId => process_parent_id, "asks the system";
    processIds => process_ids, "asks the system";
    randomBytes => random_bytes, "asks the system";
}

/// The environment as the program sees it.
pub(crate) struct Environment(pub(crate) BTreeMap<OsString, OsString>);

impl Default for Environment {
    fn default() -> Self {
        Environment(std::env::vars_os().collect())
    }
}

fn text(vm: &mut Vm, text: &OsStr) -> PrimResult {
    Ok(vm.model.heap.new_string(text.as_bytes())?)
}

fn env_name(vm: &mut Vm, args: Args) -> Checked<OsString> {
    begin(vm);
    let name = vm.path_arg(args, 1)?;
    ensure(!name.is_empty() && !name.as_bytes().contains(&b'='))?;
    Ok(name)
}

fn env_get(vm: &mut Vm, args: Args) -> PrimResult {
    let name = env_name(vm, args)?;
    match vm
        .exec
        .extensions
        .get::<Environment>()
        .0
        .get(&name)
        .cloned()
    {
        Some(value) => text(vm, &value),
        None => Ok(Oop::NIL),
    }
}

/// `envSet(name value-or-nil)`; answers the value.
fn env_set(vm: &mut Vm, args: Args) -> PrimResult {
    let name = env_name(vm, args)?;
    match vm.given(args, 2) {
        Some(_) => {
            let value = vm.path_arg(args, 2)?;
            vm.exec
                .extensions
                .get::<Environment>()
                .0
                .insert(name, value);
        }
        None => {
            vm.exec.extensions.get::<Environment>().0.remove(&name);
        }
    }
    Ok(vm.given(args, 2).unwrap_or(Oop::NIL))
}

fn env_keys(vm: &mut Vm, _: Args) -> PrimResult {
    let names: Vec<OsString> = vm
        .exec
        .extensions
        .get::<Environment>()
        .0
        .keys()
        .cloned()
        .collect();
    strings(vm, names.into_iter().map(OsStringExt::into_vec))
}

fn strings(vm: &mut Vm, texts: impl Iterator<Item = Vec<u8>>) -> PrimResult {
    let mut values = Vec::new();
    for text in texts {
        values.push(vm.model.heap.new_string(&text)?);
    }
    Ok(vm.model.heap.new_array(&values)?)
}

fn nanoseconds(vm: &mut Vm, clock: ClockId) -> PrimResult {
    let now = clock_gettime(clock);
    let total = now.tv_sec as i128 * 1_000_000_000 + now.tv_nsec as i128;
    Ok(vm.model.heap.new_integer(&total.into())?)
}

fn clock_monotonic(vm: &mut Vm, _: Args) -> PrimResult {
    nanoseconds(vm, ClockId::Monotonic)
}

fn clock_realtime(vm: &mut Vm, _: Args) -> PrimResult {
    nanoseconds(vm, ClockId::Realtime)
}

fn clock_cpu(vm: &mut Vm, _: Args) -> PrimResult {
    nanoseconds(vm, ClockId::ProcessCPUTime)
}

fn process_id(_: &mut Vm, _: Args) -> PrimResult {
    Ok(small(std::process::id().into()))
}

fn process_parent_id(_: &mut Vm, _: Args) -> PrimResult {
    Ok(small(std::os::unix::process::parent_id().into()))
}

/// `[uid, euid, gid, egid]`
fn process_ids(vm: &mut Vm, _: Args) -> PrimResult {
    let ids = [
        getuid().as_raw(),
        geteuid().as_raw(),
        getgid().as_raw(),
        getegid().as_raw(),
    ];
    Ok(vm.model.heap.new_array(&ids.map(|n| small(n.into())))?)
}

fn random_bytes(vm: &mut Vm, args: Args) -> PrimResult {
    use std::io::Read;
    begin(vm);
    let count = vm.index_arg(args, 1)?;
    room(count, 1)?;
    let mut bytes = Vec::new();
    let read = std::fs::File::open("/dev/urandom")
        .and_then(|f| f.take(count as u64).read_to_end(&mut bytes));
    attempt(vm, read)?;
    new_encoded(vm, &bytes, BINARY as u8)
}
