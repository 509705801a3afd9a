//! A disk in memory that forgets what was not synced, and that can fail.

use crate::dice::Dice;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};
use stone_store::{Disk, DiskFile};

#[derive(Clone, Debug)]
enum Change {
    Write { offset: u64, bytes: Vec<u8> },
    Truncate(u64),
}

#[derive(Clone, Debug, Default)]
struct Content {
    /// What a program reads.
    now: Vec<u8>,
    /// What surely survives a power cut.
    synced: Vec<u8>,
    unsynced: Vec<Change>,
}

impl Content {
    fn change(&mut self, change: Change) {
        apply(&mut self.now, &change);
        self.unsynced.push(change);
    }
}

fn apply(bytes: &mut Vec<u8>, change: &Change) {
    match change {
        Change::Write { offset, bytes: new } => {
            let end = *offset as usize + new.len();
            if bytes.len() < end {
                bytes.resize(end, 0);
            }
            bytes[*offset as usize..end].copy_from_slice(new);
        }
        Change::Truncate(len) => bytes.resize(*len as usize, 0),
    }
}

#[derive(Clone, Default)]
struct State {
    files: BTreeMap<u64, Content>,
    names: BTreeMap<PathBuf, u64>,
    /// Names as of the last `sync_dir`.
    synced_names: BTreeMap<PathBuf, u64>,
    next: u64,
    used: u64,
    room: Option<u64>,
    fail_syncs: bool,
    fail_writes: bool,
}

/// Clones share the same disk.
#[derive(Clone, Default)]
pub struct SimDisk {
    state: Arc<Mutex<State>>,
}

struct SimFile {
    state: Arc<Mutex<State>>,
    number: u64,
}

fn full() -> io::Error {
    io::Error::from(io::ErrorKind::StorageFull)
}

impl SimDisk {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("one thread")
    }

    /// A disk that has what this one has, and goes its own way from here.
    pub fn copy(&self) -> SimDisk {
        let state = self.state().clone();
        SimDisk {
            state: Arc::new(Mutex::new(state)),
        }
    }

    /// So many bytes can still be written; `None`: no limit.
    pub fn set_room(&self, room: Option<u64>) {
        let mut state = self.state();
        state.room = room.map(|bytes| state.used + bytes);
    }

    pub fn fail_syncs(&self, fail: bool) {
        self.state().fail_syncs = fail;
    }

    /// Writes write a part and fail.
    pub fn fail_writes(&self, fail: bool) {
        self.state().fail_writes = fail;
    }

    /// Nothing fails any more.
    pub fn calm(&self) {
        let mut state = self.state();
        state.fail_syncs = false;
        state.fail_writes = false;
        state.room = None;
    }

    /// The power goes. Of what was not synced, any part may survive: whole writes, torn ones
    /// (a prefix of sectors, the rest old or zero), none.
    pub fn cut_power(&self, dice: &mut Dice) {
        self.calm();
        let mut state = self.state();
        // Names: the synced directory, or the newer one.
        if dice.once_in(2) {
            state.names = state.synced_names.clone();
        }
        for content in state.files.values_mut() {
            let mut survived = content.synced.clone();
            for change in std::mem::take(&mut content.unsynced) {
                match dice.below(3) {
                    0 => {}
                    1 => apply(&mut survived, &change),
                    _ => tear(&mut survived, change, dice),
                }
            }
            content.now = survived.clone();
            content.synced = survived;
        }
        let names = state.names.clone();
        state.synced_names = names;
    }

    /// Flips one bit somewhere in a file.
    pub fn flip_bit(&self, path: &Path, dice: &mut Dice) {
        let mut state = self.state();
        let number = state.names[path];
        let content = state.files.get_mut(&number).expect("a named file");
        let at = dice.below(content.now.len() as u64) as usize;
        content.now[at] ^= 1 << dice.below(8);
        content.synced = content.now.clone();
    }
}

