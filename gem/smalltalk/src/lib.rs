//! gem-smalltalk
