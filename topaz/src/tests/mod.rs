//! The engine over a make-believe session: what scripts print, what they count, how they end.

mod broken;
mod debugging;
mod fake;
mod scripts;
