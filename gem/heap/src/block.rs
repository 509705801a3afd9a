//! Blocks of 32 KiB in lines of 128 bytes, and bump allocation into runs of free lines
//! (Blackburn and McKinley, "Immix", PLDI 2008). Large things come from the system allocator.

use crate::layout::{BUFFER_HEADER_BYTES, buffer_header};
use std::alloc::{Layout, alloc, dealloc};

pub(crate) const BLOCK_BYTES: usize = 32 * 1024;
pub(crate) const LINE_BYTES: usize = 128;
pub(crate) const LINES: usize = BLOCK_BYTES / LINE_BYTES;
/// Line marks (one byte a line) lie in the first two lines of a block, which are never handed out.
const META_LINES: usize = LINES / LINE_BYTES;
/// Larger requests go to the system allocator.
pub(crate) const LARGE_BYTES: usize = 8 * 1024;
/// Blocks taken from the system at once.
const CHUNK_BLOCKS: usize = 32;

struct Large {
    ptr: *mut u8,
    bytes: usize,
    marked: bool,
}

/// All memory of a heap.
pub(crate) struct Space {
    blocks: Vec<*mut u8>,
    chunks: Vec<(*mut u8, Layout)>,
    /// Blocks with free lines, to be filled next.
    recyclable: Vec<*mut u8>,
    /// Wholly free blocks.
    free: Vec<*mut u8>,
    cursor: *mut u8,
    limit: *mut u8,
    /// The block `cursor` is in, and the line to search on from.
    current: *mut u8,
    next_line: usize,
    /// Where objects above a line go that fit no hole.
    overflow_cursor: *mut u8,
    overflow_limit: *mut u8,
    large: Vec<Option<Large>>,
    large_free: Vec<usize>,
    large_bytes: usize,
    /// Bytes handed out since the last collection.
    pub allocated: usize,
}

impl Space {
    pub fn new() -> Space {
        let null = std::ptr::null_mut();
        Space {
            blocks: Vec::new(),
            chunks: Vec::new(),
            recyclable: Vec::new(),
            free: Vec::new(),
            cursor: null,
            limit: null,
            current: null,
            next_line: LINES,
            overflow_cursor: null,
            overflow_limit: null,
            large: Vec::new(),
            large_free: Vec::new(),
            large_bytes: 0,
            allocated: 0,
        }
    }

    /// Bytes taken from the system.
    pub fn footprint(&self) -> usize {
        self.blocks.len() * BLOCK_BYTES + self.large_bytes
    }

