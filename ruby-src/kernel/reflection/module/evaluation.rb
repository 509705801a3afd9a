# Module: new ones, code run inside of one, and refinements.

class Module
  def class_exec(*args, &block)
    Primitive.class_exec
    raise LocalJumpError, "no block given (yield)" unless block
    raise TypeError, "wrong argument type #{block.class} (expected Proc)"
  end

  alias module_exec class_exec

  def class_eval(source = Primitive.undefined, file = nil, line = 1, &block)
    if block
      unless Primitive.undefined?(source)
        raise ArgumentError, "wrong number of arguments (given 1, expected 0)"
      end
      return class_exec(self, &block)
    end
    raise ArgumentError, "wrong number of arguments (given 0, expected 1..3)" if Primitive.undefined?(source)
    __eval_string(__str(source), __caller_binding, file ? __str(file) : Kernel.__eval_place, __int(line), 2)
  end

  alias module_eval class_eval

  def refine(target, &block)
    raise ArgumentError, "no block given" unless block
    raise TypeError, "wrong argument type #{target.class} (expected Class or Module)" unless Module === target
    @__refinements ||= {}
    made = @__refinements[target] ||= Refinement.__for(target)
    made.class_exec(&block)
    made
  end

  # Switches the refinements of a module on for the code that follows.
  def using(refiner)
    pairs = Maglev::Refining.pairs(refiner)
    i = 0
    while i < pairs.__size
      Maglev::Refining.__use(pairs.__at(i).__at(0), pairs.__at(i).__at(1))
      i += 1
    end
    self
  end

  def refinements
    @__refinements ? @__refinements.values : []
  end

  def initialize(&block)
    class_exec(self, &block) if block
  end

  def initialize_copy(source)
    super
  end

  def self.new(*args, &block)
    m = __module_new
    m.__send__(:initialize, *args, &block)
    m
  end

  def self.__module_new
    Primitive.module_new
    raise TypeError, "allocator undefined for #{inspect}"
  end

  def self.nesting
    __caller_nesting
  end

  def self.__caller_nesting
    Primitive.caller_nesting
    []
  end

  def self.used_modules
    []
  end

  private :refine, :using, :append_features, :prepend_features, :extend_object, :included, :extended, :prepended, :method_added,
          :method_removed, :method_undefined, :const_added, :remove_const, :module_function, :ruby2_keywords, :initialize_copy,
          :__note, :__method_named, :__as_given, :__mix_in, :__check_no_class, :__no_constant, :__own_const_name
end
