//! What the address sanitizer is told of memory that this heap hands out in pieces: without it, all of a chunk is one allocation, and
//! who reads an object that was freed reads allowed memory. Builds with `--cfg maglev_asan` alone do anything here (`make sanitized`).

/// Whether anybody listens.
pub(crate) const ON: bool = cfg!(maglev_asan);

#[cfg(maglev_asan)]
mod runtime {
    use std::ffi::c_void;

    unsafe extern "C" {
        pub fn __asan_poison_memory_region(at: *const c_void, bytes: usize);
        pub fn __asan_unpoison_memory_region(at: *const c_void, bytes: usize);
        #[cfg(test)]
        pub fn __asan_address_is_poisoned(at: *const c_void) -> i32;
    }
}

/// Reading or writing there is an error from now on.
#[inline(always)]
pub(crate) fn forbid(at: *mut u8, bytes: usize) {
    #[cfg(maglev_asan)]
    // SAFETY: changes the sanitizer's notes alone; callers name memory of their own.
    unsafe {
        runtime::__asan_poison_memory_region(at.cast(), bytes)
    };
    let _ = (at, bytes);
}

/// Reading and writing there is allowed again.
#[inline(always)]
pub(crate) fn allow(at: *mut u8, bytes: usize) {
    #[cfg(maglev_asan)]
    // SAFETY: as `forbid`.
    unsafe {
        runtime::__asan_unpoison_memory_region(at.cast(), bytes)
    };
    let _ = (at, bytes);
}

#[cfg(all(test, maglev_asan))]
mod tests {
    use super::runtime::__asan_address_is_poisoned;
    use crate::testing::{Held, clock, heap};

    #[test]
    fn what_a_collection_freed_may_not_be_read() {
        let mut h = heap();
        let texts: Vec<_> = (0..100)
            .map(|_| h.new_string(&[b'x'; 500]).unwrap())
            .collect();
        let readable = |oop: format::Oop| {
            // SAFETY: asks the sanitizer, reads nothing.
            unsafe { __asan_address_is_poisoned(oop.0 as *const std::ffi::c_void) == 0 }
        };
        assert!(texts.iter().all(|&text| readable(text)));
        h.collect(&Held(vec![texts[50]]), true, &mut clock);
        assert!(readable(texts[50]) && !readable(texts[10]) && !readable(texts[90]));
        let again: Vec<_> = (0..100)
            .map(|_| h.new_string(&[b'y'; 500]).unwrap())
            .collect();
        assert!(again.iter().all(|&text| readable(text)));
    }
}
