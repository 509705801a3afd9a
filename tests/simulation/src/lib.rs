//! The stone's ladder and store on a simulated disk, with clients from a seed, against a model made of maps. Disks tear, lose and refuse writes; syncs fail;
//! power goes; connections break; stones are killed. How it is run, and what it finds: `README.md`.
//!
//! Must not know: real files, threads, time. It has no ladder of its own: it drives the one of `stone_txn`, as the stone's server does.

mod acts;
mod answers;
mod checks;
pub mod client;
mod commits;
pub mod dice;
pub mod disk;
mod drafts;
pub mod extent;
pub mod fates;
mod foresight;
pub mod life;
mod lives;
pub mod model;
pub mod object;
mod rounds;
pub mod seats;
pub mod served;
pub mod stone;
pub mod tally;
mod upkeep;
pub mod versions;
pub mod world;

pub use served::ServedStone;
pub use tally::Tally;
pub use world::{Faults, World};
