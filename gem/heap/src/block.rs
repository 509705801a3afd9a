//! Blocks of 32 KiB in lines of 128 bytes, and bump allocation into runs of free lines
//! (Blackburn and McKinley, "Immix", PLDI 2008). Large things come from the system allocator (`large`).
//!
//! A young collection frees nothing that an earlier one kept, so only blocks handed out since the last collection can have
//! changed: its sweep looks at those alone and costs the same in a large heap as in a small one.

use crate::large::LargeTable;
use crate::layout::{BUFFER_HEADER_BYTES, POISON_BYTE, buffer_header};
use crate::sanitizer;
use std::alloc::{Layout, alloc, dealloc};

pub(crate) const BLOCK_BYTES: usize = 32 * 1024;
pub(crate) const LINE_BYTES: usize = 128;
pub(crate) const LINES: usize = BLOCK_BYTES / LINE_BYTES;
/// Line marks (one byte a line) lie in the first two lines of a block, which are never handed out; the two bytes that would be the marks of
/// those lines hold how many lines were in use at the last sweep.
const META_LINES: usize = LINES / LINE_BYTES;
pub(crate) const FIRST_FREE: usize = META_LINES * LINE_BYTES;
/// Larger requests go to the system allocator.
pub(crate) const LARGE_BYTES: usize = 8 * 1024;
/// Blocks taken from the system at once, and given back at once.
const CHUNK_BLOCKS: usize = 32;
const CHUNK_BYTES: usize = CHUNK_BLOCKS * BLOCK_BYTES;
/// A block with fewer free lines is not allocated into: short holes cost more than they give.
const RECYCLED_LINES_MIN: usize = 24;

/// All memory of a heap.
pub(crate) struct Space {
    chunks: Vec<*mut u8>,
    /// Blocks with free lines, to be filled next.
    recyclable: Vec<*mut u8>,
    /// Wholly free blocks.
    free: Vec<*mut u8>,
    /// Blocks handed out since the last collection.
    touched: Vec<*mut u8>,
    cursor: *mut u8,
    limit: *mut u8,
    /// The block `cursor` is in, and the line to search on from.
    current: *mut u8,
    next_line: usize,
    /// Where objects above a line go that fit no hole.
    overflow_cursor: *mut u8,
    overflow_limit: *mut u8,
    pub large: LargeTable,
    /// Lines in use at the last sweep.
    live_lines: usize,
    /// Bytes handed out since the last collection.
    pub allocated: usize,
}

impl Space {
    pub fn new() -> Space {
        let null = std::ptr::null_mut();
        Space {
            chunks: Vec::new(),
            recyclable: Vec::new(),
            free: Vec::new(),
            touched: Vec::new(),
            cursor: null,
            limit: null,
            current: null,
            next_line: LINES,
            overflow_cursor: null,
            overflow_limit: null,
            large: LargeTable::default(),
            live_lines: 0,
            allocated: 0,
        }
    }

    /// Bytes taken from the system.
    pub fn footprint(&self) -> usize {
        self.chunks.len() * CHUNK_BYTES + self.large.bytes()
    }

    /// `bytes` (a multiple of 8, not above LARGE_BYTES) of uninitialised memory.
    #[inline(always)]
    pub fn allocate(&mut self, bytes: usize) -> *mut u8 {
        debug_assert!(bytes.is_multiple_of(8) && bytes > 0);
        let at = self.cursor;
        if (self.limit as usize).wrapping_sub(at as usize) >= bytes {
            self.cursor = at.wrapping_add(bytes);
            return at;
        }
        self.allocate_slow(bytes)
    }

    #[cold]
    #[inline(never)]
    fn allocate_slow(&mut self, bytes: usize) -> *mut u8 {
        debug_assert!(bytes <= LARGE_BYTES);
        if bytes > LINE_BYTES {
            return self.allocate_overflow(bytes);
        }
        loop {
            if self.next_hole() {
                let at = self.cursor;
                if self.limit as usize - at as usize >= bytes {
                    self.cursor = at.wrapping_add(bytes);
                    return at;
                }
                continue;
            }
            self.current = match self.recyclable.pop() {
                Some(block) => self.touch(block),
                None => self.free_block(),
            };
            self.next_line = META_LINES;
        }
    }

    fn allocate_overflow(&mut self, bytes: usize) -> *mut u8 {
        if (self.overflow_limit as usize).wrapping_sub(self.overflow_cursor as usize) < bytes {
            let block = self.free_block();
            sanitizer::allow(block.wrapping_add(FIRST_FREE), BLOCK_BYTES - FIRST_FREE);
            self.overflow_cursor = block.wrapping_add(FIRST_FREE);
            self.overflow_limit = block.wrapping_add(BLOCK_BYTES);
            self.allocated += BLOCK_BYTES;
        }
        let at = self.overflow_cursor;
        self.overflow_cursor = at.wrapping_add(bytes);
        debug_assert!(self.overflow_cursor <= self.overflow_limit);
        at
    }

