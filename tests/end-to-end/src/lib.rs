//! Real processes for tests: finds or builds the programs, makes the images once, starts stones, runs gems.
//!
//! `MAGLEV_BIN` (a directory) and `MAGLEV_IMAGES` skip the building; the Makefile sets both.
//! Must not know: anything of the programs but their command lines.

mod home;
mod programs;
pub mod ruby_spec;
mod run;

pub use home::{Home, Stone};
pub use programs::{gem, image_builder, images, program, repository};
pub use run::{Outcome, run};