    /// `bytes` (a multiple of 8, not above LARGE_BYTES) of uninitialised memory.
    #[inline(always)]
    pub fn allocate(&mut self, bytes: usize) -> *mut u8 {
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
                Some(block) => block,
                None => self.free_block(),
            };
            self.next_line = META_LINES;
        }
    }

    fn allocate_overflow(&mut self, bytes: usize) -> *mut u8 {
        if (self.overflow_limit as usize).wrapping_sub(self.overflow_cursor as usize) < bytes {
            let block = self.free_block();
            self.overflow_cursor = block.wrapping_add(META_LINES * LINE_BYTES);
            self.overflow_limit = block.wrapping_add(BLOCK_BYTES);
            self.allocated += BLOCK_BYTES;
        }
        let at = self.overflow_cursor;
        self.overflow_cursor = at.wrapping_add(bytes);
        at
    }

    /// Moves cursor and limit to the next run of free lines in the current block.
    fn next_hole(&mut self) -> bool {
        if self.current.is_null() {
            return false;
        }
        // SAFETY: `current` is a block of ours; its first LINES bytes are the line marks.
        let marks = unsafe { std::slice::from_raw_parts(self.current, LINES) };
        let Some(start) = marks[self.next_line..].iter().position(|&m| m == 0) else {
            self.next_line = LINES;
            return false;
        };
        let start = self.next_line + start;
        let end = marks[start..]
            .iter()
            .position(|&m| m != 0)
            .map_or(LINES, |n| start + n);
        self.next_line = end;
        self.cursor = self.current.wrapping_add(start * LINE_BYTES);
        self.limit = self.current.wrapping_add(end * LINE_BYTES);
        self.allocated += (end - start) * LINE_BYTES;
        true
    }

    fn free_block(&mut self) -> *mut u8 {
        if let Some(block) = self.free.pop() {
            return block;
        }
        let layout = Layout::from_size_align(CHUNK_BLOCKS * BLOCK_BYTES, BLOCK_BYTES)
            .expect("constant layout");
        // SAFETY: the layout is not empty.
        let chunk = unsafe { alloc(layout) };
        if chunk.is_null() {
            std::alloc::handle_alloc_error(layout);
        }
        self.chunks.push((chunk, layout));
        for i in (0..CHUNK_BLOCKS).rev() {
            let block = chunk.wrapping_add(i * BLOCK_BYTES);
            clear_marks(block);
            self.blocks.push(block);
            self.free.push(block);
        }
        self.free.pop().expect("a chunk holds blocks")
    }

    /// A buffer of `capacity` bytes; answers its payload, or `None` when the system has no memory.
    pub fn allocate_buffer(&mut self, capacity: usize) -> Option<*mut u8> {
        let capacity = capacity.next_multiple_of(8);
        let total = capacity + BUFFER_HEADER_BYTES;
        if total <= LARGE_BYTES {
            let at = self.allocate(total);
            // SAFETY: `at` has `total` bytes.
            unsafe { *(at as *mut u64) = buffer_header(capacity, 0) };
            return Some(at.wrapping_add(BUFFER_HEADER_BYTES));
        }
        let index = self.allocate_large(total)?;
        let at = self.large[index].as_ref().expect("just made").ptr;
        // SAFETY: as above.
        unsafe { *(at as *mut u64) = buffer_header(capacity, index + 1) };
        Some(at.wrapping_add(BUFFER_HEADER_BYTES))
    }

    fn allocate_large(&mut self, bytes: usize) -> Option<usize> {
        let layout = Layout::from_size_align(bytes, 16).ok()?;
        // SAFETY: bytes is above LARGE_BYTES, so not zero.
        let ptr = unsafe { alloc(layout) };
        if ptr.is_null() {
            return None;
        }
        self.large_bytes += bytes;
        self.allocated += bytes;
        let entry = Some(Large {
            ptr,
            bytes,
            marked: false,
        });
        Some(match self.large_free.pop() {
            Some(i) => {
                self.large[i] = entry;
                i
            }
            None => {
                self.large.push(entry);
                self.large.len() - 1
            }
        })
    }

    /// Marks the lines that `bytes` bytes at `at` lie on.
    #[inline]
    pub fn mark_lines(&self, at: *mut u8, bytes: usize) {
        let block = (at as usize & !(BLOCK_BYTES - 1)) as *mut u8;
        let first = (at as usize - block as usize) / LINE_BYTES;
        let last = (at as usize - block as usize + bytes - 1) / LINE_BYTES;
        for line in first..=last {
            // SAFETY: an object or small buffer lies within one block of ours; marks are its first LINES bytes.
            unsafe { *block.add(line) = 1 };
        }
    }

    pub fn mark_large(&mut self, index_plus_one: usize) {
        if let Some(large) = self.large[index_plus_one - 1].as_mut() {
            large.marked = true;
        }
    }

    /// Before a full collection: nothing is marked.
    pub fn clear_all_marks(&mut self) {
        for &block in &self.blocks {
            clear_marks(block);
        }
        for large in self.large.iter_mut().flatten() {
            large.marked = false;
        }
    }

    /// After marking: frees unmarked large buffers, sorts blocks by what is free. Answers bytes in marked lines and large buffers.
    pub fn sweep(&mut self) -> usize {
        let mut live = 0;
        for i in 0..self.large.len() {
            let Some(large) = &self.large[i] else {
                continue;
            };
            if large.marked {
                live += large.bytes;
                continue;
            }
            let layout = Layout::from_size_align(large.bytes, 16).expect("as allocated");
            // SAFETY: allocated with this layout, and nothing marked refers to it.
            unsafe { dealloc(large.ptr, layout) };
            self.large_bytes -= large.bytes;
            self.large[i] = None;
            self.large_free.push(i);
        }
        self.recyclable.clear();
        self.free.clear();
        for &block in &self.blocks {
            // SAFETY: a block of ours.
            let marks = unsafe { std::slice::from_raw_parts(block, LINES) };
            let used = marks[META_LINES..]
                .iter()
                .map(|&m| m as usize)
                .sum::<usize>();
            live += used * LINE_BYTES;
            if used == 0 {
                self.free.push(block);
            } else if used < LINES - META_LINES {
                self.recyclable.push(block);
            }
        }
        self.cursor = std::ptr::null_mut();
        self.limit = std::ptr::null_mut();
        self.current = std::ptr::null_mut();
        self.next_line = LINES;
        self.overflow_cursor = std::ptr::null_mut();
        self.overflow_limit = std::ptr::null_mut();
        self.allocated = 0;
        live
    }
}

fn clear_marks(block: *mut u8) {
    // SAFETY: a block starts with LINES mark bytes.
    unsafe { std::ptr::write_bytes(block, 0, LINES) };
}

impl Drop for Space {
    fn drop(&mut self) {
        for large in self.large.iter().flatten() {
            // SAFETY: allocated with this layout.
            unsafe {
                dealloc(
                    large.ptr,
                    Layout::from_size_align(large.bytes, 16).expect("as allocated"),
                )
            };
        }
        for &(chunk, layout) in &self.chunks {
            // SAFETY: allocated with this layout.
            unsafe { dealloc(chunk, layout) };
        }
    }
}
