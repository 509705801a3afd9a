# Maglev: the repository as Ruby programs see it. Everything reachable from PERSISTENT_ROOT is committed.

class MaglevException < StandardError
end

module Maglev
  # The object that top-level code has as self.
  def self.__main
    Primitive.main_object
    nil
  end

  MAIN = __main

  MaglevException = ::MaglevException

  class NotPersistableException < MaglevException
  end

  class OutsideOfTransactionException < MaglevException
  end

  # A commit that did not happen, and why.
  class CommitFailedException < MaglevException
    def initialize(message = nil, result = nil, conflicts = [])
      @result = result
      @conflicts = conflicts
      super(message)
    end

    # `:failure`, `:lockFailure`, … as the stone answered it.
    attr_reader :result

    # One Array for each conflicting object: [object, class name, kind of conflict, session that won, path from a root].
    # Parts that are not known are nil.
    attr_reader :conflicts

    # Conflicting objects by kind, in the form GemStone gives it.
    def transaction_conflicts
      table = { commitResult: @result }
      @conflicts.each { |row| (table[row[2]] ||= []) << row[0] }
      table
    end

    def disconnect_conflicts
      @conflicts.map { |row| row[0] }
    end
  end

  # The connection to the stone broke during a commit, and the stone could not be asked in time what became of it. Not a
  # CommitFailedException: the commit may have happened. `Maglev.fate(error.token)` asks later.
  class CommitOutcomeUnknown < MaglevException
    def initialize(message = nil, token = nil)
      @token = token
      super(message)
    end

    # A String that names the commit for good, in any session of its repository.
    attr_reader :token
  end

  TransactionError = ::TransactionError
  RepositoryError = ::RepositoryError
  TransactionRevoked = ::TransactionRevoked

  def self.__persistent_root
    Primitive.persistent_root
    {}
  end

  PERSISTENT_ROOT = __persistent_root

  def self.root
    PERSISTENT_ROOT
  end

  def self.[](key)
    PERSISTENT_ROOT[key]
  end

  def self.[]=(key, value)
    PERSISTENT_ROOT[key] = value
  end

  # --- transactions

  def self.__commit
    Primitive.commit_transaction
    false
  end

  def self.__abort
    Primitive.abort_transaction
    raise ::TransactionError, "the transaction could not be aborted"
  end

  def self.__begin
    Primitive.begin_transaction
    raise ::TransactionError, "a transaction could not be begun"
  end

  def self.__conflict_report
    Primitive.conflict_report
    nil
  end

  def self.transaction_level
    Primitive.transaction_level
    0
  end

  # How often a commit is tried again because of reduced-conflict objects.
  REPLAYS_MAX = 50

  # Only reduced-conflict objects stood in the way: does again what was done with them, and commits, some times over.
  def self.__commit_again(log)
    REPLAYS_MAX.times do
      break unless System.__replay(log)
      log = __commit
      return true if true.equal?(log)
    end
    System.__replay_failed
  end

  # true, or a CommitFailedException; what was changed stays as it is.
  def self.commit_transaction
    if transaction_level == 0
      raise OutsideOfTransactionException, "there is no transaction to commit: begin one first"
    end
    begin
      answer = __commit
      return true if true.equal?(answer)
      return true if Array === answer && __commit_again(answer)
    rescue TransactionRevoked
      raise
    rescue ::TransactionError => error
      __raise_commit_failure(error)
    rescue ::RepositoryError => error
      report = __conflict_report
      raise unless Array === report && report[0] == :outcomeUnknown
      raise CommitOutcomeUnknown.new(error.message, report[2])
    end
    __raise_commit_failure(nil)
  end

  # What became of the commit that a CommitOutcomeUnknown named by this token: :committed, :never_happened (and it will not, should it
  # still be on its way), or :forgotten when it is too long ago for the stone to say.
  def self.fate(token)
    Primitive.commit_fate
    raise ArgumentError, "#{token.inspect} is no token of a commit"
  end

  def self.__raise_commit_failure(error)
    report = __conflict_report
    report = error.__slot(6) if !(Array === report) && error && Array === error.__slot(6)
    if Array === report
      result = report[0]
      rows = report[1] || []
      text = error && error.message
      raise NotPersistableException, __not_persistable_text(rows, text) if result == :notPersistable
      raise OutsideOfTransactionException, text || "outside of a transaction" if result == :outsideOfTransaction
      raise CommitFailedException.new(__conflict_text(result, rows, text), result, rows)
    end
    raise error if error
    raise CommitFailedException.new("the commit failed", :failure, [])
  end

  def self.__not_persistable_text(rows, text)
    return text if text && !text.empty? && rows.empty?
    "objects that may not persist are reachable: " + rows.map { |row| "#{row[1]}#{row[4] ? " at #{row[4]}" : ''}#{row[3] ? ": #{row[3]}" : ''}" }.join("; ")
  end

  def self.__conflict_text(result, rows, text)
    return "commit failed: #{text || result}" if rows.empty?
    parts = rows.map do |row|
      object, class_name, kind, winner, path = row
      part = +"#{kind} conflict on #{__short(object, class_name)}"
      part << " at #{path}" if path
      part << ", committed by #{winner}" if winner
      part
    end
    "commit failed: " + parts.join("; ")
  end

  # A conflicting object in a few words: its class, and what it shows of itself.
  def self.__short(object, class_name)
    return class_name.to_s if nil.equal?(object)
    shown = begin
      object.inspect
    rescue StandardError
      object.__any_to_s
    end
    shown = shown[0, 77] + "..." if shown.size > 80
    "#{shown} (#{class_name || object.class})"
  end

  def self.abort_transaction
    __abort
    nil
  end

  def self.begin_transaction
    __abort if transaction_level > 0 || System.needs_commit
    __begin if transaction_level == 0
    nil
  end

  class << self
    alias commit commit_transaction
    alias abort abort_transaction
  end

  # Runs the block and commits; aborts when the block raises. After a conflict the block runs again on a fresh view, up to
  # `retries` times. Answers the block's value.
  def self.transaction(retries: 0)
    attempt = 0
    while true
      begin_transaction
      begin
        value = yield
      rescue Exception
        abort_transaction
        raise
      end
      begin
        commit_transaction
        return value
      rescue CommitFailedException
        abort_transaction
        raise if attempt >= retries
        attempt += 1
      end
    end
  end

  # --- looking at a program

  # Runs the block and answers a report of where its time went, method by method: samples on top of the stack, and anywhere on it.
  def self.profile(interval: 0.001, &block)
    raise ArgumentError, "no block given" unless block
    ProfMonitor.__perform_smalltalk(:"monitorBlock:intervalNs:", 0, [block, (interval * 1_000_000_000).to_i])
  end

  # --- modes

  def self.persistent?
    Primitive.persistent_mode
    false
  end

  def self.transient?
    !persistent?
  end

  def self.__set_mode(persistent)
    Primitive.set_persistent_mode
    false
  end

  # Definitions in the block go to the repository.
  def self.persistent(persistable_instances = true)
    raise ArgumentError, "no block given" unless block_given?
    before = __set_mode(true)
    kept = $__transient_instances
    $__transient_instances = !persistable_instances
    begin
      yield
    ensure
      __set_mode(before)
      $__transient_instances = kept
    end
  end

  # Definitions in the block last as long as this session.
  def self.transient
    raise ArgumentError, "no block given" unless block_given?
    before = __set_mode(false)
    begin
      yield
    ensure
      __set_mode(before)
    end
  end

  def self.clear_persistent_LOADED_FEATURES
    Loader::PERSISTENT_FEATURES.clear
    nil
  end
end

class Module
  INSTANCES_PERSIST = 8
  ITSELF_PERSISTS = 16
  INSTANCES_COMMIT_AS_NIL = 32
  private_constant :INSTANCES_PERSIST, :ITSELF_PERSISTS, :INSTANCES_COMMIT_AS_NIL

  def __set_persistable(bits, on)
    Primitive.set_persistable
    __check_frozen
  end

  def __persist_methods
    Primitive.persist_methods
    self
  end

  # Lets the module and its instances persist. With methods true what is already defined in it becomes persistent too, in it, its
  # singleton class and the modules it includes (those the block accepts, when there is one).
  def maglev_persistable(methods = false, &filter)
    if __flag?(INSTANCES_COMMIT_AS_NIL)
      raise ArgumentError, "#{inspect} commits its instances as nil: it cannot be persistable"
    end
    __set_persistable(INSTANCES_PERSIST | ITSELF_PERSISTS, true)
    singleton_class.__set_persistable(INSTANCES_PERSIST | ITSELF_PERSISTS, true)
    if methods
      __persist_methods
      singleton_class.__persist_methods
      (included_modules + singleton_class.included_modules).uniq.each do |m|
        next if m.maglev_persistable? || (filter && !filter.call(m))
        m.maglev_persistable(true, &filter)
      end
    end
    self
  end

  def maglev_persistable?
    __flag?(ITSELF_PERSISTS)
  end

  # References to instances commit as nil.
  def maglev_nil_references(switch)
    raise ArgumentError, "#{inspect} is persistable" if switch && maglev_persistable?
    __set_persistable(INSTANCES_COMMIT_AS_NIL, switch ? true : false)
    switch
  end
end

class Class
  def maglev_instances_persistable?
    __flag?(8)
  end

  def maglev_instances_persistable=(value)
    __set_persistable(8, value ? true : false)
    value
  end
end

module Kernel
  # Whether the object existed in the repository when the transaction began.
  def committed?
    Primitive.is_committed
    false
  end

  # Swaps the identities of two objects.
  def become(other)
    Primitive.become
    raise ArgumentError, "these objects cannot change identities"
  end
end
