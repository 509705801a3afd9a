//! gem-heap
