//! Open files. A failure leaves the system's error number for `lastErrno`, and the method's body raises.

use crate::check::{Ask, Checked, ensure, known, new_encoded, size_oop, small};
use crate::io::channels::{Channel, Channels};
use crate::macros::primitives;
use format::limits::OBJECT_ELEMENTS_MAX;
use format::wellknown;
use format::wellknown::encoding::BINARY;
use gem_vm::{Args, Fail, Oop, PrimResult, Vm, raise};
use rustix::fs::OFlags;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::sync::atomic::Ordering;

primitives! {
    lastErrno => last_errno, "kept beside the descriptors";
    fileOpen => open, "calls the system";
    fileRead => read, "calls the system";
    fileReadLine => read_line, "reads the buffer, calls the system";
    fileWrite => write, "fills the buffer, calls the system";
    fileClose => close, "calls the system";
    fileSeek => seek, "calls the system";
    fileTell => tell, "calls the system";
    fileEof => eof, "calls the system";
    fileFlush => flush, "calls the system";
    fileSync => sync, "calls the system";
    fileTruncate => truncate, "calls the system";
    fileIsatty => isatty, "calls the system";
    filePipe => pipe, "calls the system";
    fileDup => duplicate, "calls the system";
    fileRedirect => redirect_standard, "calls the system";
}

/// Slots of a GsFile.
mod slot {
    pub const DESCRIPTOR: usize = 0;
    pub const PATH: usize = 1;
    pub const MODE: usize = 2;
}

/// The system's numbers for too many open files.
const EMFILE: i32 = rustix::io::Errno::MFILE.raw_os_error();
const ENFILE: i32 = rustix::io::Errno::NFILE.raw_os_error();

/// Forgets an earlier failure: every primitive that may call the system begins with this.
pub(crate) fn begin(vm: &mut Vm) {
    vm.exec.extensions.get::<Channels>().errno = None;
}

/// The value of a call of the system, or a fallback that `lastErrno` explains.
pub(crate) fn attempt<T>(vm: &mut Vm, outcome: io::Result<T>) -> Checked<T> {
    outcome.map_err(|e| {
        if e.kind() == io::ErrorKind::Interrupted
            && vm.exec.interrupted.swap(false, Ordering::Relaxed)
        {
            return raise(wellknown::INTERRUPT, "");
        }
        vm.exec.extensions.get::<Channels>().errno = e.raw_os_error();
        Fail::Fallback
    })
}

/// Writes out what the program gave to its files, before somebody else writes or the program waits.
pub(crate) fn flush_standard(vm: &mut Vm) {
    // The program has no place where this failure could be told.
    let _ = flush_output(vm);
}

/// Writes out what the program gave to its files. The host of a session calls this at the program's end.
///
/// # Errors
/// The first failure; everything else was tried.
pub fn flush_output(vm: &mut Vm) -> io::Result<()> {
    vm.exec.extensions.get::<Channels>().flush_all()
}

/// Sends what the program writes to descriptor `number` (1 output, 2 errors) to the session's host from now on.
pub fn redirect_output(vm: &mut Vm, number: i32, host: Box<dyn io::Write>) {
    vm.exec.extensions.get::<Channels>().redirect(number, host);
}

/// The descriptor of an open GsFile.
fn descriptor(vm: &mut Vm, args: Args) -> Checked<i32> {
    begin(vm);
    let file = vm.receiver(args);
    known(vm, file, wellknown::GS_FILE)?;
    let number = vm.model.heap.slot(file, slot::DESCRIPTOR)?;
    i32::try_from(crate::check::int(number)?).map_err(|_| Fail::Fallback)
}

/// Does something with the channel of the receiver.
fn with<T>(
    vm: &mut Vm,
    args: Args,
    action: impl FnOnce(&mut Channel) -> io::Result<T>,
) -> Checked<T> {
    let number = descriptor(vm, args)?;
    let outcome = vm
        .exec
        .extensions
        .get::<Channels>()
        .at(number)
        .and_then(action);
    attempt(vm, outcome)
}

fn last_errno(vm: &mut Vm, _: Args) -> PrimResult {
    let errno = vm.exec.extensions.get::<Channels>().errno;
    Ok(errno.map_or(Oop::NIL, |n| small(n.into())))
}

/// The system's flags of a mode: C's letters, or the flags themselves.
fn open_flags(vm: &mut Vm, mode: Oop) -> Checked<OFlags> {
    if let Some(bits) = mode.as_small_int() {
        let bits = u32::try_from(bits).map_err(|_| Fail::Fallback)?;
        return Ok(OFlags::from_bits_retain(bits));
    }
    let text = crate::check::utf8(vm, mode)?;
    let text = text.split(':').next().unwrap_or_default();
    let plus = text.contains('+');
    ensure(text.chars().skip(1).all(|c| "+btx".contains(c)))?;
    let access = if plus { OFlags::RDWR } else { OFlags::WRONLY };
    let exclusive = if text.contains('x') {
        OFlags::EXCL
    } else {
        OFlags::empty()
    };
    match text.chars().next() {
        Some('r') if plus => Ok(OFlags::RDWR),
        Some('r') => Ok(OFlags::RDONLY),
        Some('w') => Ok(access | OFlags::CREATE | OFlags::TRUNC | exclusive),
        Some('a') => Ok(access | OFlags::CREATE | OFlags::APPEND),
        _ => Err(Fail::Fallback),
    }
}

