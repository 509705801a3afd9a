//! What travels between `gem` and `stone`: the messages, the stone as one service, how it is reached, and which versions
//! go together. Objects travel as the bytes that `format` describes.
//!
//! Must not know: disks, the virtual machine, how a stone keeps its promises; sockets and threads only in `client`.

pub mod client;
pub mod messages;
pub mod service;
pub mod version;
