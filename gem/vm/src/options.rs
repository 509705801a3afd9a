//! What a machine is started with.

use crate::codes::CODES_MAX;
use gem_heap::Stress;

/// See the module text.
pub struct VmOptions {
    /// Deepest stack, in frames.
    pub frames_max: usize,
    /// Collect more than is needed, to find bugs of the machine.
    pub stress: Stress,
    /// Check the whole object memory after each collection.
    pub verify: bool,
    /// Most methods and blocks that can be loaded and in use.
    pub codes_max: usize,
}

impl Default for VmOptions {
    fn default() -> Self {
        VmOptions {
            frames_max: 1_200_000,
            stress: Stress::Off,
            verify: false,
            codes_max: CODES_MAX,
        }
    }
}
