//! Runs ruby/spec with mspec, both as they are, on `gem ruby`: one process a file, several files at once.
//!
//! `source` finds the specs, `files` runs them, `results` reads what the formatter `tests/ruby-spec/results.rb` wrote, `list`
//! compares with the examples that are known to fail.

pub mod files;
pub mod list;
pub mod results;
pub mod source;
