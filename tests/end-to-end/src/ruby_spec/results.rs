//! What happened to each example of a file.

use std::time::Duration;

/// How an example ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Pass,
    /// An expectation did not hold.
    Fail,
    /// An exception.
    Error,
    /// The process ended, or did not end in time, while the example ran.
    Lost,
}

/// One example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    pub description: String,
    pub outcome: Outcome,
}

/// One spec file.
#[derive(Clone, Debug)]
pub struct FileResult {
    /// As `language/if_spec.rb`.
    pub file: String,
    pub examples: Vec<Example>,
    /// What went wrong outside of examples: the file does not load, or the run stopped early.
    pub outside: Vec<String>,
    pub time: Duration,
}

impl FileResult {
    /// Reads the formatter's lines. `ended`: how the process ended, when not by itself.
    pub fn read(file: &str, lines: &str, ended: Option<String>, time: Duration) -> FileResult {
        let mut result = FileResult {
            file: file.to_string(),
            examples: Vec::new(),
            outside: Vec::new(),
            time,
        };
        let mut running: Option<String> = None;
        let mut finished = false;
        for line in lines.lines() {
            let (word, description) = line.split_once('\t').unwrap_or((line, ""));
            let outcome = match word {
                "start" => {
                    running = Some(description.to_string());
                    continue;
                }
                "outside" => {
                    result.outside.push(description.to_string());
                    continue;
                }
                "finished" => {
                    finished = true;
                    break;
                }
                "pass" => Outcome::Pass,
                "fail" => Outcome::Fail,
                "error" => Outcome::Error,
                _ => continue,
            };
            running = None;
            result.add(description, outcome);
        }
        if let Some(description) = running {
            result.add(&description, Outcome::Lost);
        }
        if !finished || ended.is_some() {
            let how = ended.unwrap_or_else(|| "the run stopped early".to_string());
            result.outside.push(how);
        }
        result
    }

    fn add(&mut self, description: &str, outcome: Outcome) {
        self.examples.push(Example {
            description: description.to_string(),
            outcome,
        });
    }

    /// Number of examples with this outcome.
    pub fn count(&self, outcome: Outcome) -> usize {
        self.examples
            .iter()
            .filter(|e| e.outcome == outcome)
            .count()
    }

    /// One line of a table.
    pub fn row(&self) -> String {
        format!(
            "{:<48} {:>5} {:>5} {:>5} {:>5} {:>6.1} s  {}",
            self.file,
            self.count(Outcome::Pass),
            self.count(Outcome::Fail),
            self.count(Outcome::Error),
            self.count(Outcome::Lost),
            self.time.as_secs_f64(),
            self.outside.join("; ")
        )
    }
}

/// Head of the table that `row` gives lines of.
pub fn head() -> String {
    format!(
        "{:<48} {:>5} {:>5} {:>5} {:>5} {:>8}",
        "file", "pass", "fail", "error", "lost", "time"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_that_never_ended_is_lost() {
        let lines = "start\ta\npass\ta\nstart\tb\nfail\tb\nstart\tc\n";
        let result = FileResult::read("x_spec.rb", lines, None, Duration::ZERO);
        let outcomes: Vec<Outcome> = result.examples.iter().map(|e| e.outcome).collect();
        assert_eq!(outcomes, [Outcome::Pass, Outcome::Fail, Outcome::Lost]);
        assert_eq!(result.outside, ["the run stopped early"]);
    }

    #[test]
    fn details_after_the_end_are_no_results() {
        let lines = "start\ta\nerror\ta\nfinished\n1)\npass\tno\n";
        let result = FileResult::read("x_spec.rb", lines, None, Duration::ZERO);
        assert_eq!(result.examples.len(), 1);
        assert!(result.outside.is_empty());
    }
}
