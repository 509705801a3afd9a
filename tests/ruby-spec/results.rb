# An mspec formatter that writes one line for each example: the outcome, a tab, the description.
# `start` lines come before the example runs, so that one that ends the process is known by name.

require 'mspec/runner/formatters/base'

class ResultLines < BaseFormatter
  def before(state = nil)
    super
    line("start", state)
  end

  def after(state = nil)
    super
    line(!exception? ? "pass" : failure? ? "fail" : "error", state) if state
  end

  # What goes wrong outside of examples: a file that does not load, a `before :all` that raises.
  def exception(exception)
    super
    line("outside", exception) unless @current_state
  end

  def finish
    super
    print "finished\n"
  end

  private

  def line(outcome, state)
    print outcome, "\t", state.description.to_s.gsub(/\s+/, " ").strip, "\n"
  end
end

CUSTOM_MSPEC_FORMATTER = ResultLines
