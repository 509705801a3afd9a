//! gem-debug