fn open_file(path: &std::ffi::OsStr, flags: OFlags, permission: u32) -> io::Result<std::fs::File> {
    let access = flags & OFlags::RWMODE;
    let custom = (flags - OFlags::RWMODE - OFlags::CREATE - OFlags::TRUNC - OFlags::EXCL).bits();
    let plain = flags & (OFlags::CREATE | OFlags::TRUNC | OFlags::EXCL);
    let mut options = std::fs::OpenOptions::new();
    options
        .read(access != OFlags::WRONLY)
        .write(access != OFlags::RDONLY)
        .mode(permission)
        .custom_flags((custom | plain.bits()) as i32);
    options.open(path)
}

/// `fileOpen(path mode permission)`, receiver: GsFile or a subclass.
fn open(vm: &mut Vm, args: Args) -> PrimResult {
    begin(vm);
    let class = vm.class_arg(args, 0)?;
    let path = vm.path_arg(args, 1)?;
    let (name, mode) = (vm.arg(args, 1), vm.arg(args, 2));
    let flags = open_flags(vm, mode)?;
    let permission = match vm.given(args, 3) {
        Some(bits) => u32::try_from(crate::check::int(bits)?).map_err(|_| Fail::Fallback)?,
        None => 0o666,
    };
    let index = vm.model.heap.class_index(class)?;
    let file = vm.model.heap.instantiate(index);
    known(vm, file, wellknown::GS_FILE)?;
    let outcome = open_file(&path, flags, permission & 0o7777);
    let outcome = match outcome {
        Err(e) if matches!(e.raw_os_error(), Some(EMFILE | ENFILE)) => {
            close_lost(vm)?;
            open_file(&path, flags, permission & 0o7777)
        }
        other => other,
    };
    let opened = attempt(vm, outcome)?;
    let number = vm.exec.extensions.get::<Channels>().add(opened);
    vm.model
        .heap
        .set_slot(file, slot::DESCRIPTOR, small(number.into()))?;
    vm.model.heap.set_slot(file, slot::PATH, name)?;
    vm.model.heap.set_slot(file, slot::MODE, mode)?;
    Ok(file)
}

/// Closes the files that no object of the program names any more.
fn close_lost(vm: &mut Vm) -> Checked<()> {
    let mut named = std::collections::HashSet::new();
    for object in vm.reachable_objects() {
        if crate::check::kind_of_known(vm, object, wellknown::GS_FILE)?
            && let Some(n) = vm.model.heap.slot(object, slot::DESCRIPTOR)?.as_small_int()
        {
            named.insert(n);
        }
    }
    vm.exec.extensions.get::<Channels>().keep(&named);
    Ok(())
}

fn binary(vm: &mut Vm, bytes: &[u8]) -> PrimResult {
    new_encoded(vm, bytes, BINARY as u8)
}

/// Most bytes that one read takes.
fn read_limit() -> usize {
    usize::try_from(OBJECT_ELEMENTS_MAX).unwrap_or(usize::MAX)
}

/// Bytes up to `count`, refused when no object can hold them.
fn take(vm: &mut Vm, args: Args, count: usize) -> PrimResult {
    let interrupted = vm.exec.interrupted.clone();
    let number = descriptor(vm, args)?;
    if number == 0 {
        flush_standard(vm);
    }
    let mut bytes = Vec::new();
    let outcome = vm
        .exec
        .extensions
        .get::<Channels>()
        .at(number)
        .and_then(|c| c.read(count.min(read_limit()), &mut bytes, &interrupted));
    attempt(vm, outcome)?;
    binary(vm, &bytes)
}

fn read(vm: &mut Vm, args: Args) -> PrimResult {
    let count = match vm.given(args, 1) {
        Some(count) => crate::check::index(count)?,
        None => usize::MAX,
    };
    take(vm, args, count)
}

fn read_line(vm: &mut Vm, args: Args) -> PrimResult {
    let interrupted = vm.exec.interrupted.clone();
    let number = descriptor(vm, args)?;
    if number == 0 {
        flush_standard(vm);
    }
    let mut line = Vec::new();
    let outcome = vm
        .exec
        .extensions
        .get::<Channels>()
        .at(number)
        .and_then(|c| c.read_line(read_limit(), &mut line, &interrupted));
    attempt(vm, outcome)?;
    if line.is_empty() {
        return Ok(Oop::NIL);
    }
    binary(vm, &line)
}

