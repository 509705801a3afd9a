# Thread: green threads, which are the processes of the VM. A process that runs a Fiber belongs to a Thread.

class Thread
  class Backtrace
    # One line of a backtrace in parts.
    class Location
      def initialize(line)
        @line = line
      end

      def to_s
        @line
      end

      def path
        @line[/\A(.*?):\d+/, 1] || @line
      end

      def absolute_path
        File.expand_path(path)
      end

      def lineno
        (@line[/:(\d+)(?::in|\z)/, 1] || 0).to_i
      end

      def label
        @line[/:in '(.*)'\z/, 1] || @line[/:in `(.*)'\z/, 1]
      end

      def base_label
        label && label[/[^#.\s]+\z/]
      end

      def inspect
        @line.inspect
      end
    end
  end

  # The process that runs now: a Thread's own or a Fiber's.
  def self.__process
    Primitive.current_process
  end

  def self.__fork_process(block)
    Primitive.process_fork
    ::Kernel.raise ThreadError, "can't create Thread"
  end

  def self.__delay(milliseconds)
    Primitive.delay_wait
  end

  def self.__pass
    Primitive.process_yield
  end

  # Stops the running process until someone resumes it.
  def __suspend
    Primitive.process_suspend
  end

  def __resume
    Primitive.process_resume
  end

  # Waits for the end; milliseconds nil: for ever. Answers whether it has ended.
  def __join(milliseconds)
    Primitive.process_join
    true
  end

  def __terminate
    Primitive.process_terminate
  end

  def __fiber_resume(value)
    Primitive.fiber_resume
    ::Kernel.raise FiberError, "dead fiber called"
  end

  def __belongs(thread, fiber)
    @__thread = thread
    @__fiber = fiber
  end

  def __fiber
    @__fiber ||= Fiber.__root(self)
  end

  def __thread
    @__thread || self
  end

  # Per process: objects being visited by inspect, == and the like.
  def __guards
    @__guards ||= {}
  end

  def __catches
    @__catches ||= []
  end

  def self.current
    __process.__thread
  end

  def self.main
    $__main_thread ||= current
  end

  def self.new(*args, **options, &block)
    ::Kernel.raise ThreadError, "must be called with a block" unless block
    start(*args, **options, &block)
  end

  def self.start(*args, **options, &block)
    ::Kernel.raise ArgumentError, "tried to create Proc object without a block" unless block
    main
    holder = []
    parent = current
    process = __fork_process(proc {
      thread = Thread.current
      begin
        holder << block.call(*args, **options)
        thread.__ended(holder[0], nil)
      rescue Exception => e
        thread.__ended(nil, e)
      end
    })
    process.__begun(parent)
    process
  end

  class << self
    alias fork start
  end

  def self.__threads
    $__threads ||= [main]
  end

  def self.list
    alive = __threads.select { |t| t.alive? }
    $__threads = alive
    alive
  end

  def __begun(parent)
    Thread.__threads << self
    @__group = parent.group
    @__report = $__report_on_exception
  end

  def __ended(value, error)
    @__value = value
    @__ended = true
    return unless error
    @__error = error
    if __reports != false && !(Killed === error)
      $stderr.write("#{inspect} terminated with exception (report_on_exception is true):\n#{error.full_message(highlight: false)}\n")
    end
    if SystemExit === error || @__abort || Thread.abort_on_exception
      Thread.main.raise(error) unless equal?(Thread.main)
    end
  end

  def __reports
    @__report
  end

  # Ends a thread from within, running its ensure clauses.
  class Killed < Exception
  end

  def self.pass
    __pass
    nil
  end

  def self.stop
    current.__sleep_forever
    nil
  end

  def __sleep_forever
    @__sleeping = true
    __suspend
    @__sleeping = false
    __check_pending
  end

  def __sleep_for(milliseconds)
    @__sleeping = true
    Thread.__delay(milliseconds)
    @__sleeping = false
    __check_pending
  end

  # An exception that another thread raised here.
  def __check_pending
    error = @__pending
    return unless error
    @__pending = nil
    ::Kernel.raise error
  end

  def self.exit
    current.kill
  end

  def self.kill(thread)
    thread.kill
  end

  def self.abort_on_exception
    $__abort_on_exception || false
  end

  def self.abort_on_exception=(value)
    $__abort_on_exception = value
  end

  def abort_on_exception
    @__abort || false
  end

  def abort_on_exception=(value)
    @__abort = value
  end

  def self.report_on_exception
    $__report_on_exception != false
  end

  def self.report_on_exception=(value)
    $__report_on_exception = value ? true : false
  end

  def report_on_exception
    @__report != false
  end

  def report_on_exception=(value)
    @__report = value ? true : false
  end

  def self.handle_interrupt(*)
    yield
  end

  def self.pending_interrupt?(*)
    false
  end

  def pending_interrupt?(*)
    @__pending ? true : false
  end

  def alive?
    !@__ended
  end

  def stop?
    @__ended || @__sleeping ? true : false
  end

  def status
    return @__error ? nil : false if @__ended
    @__sleeping ? "sleep" : "run"
  end

  def join(limit = nil)
    ::Kernel.raise ThreadError, "Target thread must not be current thread" if equal?(Thread.current)
    until @__ended
      if nil.equal?(limit)
        __join(nil)
      else
        __join((limit * 1000).ceil)
        return nil unless @__ended
      end
    end
    ::Kernel.raise @__error if @__error && !(Killed === @__error)
    self
  end

  def value
    join
    @__value
  end

  def wakeup
    ::Kernel.raise ThreadError, "killed thread" if @__ended
    __resume
    self
  end

  def run
    wakeup
    Thread.pass
    self
  end

  def raise(*args, **options)
    return nil if @__ended
    return ::Kernel.raise(*args, **options) if equal?(Thread.current)
    error = begin
      args.empty? ? ::Kernel.raise("unhandled exception") : ::Kernel.raise(*args, **options)
    rescue Exception => e
      e
    end
    return nil if __signal_in(error)
    @__pending = error
    __resume
    nil
  end

  # Raises the exception in this process, wherever it waits.
  def __signal_in(error)
    Primitive.process_raise
    false
  end

  def kill
    return self if @__ended
    if equal?(Thread.current)
      ::Kernel.raise SystemExit.new(0) if equal?(Thread.main)
      ::Kernel.raise Killed.new
    end
    unless __signal_in(Killed.new)
      __terminate
      __ended(nil, nil)
    end
    self
  end

  alias exit kill
  alias terminate kill

  # --- locals

  def [](name)
    locals = Thread.__process.__thread.equal?(self) ? Thread.__process.__fiber_locals : __fiber_locals
    locals[name.to_sym]
  end

  def []=(name, value)
    ::Kernel.raise FrozenError.new("can't modify frozen thread locals", receiver: self) if frozen?
    locals = Thread.__process.__thread.equal?(self) ? Thread.__process.__fiber_locals : __fiber_locals
    locals[name.to_sym] = value
  end

  def __fiber_locals
    @__locals ||= {}
  end

  def key?(name)
    __fiber_locals.key?(name.to_sym)
  end

  def keys
    __fiber_locals.keys
  end

  def fetch(name, *default, &block)
    __fiber_locals.fetch(name.to_sym, *default, &block)
  end

  def thread_variable_get(name)
    (@__variables ||= {})[name.to_sym]
  end

  def thread_variable_set(name, value)
    (@__variables ||= {})[name.to_sym] = value
  end

  def thread_variable?(name)
    (@__variables ||= {}).key?(name.to_sym)
  end

  def thread_variables
    (@__variables ||= {}).keys
  end

  # --- the rest

  def name
    @__name
  end

  def name=(text)
    @__name = text
  end

  def priority
    @__priority || 0
  end

  def priority=(value)
    @__priority = value
  end

  def group
    @__ended ? nil : (@__group ||= ThreadGroup::Default)
  end

  def __group=(group)
    @__group = group
  end

  def backtrace(*)
    @__ended ? nil : (equal?(Thread.current) ? caller(0) : [])
  end

  def backtrace_locations(*args)
    lines = backtrace
    lines && lines.map { |line| Backtrace::Location.new(line) }
  end

  def native_thread_id
    Process.pid
  end

  def inspect
    text = "#<#{self.class}:0x#{__address}"
    text += "@#{@__name}" if @__name
    text + " #{status || 'dead'}>"
  end

  alias to_s inspect
end

class ThreadGroup
  def add(thread)
    thread.__group = self
    self
  end

  def list
    Thread.list.select { |t| equal?(t.group) }
  end

  def enclose
    @__enclosed = true
    self
  end

  def enclosed?
    @__enclosed ? true : false
  end

  Default = new
end
