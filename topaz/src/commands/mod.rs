//! What the commands do, a family a file.

pub mod breaks;
pub mod browse;
pub mod control;
pub mod display;
pub mod execute;
pub mod expect;
pub mod fileout;
pub mod lists;
pub mod methods;
pub mod onerror;
pub mod stack;
pub mod streams;
pub mod transactions;
