# RbConfig: how this Ruby was built.

module RbConfig
  # The executable that stands for `gem ruby`: the one that started this process, else the one of this installation:
  # beside gem, in the bin folder three above it, in the bin folder of the sources.
  def self.__executable
    program = File.dirname(File.realpath("/proc/self/exe"))
    places = [program, File.expand_path("../../../bin", program), File.expand_path("../../bin", __dir__)]
    found = places.map { |dir| File.join(dir, "maglev-ruby") }.find { |path| File.executable?(path) }
    ENV["MAGLEV_RUBY"] || found || "/usr/bin/maglev-ruby"
  end

  CONFIG = {
    "ruby_install_name" => "maglev-ruby", "RUBY_INSTALL_NAME" => "maglev-ruby", "EXEEXT" => "", "host_os" => "linux-gnu", "target_os" => "linux",
    "arch" => RUBY_PLATFORM, "MAJOR" => "4", "MINOR" => "0", "TEENY" => "0", "PATCHLEVEL" => "0", "ruby_version" => "4.0.0",
    "bindir" => File.dirname(__executable), "prefix" => File.dirname(File.dirname(__executable)), "host_cpu" => "x86_64", "build_os" => "linux",
    "DLEXT" => "so", "SHELL" => "/bin/sh", "PATH_SEPARATOR" => ":", "rubylibdir" => File.dirname(__FILE__), "sitelibdir" => File.dirname(__FILE__)
  }

  def self.ruby
    File.join(CONFIG["bindir"], CONFIG["ruby_install_name"])
  end

  # Bytes of C's types on this machine, which is always a 64-bit Linux.
  SIZEOF = {
    "int" => 4, "short" => 2, "long" => 8, "long long" => 8, "void*" => 8, "size_t" => 8, "time_t" => 8, "float" => 4, "double" => 8
  }

  def self.expand(text, config = CONFIG)
    text.gsub(/\$\((\w+)\)/) { config[$1] || "" }
  end
end
