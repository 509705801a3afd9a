//! What looks on while code runs: the debugger's traps, the profile that is being taken.

pub(crate) mod inspect;
pub(crate) mod profile;
pub(crate) mod sampling;
pub(crate) mod trace;
pub(crate) mod trapping;
pub(crate) mod traps;
pub(crate) mod verify;

use crate::codes::code::CodeBlock;
use crate::debug::profile::Profile;
use crate::debug::traps::Traps;

/// See the module text.
#[derive(Default)]
pub struct Debug {
    /// What a debugger has set; see the module.
    pub traps: Traps,
    /// The profile that is being taken.
    pub(crate) profile: Option<Box<Profile>>,
    /// Check the whole object memory after each collection.
    pub(crate) verify: bool,
}

impl Debug {
    /// Whether somebody who looks on names `code`, so that it has to stay.
    pub(crate) fn names(&self, code: &CodeBlock) -> bool {
        self.traps.names(code) || self.profile.as_ref().is_some_and(|p| p.names(code))
    }
}
