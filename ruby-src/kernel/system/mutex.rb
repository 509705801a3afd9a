# Mutex, ConditionVariable, Queue, SizedQueue, Monitor: waiting of threads. A thread that waits is parked, and the one that lets it
# go on unparks it. What several threads could do at once lies between Thread.__atomic(true) and (false).

class Thread
  class Mutex
    def initialize
      @__waiting = []
    end

    def locked?
      @__owner ? true : false
    end

    def owned?
      @__owner.equal?(Thread.current)
    end

    def try_lock
      current = Thread.current
      # Nothing lets another thread run between these two lines.
      return false if @__owner
      @__owner = current
      true
    end

    def lock
      current = Thread.current
      raise ThreadError, "deadlock; recursive locking" if current.equal?(@__owner)
      if @__owner
        __lock_slowly(current)
      else
        @__owner = current
      end
      self
    end

    def __lock_slowly(current)
      Thread.__atomic(true)
      while @__owner
        @__waiting << current
        begin
          current.__wait(nil)
        ensure
          gone = @__waiting.__index_identical(current)
          @__waiting.delete_at(gone) if gone
        end
      end
      @__owner = current
    ensure
      # Whoever was woken and did not take the lock leaves it to the next one.
      __wake_next unless @__owner
      Thread.__atomic(false)
    end

    def __wake_next
      waiting = @__waiting.shift
      waiting.__unpark if waiting
    end

    def unlock
      raise ThreadError, "Attempt to unlock a mutex which is not locked" unless @__owner
      raise ThreadError, "Attempt to unlock a mutex which is locked by another thread/fiber" unless owned?
      @__owner = nil
      __wake_next unless @__waiting.empty?
      self
    end

    def synchronize
      lock
      begin
        yield
      ensure
        unlock if owned?
      end
    end

    # Lets go of the lock until the thread is woken, or so many seconds. nil: the time was over.
    def sleep(timeout = nil)
      raise ArgumentError, "time interval must not be negative" if timeout && timeout < 0
      current = Thread.current
      before = Process.__monotonic
      unlock
      begin
        woken = current.__wait(timeout && (timeout * 1_000_000_000).to_i)
      ensure
        lock
      end
      woken || timeout.nil? ? ((Process.__monotonic - before) / 1_000_000_000.0).round : nil
    end
  end

  class ConditionVariable
    def initialize
      @__waiting = []
    end

    def wait(mutex, timeout = nil)
      current = Thread.current
      @__waiting << current
      begin
        # Thread#wakeup ends the wait too.
        mutex.sleep(timeout)
      ensure
        gone = @__waiting.__index_identical(current)
        @__waiting.delete_at(gone) if gone
      end
      self
    end

    def signal
      thread = @__waiting.shift
      thread.__unpark if thread
      self
    end

    def broadcast
      list = @__waiting
      @__waiting = []
      list.each { |thread| thread.__unpark }
      self
    end

    def marshal_dump
      raise TypeError, "can't dump #{self.class}"
    end
  end

  class Queue
    def initialize(items = nil)
      @__items = nil.equal?(items) ? [] : Array(items.respond_to?(:to_a) ? items.to_a : raise(TypeError, "can't convert #{items.class} into Array")).dup
      @__waiting = []
      @__closed = false
    end

    def push(item)
      raise ClosedQueueError, "queue closed" if @__closed
      @__items << item
      __wake(@__waiting)
      self
    end

    alias << push
    alias enq push

    def __wake(list)
      thread = list.shift
      thread.__unpark if thread
    end

    def pop(non_block = false, timeout: nil)
      raise ArgumentError, "can't set a timeout if non_block is enabled" if non_block && timeout
      deadline = timeout && Process.__monotonic + (timeout * 1_000_000_000).to_i
      Thread.__atomic(true)
      begin
        while @__items.empty?
          raise ThreadError, "queue empty" if non_block
          return nil if @__closed
          return nil unless __wait_in(@__waiting, deadline)
        end
        item = @__items.shift
        __popped
        item
      ensure
        Thread.__atomic(false)
      end
    end

    # Waits to be woken; false when the time was over before.
    def __wait_in(list, deadline)
      left = deadline && deadline - Process.__monotonic
      return false if left && left <= 0
      current = Thread.current
      list << current
      through = false
      begin
        current.__wait(left)
        through = true
      ensure
        gone = list.__index_identical(current)
        list.delete_at(gone) if gone
        # Whoever was woken and leaves lets the next one look.
        __wake(list) unless through || gone
      end
      true
    end

    alias shift pop
    alias deq pop

    def __popped
    end

    def size
      @__items.size
    end

    alias length size

    def empty?
      @__items.empty?
    end

    def clear
      @__items.clear
      __popped
      self
    end

    def close
      @__closed = true
      list = @__waiting
      @__waiting = []
      list.each { |thread| thread.__unpark }
      self
    end

    def closed?
      @__closed
    end

    def num_waiting
      @__waiting.size
    end

    def freeze
      raise TypeError, "cannot freeze #{inspect}"
    end
  end

  class SizedQueue < Queue
    attr_reader :max

    def initialize(max)
      max = __int(max)
      raise ArgumentError, "queue size must be positive" unless max > 0
      super()
      @max = max
      @__full = []
    end

    def max=(number)
      raise ArgumentError, "queue size must be positive" unless number > 0
      @max = number
      __popped
      number
    end

    def push(item, non_block = false, timeout: nil)
      raise ArgumentError, "can't set a timeout if non_block is enabled" if non_block && timeout
      deadline = timeout && Process.__monotonic + (timeout * 1_000_000_000).to_i
      Thread.__atomic(true)
      begin
        while size >= @max
          raise ClosedQueueError, "queue closed" if closed?
          raise ThreadError, "queue full" if non_block
          return nil unless __wait_in(@__full, deadline)
        end
        super(item)
      ensure
        Thread.__atomic(false)
      end
    end

    alias << push
    alias enq push

    def __popped
      __wake(@__full)
    end

    def close
      super
      list = @__full
      @__full = []
      list.each { |thread| thread.__unpark }
      self
    end

    def num_waiting
      super + @__full.size
    end
  end
