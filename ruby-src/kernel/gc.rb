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

  def self.stress=(value)
    $__gc_stress = value
  end

  def self.stat(key = nil)
    made = { count: 0, time: 0, heap_allocated_pages: 0, heap_live_slots: 0, total_allocated_objects: 0, minor_gc_count: 0, major_gc_count: 0 }
    list = __figures
    i = 0
    while i + 1 < list.size
      made[list[i].to_sym] = list[i + 1]
      i += 2
    end
    return made if nil.equal?(key)
    Hash === key ? key.update(made) : made[key]
  end

  def self.count
    stat[:count]
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

  def self.total_time
    0
  end

  def self.config(*)
    {}
  end
end
