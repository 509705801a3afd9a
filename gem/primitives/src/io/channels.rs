//! Open descriptors of a session with their buffers. Primitives of the `file…` families look here; nothing else does.
//!
//! Numbers are the system's own. 0, 1 and 2 are open from the start, and are never closed in the system: a session may share them with its host.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::sync::atomic::{AtomicBool, Ordering};

/// Bytes read ahead at a time.
const READ_AHEAD: usize = 64 * 1024;
/// Bytes written before they go to the system.
const WRITE_BEHIND: usize = 64 * 1024;
/// How long a wait for input goes on before it looks for an interrupt.
const PATIENCE: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 100_000_000,
};

/// Where bytes come from and go to.
enum Stream {
    Standard(i32),
    File(File),
    /// Output that the host of the session takes.
    Host(Box<dyn Write>),
}

/// An open descriptor.
pub(crate) struct Channel {
    stream: Stream,
    /// Bytes read ahead; those before `at` were taken.
    ahead: Vec<u8>,
    at: usize,
    /// Bytes that were not yet given to the system.
    behind: Vec<u8>,
    terminal: bool,
    /// Reading may wait for somebody.
    waits: bool,
}

/// All open descriptors, and how the last call of the system failed.
pub(crate) struct Channels {
    open: HashMap<i32, Channel>,
    pub(crate) errno: Option<i32>,
}

impl Default for Channels {
    fn default() -> Self {
        let standard = (0..3).map(|n| (n, Channel::new(Stream::Standard(n))));
        Channels {
            open: standard.collect(),
            errno: None,
        }
    }
}

impl Channels {
    /// Takes a file in; answers its descriptor.
    pub(crate) fn add(&mut self, file: File) -> i32 {
        let number = file.as_raw_fd();
        self.open.insert(number, Channel::new(Stream::File(file)));
        number
    }

    /// A standard descriptor means another file now: what its buffers knew is over.
    pub(crate) fn renew(&mut self, number: i32) {
        self.open
            .insert(number, Channel::new(Stream::Standard(number)));
    }

    /// Sends what a session writes to `number` (1 or 2) to its host from now on.
    pub(crate) fn redirect(&mut self, number: i32, host: Box<dyn Write>) {
        self.open.insert(number, Channel::new(Stream::Host(host)));
    }

    /// The open descriptor of this number. One that the process inherited becomes known by its first use.
    pub(crate) fn at(&mut self, number: i32) -> io::Result<&mut Channel> {
        match self.open.entry(number) {
            Entry::Occupied(open) => Ok(open.into_mut()),
            Entry::Vacant(place) => {
                let file = inherited(number)?;
                Ok(place.insert(Channel::new(Stream::File(file))))
            }
        }
    }

    /// Writes out what is pending and forgets the descriptor.
    pub(crate) fn close(&mut self, number: i32) -> io::Result<()> {
        match self.open.remove(&number) {
            Some(mut channel) => channel.flush(),
            None => Err(bad_descriptor()),
        }
    }

    /// Writes out everything; goes on after a failure and answers the first one.
    pub(crate) fn flush_all(&mut self) -> io::Result<()> {
        let mut outcome = Ok(());
        for channel in self.open.values_mut() {
            outcome = outcome.and(channel.flush());
        }
        outcome
    }

    /// Closes all but the standard descriptors and these.
    pub(crate) fn keep(&mut self, named: &std::collections::HashSet<i64>) {
        self.open.retain(|&n, channel| {
            let kept = n < 3 || named.contains(&n.into());
            if !kept {
                // The program lost the file, and with it the way to hear of a failure.
                let _ = channel.flush();
            }
            kept
        });
    }

    /// Whether a read of `number` would answer at once because its bytes are already here.
    pub(crate) fn has_ahead(&self, number: i32) -> bool {
        self.open.get(&number).is_some_and(|c| c.at < c.ahead.len())
    }
}

impl Drop for Channels {
    fn drop(&mut self) {
        // Nobody is left to hear of a failure.
        let _ = self.flush_all();
    }
}

fn bad_descriptor() -> io::Error {
    rustix::io::Errno::BADF.into()
}

