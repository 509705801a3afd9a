# RbConfig: how this Ruby was built.

module RbConfig
  CONFIG = {
    "ruby_install_name" => "maglev-ruby", "RUBY_INSTALL_NAME" => "maglev-ruby", "EXEEXT" => "", "host_os" => "linux-gnu", "target_os" => "linux",
    "arch" => RUBY_PLATFORM, "MAJOR" => "4", "MINOR" => "0", "TEENY" => "0", "PATCHLEVEL" => "0", "ruby_version" => "4.0.0",
    "bindir" => File.dirname(ENV["MAGLEV_RUBY"] || "/usr/bin/maglev-ruby"), "prefix" => "/usr", "host_cpu" => "x86_64", "build_os" => "linux",
    "DLEXT" => "so", "SHELL" => "/bin/sh", "PATH_SEPARATOR" => ":", "rubylibdir" => File.dirname(__FILE__), "sitelibdir" => File.dirname(__FILE__)
  }

  def self.ruby
    ENV["MAGLEV_RUBY"] || File.join(CONFIG["bindir"], CONFIG["ruby_install_name"])
  end

  def self.expand(text, config = CONFIG)
    text.gsub(/\$\((\w+)\)/) { config[$1] || "" }
  end
end
