//! stone-server
