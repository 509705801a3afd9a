# Fiber: a block that runs until it yields. Each has a process of its own that only resume wakes.

class Fiber
  def self.new(blocking: false, storage: true, &block)
    ::Kernel.raise ArgumentError, "tried to create Proc object without a block" unless block
    made = allocate
    made.__start(block)
    made.__send__(:initialize, blocking: blocking, storage: storage, &block)
    made
  end

  def initialize(blocking: false, storage: true, &block)
    @__blocking = blocking
    @__storage = Hash === storage ? storage.dup : (Fiber.current.__storage.dup)
  end

  # A suspended process for the block; its last value goes to the resumer.
  def self.__make_process(block)
    Primitive.fiber_new
    ::Kernel.raise FiberError, "can't alloc fiber"
  end

  # Suspends the running fiber; the resumer gets the value.
  def self.__yield(value)
    Primitive.fiber_yield
    ::Kernel.raise FiberError, "can't yield from root fiber"
  end

  def __start(block)
    fiber = self
    @__state = :created
    @__process = Fiber.__make_process(proc { |args|
      begin
        value = block.call(*args)
        fiber.__finish(nil)
        value
      rescue Exception => e
        fiber.__finish(e)
        nil
      end
    })
    @__process.__belongs(self)
  end

  def __finish(error)
    @__error = error
    @__state = :terminated
  end

  # Before the fiber waits for its next resume. false: it is a thread's own, which nobody resumes.
  def __yielding
    return false if @__root
    @__state = :suspended
    true
  end

  def __storage
    @__storage ||= {}
  end

  def storage
    __storage.dup
  end

  def storage=(hash)
    @__storage = hash.dup
  end

  def self.[](key)
    current.__storage[key]
  end

  def self.[]=(key, value)
    current.__storage[key] = value
  end

  def self.current
    Thread.__process.__fiber
  end

  # The fiber of a thread itself.
  def self.__root(process)
    made = allocate
    made.__root_of(process)
    made
  end

  def __root_of(process)
    @__process = process
    @__root = true
    @__state = :resumed
    @__storage = {}
  end

  def self.blocking?
    current.blocking? ? 1 : false
  end

  def alive?
    @__state != :terminated
  end

  def blocking?
    @__blocking ? true : false
  end

  def resume(*args)
    state = @__state
    return __switch(args.__size <= 1 ? args.__at(0) : args) if state == :suspended
    return __switch(args) if state == :created
    ::Kernel.raise FiberError, "attempt to resume a terminated fiber" if state == :terminated
    ::Kernel.raise FiberError, "attempt to resume the current fiber" if equal?(Fiber.current)
    ::Kernel.raise FiberError, "attempt to resume a resumed fiber (double resume)"
  end

  def __switch(value)
    @__state = :resumed
    got = @__process.__fiber_resume(value)
    error = @__error
    return got unless error
    @__error = nil
    ::Kernel.raise error
  end

  def raise(*args, **options)
    if @__state == :created
      ::Kernel.raise FiberError, "cannot raise exception on unborn fiber"
    end
    return Kernel.raise(*args, **options) if equal?(Fiber.current)
    ::Kernel.raise FiberError, "dead fiber called" if @__state == :terminated
    error = begin
      Kernel.raise(*args, **options)
    rescue Exception => e
      e
    end
    __switch(Fiber::Thrown.new(error))
  end

  # Ends the fiber where it waits; its ensure clauses run in it.
  def kill
    return self if @__state == :terminated
    @__state = :terminated
    @__process.__terminate
    self
  end

  # Carries an exception into a fiber that waits in Fiber.yield.
  class Thrown
    attr_reader :error

    def initialize(error)
      @error = error
    end
  end

  def self.yield(*values)
    ::Kernel.raise FiberError, "can't yield from root fiber" unless current.__yielding
    got = __yield(values.__size <= 1 ? values.__at(0) : values)
    ::Kernel.raise got.error if Thrown === got
    got
  end

  def inspect
    "#<Fiber:0x#{__address} (#{@__state})>"
  end

  alias to_s inspect
end
