# frozen_string_literal: true

# Adds and removes constraints one at a time, and makes plans: lists of constraints to execute in order.
require_relative "variable"

class Plan < SomVector
  def initialize
    super(15)
  end

  def execute
    each { |constraint| constraint.execute }
  end
end

class Planner
  def initialize
    @mark = 1
  end

  def add(constraint)
    mark = new_mark
    overridden = constraint.satisfy(mark, self)
    overridden = overridden.satisfy(mark, self) while overridden
  end

  def remove(constraint)
    out = constraint.output
    constraint.mark_unsatisfied
    constraint.remove_from_graph
    remove_propagate_from(out).each { |unsatisfied| add(unsatisfied) }
  end

  def extract_plan(constraints)
    sources = SomVector.new
    constraints.each { |constraint| sources.append(constraint) if constraint.input? && constraint.satisfied? }
    make_plan(sources)
  end

  def make_plan(todo)
    mark = new_mark
    plan = Plan.new
    until todo.empty?
      constraint = todo.remove_first
      out = constraint.output
      if out.mark != mark && constraint.inputs_known?(mark)
        plan.append(constraint)
        out.mark = mark
        add_consumers(out, todo)
      end
    end
    plan
  end

  # Answers false, and takes the constraint away again, when it closes a cycle.
  def add_propagate(constraint, mark)
    todo = SomVector.with(constraint)
    until todo.empty?
      each = todo.remove_first
      if each.output.mark == mark
        remove(constraint)
        return false
      end
      each.recalculate
      add_consumers(each.output, todo)
    end
    true
  end

  def change(variable, value)
    edit = EditConstraint.new(variable, StrengthName::PREFERRED, self)
    plan = extract_plan(SomVector.with(edit))
    10.times do
      variable.value = value
      plan.execute
    end
    edit.destroy(self)
  end

  def new_mark
    @mark += 1
  end

  private

  def add_consumers(variable, list)
    determining = variable.determined_by
    variable.constraints.each do |constraint|
      list.append(constraint) if !constraint.equal?(determining) && constraint.satisfied?
    end
  end

  def consumers(variable)
    determining = variable.determined_by
    variable.constraints.each do |constraint|
      yield constraint if !constraint.equal?(determining) && constraint.satisfied?
    end
  end

  # Answers the constraints that are not satisfied any more, the strongest first.
  def remove_propagate_from(out)
    unsatisfied = SomVector.new
    out.determined_by = nil
    out.walk_strength = Strength::ABSOLUTE_WEAKEST
    out.stay = true
    todo = SomVector.with(out)
    until todo.empty?
      variable = todo.remove_first
      variable.constraints.each { |constraint| unsatisfied.append(constraint) unless constraint.satisfied? }
      consumers(variable) do |constraint|
        constraint.recalculate
        todo.append(constraint.output)
      end
    end
    unsatisfied.sort { |a, b| a.strength.stronger?(b.strength) }
    unsatisfied
  end
end
