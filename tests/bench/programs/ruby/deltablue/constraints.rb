# frozen_string_literal: true

# The constraints: what they bind, which way they flow, what they compute.
require_relative "strength"

class Constraint
  attr_reader :strength

  def initialize(strength)
    @strength = Strength.of(strength)
  end

  def input?
    false
  end

  def add(planner)
    add_to_graph
    planner.add(self)
  end

  def destroy(planner)
    planner.remove(self) if satisfied?
    remove_from_graph
  end

  def inputs_known?(mark)
    !any_input? { |variable| !(variable.mark == mark || variable.stay || variable.determined_by.nil?) }
  end

  # Answers the constraint that this one overrides, or nil.
  def satisfy(mark, planner)
    choose_method(mark)
    if satisfied?
      inputs { |variable| variable.mark = mark }
      out = output
      overridden = out.determined_by
      overridden.mark_unsatisfied if overridden
      out.determined_by = self
      raise "the constraints make a cycle" unless planner.add_propagate(self, mark)

      out.mark = mark
      overridden
    else
      raise "a required constraint cannot be satisfied" if @strength.same_as?(Strength::REQUIRED)

      nil
    end
  end
end

# On one variable, which it writes.
class UnaryConstraint < Constraint
  attr_reader :output

  def initialize(variable, strength, planner)
    super(strength)
    @output = variable
    @satisfied = false
    add(planner)
  end

  def satisfied?
    @satisfied
  end

  def add_to_graph
    @output.add_constraint(self)
    @satisfied = false
  end

  def remove_from_graph
    @output.remove_constraint(self) if @output
    @satisfied = false
  end

  def choose_method(mark)
    @satisfied = @output.mark != mark && @strength.stronger?(@output.walk_strength)
  end

  def inputs; end

  def any_input?
    false
  end

  def mark_unsatisfied
    @satisfied = false
  end

  def recalculate
    @output.walk_strength = @strength
    @output.stay = !input?
    execute if @output.stay
  end
end

# Whoever edits the variable: its value comes from outside.
class EditConstraint < UnaryConstraint
  def input?
    true
  end

  def execute; end
end

# The variable does not change.
class StayConstraint < UnaryConstraint
  def execute; end
end

# Between two variables, in a direction that the planner chooses.
class BinaryConstraint < Constraint
  def initialize(one, other, strength, _planner)
    super(strength)
    @one = one
    @other = other
    @direction = nil
  end

  def satisfied?
    !@direction.nil?
  end

  def add_to_graph
    @one.add_constraint(self)
    @other.add_constraint(self)
    @direction = nil
  end

  def remove_from_graph
    @one.remove_constraint(self) if @one
    @other.remove_constraint(self) if @other
    @direction = nil
  end

  def choose_method(mark)
    if @one.mark == mark
      @direction = @other.mark != mark && @strength.stronger?(@other.walk_strength) ? :forward : nil
    elsif @other.mark == mark
      @direction = @one.mark != mark && @strength.stronger?(@one.walk_strength) ? :backward : nil
    elsif @one.walk_strength.weaker?(@other.walk_strength)
      @direction = @strength.stronger?(@one.walk_strength) ? :backward : nil
    else
      @direction = @strength.stronger?(@other.walk_strength) ? :forward : nil
    end
  end

  def inputs
    yield source
  end

  def any_input?
    yield source
  end

  def mark_unsatisfied
    @direction = nil
  end

  def source
    @direction == :forward ? @one : @other
  end

  def output
    @direction == :forward ? @other : @one
  end

  def recalculate
    from = source
    out = output
    out.walk_strength = @strength.weakest(from.walk_strength)
    out.stay = from.stay
    execute if out.stay
  end
end

class EqualityConstraint < BinaryConstraint
  def initialize(one, other, strength, planner)
    super
    add(planner)
  end

  def execute
    if @direction == :forward
      @other.value = @one.value
    else
      @one.value = @other.value
    end
  end
end

# other = one * scale + offset.
class ScaleConstraint < BinaryConstraint
  def initialize(one, scale, offset, other, strength, planner)
    super(one, other, strength, planner)
    @scale = scale
    @offset = offset
    add(planner)
  end

  def add_to_graph
    super
    @scale.add_constraint(self)
    @offset.add_constraint(self)
  end

  def remove_from_graph
    super
    @scale.remove_constraint(self) if @scale
    @offset.remove_constraint(self) if @offset
  end

  def inputs
    yield source
    yield @scale
    yield @offset
  end

  def execute
    if @direction == :forward
      @other.value = (@one.value * @scale.value) + @offset.value
    else
      @one.value = (@other.value - @offset.value) / @scale.value
    end
  end

  def recalculate
    from = source
    out = output
    out.walk_strength = @strength.weakest(from.walk_strength)
    out.stay = from.stay && @scale.stay && @offset.stay
    execute if out.stay
  end
end
