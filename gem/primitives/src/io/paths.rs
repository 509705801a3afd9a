//! Files and directories by their paths. Receivers are not looked at.

use crate::check::{Ask, Checked};
use crate::io::channels::Channels;
use crate::io::files::{attempt, begin};
use crate::macros::primitives;
use gem_vm::{Args, Fail, Oop, PrimResult, Vm};
use rustix::fs::{AtFlags, CWD, Mode, Timespec, Timestamps};
use std::ffi::OsString;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::Path;

primitives! {
    fileStat => stat, "calls the system";
    fileExists => exists, "calls the system";
    fileUnlink => unlink, "calls the system";
    fileRename => rename, "calls the system";
    fileLink => link, "calls the system";
    fileSymlink => symlink, "calls the system";
    fileReadlink => readlink, "calls the system";
    fileChmod => chmod, "calls the system";
    fileUtime => utime, "calls the system";
    fileRealpath => realpath, "calls the system";
    dirEntries => entries, "calls the system";
    dirMkdir => mkdir, "calls the system";
    dirRmdir => rmdir, "calls the system";
    dirPwd => pwd, "calls the system";
    dirChdir => chdir, "calls the system";
}

/// The answer of primitives that have nothing to say: 0, as the system's.
const DONE: PrimResult = Ok(Oop::ZERO);

fn path_oop(vm: &mut Vm, path: &Path) -> PrimResult {
    Ok(vm.model.heap.new_string(path.as_os_str().as_bytes())?)
}

/// A path argument.
fn path(vm: &mut Vm, args: Args, i: usize) -> Checked<OsString> {
    begin(vm);
    vm.path_arg(args, i)
}

/// Calls the system for one path.
fn call(vm: &mut Vm, args: Args, action: impl FnOnce(&Path) -> io::Result<()>) -> PrimResult {
    let path = path(vm, args, 1)?;
    attempt(vm, action(Path::new(&path)))?;
    DONE
}

/// Calls the system for two paths.
fn call_two(
    vm: &mut Vm,
    args: Args,
    action: impl FnOnce(&Path, &Path) -> io::Result<()>,
) -> PrimResult {
    let (from, to) = (path(vm, args, 1)?, path(vm, args, 2)?);
    attempt(vm, action(Path::new(&from), Path::new(&to)))?;
    DONE
}

/// `fileStat(path-or-descriptor follow)`
fn stat(vm: &mut Vm, args: Args) -> PrimResult {
    begin(vm);
    let follow = vm.arg(args, 2) != Oop::FALSE && vm.arg(args, 2) != Oop::NIL;
    let outcome = match vm.arg(args, 1).as_small_int() {
        Some(number) => {
            let number = i32::try_from(number).map_err(|_| Fail::Fallback)?;
            let channels = vm.exec.extensions.get::<Channels>();
            channels.at(number).and_then(|c| {
                c.flush()?;
                let copy = c.descriptor()?.try_clone_to_owned()?;
                std::fs::File::from(copy).metadata()
            })
        }
        None => {
            let path = path(vm, args, 1)?;
            if follow {
                std::fs::metadata(path)
            } else {
                std::fs::symlink_metadata(path)
            }
        }
    };
    let m = attempt(vm, outcome)?;
    let nanoseconds = |seconds: i64, more: i64| seconds as i128 * 1_000_000_000 + more as i128;
    let figures: [i128; 13] = [
        m.dev().into(),
        m.ino().into(),
        m.mode().into(),
        m.nlink().into(),
        m.uid().into(),
        m.gid().into(),
        m.rdev().into(),
        m.size().into(),
        m.blksize().into(),
        m.blocks().into(),
        nanoseconds(m.atime(), m.atime_nsec()),
        nanoseconds(m.mtime(), m.mtime_nsec()),
        nanoseconds(m.ctime(), m.ctime_nsec()),
    ];
    let mut values = Vec::with_capacity(figures.len());
    for figure in figures {
        values.push(vm.model.heap.new_integer(&figure.into())?);
    }
    Ok(vm.model.heap.new_array(&values)?)
}

