//! gem-vm
