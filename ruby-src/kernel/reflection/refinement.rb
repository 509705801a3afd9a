# Refinement: the module that a `refine` block fills.

class Refinement < Module
  def self.__for(target)
    made = __module_new
    made.__target = target
    made
  end

  def __target=(target)
    @__target = target
  end

  # The refined class or module.
  def target
    @__target
  end

  def import_methods(*modules)
    modules.each do |m|
      m.instance_methods(false).each { |name| define_method(name, m.instance_method(name)) }
    end
    self
  end

  def inspect
    "#<refinement:#{@__target.inspect}>"
  end

  alias to_s inspect

  class << self
    undef_method :new
  end
end

module Maglev
  module Refining
    # Refined classes and their refinements, those of included modules first.
    def self.pairs(refiner)
      raise TypeError, "wrong argument type #{refiner.class} (expected Module)" unless Module === refiner
      raise ArgumentError, "refinement module is not allowed" if Refinement === refiner
      refiner.ancestors.reverse.flat_map { |m| m.refinements.map { |r| [r.target, r] } }
    end

    def self.__use(target, refinement)
      Primitive.use_refinement
      raise TypeError, "wrong argument type #{target.class} (expected Class or Module)"
    end
  end
end
