# GC: the collector of the object memory.

module GC
  OPTS = []
  INTERNAL_CONSTANTS = {}

  def self.__run
    Primitive.gc_run
    nil
  end

  # Names and numbers, flat.
  def self.__figures
    Primitive.gc_stat
    []
  end

  def self.start(full_mark: true, immediate_sweep: true, **options)
    __run
    Ephemeron.__perform_smalltalk(:mournAll, 0, [])
    nil
  end

  def garbage_collect(**options)
    GC.start
  end

  def self.enable
    before = $__gc_disabled ? true : false
    $__gc_disabled = false
    before
  end

  def self.disable
    before = $__gc_disabled ? true : false
    $__gc_disabled = true
    before
  end

  def self.stress
    $__gc_stress || false
  end

  # A collection at every safepoint.
  def self.stress=(value)
    $__gc_stress = value
    __set_stress(value ? true : false)
  end

  def self.__set_stress(on)
    Primitive.gc_set_stress
    nil
  end

  # Figures of both kinds of collection and of the object memory, by this machine's names: times are in microseconds.
  def self.__by_name
    list = __figures
    made = {}
    i = 0
    while i + 1 < list.size
      made[list[i].to_sym] = list[i + 1]
      i += 2
    end
    made
  end

  # CRuby's names where there is something like it, then this machine's own. Times are in milliseconds, those that end in _us in microseconds.
  def self.stat(key = nil)
    f = __by_name
    made = {
      count: f[:young_count] + f[:full_count],
      time: (f[:young_time] + f[:full_time]) / 1000,
      minor_gc_count: f[:young_count],
      major_gc_count: f[:full_count],
      heap_allocated_pages: f[:footprint_bytes] / 32768,
      heap_live_bytes: f[:live_bytes],
      heap_allocated_bytes: f[:footprint_bytes],
      heap_limit_bytes: f[:limit_bytes],
      nursery_bytes: f[:nursery_bytes],
      total_allocated_bytes: f[:allocated_bytes],
      total_promoted_bytes: f[:promoted_bytes],
      total_survivors: f[:survivors],
      last_survivors: f[:survivors_last],
      faults: f[:faults],
      fault_bytes: f[:fault_bytes],
      refaults: f[:refaults],
      stubs: f[:stubs],
      dropped_objects: f[:dropped],
      dirty_objects: f[:dirty_objects],
      dirty_bytes: f[:dirty_bytes],
      loaded_codes: f[:codes]
    }
    { minor: :young, major: :full }.each do |name, kind|
      made[:"#{name}_time"] = f[:"#{kind}_time"] / 1000
      [:max, :last, :p50, :p99].each { |what| made[:"#{name}_pause_#{what}_us"] = f[:"#{kind}_#{what}"] }
    end
    return made if nil.equal?(key)
    return key.update(made) if Hash === key
    raise TypeError, "non-hash or symbol given" unless Symbol === key
    raise ArgumentError, "unknown key: #{key}" unless made.key?(key)
    made[key]
  end

  def self.count
    f = __by_name
    f[:young_count] + f[:full_count]
  end

  def self.compact
    nil
  end

  def self.auto_compact
    false
  end

  def self.auto_compact=(value)
    value
  end

  def self.measure_total_time
    true
  end

  def self.measure_total_time=(value)
    value
  end

  # Nanoseconds, as CRuby.
  def self.total_time
    f = __by_name
    (f[:young_time] + f[:full_time]) * 1000
  end

  def self.config(*)
    {}
  end
end
