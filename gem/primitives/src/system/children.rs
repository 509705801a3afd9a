//! Child processes. They get the program's environment, its working directory and its standard files.

use crate::check::{Ask, Checked, ensure, small};
use crate::io::files::{attempt, begin, flush_standard};
use crate::macros::primitives;
use crate::system::environment::Environment;
use gem_vm::{Args, Fail, Oop, PrimResult, Vm};
use rustix::io::Errno;
use rustix::process::{
    Pid, Signal, WaitOptions, WaitStatus, kill_current_process_group, kill_process,
    kill_process_group, test_kill_current_process_group, test_kill_process,
    test_kill_process_group, waitpid,
};
use std::ffi::OsString;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};
use std::sync::atomic::Ordering;

primitives! {
    systemSpawn => spawn, "calls the system";
    backtick => backtick, "calls the system";
    processWait => wait, "calls the system";
    processKill => kill, "calls the system";
}

/// Characters that only the shell understands.
const SHELL: &[u8] = b"*?{}[]<>()~&|\\$;'`\"\n#=%";

const NO_PROCESS: rustix::io::Result<()> = Err(Errno::SRCH);

/// The process group that a negative number names.
fn group(number: i32) -> Option<Pid> {
    number.checked_neg().and_then(Pid::from_raw)
}

fn shell(line: &OsString) -> Command {
    let mut command = Command::new("/bin/sh");
    command.arg("-c").arg(line);
    command
}

/// A command line as Ruby reads it: for the shell when it needs one, else words between spaces.
fn line_command(line: &OsString) -> Command {
    let bytes = line.as_bytes();
    let words: Vec<&[u8]> = bytes
        .split(u8::is_ascii_whitespace)
        .filter(|w| !w.is_empty())
        .collect();
    let built_in: [&[u8]; 8] = [
        b"exit", b"cd", b"export", b"set", b".", b":", b"exec", b"ulimit",
    ];
    let plain = !bytes.iter().any(|b| SHELL.contains(b));
    match words.split_first() {
        Some((first, rest)) if plain && !built_in.contains(first) => {
            let mut command = Command::new(std::ffi::OsStr::from_bytes(first));
            command.args(rest.iter().map(|w| std::ffi::OsStr::from_bytes(w)));
            command
        }
        _ => shell(line),
    }
}

fn prepared(vm: &mut Vm, mut command: Command) -> Command {
    let environment = vm.exec.extensions.get::<Environment>();
    command.env_clear().envs(&environment.0);
    command
}

/// The elements of an Array of texts.
fn words(vm: &mut Vm, list: Oop) -> Checked<Vec<OsString>> {
    crate::check::array(vm, list)?;
    let elements = vm.model.heap.elements(list)?;
    elements
        .into_iter()
        .map(|e| crate::check::path(vm, e))
        .collect()
}

/// `systemSpawn(words environment-or-nil)`; answers the pid.
fn spawn(vm: &mut Vm, args: Args) -> PrimResult {
    begin(vm);
    let list = vm.arg(args, 1);
    let words = words(vm, list)?;
    let command = match words.as_slice() {
        [] => return Err(Fail::Fallback),
        [line] => line_command(line),
        [program, rest @ ..] => {
            ensure(!program.is_empty())?;
            let mut command = Command::new(program);
            command.args(rest);
            command
        }
    };
    let mut command = prepared(vm, command);
    if let Some(pairs) = vm.given(args, 2) {
        crate::check::array(vm, pairs)?;
        for pair in vm.model.heap.elements(pairs)? {
            crate::check::array(vm, pair)?;
            ensure(vm.model.heap.size(pair) == 2)?;
            let (name, value) = (
                vm.model.heap.element(pair, 0)?,
                vm.model.heap.element(pair, 1)?,
            );
            let name = crate::check::path(vm, name)?;
            ensure(!name.is_empty() && !name.as_bytes().contains(&b'='))?;
            if value.is_nil() {
                command.env_remove(name);
            } else {
                let value = crate::check::path(vm, value)?;
                command.env(name, value);
            }
        }
    }
    flush_standard(vm);
    let child = attempt(vm, command.spawn())?;
    Ok(small(child.id().into()))
}