/// A second descriptor of an open file that this process inherited.
fn inherited(number: i32) -> io::Result<File> {
    if number < 3 {
        return Err(bad_descriptor());
    }
    let path = format!("/proc/self/fd/{number}");
    let attempts = [(true, true), (true, false), (false, true)];
    for (read, write) in attempts {
        if let Ok(file) = File::options().read(read).write(write).open(&path) {
            return Ok(file);
        }
    }
    Err(bad_descriptor())
}

impl Channel {
    fn new(stream: Stream) -> Channel {
        let mut channel = Channel {
            stream,
            ahead: Vec::new(),
            at: 0,
            behind: Vec::new(),
            terminal: false,
            waits: false,
        };
        if let Ok(fd) = channel.descriptor() {
            let terminal = rustix::termios::isatty(fd);
            let kind =
                rustix::fs::fstat(fd).map(|s| rustix::fs::FileType::from_raw_mode(s.st_mode));
            channel.terminal = terminal;
            channel.waits = !matches!(kind, Ok(rustix::fs::FileType::RegularFile));
        }
        channel
    }

    /// The system's descriptor, for calls that have no buffer to mind.
    pub(crate) fn descriptor(&self) -> io::Result<BorrowedFd<'_>> {
        match &self.stream {
            Stream::Standard(0) => Ok(rustix::stdio::stdin()),
            Stream::Standard(1) => Ok(rustix::stdio::stdout()),
            Stream::Standard(_) => Ok(rustix::stdio::stderr()),
            Stream::File(file) => Ok(file.as_fd()),
            Stream::Host(_) => Err(bad_descriptor()),
        }
    }

    pub(crate) fn is_terminal(&self) -> bool {
        self.terminal
    }

    /// Takes bytes for output. They go to the system when there are many, at once for terminals and the error output.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.drop_ahead()?;
        if bytes.len() >= WRITE_BEHIND {
            self.flush()?;
            return self.write_through(bytes);
        }
        self.behind.extend_from_slice(bytes);
        let at_once = self.terminal || matches!(self.stream, Stream::Standard(2) | Stream::Host(_));
        if at_once || self.behind.len() >= WRITE_BEHIND {
            self.flush()?;
        }
        Ok(())
    }

    /// Gives pending output to the system. What a failed write left is dropped.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        if self.behind.is_empty() {
            return Ok(());
        }
        let bytes = std::mem::take(&mut self.behind);
        let outcome = self.write_through(&bytes);
        self.behind = bytes;
        self.behind.clear();
        outcome
    }

    fn write_through(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        if let Stream::Host(host) = &mut self.stream {
            host.write_all(bytes)?;
            return host.flush();
        }
        while !bytes.is_empty() {
            match rustix::io::write(self.descriptor()?, bytes) {
                Ok(n) => bytes = &bytes[n.min(bytes.len())..],
                Err(rustix::io::Errno::INTR) => {}
                Err(rustix::io::Errno::AGAIN) => self.wait(PollFlags::OUT)?,
                Err(e) => return Err(e.into()),
            }
        }
        Ok(())
    }

    fn wait(&self, what: PollFlags) -> io::Result<()> {
        let mut fds = [PollFd::from_borrowed_fd(self.descriptor()?, what)];
        match poll(&mut fds, Some(&PATIENCE)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
            Err(e) => Err(e.into()),
        }
    }

    /// Reads ahead when nothing is; answers the bytes that are there, none at the end.
    fn fill(&mut self, interrupted: &AtomicBool) -> io::Result<&[u8]> {
        if self.at >= self.ahead.len() {
            self.flush()?;
            self.at = 0;
            self.ahead.resize(READ_AHEAD, 0);
            let outcome = self.read_system(interrupted);
            self.ahead.truncate(*outcome.as_ref().unwrap_or(&0));
            outcome?;
        }
        Ok(&self.ahead[self.at..])
    }

    fn read_system(&mut self, interrupted: &AtomicBool) -> io::Result<usize> {
        let mut buffer = std::mem::take(&mut self.ahead);
        let outcome = loop {
            if self.waits && !self.is_readable()? {
                if interrupted.load(Ordering::Relaxed) {
                    break Err(ErrorKind::Interrupted.into());
                }
                continue;
            }
            match rustix::io::read(self.descriptor()?, &mut buffer[..]) {
                Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => {}
                other => break other.map_err(io::Error::from),
            }
        };
        self.ahead = buffer;
        outcome
    }

    fn is_readable(&self) -> io::Result<bool> {
        let mut fds = [PollFd::from_borrowed_fd(self.descriptor()?, PollFlags::IN)];
        match poll(&mut fds, Some(&PATIENCE)) {
            Ok(n) => Ok(n > 0),
            Err(rustix::io::Errno::INTR) => Ok(false),
            // Some devices cannot be waited for: reading tells.
            Err(_) => Ok(true),
        }
    }

    /// Appends at most `count` bytes to `to`, fewer only at the end.
    pub(crate) fn read(
        &mut self,
        count: usize,
        to: &mut Vec<u8>,
        interrupted: &AtomicBool,
    ) -> io::Result<()> {
        let wanted = to.len().saturating_add(count);
        while to.len() < wanted {
            let ahead = self.fill(interrupted)?;
            if ahead.is_empty() {
                break;
            }
            let n = ahead.len().min(wanted - to.len());
            to.extend_from_slice(&ahead[..n]);
            self.at += n;
        }
        Ok(())
    }

    /// Appends a line with its end to `to`, at most `limit` bytes; nothing at the end of the file.
    pub(crate) fn read_line(
        &mut self,
        limit: usize,
        to: &mut Vec<u8>,
        interrupted: &AtomicBool,
    ) -> io::Result<()> {
        loop {
            let ahead = self.fill(interrupted)?;
            if ahead.is_empty() || to.len() >= limit {
                return Ok(());
            }
            let end = ahead.iter().position(|&b| b == b'\n');
            let n = end.map_or(ahead.len(), |at| at + 1);
            to.extend_from_slice(&ahead[..n]);
            self.at += n;
            if end.is_some() {
                return Ok(());
            }
        }
    }

    /// Whether nothing is left to read.
    pub(crate) fn at_end(&mut self, interrupted: &AtomicBool) -> io::Result<bool> {
        Ok(self.fill(interrupted)?.is_empty())
    }

    /// The position that the program sees.
    pub(crate) fn tell(&mut self) -> io::Result<u64> {
        self.flush()?;
        let at = rustix::fs::tell(self.descriptor()?)?;
        Ok(at.saturating_sub((self.ahead.len() - self.at) as u64))
    }

    /// Moves the position; answers the new one.
    pub(crate) fn seek(&mut self, offset: i64, whence: i64) -> io::Result<u64> {
        use rustix::fs::SeekFrom;
        self.flush()?;
        let ahead = (self.ahead.len() - self.at) as i64;
        let invalid = || io::Error::from(rustix::io::Errno::INVAL);
        let to = match whence {
            0 => SeekFrom::Start(u64::try_from(offset).map_err(|_| invalid())?),
            1 => SeekFrom::Current(offset.checked_sub(ahead).ok_or_else(invalid)?),
            2 => SeekFrom::End(offset),
            _ => return Err(invalid()),
        };
        let at = rustix::fs::seek(self.descriptor()?, to)?;
        self.ahead.clear();
        self.at = 0;
        Ok(at)
    }

    /// Gives bytes that were read ahead back to the file, before something else happens to it.
    fn drop_ahead(&mut self) -> io::Result<()> {
        if self.at < self.ahead.len() && !self.waits {
            let back = (self.ahead.len() - self.at) as i64;
            rustix::fs::seek(self.descriptor()?, rustix::fs::SeekFrom::Current(-back))?;
            self.ahead.clear();
            self.at = 0;
        }
        Ok(())
    }

    /// Cuts the file or makes it longer.
    pub(crate) fn truncate(&mut self, size: u64) -> io::Result<()> {
        self.flush()?;
        self.drop_ahead()?;
        Ok(rustix::fs::ftruncate(self.descriptor()?, size)?)
    }

    /// Has the system write everything to the disk.
    pub(crate) fn sync(&mut self) -> io::Result<()> {
        self.flush()?;
        Ok(rustix::fs::fsync(self.descriptor()?)?)
    }
}
