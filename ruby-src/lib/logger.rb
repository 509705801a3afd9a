# Logger: messages with a severity, to a file or stream.

class Logger
  module Severity
    DEBUG = 0
    INFO = 1
    WARN = 2
    ERROR = 3
    FATAL = 4
    UNKNOWN = 5
  end

  include Severity

  LABELS = ["DEBUG", "INFO", "WARN", "ERROR", "FATAL", "ANY"]

  class Error < RuntimeError
  end

  class Formatter
    attr_accessor :datetime_format

    def call(severity, time, progname, message)
      stamp = datetime_format ? time.strftime(datetime_format) : time.strftime("%Y-%m-%dT%H:%M:%S.%6N")
      "%s, [%s #%d] %5s -- %s: %s\n" % [severity[0], stamp, Process.pid, severity, progname, text(message)]
    end

    def text(message)
      case message
      when String then message
      when Exception then "#{message.message} (#{message.class})\n#{(message.backtrace || []).join("\n")}"
      else message.inspect
      end
    end
  end

  attr_accessor :progname, :formatter
  attr_reader :level

  def initialize(target = nil, *rest, level: DEBUG, progname: nil, formatter: nil, datetime_format: nil, **options)
    @target = target.is_a?(String) ? File.open(target, "a") : target
    @target.sync = true if target.is_a?(String)
    self.level = level
    @progname = progname
    @formatter = formatter
    @default = Formatter.new
    @default.datetime_format = datetime_format
  end

  def level=(value)
    @level = value.is_a?(Integer) ? value : (LABELS.index(value.to_s.upcase) || (value.to_s.downcase == "unknown" ? 5 : raise(ArgumentError, "invalid log level: #{value}")))
  end

  def datetime_format=(format)
    @default.datetime_format = format
  end

  def datetime_format
    @default.datetime_format
  end

  def add(severity, message = nil, progname = nil)
    severity ||= UNKNOWN
    return true if @target.nil? || severity < @level
    progname ||= @progname
    if message.nil?
      if block_given?
        message = yield
      else
        message = progname
        progname = @progname
      end
    end
    @target.write((@formatter || @default).call(LABELS[severity] || "ANY", Time.now, progname, message))
    true
  end

  alias log add

  def <<(text)
    @target.write(text) if @target
    self
  end

  { debug: 0, info: 1, warn: 2, error: 3, fatal: 4, unknown: 5 }.each do |name, severity|
    define_method(name) { |progname = nil, &block| add(severity, nil, progname, &block) }
    define_method(:"#{name}?") { @level <= severity }
    define_method(:"#{name}!") { self.level = severity }
  end

  def close
    @target.close if @target.respond_to?(:close) && !@target.equal?($stdout) && !@target.equal?($stderr)
  end

  def reopen(*)
    self
  end
end
