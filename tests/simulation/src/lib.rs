//! Sequencer and store on a simulated disk, with scripted sessions from a seed, against a model
//! that is a map. Disks tear, lose and refuse writes; syncs fail; power goes.
//!
//! Must not know: real files, threads, time.

pub mod dice;
pub mod disk;
pub mod extent;
pub mod model;
pub mod world;

pub use world::{Faults, World};
