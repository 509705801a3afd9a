//! gem-session
