# frozen_string_literal: true

# Tasks, their states, what they remember, and the packets between them.

# The identities of the tasks, and the two kinds of packets.
IDLER = 0
WORKER = 1
HANDLER_A = 2
HANDLER_B = 3
DEVICE_A = 4
DEVICE_B = 5
DEVICE = 0
WORK = 1

class RichardsObject
  # Puts the packet at the end of a queue; answers the queue's head.
  def append(packet, head)
    packet.link = nil
    return packet if head.nil?

    last = head
    until (link = last.link).nil?
      last = link
    end
    last.link = packet
    head
  end
end

class Packet < RichardsObject
  attr_accessor :link, :kind, :identity, :datum, :data

  def initialize(link, identity, kind)
    @link = link
    @kind = kind
    @identity = identity
    @datum = 0
    @data = Array.new(4, 0)
  end
end

class DeviceData < RichardsObject
  attr_accessor :pending

  def initialize
    @pending = nil
  end
end

class HandlerData < RichardsObject
  attr_accessor :work, :device

  def initialize
    @work = nil
    @device = nil
  end

  def add_work(packet)
    @work = append(packet, @work)
  end

  def add_device(packet)
    @device = append(packet, @device)
  end
end

class IdlerData < RichardsObject
  attr_accessor :control, :count

  def initialize
    @control = 1
    @count = 10_000
  end
end

class WorkerData < RichardsObject
  attr_accessor :destination, :count

  def initialize
    @destination = HANDLER_A
    @count = 0
  end
end

class TaskState < RichardsObject
  attr_accessor :holding, :waiting, :pending

  def self.running
    new.running
  end

  def self.waiting
    new.waiting!
  end

  def self.waiting_with_packet
    new.waiting_with_packet
  end

  def initialize
    @holding = false
    @waiting = false
    @pending = false
  end

  def running
    @pending = @waiting = @holding = false
    self
  end

  def packet_pending
    @pending = true
    @waiting = @holding = false
    self
  end

  def waiting!
    @pending = @holding = false
    @waiting = true
    self
  end

  def waiting_with_packet
    @holding = false
    @waiting = @pending = true
    self
  end

  def holding_or_waiting?
    @holding || (!@pending && @waiting)
  end

  def waiting_with_packet?
    @pending && @waiting && !@holding
  end
end

class Task < TaskState
  attr_reader :link, :identity, :priority, :function

  def initialize(link, identity, priority, input, state, data, function)
    super()
    @link = link
    @identity = identity
    @priority = priority
    @input = input
    @data = data
    @function = function
    self.pending = state.pending
    self.waiting = state.waiting
    self.holding = state.holding
  end

  # Answers the task to run next: this one when it is more urgent than the one that sends.
  def add_input(packet, sender)
    if @input.nil?
      @input = packet
      self.pending = true
      return self if @priority > sender.priority
    else
      @input = append(packet, @input)
    end
    sender
  end

  def run
    packet = nil
    if waiting_with_packet?
      packet = @input
      @input = packet.link
      @input.nil? ? running : packet_pending
    end
    function.call(packet, @data)
  end
end
