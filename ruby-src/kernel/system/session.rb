# What every session sets up for itself: the global variables and the constants that stand for the running process.

module Kernel
  def self.__start_session(script, arguments)
    $0 = script
    $PROGRAM_NAME = script
    $VERBOSE = false
    $DEBUG = false
    $/ = "\n"
    $: = (ENV["RUBYLIB"] || "").split(":").reject { |d| d.empty? }
    $:.extend(Maglev::LoadPath)
    $" = Maglev::Loader::PERSISTENT_FEATURES.dup
    $stdin = IO.__from_descriptor(0, "r", "<STDIN>")
    $stdout = IO.__from_descriptor(1, "w", "<STDOUT>")
    $stderr = IO.__from_descriptor(2, "w", "<STDERR>")
    $stderr.sync = true
    $stdout.sync = true if $stdout.tty?
    __alias_global(:$LOAD_PATH, :$:)
    __alias_global(:$-I, :$:)
    __alias_global(:$LOADED_FEATURES, :$")
    __alias_global(:$>, :$stdout)
    __alias_global(:$ERROR_INFO, :$!)
    __alias_global(:$ARGV, :$*)
    __alias_global(:$-w, :$VERBOSE)
    __alias_global(:$-v, :$VERBOSE)
    __alias_global(:$-d, :$DEBUG)
    __alias_global(:$-0, :$/)
    __alias_global(:$PROGRAM_NAME, :$0)
    Object.__const_set(:TOPLEVEL_BINDING, Maglev::MAIN.__send__(:__binding))
    Maglev::Loader.autoload(Object, :RbConfig, "rbconfig")
    $* = arguments
    $$ = Process.pid
    Object.__const_set(:ARGV, arguments)
    Object.__const_set(:STDIN, $stdin)
    Object.__const_set(:STDOUT, $stdout)
    Object.__const_set(:STDERR, $stderr)
    $__main_thread = Thread.current
    # Ends nothing yet. What the end runs is in memory from here on, so that a program whose stone has gone still ends in order.
    __run_at_exit
    # The same for what a rescue clause runs.
    Kernel.__rescue_match(::StandardError, ::RepositoryError.allocate)
    __guard_globals
    nil
  end
end
