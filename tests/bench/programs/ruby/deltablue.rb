# frozen_string_literal: true

# An incremental solver of one-way constraints, by the DeltaBlue algorithm: sends over a small hierarchy, lists that grow and shrink.
# The inner number is how many constraints stand in the chain and in the projection.
require_relative "benchmark"
require_relative "deltablue/planner"
require_relative "deltablue/constraints"

class DeltaBlue < Benchmark
  def inner_loop(inner)
    chain(inner)
    projection(inner)
    true
  end

  # Values run down a chain of equalities from an edited end to the other. Raises an error when one does not arrive.
  def chain(count)
    planner = Planner.new
    variables = Array.new(count + 1) { Variable.new }
    count.times { |i| EqualityConstraint.new(variables[i], variables[i + 1], StrengthName::REQUIRED, planner) }
    StayConstraint.new(variables.last, StrengthName::STRONG_DEFAULT, planner)
    edit = EditConstraint.new(variables.first, StrengthName::PREFERRED, planner)
    plan = planner.extract_plan(SomVector.with(edit))
    (1..100).each do |value|
      variables.first.value = value
      plan.execute
      raise "chain: the value does not arrive" unless variables.last.value == value
    end
    edit.destroy(planner)
  end

  # Two rows of variables, one the other's multiple with an offset; edits on either side, of the factor and of the offset.
  def projection(count)
    planner = Planner.new
    targets = SomVector.new
    scale = Variable.with(10)
    offset = Variable.with(1000)
    source = target = nil
    (1..count).each do |i|
      source = Variable.with(i)
      target = Variable.with(i)
      targets.append(target)
      StayConstraint.new(source, StrengthName::DEFAULT, planner)
      ScaleConstraint.new(source, scale, offset, target, StrengthName::REQUIRED, planner)
    end
    planner.change(source, 17)
    raise "projection 1" unless target.value == 1170

    planner.change(target, 1050)
    raise "projection 2" unless source.value == 5

    planner.change(scale, 5)
    check(targets, count, 1000)
    planner.change(offset, 2000)
    check(targets, count, 2000)
  end

  def check(targets, count, offset)
    (0..(count - 2)).each do |i|
      raise "projection with offset #{offset}" unless targets.at(i).value == ((i + 1) * 5) + offset
    end
  end
end
