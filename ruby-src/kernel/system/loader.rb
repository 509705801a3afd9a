# Maglev::Loader: require and load. What was loaded is a list of the session; in persistent mode the feature is also noted in the repository.

module Maglev
  module Loader
    # Features that are part of the kernel.
    BUILT_IN = { "set" => true, "thread" => true, "thread.rb" => true, "rational" => true, "complex" => true, "enumerator" => true, "fiber" => true,
                 "maglev" => true, "pp" => true, "etc" => true, "continuation" => true, "io/console" => true,
                 "io/wait" => true, "ruby2_keywords" => true, "monitor" => true }
    # Names of features that persistent mode has loaded into the repository.
    PERSISTENT_FEATURES = []
    private_constant :BUILT_IN

    def self.__load_file(path)
      Primitive.file_load_ruby
      raise LoadError.new("cannot load such file -- #{path}")
    end

    def self.__not_found(path)
      error = LoadError.new("cannot load such file -- #{path}")
      error.__path = path
      raise error
    end

    def self.features
      $"
    end

    # Full path of the file that a name stands for, or nil.
    def self.find(name, extensions)
      if name.start_with?("/") || name.start_with?("./") || name.start_with?("../") || name.start_with?("~")
        full = File.expand_path(name)
        return candidates(full, extensions)
      end
      $:.each do |directory|
        found = candidates(File.expand_path(name, directory.to_s), extensions)
        return found if found
      end
      nil
    end

    def self.candidates(full, extensions)
      if extensions
        return full if full.end_with?(".rb") && File.file?(full)
        return full + ".rb" if File.file?(full + ".rb")
        return nil
      end
      File.file?(full) ? full : nil
    end

    def self.require(name)
      return false if BUILT_IN[name] || BUILT_IN[name.delete_suffix(".rb")]
      require_path(find(name, true), name)
    end

    def self.require_path(path, name)
      __not_found(name) unless path
      path = File.realpath(path)
      return false if $".include?(path)
      $" << path
      begin
        __load_file(path)
      rescue Exception
        $".delete(path)
        raise
      end
      PERSISTENT_FEATURES << path if Maglev.persistent? && !PERSISTENT_FEATURES.include?(path)
      true
    end

    def self.require_relative(name, stack)
      line = stack.find { |l| !Kernel.__kernel_line?(l) }
      file = line && line[/\A(.*?):\d+/, 1]
      raise LoadError, "cannot infer basepath" if file.nil? || file.start_with?("(eval") || file == "-e"
      full = File.expand_path(name, File.dirname(File.realpath(file)))
      require_path(candidates(full, true), full)
    end

    def self.load(name)
      path = if name.start_with?("/") || name.start_with?(".")
        File.file?(name) ? File.expand_path(name) : nil
      else
        find(name, false) || (File.file?(name) ? File.expand_path(name) : nil)
      end
      __not_found(name) unless path
      __load_file(path)
      true
    end

    # The host runs the main program by this.
    def self.__run(path)
      Kernel.__global_set(:$0, path)
      __load_file(path)
    end

    def self.autoload(scope, name, path)
      table = ($__autoloads ||= {})
      (table[scope] ||= {})[name] = path
      nil
    end

    # Loads what was promised for a missing constant; answers whether something was.
    def self.fulfil(scope, name)
      table = $__autoloads
      path = table && table[scope] && table[scope].delete(name)
      return false unless path
      require(path)
      true
    end
  end

  # What $LOAD_PATH knows besides being an Array.
  module LoadPath
    # Kind and path of what `require` of this name would load, nil when there is nothing.
    def resolve_feature_path(name)
      path = Loader.find(name.to_s, true)
      path && [:rb, path]
    end
  end
end
