# Debian's package database as objects. The definitions go to the repository: every later gem finds the classes with their
# methods, without this file.

Maglev.persistent do
  module Debian
    maglev_persistable

    # One package of the database, with direct references to the packages it depends on and to those that depend on it.
    class Package
      maglev_persistable

      attr_reader :name, :fields, :dependencies, :dependents

      def initialize(name, fields)
        @name = name
        @fields = fields
        @dependencies = []
        @dependents = []
      end

      # One field as the database has it, or nil.
      def [](field)
        @fields[field]
      end

      def version
        @fields["Version"]
      end

      # Packages that this one needs, each once.
      def needs
        found = []
        @dependencies.each do |dependency|
          package = dependency.package
          found << package if package && !found.include?(package)
        end
        found
      end

      # All packages that this one needs, and those that they need, and so on.
      def closure
        seen = {}
        waiting = [self]
        until waiting.empty?
          waiting.pop.needs.each do |package|
            next if seen[package.name]
            seen[package.name] = package
            waiting << package
          end
        end
        seen.delete(@name)
        seen.values
      end

      def inspect
        "#<Debian::Package #{@name} #{version}>"
      end

      # How many objects this package consists of: itself, a Hash, two Arrays, the texts of its fields, its needs. Looks at each.
      def object_count
        count = 4
        @fields.each { |_name, text| count += 1 if text }
        @dependencies.each { |dependency| count += dependency.object_count }
        count
      end
    end

    # One need of a package: `default-mta | mail-transport-agent` is one, with two alternatives.
    class Dependency
      maglev_persistable

      attr_reader :kind, :alternatives

      def initialize(kind, alternatives)
        @kind = kind
        @alternatives = alternatives
      end

      # The package that meets the need: the first alternative that is there.
      def package
        @alternatives.each { |link| return link.package if link.package }
        nil
      end

      def object_count
        count = 2
        @alternatives.each do |link|
          count += 1
          count += 1 if link.name
          count += 1 if link.constraint
        end
        count
      end
    end

    # A name with a version constraint (or nil), and the package it was found to mean (or nil): the one of that name, or one
    # that provides it.
    class Link
      maglev_persistable

      attr_reader :name, :constraint
      attr_accessor :package

      def initialize(name, constraint)
        @name = name
        @constraint = constraint
      end
    end
  end
end
