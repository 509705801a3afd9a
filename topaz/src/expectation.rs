//! What a script expects of its next execution.

use crate::errors::Complaint;
use crate::session::{Failure, Language, Session, Value};
use crate::topaz::{Done, Flow, Topaz};

/// One expectation. An execution that meets any of those given is right.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Expectation {
    /// An object equal to this one, and how the script wrote it.
    Equal(Value, String),
    /// An instance of the class.
    Class(String),
    /// An instance of the class or of a subclass.
    Kind(String),
    /// An error of this number.
    ErrorNumber(i64),
    /// An error of exactly this class.
    ErrorClass(String),
    /// An error of this class or a subclass.
    ErrorKind(String),
}

/// What came of the expectations.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Judgement {
    Met(String),
    Missed(String),
}

impl Expectation {
    /// Of a result.
    pub fn judge_value(
        expected: &[Expectation],
        session: &mut dyn Session,
        value: Value,
    ) -> Judgement {
        if let Some(met) = expected.iter().find(|e| e.is_met_by(session, value)) {
            return Judgement::Met(met.to_string());
        }
        let class = session
            .facts(value)
            .map_or_else(|_| "?".to_string(), |f| f.class);
        let found = session
            .print(value, Language::Smalltalk)
            .unwrap_or_else(|_| "an object without printString".to_string());
        Judgement::Missed(format!(
            "expected {}, got {found} ({class})",
            list_of(expected)
        ))
    }

    /// Of a command that answered no object.
    pub fn judge_nothing(expected: &[Expectation]) -> Judgement {
        Judgement::Missed(format!("expected {}, got no object", list_of(expected)))
    }

    /// Of an error.
    pub fn judge_error(expected: &[Expectation], failure: &Failure) -> Judgement {
        let is_met = |e: &&Expectation| match e {
            Expectation::ErrorNumber(number) => failure.number == *number,
            Expectation::ErrorClass(class) => failure.class() == class,
            Expectation::ErrorKind(class) => failure.classes.contains(class),
            _ => false,
        };
        match expected.iter().find(is_met) {
            Some(met) => Judgement::Met(met.to_string()),
            None => Judgement::Missed(format!("expected {}", list_of(expected))),
        }
    }

    fn is_met_by(&self, session: &mut dyn Session, value: Value) -> bool {
        match self {
            Expectation::Equal(wanted, _) => {
                if *wanted == value {
                    return true;
                }
                if session.is_immediate(*wanted) && session.is_immediate(value) {
                    return false;
                }
                let same = session.send(value, "=", &[*wanted], Language::Smalltalk, false);
                same.is_ok_and(|answer| session.is_true(answer))
            }
            Expectation::Class(name) => session.facts(value).is_ok_and(|f| f.class == *name),
            Expectation::Kind(name) => {
                let source = format!("{}\n", name.trim());
                let Ok(class) = session.execute(Language::Smalltalk, &source, false) else {
                    return false;
                };
                let answer = session.send(value, "isKindOf:", &[class], Language::Smalltalk, false);
                answer.is_ok_and(|answer| session.is_true(answer))
            }
            _ => false,
        }
    }
}

impl Topaz {
    /// Holds what a command did against what was expected of it.
    ///
    /// # Errors
    /// What the command failed with, unless that was expected; an expectation that was missed.
    pub fn judge(&mut self, expected: &[Expectation], outcome: Done) -> Done {
        if expected.is_empty() {
            return outcome;
        }
        let judgement = match &outcome {
            Ok(_) => self.judge_value(expected),
            // What stopped has not ended: the expectation is about the end.
            Err(Complaint::Failed(failure)) if failure.halt => {
                self.expected = expected.to_vec();
                return outcome;
            }
            Err(Complaint::Failed(failure)) => Expectation::judge_error(expected, failure),
            Err(Complaint::Wrong(_)) => return outcome,
        };
        match (judgement, outcome) {
            (Judgement::Met(text), outcome) => {
                if self.display.result_check {
                    self.say(&format!("as expected: {text}"));
                }
                Ok(outcome.unwrap_or(Flow::Next))
            }
            (Judgement::Missed(text), Ok(_)) => Err(Complaint::Wrong(text)),
            (Judgement::Missed(text), Err(complaint)) => {
                self.say(&text);
                Err(complaint)
            }
        }
    }

    fn judge_value(&mut self, expected: &[Expectation]) -> Judgement {
        match (self.result, self.current) {
            (Some(value), Some(_)) => match self.open() {
                Ok(open) => Expectation::judge_value(expected, open.session.as_mut(), value),
                Err(_) => Judgement::Missed("the session is gone".to_string()),
            },
            _ => Expectation::judge_nothing(expected),
        }
    }
}

impl std::fmt::Display for Expectation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Expectation::Equal(_, text) => f.write_str(text),
            Expectation::Class(name) => write!(f, "an instance of {name}"),
            Expectation::Kind(name) => write!(f, "a kind of {name}"),
            Expectation::ErrorNumber(number) => write!(f, "error {number}"),
            Expectation::ErrorClass(name) => write!(f, "the error {name}"),
            Expectation::ErrorKind(name) => write!(f, "an error that is a kind of {name}"),
        }
    }
}

fn list_of(expected: &[Expectation]) -> String {
    let texts: Vec<String> = expected.iter().map(ToString::to_string).collect();
    texts.join(" or ")
}
