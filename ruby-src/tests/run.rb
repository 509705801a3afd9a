# Runs the files named as arguments (or all beside it): each line is an expression, `# =>` and what its value's inspect must be, or
# `# !>` and the class and message of the exception it must raise. Lines that start with # are comments. Prints what differs;
# the exit status tells whether anything did. With $EXPECT_TRANSACTIONS each line has a transaction of its own.

def check(file)
  count = 0
  bad = 0
  context = Object.new.instance_eval { binding }
  File.readlines(file, chomp: true).each_with_index do |line, i|
    next if line.empty? || line.start_with?("#")
    Maglev.abort_transaction if ENV["EXPECT_TRANSACTIONS"]
    at = line.rindex(/ # (=|!)> /)
    unless at
      eval(line, context, file, i + 1)
      next
    end
    source = line[0, at]
    wanted = line[at + 3, line.size]
    count += 1
    got = begin
      "=> " + eval(source, context, file, i + 1).inspect.gsub("\n", "\\n")
    rescue Exception => e
      "!> #{e.class}: #{e.message.lines.first.to_s.chomp}"
    end
    next if got == wanted
    bad += 1
    puts "#{File.basename(file)}:#{i + 1}: #{source}", "  expected #{wanted}", "  got      #{got}"
  end
  puts "#{File.basename(file)}: #{count} expressions, #{bad} differ"
  bad
end

files = ARGV.empty? ? Dir.glob(File.join(__dir__, "*.expect")) : ARGV
exit(files.sum { |file| check(file) } == 0)
