//! Files, paths, channels, sockets.

pub(crate) mod channels;
pub(crate) mod files;
pub(crate) mod paths;
pub(crate) mod ready;
pub(crate) mod sockets;
