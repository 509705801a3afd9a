# Shellwords: command lines as words, and words as command lines.

module Shellwords
  def self.split(line)
    words = []
    word = nil
    line.scan(/\G\s*(?>([^\0\s\\'"]+)|'([^\0']*)'|"((?:[^\0"\\]|\\[^\0])*)"|(\\[^\0]?)|(\S))(\s|\z)?/m) do |plain, single, double, escape, garbage, ending|
      raise ArgumentError, "Unmatched quote: #{line}" if garbage
      word ||= +""
      word << (plain || single || (double && double.gsub(/\\([$`"\\\n])/, '\\1')) || escape.gsub(/\\(.)/, '\\1'))
      if ending
        words << word
        word = nil
      end
    end
    words
  end

  def self.escape(text)
    text = text.to_s
    return "''" if text.empty?
    text.gsub(/[^A-Za-z0-9_\-.,:+\/@\n]/, "\\\\\\&").gsub("\n", "'\n'")
  end

  def self.join(words)
    words.map { |word| escape(word) }.join(" ")
  end

  class << self
    alias shellsplit split
    alias shellwords split
    alias shellescape escape
    alias shelljoin join
  end

  def shellwords(line)
    Shellwords.split(line)
  end
end

class String
  def shellsplit
    Shellwords.split(self)
  end

  def shellescape
    Shellwords.escape(self)
  end
end

class Array
  def shelljoin
    Shellwords.join(self)
  end
end