const SECTOR: usize = 64;

fn tear(survived: &mut Vec<u8>, change: Change, dice: &mut Dice) {
    match change {
        Change::Truncate(_) => apply(survived, &change),
        Change::Write { offset, bytes } => {
            let mut at = 0;
            while at < bytes.len() {
                let end = (at + SECTOR).min(bytes.len());
                if dice.once_in(2) {
                    let part = bytes[at..end].to_vec();
                    apply(
                        survived,
                        &Change::Write {
                            offset: offset + at as u64,
                            bytes: part,
                        },
                    );
                }
                at = end;
            }
        }
    }
}

impl Disk for SimDisk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let mut state = self.state();
        if state.room.is_some_and(|room| state.used >= room) {
            return Err(full());
        }
        let number = state.next;
        state.next += 1;
        state.files.insert(number, Content::default());
        state.names.insert(path.to_path_buf(), number);
        Ok(Box::new(SimFile {
            state: self.state.clone(),
            number,
        }))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let number = self
            .state()
            .names
            .get(path)
            .copied()
            .ok_or(io::ErrorKind::NotFound)?;
        Ok(Box::new(SimFile {
            state: self.state.clone(),
            number,
        }))
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<PathBuf>> {
        let state = self.state();
        Ok(state
            .names
            .keys()
            .filter(|path| path.parent() == Some(dir))
            .cloned()
            .collect())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.state();
        let number = state.names.remove(from).ok_or(io::ErrorKind::NotFound)?;
        state.names.insert(to.to_path_buf(), number);
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.state()
            .names
            .remove(path)
            .map(|_| ())
            .ok_or(io::ErrorKind::NotFound.into())
    }

    fn create_dir(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        let mut state = self.state();
        if state.fail_syncs {
            return Err(io::Error::other("the simulated sync failed"));
        }
        let here: Vec<_> = state
            .names
            .iter()
            .filter(|(p, _)| p.parent() == Some(dir))
            .map(|(p, n)| (p.clone(), *n))
            .collect();
        state
            .synced_names
            .retain(|path, _| path.parent() != Some(dir));
        state.synced_names.extend(here);
        Ok(())
    }
}

impl DiskFile for SimFile {
    fn len(&self) -> io::Result<u64> {
        Ok(self.state.lock().expect("one thread").files[&self.number]
            .now
            .len() as u64)
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let state = self.state.lock().expect("one thread");
        let now = &state.files[&self.number].now;
        let part = now.get(offset as usize..offset as usize + buffer.len());
        buffer.copy_from_slice(part.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.state.lock().expect("one thread");
        let fits = match state.room {
            Some(room) => (room.saturating_sub(state.used) as usize).min(bytes.len()),
            None if state.fail_writes => bytes.len() / 2,
            None => bytes.len(),
        };
        let failed = match state.fail_writes {
            true => io::Error::other("the simulated write failed"),
            false => full(),
        };
        state.used += fits as u64;
        let content = state.files.get_mut(&self.number).expect("an open file");
        content.change(Change::Write {
            offset,
            bytes: bytes[..fits].to_vec(),
        });
        if fits < bytes.len() {
            Err(failed)
        } else {
            Ok(())
        }
    }

    fn truncate(&self, len: u64) -> io::Result<()> {
        let mut state = self.state.lock().expect("one thread");
        state
            .files
            .get_mut(&self.number)
            .expect("an open file")
            .change(Change::Truncate(len));
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        let mut state = self.state.lock().expect("one thread");
        let fail = state.fail_syncs;
        let content = state.files.get_mut(&self.number).expect("an open file");
        // After a failure the system takes what it could not write for written: it can be read, and no later sync brings it to the disk.
        for change in std::mem::take(&mut content.unsynced) {
            if !fail {
                apply(&mut content.synced, &change);
            }
        }
        match fail {
            true => Err(io::Error::other("the simulated sync failed")),
            false => Ok(()),
        }
    }
}
