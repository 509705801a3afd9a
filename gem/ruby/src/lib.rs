//! gem-ruby
