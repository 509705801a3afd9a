//! A whole file as a slice: the one place of the stone with unsafe code.
#![allow(unsafe_code)]

use std::fs::File;
use std::io;
use std::path::Path;

/// Maps a file for reading.
///
/// # Errors
/// Those of the operating system.
pub fn map_file(path: &Path) -> io::Result<memmap2::Mmap> {
    let file = File::open(path)?;
    // SAFETY: the mapping is read-only and private to this process; the slice's content is only
    // ever treated as claims to be checked. A `.dbf` is never changed in place: the stone writes
    // it under another name and renames it. Who truncates a mapped file by other means gets
    // SIGBUS, as with any mapped file.
    unsafe { memmap2::Mmap::map(&file) }
}
