//! stone-store
