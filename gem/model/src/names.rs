//! Things by name: constants, class variables, global variables, symbol dictionaries.

mod class_variables;
mod constants;
mod dictionaries;
mod globals;

pub use globals::Globals;
