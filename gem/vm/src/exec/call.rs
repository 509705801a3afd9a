//! A send on its way, and what remains of it while its primitive runs.

use gem_heap::{ClassIndex, Oop};

/// A send on its way. Its window (receiver, arguments, keywords, block) lies at `base`.
#[derive(Clone, Copy)]
pub(crate) struct Call {
    pub selector: Oop,
    pub environment: u8,
    pub base: usize,
    pub argc: usize,
    pub site_flags: u16,
    /// Register of the caller that gets the value.
    pub dst: u16,
    pub frame_flags: u16,
    /// `super`: the owner above which lookup starts.
    pub owner_above: Option<ClassIndex>,
}

/// What a running primitive may continue.
#[derive(Clone, Copy, Default)]
pub(crate) struct Current {
    pub base: usize,
    pub dst: u16,
    pub frame_flags: u16,
}
