# frozen_string_literal: true

# The text that is parsed: what a server would send to build a window, made up from random numbers that are the same everywhere.
require_relative "../som/random"

class JsonDocument
  OPERATIONS = 156
  TITLES = ["Name", "Series", "Group \\\"a\\\"", "Sum", "first\\nsecond", "Price in \\/"].freeze

  def initialize
    @random = SomRandom.new
    @text = +""
  end

  def text
    @text << "{\"head\":{\"counter\":4,\"version\":\"1.5\"},\"operations\":["
    OPERATIONS.times do |i|
      @text << "," if i > 0
      operation(i)
    end
    @text << "]}"
  end

  private

  def operation(i)
    case i % 4
    when 0 then create(i)
    when 1 then set(i)
    when 2 then listen(i)
    else measure(i)
    end
  end

  def create(i)
    @text << "[\"create\",\"w#{i}\",\"desk.widgets.Panel\",{\"parent\":\"w#{number(i + 1)}\",\"style\":[\"SINGLE\",\"BORDER\"],\"bounds\":"
    numbers(4)
    @text << ",\"children\":[],\"tab\":-1,\"title\":\"#{TITLES[number(6)]}\",\"visible\":#{truth},\"icon\":null,\"weight\":#{number(10)}.#{number(100)}}]"
  end

  def set(i)
    @text << "[\"set\",\"w#{i}\",{\"variant\":\"plain\",\"width\":#{number(900)},\"movable\":#{truth},\"scale\":-#{number(9)}.5e+#{number(9)},\"area\":"
    numbers(4)
    @text << "}]"
  end

  def listen(i)
    @text << "[\"listen\",\"w#{i}\",{\"KeyDown\":#{truth},\"Select\":#{truth},\"keys\":[\"CTRL+#70\",\"CTRL+#78\",\"ALT+#82\"]}]"
  end

  def measure(i)
    @text << "[\"call\",\"w#{i}\",\"measure\",{\"items\":["
    6.times do |row|
      @text << "," if row > 0
      numbers(7)
    end
    @text << "],\"font\":[[\"Verdana\",\"Lucida Sans\",\"Arial\"],14,#{truth},false]}]"
  end

  def numbers(count)
    @text << "["
    count.times do |i|
      @text << "," if i > 0
      @text << number(1000).to_s
    end
    @text << "]"
  end

  def number(limit)
    @random.next % limit
  end

  def truth
    number(2) == 0 ? "true" : "false"
  end
end
