# frozen_string_literal: true

# A parser for JSON, on a text of 25,540 characters: strings character by character, many small objects.
require_relative "benchmark"
require_relative "json/document"
require_relative "json/parser"

class Json < Benchmark
  def initialize
    @text = JsonDocument.new.text
  end

  def benchmark
    JsonParser.new(@text).parse
  end

  def correct?(result)
    return false unless result.object? && result.get("head").object?

    operations = result.get("operations")
    operations.array? && operations.size == JsonDocument::OPERATIONS
  end
end
