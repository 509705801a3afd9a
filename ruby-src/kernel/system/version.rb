# Which Ruby this is.

RUBY_VERSION = "4.0.0".freeze
RUBY_ENGINE = "maglev".freeze
RUBY_ENGINE_VERSION = "4.0.0".freeze
RUBY_PLATFORM = "x86_64-linux".freeze
RUBY_PATCHLEVEL = 0
RUBY_RELEASE_DATE = "2026-11-24".freeze
RUBY_REVISION = "0".freeze
RUBY_COPYRIGHT = "maglev - Copyright (C) the MagLev authors".freeze
RUBY_DESCRIPTION = "maglev 4.0.0 (ruby 4.0.0) [x86_64-linux]".freeze
