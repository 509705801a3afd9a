# Reads a Debian package database and commits it, one object a package, in one transaction.
#
#   gem ruby load.rb [/var/lib/dpkg/status]

require_relative "model"

module Debian
  # From text to objects. Only this program needs it, so it is not defined in the repository.
  class Reader
    KINDS = { "Depends" => :depends, "Pre-Depends" => :pre_depends }

    attr_reader :packages

    def initialize
      @packages = {}
      @providers = {}
      # The text of a field's name, once: all packages share it.
      @field_names = {}
    end

    def read(path)
      fields = {}
      last = nil
      File.foreach(path) do |line|
        line = line.chomp
        if line.empty?
          add(fields)
          fields = {}
        elsif line.start_with?(" ", "\t")
          fields[last] << "\n" << line.strip if last
        else
          name, value = line.split(":", 2)
          next unless value
          last = (@field_names[name] ||= name.freeze)
          fields[last] = value.strip
        end
      end
      add(fields)
      resolve
    end

    # A second package of the same name (another architecture) is kept under name and architecture.
    def add(fields)
      name = fields["Package"]
      return unless name
      name = "#{name}:#{fields['Architecture']}" if @packages[name]
      package = Package.new(name, fields)
      @packages[name] = package
      each_part(fields["Provides"], ",") do |part|
        provided, _version = name_and_constraint(part)
        (@providers[provided] ||= []) << package
      end
    end

    # Turns names into references, when all packages are known.
    def resolve
      @packages.each do |_name, package|
        KINDS.each do |field, kind|
          each_part(package[field], ",") { |part| package.dependencies << dependency(kind, part) }
        end
      end
      @packages.each do |_name, package|
        package.needs.each { |needed| needed.dependents << package }
      end
    end

    def dependency(kind, text)
      alternatives = []
      each_part(text, "|") do |part|
        name, constraint = name_and_constraint(part)
        link = Link.new(name, constraint)
        link.package = @packages[name] || (@providers[name] || []).first
        alternatives << link
      end
      Dependency.new(kind, alternatives)
    end

    def each_part(text, separator)
      return unless text
      text.split(separator).each do |part|
        part = part.strip
        yield part unless part.empty?
      end
    end

    # "python3:any (>= 3.9)" is "python3" and ">= 3.9".
    def name_and_constraint(text)
      name, constraint = text.split("(", 2)
      name = name.split(":").first.strip
      constraint = constraint.split(")").first.strip if constraint
      [name, constraint]
    end
  end
end

def seconds
  Process.clock_gettime(Process::CLOCK_MONOTONIC)
end

path = ARGV[0] || "/var/lib/dpkg/status"
started = seconds
reader = Debian::Reader.new
reader.read(path)
packages = reader.packages
count = 1
packages.each { |_name, package| count += package.object_count }
read = seconds

Maglev::PERSISTENT_ROOT["packages"] = packages
Maglev.commit_transaction
committed = seconds

puts "packages: #{packages.size}"
puts "objects: #{count}"
puts "read and linked in #{((read - started) * 1000).round} ms"
puts "committed in #{((committed - read) * 1000).round} ms"
puts "objects/s committed: #{(count / (committed - read)).round}"
