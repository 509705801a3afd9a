# Process: the operating system's process that runs this session, its children and its clocks.

module Process
  CLOCK_REALTIME = 0
  CLOCK_MONOTONIC = 1
  CLOCK_PROCESS_CPUTIME_ID = 2
  CLOCK_THREAD_CPUTIME_ID = 3
  WNOHANG = 1
  WUNTRACED = 2
  RLIMIT_NOFILE = 7
  PRIO_PROCESS = 0

  Tms = Struct.new(:utime, :stime, :cutime, :cstime)

  # How a child ended.
  class Status
    attr_reader :pid

    def initialize(pid, status)
      @pid = pid
      @__status = status
    end

    def to_i
      @__status
    end

    def exited?
      @__status & 0x7f == 0
    end

    def signaled?
      @__status & 0x7f != 0 && @__status & 0x7f != 0x7f
    end

    def stopped?
      @__status & 0xff == 0x7f
    end

    def coredump?
      @__status & 0x80 != 0
    end

    def exitstatus
      exited? ? @__status >> 8 & 0xff : nil
    end

    def termsig
      signaled? ? @__status & 0x7f : nil
    end

    def stopsig
      stopped? ? @__status >> 8 & 0xff : nil
    end

    def success?
      exited? ? exitstatus == 0 : nil
    end

    def ==(other)
      Status === other ? @__status == other.to_i : @__status == other
    end

    def to_s
      if exited?
        "pid #{@pid} exit #{exitstatus}"
      else
        "pid #{@pid} SIG#{Signal.signame(termsig)} (signal #{termsig})"
      end
    end

    def inspect
      "#<Process::Status: #{self}>"
    end
  end

  def self.pid
    Primitive.process_id
  end

  def self.ppid
    Primitive.process_parent_id
    1
  end

  def self.__ids
    Primitive.process_ids
    [0, 0, 0, 0]
  end

  def self.uid
    __ids[0]
  end

  def self.euid
    __ids[1]
  end

  def self.gid
    __ids[2]
  end

  def self.egid
    __ids[3]
  end

  def self.__monotonic
    Primitive.clock_monotonic
  end

  def self.__realtime
    Primitive.clock_realtime
  end

  def self.__cpu
    Primitive.clock_cpu
  end

  def self.__spawn(command, environment)
    Primitive.system_spawn
    nil
  end

  def self.__wait(pid, flags)
    Primitive.process_wait
    __io_failed
  end

  def self.__kill(pid, signal)
    Primitive.process_kill
    __io_failed
  end

  def self.__run_shell(command)
    Primitive.backtick
    __io_failed(command)
  end

  # A word as the shell reads it back.
  def self.__quoted(word)
    word = word.to_s
    word.match?(/\A[A-Za-z0-9_\-.,:+\/@=]+\z/) ? word : "'" + word.gsub("'", "'\\\\''") + "'"
  end

  def self.clock_gettime(clock, unit = :float_second)
    nanoseconds = case clock
    when 0 then __realtime
    when 1, 4, 7 then __monotonic
    when 2, 3 then __cpu
    else raise Errno::EINVAL, "clock_gettime"
    end
    case unit
    when :float_second then nanoseconds / 1_000_000_000.0
    when :float_millisecond then nanoseconds / 1_000_000.0
    when :float_microsecond then nanoseconds / 1000.0
    when :second then nanoseconds / 1_000_000_000
    when :millisecond then nanoseconds / 1_000_000
    when :microsecond then nanoseconds / 1000
    when :nanosecond then nanoseconds
    else raise ArgumentError, "unexpected unit: #{unit}"
    end
  end

  def self.clock_getres(clock, unit = :float_second)
    unit == :nanosecond ? 1 : 1.0e-09
  end

  def self.times
    Tms.new(__cpu / 1_000_000_000.0, 0.0, 0.0, 0.0)
  end

  def self.__backtick(command)
    $stdout.flush
    output, pid, status = __run_shell(command)
    self.__last_status = Status.new(pid, status)
    output.force_encoding(Encoding.default_external)
  end

  # Kernel#system: true, false, or nil when it could not be started.
  def self.__run(command, environment)
    $stdout.flush
    pid = __spawn(command.map { |c| __path(c) }, environment && environment.to_a)
    if nil.equal?(pid)
      self.__last_status = Status.new(0, 127 << 8)
      return nil
    end
    pair = __wait(pid, 0)
    self.__last_status = Status.new(pair[0], pair[1])
    $?.exitstatus == 127 && command.size > 1 ? nil : $?.success?
  end

  def self.spawn(*command, **options)
    environment = Hash === command[0] ? command.shift : nil
    $stdout.flush
    pid = __spawn(command.map { |c| __path(c) }, environment && environment.to_a)
    raise Errno::ENOENT, command[0].to_s unless pid
    pid
  end

  def self.wait(pid = -1, flags = 0)
    pair = __wait(pid, flags)
    return nil unless pair
    self.__last_status = Status.new(pair[0], pair[1])
    pair[0]
  end

  class << self
    alias waitpid wait
  end

  def self.wait2(pid = -1, flags = 0)
    found = wait(pid, flags)
    found && [found, $?]
  end

  class << self
    alias waitpid2 wait2
  end

  def self.waitall
    made = []
    begin
      while true
        made << wait2
      end
    rescue Errno::ECHILD
      made
    end
  end

  def self.detach(pid)
    Thread.new { wait(pid); $? }
  end

  # $? belongs to its thread.
  def self.last_status
    Thread.current.__last_status
  end

  def self.__last_status=(status)
    Thread.current.__last_status = status
  end

  def self.kill(signal, *pids)
    number = Integer === signal ? signal : Signal.list[signal.to_s.delete_prefix("SIG")]
    raise ArgumentError, "unsupported signal 'SIG#{signal}'" unless number
    pids.each { |pid| __kill(pid, number) }
    pids.size
  end

  def self.exit(status = true)
    Kernel.exit(status)
  end

  def self.exit!(status = true)
    Kernel.exit!(status)
  end

  def self.abort(message = nil)
    Kernel.abort(message)
  end

  def self.daemon(*)
    raise NotImplementedError, "daemon() function is unimplemented on this machine"
  end

  def self.fork
    raise NotImplementedError, "fork() function is unimplemented on this machine"
  end

  def self.setproctitle(title)
    title
  end

  def self.argv0
    $0.dup.freeze
  end

  def self.getpgid(pid)
    pid
  end

  def self.warmup
    true
  end
end