fn write(vm: &mut Vm, args: Args) -> PrimResult {
    let number = descriptor(vm, args)?;
    let bytes = vm.bytes_arg(args, 1)?;
    ensure(!vm.model.heap.is_large_integer(bytes))?;
    let count = vm.model.heap.size(bytes);
    // Two parts of the machine, borrowed side by side.
    let (heap, extensions) = (&vm.model.heap, &mut vm.exec.extensions);
    let outcome = extensions
        .get::<Channels>()
        .at(number)
        .and_then(|c| c.write(heap.bytes(bytes)));
    attempt(vm, outcome)?;
    Ok(size_oop(count))
}

fn close(vm: &mut Vm, args: Args) -> PrimResult {
    let number = descriptor(vm, args)?;
    let file = vm.receiver(args);
    vm.model.heap.set_slot(file, slot::DESCRIPTOR, Oop::NIL)?;
    let outcome = vm.exec.extensions.get::<Channels>().close(number);
    attempt(vm, outcome)?;
    Ok(Oop::NIL)
}

/// `fileSeek(offset whence)`; answers the new position.
fn seek(vm: &mut Vm, args: Args) -> PrimResult {
    let (offset, whence) = (vm.int_arg(args, 1)?, vm.int_arg(args, 2)?);
    let at = with(vm, args, |c| c.seek(offset, whence))?;
    Ok(small(i64::try_from(at).unwrap_or(i64::MAX)))
}

fn tell(vm: &mut Vm, args: Args) -> PrimResult {
    let at = with(vm, args, Channel::tell)?;
    Ok(small(i64::try_from(at).unwrap_or(i64::MAX)))
}

fn eof(vm: &mut Vm, args: Args) -> PrimResult {
    let interrupted = vm.exec.interrupted.clone();
    let end = with(vm, args, |c| c.at_end(&interrupted))?;
    Ok(Oop::from_bool(end))
}

fn flush(vm: &mut Vm, args: Args) -> PrimResult {
    with(vm, args, Channel::flush)?;
    Ok(vm.receiver(args))
}

fn sync(vm: &mut Vm, args: Args) -> PrimResult {
    with(vm, args, Channel::sync)?;
    Ok(vm.receiver(args))
}

fn truncate(vm: &mut Vm, args: Args) -> PrimResult {
    let size = vm.index_arg(args, 1)?;
    with(vm, args, |c| c.truncate(size as u64))?;
    Ok(Oop::ZERO)
}

fn isatty(vm: &mut Vm, args: Args) -> PrimResult {
    let terminal = with(vm, args, |c| Ok(c.is_terminal()))?;
    Ok(Oop::from_bool(terminal))
}

fn pipe(vm: &mut Vm, _: Args) -> PrimResult {
    use std::os::fd::OwnedFd;
    begin(vm);
    let (from, to) = attempt(vm, io::pipe())?;
    let channels = vm.exec.extensions.get::<Channels>();
    let from = channels.add(OwnedFd::from(from).into());
    let to = channels.add(OwnedFd::from(to).into());
    Ok(vm
        .model
        .heap
        .new_array(&[small(from.into()), small(to.into())])?)
}

/// Argument: a descriptor. Answers a new one for the same open file.
fn duplicate(vm: &mut Vm, args: Args) -> PrimResult {
    begin(vm);
    let number = descriptor_arg(vm, args, 1)?;
    let outcome = clone_of(vm, number);
    let file = attempt(vm, outcome)?;
    Ok(small(vm.exec.extensions.get::<Channels>().add(file).into()))
}

/// Arguments: one of the standard descriptors, and another one. The first means the second's file from now on, for children too.
fn redirect_standard(vm: &mut Vm, args: Args) -> PrimResult {
    begin(vm);
    let (from, to) = (descriptor_arg(vm, args, 1)?, descriptor_arg(vm, args, 2)?);
    ensure((0..3).contains(&from))?;
    let channels = vm.exec.extensions.get::<Channels>();
    let outcome = channels.at(from).and_then(Channel::flush);
    attempt(vm, outcome)?;
    let outcome = clone_of(vm, to).and_then(|file| {
        match from {
            0 => rustix::stdio::dup2_stdin(file)?,
            1 => rustix::stdio::dup2_stdout(file)?,
            _ => rustix::stdio::dup2_stderr(file)?,
        }
        Ok(())
    });
    attempt(vm, outcome)?;
    vm.exec.extensions.get::<Channels>().renew(from);
    Ok(Oop::NIL)
}

fn descriptor_arg(vm: &Vm, args: Args, i: usize) -> Checked<i32> {
    let number = vm.arg(args, i).as_small_int();
    number
        .and_then(|n| i32::try_from(n).ok())
        .ok_or(Fail::Fallback)
}

/// A second descriptor for an open file, whose pending output is written first.
fn clone_of(vm: &mut Vm, number: i32) -> io::Result<std::fs::File> {
    let channel = vm.exec.extensions.get::<Channels>().at(number)?;
    channel.flush()?;
    Ok(channel.descriptor()?.try_clone_to_owned()?.into())
}
