# frozen_string_literal: true

# Makes the six tasks and runs the one whose turn it is, until all are on hold.
require_relative "task"

class RichardsScheduler < RichardsObject
  def initialize
    @tasks = nil
    @current = nil
    @current_identity = 0
    @table = Array.new(6, nil)
    @queued = 0
    @held = 0
  end

  # Answers whether as many packets were queued and tasks held as the algorithm says.
  def start
    create_idler(IDLER, 0, nil, TaskState.running)
    create_worker(WORKER, 1000, packets(WORKER, WORK, 2), TaskState.waiting_with_packet)
    create_handler(HANDLER_A, 2000, packets(DEVICE_A, DEVICE, 3), TaskState.waiting_with_packet)
    create_handler(HANDLER_B, 3000, packets(DEVICE_B, DEVICE, 3), TaskState.waiting_with_packet)
    create_device(DEVICE_A, 4000, nil, TaskState.waiting)
    create_device(DEVICE_B, 5000, nil, TaskState.waiting)
    schedule
    @queued == 23_246 && @held == 9297
  end

  private

  def packets(identity, kind, count)
    first = nil
    count.times { first = Packet.new(first, identity, kind) }
    first
  end

  def create_task(identity, priority, work, state, data, &function)
    task = Task.new(@tasks, identity, priority, work, state, data, function)
    @tasks = task
    @table[identity] = task
  end

  def create_idler(identity, priority, work, state)
    create_task(identity, priority, work, state, IdlerData.new) do |_, data|
      data.count -= 1
      if data.count == 0
        hold_self
      elsif (data.control & 1) == 0
        data.control /= 2
        release(DEVICE_A)
      else
        data.control = (data.control / 2) ^ 53_256
        release(DEVICE_B)
      end
    end
  end

  def create_worker(identity, priority, work, state)
    create_task(identity, priority, work, state, WorkerData.new) do |packet, data|
      if packet.nil?
        wait
      else
        data.destination = data.destination == HANDLER_A ? HANDLER_B : HANDLER_A
        packet.identity = data.destination
        packet.datum = 0
        4.times do |i|
          data.count += 1
          data.count = 1 if data.count > 26
          packet.data[i] = 65 + data.count - 1
        end
        queue(packet)
      end
    end
  end

  def create_handler(identity, priority, work, state)
    create_task(identity, priority, work, state, HandlerData.new) do |packet, data|
      unless packet.nil?
        packet.kind == WORK ? data.add_work(packet) : data.add_device(packet)
      end
      work_packet = data.work
      if work_packet.nil?
        wait
      else
        count = work_packet.datum
        if count >= 4
          data.work = work_packet.link
          queue(work_packet)
        else
          device_packet = data.device
          if device_packet.nil?
            wait
          else
            data.device = device_packet.link
            device_packet.datum = work_packet.data[count]
            work_packet.datum = count + 1
            queue(device_packet)
          end
        end
      end
    end
  end

  def create_device(identity, priority, work, state)
    create_task(identity, priority, work, state, DeviceData.new) do |packet, data|
      if packet.nil?
        pending = data.pending
        if pending.nil?
          wait
        else
          data.pending = nil
          queue(pending)
        end
      else
        data.pending = packet
        hold_self
      end
    end
  end

  def find(identity)
    task = @table[identity]
    raise "no task #{identity}" if task.nil?

    task
  end

  def hold_self
    @held += 1
    @current.holding = true
    @current.link
  end

  def wait
    @current.waiting = true
    @current
  end

  def release(identity)
    task = find(identity)
    task.holding = false
    task.priority > @current.priority ? task : @current
  end

  def queue(packet)
    task = find(packet.identity)
    @queued += 1
    packet.link = nil
    packet.identity = @current_identity
    task.add_input(packet, @current)
  end

  def schedule
    @current = @tasks
    until @current.nil?
      if @current.holding_or_waiting?
        @current = @current.link
      else
        @current_identity = @current.identity
        @current = @current.run
      end
    end
  end
end
