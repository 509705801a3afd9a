# Thread: green threads, which are the processes of the VM. A process that runs a Fiber belongs to a Thread.

class Thread
  # The Process::Status of the last child that ended here.
  attr_accessor :__last_status

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

  def self.__pass
    Primitive.process_yield
  end

  # Stops the running process until someone unparks it (true) or the time is over (nil). An unpark that came before counts.
  def self.__park(nanoseconds)
    Primitive.process_park
    ::Kernel.raise ArgumentError, "time interval must not be negative"
  end

  # Lets the process that runs for this thread go on.
  def __unpark
    Primitive.process_unpark
  end

  # What lies between true and false is one step for other threads, unless it waits.
  def self.__atomic(flag)
    Primitive.process_atomic
  end

  # Waits for the end; milliseconds nil: for ever. Answers whether it has ended.
  def __join(milliseconds)
    Primitive.process_join
    true
  end

  # Ends the process, its ensure clauses run in it. false: it is the main one.
  def __terminate
    Primitive.process_terminate
    false
  end

  def __terminated?
    Primitive.process_is_terminated
  end

  # Lines of its frames.
  def __lines
    Primitive.process_stack
    nil
  end

  # Who waits for the value of the fiber that runs in this process.
  def __resumer
    Primitive.process_resumer
    nil
  end

  def __fiber_resume(value)
    Primitive.fiber_resume
    ::Kernel.raise FiberError, "dead fiber called"
  end

  def __belongs(fiber)
    @__fiber = fiber
  end

  def __fiber
    @__fiber ||= Fiber.__root(self)
  end

  # The thread that this process works for: a fiber's is that of whoever resumed it.
  def __thread
    up = __resumer
    nil.equal?(up) ? self : up.__thread
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
    parent = current
    process = __fork_process(proc {
      thread = Thread.__process
      value = nil
      error = nil
      begin
        value = block.call(*args, **options)
      rescue Exception => e
        error = e
      ensure
        thread.__ended(value, error)
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
    if __reports != false && !(SystemExit === error)
      $stderr.write("#{inspect} terminated with exception (report_on_exception is true):\n#{error.full_message(highlight: false)}\n")
    end
    if SystemExit === error || @__abort || Thread.abort_on_exception
      Thread.main.raise(error) unless equal?(Thread.main)
    end
  end

  def __reports
    @__report
  end

  def self.pass
    __pass
    nil
  end

  def self.stop
    current.__stop(nil)
    nil
  end

  # Until wakeup, or so long. Whoever waits for something else uses __wait.
  def __stop(nanoseconds)
    deadline = nanoseconds && Process.__monotonic + nanoseconds
    @__woken = false
    until @__woken
      left = deadline && deadline - Process.__monotonic
      break if left && left <= 0
      __wait(left)
    end
  end

  # Until the next unpark, or so many nanoseconds: then nil.
  def __wait(nanoseconds)
    @__sleeping = true
    __check_pending if @__pending
    Thread.__park(nanoseconds)
  ensure
    @__sleeping = false
  end

  # Exceptions that other threads raised here while they were masked.
  def __check_pending
    while (list = @__pending) && (error = list.shift)
      ::Kernel.raise error
    end
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

  # While the block runs, exceptions of these classes that other threads raise here wait until it ends (:never) or until this thread
  # waits (:on_blocking).
  def self.handle_interrupt(masks)
    ::Kernel.raise ArgumentError, "block is needed." unless block_given?
    masks.each_value do |timing|
      unless timing == :immediate || timing == :on_blocking || timing == :never
        ::Kernel.raise ArgumentError, "unknown mask signature"
      end
    end
    thread = current
    begin
      thread.__masks << masks
      thread.__check_pending if masks.value?(:immediate)
      yield
    ensure
      thread.__masks.pop
      thread.__check_pending if thread.__masks.empty?
    end
  end

  def __masks
    @__masks ||= []
  end

  # Whether an exception has to wait.
  def __masked?(error)
    list = @__masks
    return false unless list
    list.reverse_each do |masks|
      masks.each do |klass, timing|
        next unless klass === error
        return timing == :never || (timing == :on_blocking && !@__sleeping)
      end
    end
    false
  end

  def self.pending_interrupt?(klass = nil)
    current.pending_interrupt?(klass)
  end

  def pending_interrupt?(klass = nil)
    list = @__pending
    return false unless list
    klass ? list.any? { |error| klass === error } : !list.empty?
  end

  def alive?
    !@__ended && !__terminated?
  end

  def stop?
    @__sleeping || !alive? ? true : false
  end

  def status
    return @__error ? nil : false unless alive?
    @__sleeping ? "sleep" : "run"
  end

  def join(limit = nil)
    ::Kernel.raise ThreadError, "Target thread must not be current thread" if equal?(Thread.current)
    if nil.equal?(limit)
      __join(nil)
    elsif !__join(limit <= 0 ? 0 : (limit * 1000).ceil)
      return nil
    end
    ::Kernel.raise @__error if @__error
    self
  end

  def value
    join
    @__value
  end

  def wakeup
    ::Kernel.raise ThreadError, "killed thread" if @__ended
    @__woken = true
    __unpark
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
    __interrupt(error)
  end

  def __interrupt(error)
    if __masked?(error)
      (@__pending ||= []) << error
    else
      __signal_in(error)
    end
    nil
  end

  # Raises the exception in this process, wherever it waits.
  def __signal_in(error)
    Primitive.process_raise
  end

  # Ends the thread where it is; its ensure clauses run in it.
  def kill
    return self if @__ended
    if equal?(Thread.main)
      ::Kernel.raise SystemExit.new(0) if equal?(Thread.current)
      __interrupt(SystemExit.new(0))
      return self
    end
    __terminate
    __ended(nil, nil) if !@__ended && __terminated?
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
    @__ended ? nil : (equal?(Thread.current) ? caller(0) : __lines)
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
