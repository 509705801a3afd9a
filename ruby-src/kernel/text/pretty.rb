# Maglev::Pretty: what pp prints: inspect on one line where it fits, else Arrays, Hashes and objects one element a line.

module Maglev
  module Pretty
    def self.format(object, width, indent = 0)
      flat = object.inspect
      return flat if flat.size + indent <= width
      case object
      when Array
        return flat if object.empty?
        lines = object.map { |item| " " * (indent + 1) + format(item, width, indent + 1) }
        "[" + lines.join(",\n").lstrip + "]"
      when Hash
        return flat if object.empty?
        lines = object.map do |key, value|
          head = Symbol === key ? key.__as_key : key.inspect + " =>"
          shown = format(value, width, indent + 2)
          if (head.size + 1 + indent + 1 + shown.size) > width && (Array === value || Hash === value)
            " " * (indent + 1) + head + "\n" + " " * (indent + 2) + shown
          else
            " " * (indent + 1) + head + " " + format(value, width, indent + 2 + head.size)
          end
        end
        "{" + lines.join(",\n").lstrip + "}"
      when Struct
        lines = object.each_pair.map { |key, value| " " * (indent + 1) + "#{key}=" + format(value, width, indent + key.size + 2) }
        "#<struct #{object.class}\n" + lines.join(",\n") + ">"
      else
        names = object.instance_variables
        plain = object.method(:inspect).owner.equal?(Kernel)
        return flat if !plain || names.empty?
        lines = names.map { |name| " " * (indent + 1) + "#{name}=" + format(object.instance_variable_get(name), width, indent + name.size + 2) }
        object.__any_to_s.chomp(">") + "\n" + lines.join(",\n") + ">"
      end
    end
  end
end

module Kernel
  def pretty_inspect
    Maglev::Pretty.format(self, 80) + "\n"
  end
end