    /// Moves cursor and limit to the next run of free lines in the current block.
    fn next_hole(&mut self) -> bool {
        if self.current.is_null() {
            return false;
        }
        let marks = marks_of(self.current);
        let Some(start) = marks[self.next_line..].iter().position(|&m| m == 0) else {
            self.next_line = LINES;
            return false;
        };
        let start = self.next_line + start;
        let end = marks[start..]
            .iter()
            .position(|&m| m != 0)
            .map_or(LINES, |n| start + n);
        debug_assert!(start >= META_LINES && start < end && end <= LINES);
        self.next_line = end;
        self.cursor = self.current.wrapping_add(start * LINE_BYTES);
        self.limit = self.current.wrapping_add(end * LINE_BYTES);
        sanitizer::allow(self.cursor, (end - start) * LINE_BYTES);
        self.allocated += (end - start) * LINE_BYTES;
        true
    }

    fn touch(&mut self, block: *mut u8) -> *mut u8 {
        debug_assert!((block as usize).is_multiple_of(BLOCK_BYTES));
        self.touched.push(block);
        block
    }

    fn free_block(&mut self) -> *mut u8 {
        if self.free.is_empty() {
            self.add_chunk();
        }
        let block = self.free.pop().expect("a chunk holds blocks");
        self.touch(block)
    }

    #[cold]
    fn add_chunk(&mut self) {
        let layout = chunk_layout();
        // SAFETY: the layout is not empty.
        let chunk = unsafe { alloc(layout) };
        if chunk.is_null() {
            std::alloc::handle_alloc_error(layout);
        }
        self.chunks.push(chunk);
        for block in blocks_of(chunk) {
            clear_marks(block);
            forbid_free_lines(block);
            self.free.push(block);
        }
    }

    /// A buffer of `capacity` bytes; answers its payload, or `None` when the system has no memory.
    pub fn allocate_buffer(&mut self, capacity: usize) -> Option<*mut u8> {
        let capacity = capacity.next_multiple_of(8);
        let total = capacity + BUFFER_HEADER_BYTES;
        let (at, header) = if total <= LARGE_BYTES {
            (self.allocate(total), buffer_header(capacity, 0))
        } else {
            let (index, at) = self.large.allocate(total)?;
            self.allocated += total;
            (at, buffer_header(capacity, index + 1))
        };
        // SAFETY: `at` has `total` bytes, aligned to 8.
        unsafe { *(at as *mut u64) = header };
        Some(at.wrapping_add(BUFFER_HEADER_BYTES))
    }

    /// Marks the lines that `bytes` bytes at `at` lie on.
    #[inline]
    pub fn mark_lines(&self, at: *mut u8, bytes: usize) {
        let block = (at as usize & !(BLOCK_BYTES - 1)) as *mut u8;
        let first = (at as usize - block as usize) / LINE_BYTES;
        let last = (at as usize - block as usize + bytes - 1) / LINE_BYTES;
        debug_assert!(
            first >= META_LINES && last < LINES,
            "{at:?} leaves its block"
        );
        for line in first..=last {
            // SAFETY: an object or small buffer lies within one block of ours; marks are its first LINES bytes.
            unsafe { *block.add(line) = 1 };
        }
    }

    /// Addresses of all blocks.
    pub fn block_addresses(&self) -> impl Iterator<Item = usize> {
        let blocks = self.chunks.iter().flat_map(|&chunk| blocks_of(chunk));
        blocks.map(|block| block as usize)
    }

    /// Whether the line at `at`, which lies in a block, is marked.
    pub fn is_line_marked(&self, at: *mut u8) -> bool {
        let block = (at as usize & !(BLOCK_BYTES - 1)) as *mut u8;
        marks_of(block)[(at as usize - block as usize) / LINE_BYTES] == 1
    }

    pub fn mark_large(&mut self, index_plus_one: usize) {
        self.large.mark(index_plus_one - 1);
    }

    /// Before a full collection: nothing is marked.
    pub fn clear_all_marks(&mut self) {
        for &chunk in &self.chunks {
            blocks_of(chunk).for_each(clear_marks);
        }
        self.large.clear_marks();
        self.live_lines = 0;
    }