end

Mutex = Thread::Mutex
ConditionVariable = Thread::ConditionVariable
Queue = Thread::Queue
SizedQueue = Thread::SizedQueue

# A lock that its owner may take again.
class Monitor
  def initialize
    @__mutex = Mutex.new
    @__count = 0
  end

  def try_enter
    unless @__mutex.owned?
      return false unless @__mutex.try_lock
    end
    @__count += 1
    true
  end

  alias try_mon_enter try_enter
  alias mon_try_enter try_enter

  def enter
    @__mutex.lock unless @__mutex.owned?
    @__count += 1
    nil
  end

  alias mon_enter enter

  def exit
    raise ThreadError, "current thread not owner" unless @__mutex.owned?
    @__count -= 1
    @__mutex.unlock if @__count == 0
    nil
  end

  alias mon_exit exit

  def synchronize
    enter
    begin
      yield
    ensure
      self.exit
    end
  end

  alias mon_synchronize synchronize

  def mon_locked?
    @__mutex.locked?
  end

  def mon_owned?
    @__mutex.owned?
  end

  def mon_check_owner
    raise ThreadError, "current thread not owner" unless @__mutex.owned?
    nil
  end

  def new_cond
    MonitorMixin::ConditionVariable.new(self)
  end

  # Lets go of the lock, whatever its depth, while the block runs.
  def wait_for_cond(condition, timeout)
    count = @__count
    @__count = 0
    condition.wait(@__mutex, timeout)
    @__count = count
    true
  end
end

# Monitor's methods for any object.
module MonitorMixin
  class ConditionVariable
    def initialize(monitor)
      @monitor = monitor
      @cond = Thread::ConditionVariable.new
    end

    def wait(timeout = nil)
      @monitor.mon_check_owner
      @monitor.wait_for_cond(@cond, timeout)
    end

    def wait_while
      wait while yield
    end

    def wait_until
      wait until yield
    end

    def signal
      @monitor.mon_check_owner
      @cond.signal
    end

    def broadcast
      @monitor.mon_check_owner
      @cond.broadcast
    end
  end

  def self.extend_object(object)
    super
    object.__send__(:mon_initialize)
  end

  def mon_try_enter
    @mon_data.try_enter
  end

  alias try_mon_enter mon_try_enter

  def mon_enter
    @mon_data.enter
  end

  def mon_exit
    @mon_data.exit
  end

  def mon_locked?
    @mon_data.mon_locked?
  end

  def mon_owned?
    @mon_data.mon_owned?
  end

  def mon_synchronize(&block)
    @mon_data.synchronize(&block)
  end

  alias synchronize mon_synchronize

  def new_cond
    ConditionVariable.new(@mon_data)
  end

  def initialize(...)
    super
    mon_initialize
  end

  def mon_initialize
    @mon_data = Monitor.new
  end
end
