# Maglev::System: the session and its stone.

module Maglev
  module System
    def self.commit_transaction
      Maglev.commit_transaction
    rescue CommitFailedException
      false
    end

    def self.abort_transaction
      Maglev.abort_transaction
      true
    end

    def self.begin_transaction
      Maglev.begin_transaction
      true
    end

    def self.transaction_level
      Maglev.transaction_level
    end

    def self.needs_commit
      Primitive.needs_commit
      false
    end

    class << self
      alias needs_commit? needs_commit
    end

    # Sends the messages of reduced-conflict objects again (Smalltalk's System class); whether each could do what it did before.
    def self.__replay(log)
      mark = __replay_mark
      done = log.all? { |entry| entry[0].__perform_smalltalk(entry[1], 0, entry[2]) }
      __replay_note(mark, nil)
      done
    end

    def self.__replay_mark
      Primitive.replay_mark
      0
    end

    def self.__replay_note(mark, entry)
      Primitive.replay_note
      nil
    end

    def self.__replay_failed
      Primitive.replay_failed
      nil
    end

    def self.session_id
      Primitive.session_id
      0
    end

    def self.stone_name
      Primitive.stone_name
      "embedded"
    end

    # Values of this session that are never committed.
    def self.session_temp(key)
      ($__session_temps ||= {})[key]
    end

    def self.session_temp_put(key, value)
      ($__session_temps ||= {})[key] = value
    end

    def self.getpid
      Process.pid
    end

    def self.getppid
      Process.ppid
    end

    def self.getuid
      Process.uid
    end

    def self.geteuid
      Process.euid
    end

    def self.getgid
      Process.gid
    end

    def self.getegid
      Process.egid
    end
  end
end
