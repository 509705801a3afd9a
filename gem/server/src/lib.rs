//! gem-server
