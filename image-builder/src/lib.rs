//! Builds the two repositories that everything starts from: `extent0.dbf` from Smalltalk sources alone, and on top of it
//! `extent0.ruby.dbf` with Ruby. The same sources give the same bytes.
//!
//! Must not know: how the machine works, how a stone stores; it uses a session as any program does.
//!
//! Reading order: `build` (the stages), `sources` and `manifest`, `classes` (Tonel folders), `fileins` (GemStone's form), `scripts` (Ruby), `image` (files).

mod build;
mod classes;
mod fileins;
mod image;
mod manifest;
mod missing;
mod progress;
mod scripts;
mod sources;

pub use build::{Stage, build};
pub use classes::load as load_classes;
pub use progress::Progress;
pub use sources::Sources;