fn exists(vm: &mut Vm, args: Args) -> PrimResult {
    let path = path(vm, args, 1)?;
    Ok(Oop::from_bool(std::fs::metadata(path).is_ok()))
}

fn unlink(vm: &mut Vm, args: Args) -> PrimResult {
    call(vm, args, |path| std::fs::remove_file(path))
}

fn rename(vm: &mut Vm, args: Args) -> PrimResult {
    call_two(vm, args, |from, to| std::fs::rename(from, to))
}

fn link(vm: &mut Vm, args: Args) -> PrimResult {
    call_two(vm, args, |from, to| std::fs::hard_link(from, to))
}

fn symlink(vm: &mut Vm, args: Args) -> PrimResult {
    call_two(vm, args, |from, to| std::os::unix::fs::symlink(from, to))
}

fn readlink(vm: &mut Vm, args: Args) -> PrimResult {
    let path = path(vm, args, 1)?;
    let target = attempt(vm, std::fs::read_link(path))?;
    path_oop(vm, &target)
}

/// `fileChmod(path mode)`
fn chmod(vm: &mut Vm, args: Args) -> PrimResult {
    let mode = u32::try_from(vm.int_arg(args, 2)?).map_err(|_| Fail::Fallback)?;
    call(vm, args, |path| {
        std::fs::set_permissions(path, PermissionsExt::from_mode(mode & 0o7777))
    })
}

/// `fileUtime(path accessNanoseconds modificationNanoseconds)`
fn utime(vm: &mut Vm, args: Args) -> PrimResult {
    let moment = |i| {
        let total = vm.int_arg(args, i)?;
        Ok::<_, Fail>(Timespec {
            tv_sec: total.div_euclid(1_000_000_000),
            tv_nsec: total.rem_euclid(1_000_000_000),
        })
    };
    let times = Timestamps {
        last_access: moment(2)?,
        last_modification: moment(3)?,
    };
    call(vm, args, |path| {
        Ok(rustix::fs::utimensat(CWD, path, &times, AtFlags::empty())?)
    })
}

fn realpath(vm: &mut Vm, args: Args) -> PrimResult {
    let path = path(vm, args, 1)?;
    let real = attempt(vm, std::fs::canonicalize(path))?;
    path_oop(vm, &real)
}

/// Names in a directory, without `.` and `..`, sorted.
fn entries(vm: &mut Vm, args: Args) -> PrimResult {
    let path = path(vm, args, 1)?;
    let listed = std::fs::read_dir(path).and_then(|entries| {
        entries
            .map(|e| e.map(|e| e.file_name()))
            .collect::<io::Result<Vec<_>>>()
    });
    let mut names = attempt(vm, listed)?;
    names.sort();
    let mut values = Vec::with_capacity(names.len());
    for name in names {
        values.push(vm.model.heap.new_string(name.as_bytes())?);
    }
    Ok(vm.model.heap.new_array(&values)?)
}

/// `dirMkdir(path mode)`
fn mkdir(vm: &mut Vm, args: Args) -> PrimResult {
    let mode = match vm.given(args, 2) {
        Some(bits) => u32::try_from(crate::check::int(bits)?).map_err(|_| Fail::Fallback)?,
        None => Mode::RWXU.bits() | Mode::RWXG.bits() | Mode::RWXO.bits(),
    };
    call(vm, args, |path| {
        std::fs::DirBuilder::new().mode(mode & 0o7777).create(path)
    })
}

fn rmdir(vm: &mut Vm, args: Args) -> PrimResult {
    call(vm, args, |path| std::fs::remove_dir(path))
}

fn pwd(vm: &mut Vm, _: Args) -> PrimResult {
    begin(vm);
    let here = attempt(vm, std::env::current_dir())?;
    path_oop(vm, &here)
}

fn chdir(vm: &mut Vm, args: Args) -> PrimResult {
    call(vm, args, |path| std::env::set_current_dir(path))
}
