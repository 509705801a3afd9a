# Mutex, ConditionVariable, Queue, SizedQueue, Monitor: waiting of green threads. A thread that waits is suspended and the one that
# lets it go on resumes it.

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
      return false if @__owner
      @__owner = Thread.current
      true
    end

    def lock
      current = Thread.current
      raise ThreadError, "deadlock; recursive locking" if current.equal?(@__owner)
      while @__owner
        @__waiting << current
        begin
          current.__sleep_forever
        ensure
          @__waiting.delete(current)
        end
      end
      @__owner = current
      self
    end

    def unlock
      raise ThreadError, "Attempt to unlock a mutex which is not locked" unless @__owner
      raise ThreadError, "Attempt to unlock a mutex which is locked by another thread/fiber" unless owned?
      @__owner = nil
      waiting = @__waiting.shift
      waiting.__resume if waiting
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

    def sleep(timeout = nil)
      unlock
      before = Process.__monotonic
      begin
        nil.equal?(timeout) ? Thread.stop : Kernel.sleep(timeout)
      ensure
        lock
      end
      ((Process.__monotonic - before) / 1_000_000_000.0).round
    end
  end

  class ConditionVariable
    def initialize
      @__waiting = []
    end

    def wait(mutex, timeout = nil)
      current = Thread.current
      @__waiting << current
      mutex.unlock
      begin
        if nil.equal?(timeout)
          # Thread#wakeup ends the wait too.
          current.__sleep_forever
        else
          deadline = Process.__monotonic + (timeout * 1_000_000_000).to_i
          while @__waiting.__index_identical(current)
            left = deadline - Process.__monotonic
            break if left <= 0
            Thread.__delay(left < 5_000_000 ? 1 : 5)
            current.__check_pending
          end
        end
      ensure
        gone = @__waiting.__index_identical(current)
        @__waiting.delete_at(gone) if gone
        mutex.lock
      end
      self
    end

    def signal
      thread = @__waiting.shift
      thread.__resume if thread
      self
    end

    def broadcast
      list = @__waiting
      @__waiting = []
      list.each { |thread| thread.__resume }
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
      thread.__resume if thread
    end

    def pop(non_block = false, timeout: nil)
      raise ArgumentError, "can't set a timeout if non_block is enabled" if non_block && timeout
      current = Thread.current
      deadline = timeout && Process.__monotonic + (timeout * 1_000_000_000).to_i
      while @__items.empty?
        raise ThreadError, "queue empty" if non_block
        return nil if @__closed
        if deadline
          return nil if Process.__monotonic >= deadline
          Thread.__delay(1)
        else
          @__waiting << current
          begin
            current.__sleep_forever
          ensure
            @__waiting.delete(current)
          end
        end
      end
      item = @__items.shift
      __popped
      item
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
      list.each { |thread| thread.__resume }
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
      current = Thread.current
      deadline = timeout && Process.__monotonic + (timeout * 1_000_000_000).to_i
      while size >= @max
        raise ClosedQueueError, "queue closed" if closed?
        raise ThreadError, "queue full" if non_block
        if deadline
          return nil if Process.__monotonic >= deadline
          Thread.__delay(1)
        else
          @__full << current
          begin
            current.__sleep_forever
          ensure
            @__full.delete(current)
          end
        end
      end
      super(item)
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
      list.each { |thread| thread.__resume }
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