/// `backtick(line)`: the shell runs it; `[output, pid, raw status]`.
fn backtick(vm: &mut Vm, args: Args) -> PrimResult {
    begin(vm);
    let line = vm.path_arg(args, 1)?;
    let command = line_command(&line);
    let mut command = prepared(vm, command);
    flush_standard(vm);
    let child = command
        .stdin(Stdio::inherit())
        .stderr(Stdio::inherit())
        .stdout(Stdio::piped())
        .spawn();
    let child = attempt(vm, child)?;
    let pid = child.id();
    let output = attempt(vm, child.wait_with_output())?;
    crate::check::room(output.stdout.len(), 1)?;
    let text = vm.model.heap.new_string(&output.stdout)?;
    let status = small(output.status.into_raw().into());
    Ok(vm
        .model
        .heap
        .new_array(&[text, small(pid.into()), status])?)
}

fn wait_once(pid: i32, options: WaitOptions) -> rustix::io::Result<Option<(Pid, WaitStatus)>> {
    match pid {
        -1 => rustix::process::wait(options),
        0 => rustix::process::waitpgid(rustix::process::getpgrp(), options),
        1.. => waitpid(Pid::from_raw(pid), options),
        _ => match group(pid) {
            Some(group) => rustix::process::waitpgid(group, options),
            None => Err(Errno::CHILD),
        },
    }
}

/// `processWait(pid flags)`: `[pid, raw status]`, nil when none has changed yet.
fn wait(vm: &mut Vm, args: Args) -> PrimResult {
    begin(vm);
    let pid = i32::try_from(vm.int_arg(args, 1)?).map_err(|_| Fail::Fallback)?;
    let flags = match vm.given(args, 2) {
        Some(bits) => u32::try_from(crate::check::int(bits)?).map_err(|_| Fail::Fallback)?,
        None => 0,
    };
    let options = WaitOptions::from_bits_truncate(flags);
    let outcome = loop {
        match wait_once(pid, options) {
            Err(Errno::INTR) if !vm.exec.interrupted.load(Ordering::Relaxed) => {}
            other => break other,
        }
    };
    let found = attempt(vm, outcome.map_err(io::Error::from))?;
    match found {
        Some((pid, status)) => {
            let pair = [
                small(pid.as_raw_nonzero().get().into()),
                small(status.as_raw().into()),
            ];
            Ok(vm.model.heap.new_array(&pair)?)
        }
        None => Ok(Oop::NIL),
    }
}

/// `processKill(pid signal)`; signal 0 asks whether the process is there.
fn kill(vm: &mut Vm, args: Args) -> PrimResult {
    begin(vm);
    let pid = i32::try_from(vm.int_arg(args, 1)?).map_err(|_| Fail::Fallback)?;
    let signal = i32::try_from(vm.int_arg(args, 2)?).map_err(|_| Fail::Fallback)?;
    let outcome = match (pid, signal) {
        (1.., 0) => Pid::from_raw(pid).map_or(NO_PROCESS, test_kill_process),
        (0, 0) => test_kill_current_process_group(),
        (_, 0) => group(pid).map_or(NO_PROCESS, test_kill_process_group),
        _ => match (Signal::from_named_raw(signal), pid) {
            (None, _) => Err(Errno::INVAL),
            (Some(s), 1..) => Pid::from_raw(pid).map_or(NO_PROCESS, |p| kill_process(p, s)),
            (Some(s), 0) => kill_current_process_group(s),
            (Some(s), _) => group(pid).map_or(NO_PROCESS, |p| kill_process_group(p, s)),
        },
    };
    attempt(vm, outcome.map_err(io::Error::from))?;
    Ok(Oop::TRUE)
}
