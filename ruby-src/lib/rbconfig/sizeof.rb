# RbConfig::SIZEOF, which comes with RbConfig here.

require "rbconfig"
