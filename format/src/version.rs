//! The versions of what a repository holds. Which of them a gem and a stone can work with together is decided at login.

/// Object records and pages (`record`, `page`).
pub const FORMAT: u32 = 1;

/// What the kernel in an image and the machine expect of each other: primitives, layouts of machine classes, marks of methods.
/// 1: the first release. 2: the kernel's methods are marked as such.
pub const IMAGE: u32 = 2;
/// The first image whose kernel is marked.
pub const KERNEL_MARKED: u32 = 2;
/// The oldest image that this release's machine runs.
pub const IMAGE_OLDEST: u32 = 1;
