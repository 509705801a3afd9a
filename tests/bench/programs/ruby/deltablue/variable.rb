# frozen_string_literal: true

# A value that constraints bind together.
require_relative "strength"
require_relative "../som/vector"

class Variable
  attr_accessor :value, :constraints, :determined_by, :walk_strength, :stay, :mark

  def self.with(value)
    variable = new
    variable.value = value
    variable
  end

  def initialize
    @value = 0
    @constraints = SomVector.new(2)
    @determined_by = nil
    @walk_strength = Strength::ABSOLUTE_WEAKEST
    @stay = true
    @mark = 0
  end

  def add_constraint(constraint)
    @constraints.append(constraint)
  end

  def remove_constraint(constraint)
    @constraints.remove(constraint)
    @determined_by = nil if @determined_by.equal?(constraint)
  end
end