    /// After marking: frees unmarked large buffers, sorts blocks by what is free. A full sweep gives wholly free chunks back to the
    /// system but for `reserve` bytes. Answers bytes in marked lines and large buffers.
    pub fn sweep(&mut self, full: bool, reserve: usize) -> usize {
        self.large.sweep(full);
        let touched = std::mem::take(&mut self.touched);
        if full {
            self.sweep_chunks(reserve);
        } else {
            for block in touched {
                self.sweep_block(block);
            }
        }
        self.cursor = std::ptr::null_mut();
        self.limit = std::ptr::null_mut();
        self.current = std::ptr::null_mut();
        self.next_line = LINES;
        self.overflow_cursor = std::ptr::null_mut();
        self.overflow_limit = std::ptr::null_mut();
        self.allocated = 0;
        self.live()
    }

    /// Bytes in lines in use at the last sweep and in large buffers.
    pub fn live(&self) -> usize {
        self.live_lines * LINE_BYTES + self.large.bytes()
    }

    fn sweep_chunks(&mut self, reserve: usize) {
        self.recyclable.clear();
        self.free.clear();
        let mut spare = 0;
        let mut kept = Vec::with_capacity(self.chunks.len());
        for chunk in std::mem::take(&mut self.chunks) {
            if blocks_of(chunk).all(|block| count_lines(block) == 0) {
                if spare >= reserve {
                    sanitizer::allow(chunk, CHUNK_BYTES);
                    // SAFETY: allocated with this layout, and no line of it is in use.
                    unsafe { dealloc(chunk, chunk_layout()) };
                    continue;
                }
                spare += CHUNK_BYTES;
            }
            kept.push(chunk);
            for block in blocks_of(chunk) {
                self.sweep_block(block);
            }
        }
        self.chunks = kept;
    }

    /// Counts the lines in use and files the block by them.
    fn sweep_block(&mut self, block: *mut u8) {
        let (used, before) = (count_lines(block), used_before(block));
        assert!(
            self.live_lines + used >= before,
            "more lines were in use than there are"
        );
        self.live_lines = self.live_lines + used - before;
        set_used(block, used);
        if cfg!(debug_assertions) {
            poison(block);
        }
        forbid_free_lines(block);
        if used == 0 {
            self.free.push(block);
        } else if used + RECYCLED_LINES_MIN <= LINES - META_LINES {
            self.recyclable.push(block);
        }
    }
}

fn chunk_layout() -> Layout {
    Layout::from_size_align(CHUNK_BYTES, BLOCK_BYTES).expect("constant layout")
}

fn blocks_of(chunk: *mut u8) -> impl Iterator<Item = *mut u8> {
    (0..CHUNK_BLOCKS).map(move |i| chunk.wrapping_add(i * BLOCK_BYTES))
}

fn clear_marks(block: *mut u8) {
    // SAFETY: a block starts with LINES mark bytes.
    unsafe { std::ptr::write_bytes(block, 0, LINES) };
}

/// The line marks of a block.
fn marks_of<'a>(block: *mut u8) -> &'a [u8] {
    // SAFETY: `block` is a block of the space; its first LINES bytes are the line marks, and nobody changes them while the slice lives.
    unsafe { std::slice::from_raw_parts(block, LINES) }
}

/// Lines in use. Marks are 0 or 1, and there are fewer than 2^16.
fn count_lines(block: *mut u8) -> usize {
    marks_of(block)[META_LINES..]
        .iter()
        .map(|&m| u16::from(m))
        .sum::<u16>() as usize
}

/// Lines in use at the last sweep.
fn used_before(block: *mut u8) -> usize {
    let marks = marks_of(block);
    u16::from_ne_bytes([marks[0], marks[1]]) as usize
}

fn set_used(block: *mut u8, used: usize) {
    let bytes = (used as u16).to_ne_bytes();
    // SAFETY: the first META_LINES (two) mark bytes belong to lines that are never handed out.
    unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), block, META_LINES) };
}

/// Overwrites the free lines of a block, so that who reads freed memory notices.
fn poison(block: *mut u8) {
    for line in META_LINES..LINES {
        if marks_of(block)[line] == 0 {
            sanitizer::allow(block.wrapping_add(line * LINE_BYTES), LINE_BYTES);
            // SAFETY: the line lies in the block, and nothing in use lies on it.
            unsafe { std::ptr::write_bytes(block.add(line * LINE_BYTES), POISON_BYTE, LINE_BYTES) };
        }
    }
}

/// Nothing reads or writes the free lines of a block until they are handed out.
fn forbid_free_lines(block: *mut u8) {
    if !sanitizer::ON {
        return;
    }
    for line in (META_LINES..LINES).filter(|&line| marks_of(block)[line] == 0) {
        sanitizer::forbid(block.wrapping_add(line * LINE_BYTES), LINE_BYTES);
    }
}

impl Drop for Space {
    fn drop(&mut self) {
        for &chunk in &self.chunks {
            sanitizer::allow(chunk, CHUNK_BYTES);
            // SAFETY: allocated with this layout.
            unsafe { dealloc(chunk, chunk_layout()) };
        }
    }
}
