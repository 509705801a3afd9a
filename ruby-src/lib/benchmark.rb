# Benchmark: times of blocks.

module Benchmark
  CAPTION = "      user     system      total        real\n"
  FORMAT = "%10.6u %10.6y %10.6t %10.6r\n"

  class Tms
    attr_reader :utime, :stime, :cutime, :cstime, :real, :total, :label

    def initialize(utime = 0.0, stime = 0.0, cutime = 0.0, cstime = 0.0, real = 0.0, label = nil)
      @utime = utime
      @stime = stime
      @cutime = cutime
      @cstime = cstime
      @real = real
      @total = utime + stime + cutime + cstime
      @label = label.to_s
    end

    def format(template = nil, *args)
      "%10.6f %10.6f %10.6f (%10.6f)\n" % [utime, stime, total, real]
    end

    def to_s
      format
    end

    def to_a
      [label, utime, stime, cutime, cstime, real]
    end

    def +(other)
      Tms.new(utime + other.utime, stime + other.stime, cutime + other.cutime, cstime + other.cstime, real + other.real, label)
    end
  end

  class Report
    attr_reader :list

    def initialize(width = 0)
      @width = width
      @list = []
    end

    def item(label = "", &block)
      print label.to_s.ljust(@width)
      tms = Benchmark.measure(label, &block)
      print tms.format
      @list << tms
      tms
    end

    alias report item
  end

  class Job
    attr_reader :list

    def initialize
      @list = []
    end

    def item(label = "", &block)
      @list << [label.to_s, block]
      self
    end

    alias report item
  end

  def self.measure(label = "")
    before = Process.times
    start = Process.clock_gettime(Process::CLOCK_MONOTONIC)
    yield
    stop = Process.clock_gettime(Process::CLOCK_MONOTONIC)
    after = Process.times
    Tms.new(after.utime - before.utime, after.stime - before.stime, 0.0, 0.0, stop - start, label)
  end

  def self.realtime
    start = Process.clock_gettime(Process::CLOCK_MONOTONIC)
    yield
    Process.clock_gettime(Process::CLOCK_MONOTONIC) - start
  end

  def self.bm(width = 0)
    puts " " * width + CAPTION
    report = Report.new(width)
    yield report
    report.list
  end

  def self.benchmark(caption = "", width = 0, *)
    print caption
    report = Report.new(width)
    yield report
    report.list
  end

  def self.bmbm(width = 0)
    job = Job.new
    yield job
    width = [width, *job.list.map { |label, _| label.size + 1 }].max
    puts "Rehearsal ".ljust(width + CAPTION.size - 1, "-")
    job.list.each { |label, block| print label.ljust(width), measure(label, &block).format }
    puts "", " " * width + CAPTION
    job.list.map do |label, block|
      GC.start
      print label.ljust(width)
      tms = measure(label, &block)
      print tms.format
      tms
    end
  end
end
