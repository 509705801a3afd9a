//! Processes of the machine and of the operating system, time, environment, memory, profiles.

pub(crate) mod children;
pub(crate) mod environment;
pub(crate) mod fibers;
pub(crate) mod memory;
pub(crate) mod processes;
pub(crate) mod profiles;
pub(crate) mod semaphores;
pub(crate) mod times;
