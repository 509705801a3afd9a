# A small operating system: tasks of several classes pass packets to each other by priority. Sends to many classes from one place.
require_relative "measure"

class Packet
  attr_accessor :to, :work, :hops

  def initialize(to, work)
    @to = to
    @work = work
    @hops = 0
  end
end

class Task
  attr_reader :queue, :handled

  def initialize(kernel, number)
    @kernel = kernel
    @number = number
    @queue = []
    @handled = 0
  end

  def ready?
    !@queue.empty?
  end

  def run
    packet = @queue.shift
    @handled += 1
    packet.hops += 1
    handle(packet)
  end
end

class Worker < Task
  def handle(packet)
    packet.work = (packet.work * 31 + @number) % 65_521
    packet.to = 1 + packet.work % 3
    @kernel.send_packet(packet)
  end
end

class Device < Task
  def handle(packet)
    packet.to = packet.hops.even? ? 0 : 3
    packet.work += 1
    @kernel.send_packet(packet)
  end
end

class Idler < Task
  def handle(packet)
    packet.to = (@number + packet.work) % 4
    @kernel.send_packet(packet)
  end
end

class Kernel4
  def initialize
    @tasks = [Worker.new(self, 0), Device.new(self, 1), Device.new(self, 2), Idler.new(self, 3)]
  end

  def send_packet(packet)
    @tasks[packet.to].queue << packet
  end

  def run(steps)
    16.times { |i| send_packet(Packet.new(i % 4, i)) }
    steps.times do
      task = @tasks.find { |t| t.ready? }
      task.run
    end
    @tasks.inject(0) { |sum, task| sum * 7 + task.handled }
  end
end

measure { Kernel4.new.run(150_000) }
