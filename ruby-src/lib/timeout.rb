# Timeout: a block that must end in time. Another green thread raises in this one when it does not.

module Timeout
  class ExitException < Exception
  end

  class Error < RuntimeError
    def self.handle_timeout(message)
      raise self, message
    end
  end

  def self.timeout(seconds, klass = nil, message = nil, &block)
    return yield(seconds) if seconds.nil? || seconds == 0
    raise ArgumentError, "Timeout sec must be a non-negative number" if seconds < 0
    message ||= "execution expired"
    caller_thread = Thread.current
    done = false
    watcher = Thread.new do
      sleep(seconds)
      caller_thread.raise(klass || Error, message) unless done
    end
    begin
      yield(seconds)
    ensure
      done = true
      watcher.kill
    end
  end

  def timeout(*args, &block)
    Timeout.timeout(*args, &block)
  end
end
