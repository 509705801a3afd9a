//! Objects, classes, methods, blocks, frames, and sends by name.

pub(crate) mod behavior;
pub(crate) mod bindings;
pub(crate) mod blocks;
pub(crate) mod class_copy;
pub(crate) mod control;
pub(crate) mod identity;
pub(crate) mod machine_parts;
pub(crate) mod method_stubs;
pub(crate) mod methods;
pub(crate) mod modules;
pub(crate) mod object;
pub(crate) mod parameters;
pub(crate) mod sends;
pub(crate) mod slots;
