//! A session that knows a little arithmetic, and a rig that runs scripts on it.

use crate::input::{Inputs, Lines};
use crate::output::Output;
use crate::session::{
    BreakLine, Facts, Failure, FrameDetail, FrameLine, Gate, Language, Listing, Login, MethodName,
    MethodText, Outcome, Part, Session, StepReach, Thread, Value,
};
use crate::topaz::Topaz;
use format::Oop;
use std::cell::RefCell;
use std::io::{Cursor, Write};
use std::rc::Rc;
use std::time::Duration;

/// What the make-believe objects are.
#[derive(Clone, PartialEq)]
enum Thing {
    Nil,
    True,
    Integer(i64),
    Text(String),
    Array(Vec<Value>),
    Class(String),
}

/// Requests that the session got, for the tests to look at.
pub type Log = Rc<RefCell<Vec<String>>>;

/// The word for the thing at `place`.
fn value(place: usize) -> Value {
    Value(Oop::small_int_wrapping(place as i64))
}

fn place(value: Value) -> usize {
    value.0.small_int_value() as usize
}

pub struct Fake {
    things: Vec<Thing>,
    log: Log,
    stopped: bool,
    changed: bool,
    conflict: bool,
    breaks: Vec<BreakLine>,
    looks_at: usize,
}

impl Fake {
    fn new(log: Log) -> Fake {
        Fake {
            things: vec![Thing::Nil, Thing::True],
            log,
            stopped: false,
            changed: false,
            conflict: false,
            breaks: Vec::new(),
            looks_at: 0,
        }
    }

    fn make(&mut self, thing: Thing) -> Value {
        if let Some(at) = self.things.iter().position(|t| *t == thing) {
            return value(at);
        }
        self.things.push(thing);
        value(self.things.len() - 1)
    }

    fn thing(&self, value: Value) -> Thing {
        self.things[place(value)].clone()
    }

    fn error(&mut self, number: i64, class: &str, text: &str, keep: bool) -> Failure {
        self.stopped |= keep;
        let mut failure = Failure::plain(number, class, text);
        failure.classes.push("Error".to_string());
        failure.stopped = keep;
        failure
    }

    fn shown(&self, thing: &Thing) -> String {
        match thing {
            Thing::Nil => "nil".into(),
            Thing::True => "true".into(),
            Thing::Integer(i) => i.to_string(),
            Thing::Text(t) => format!("'{t}'"),
            Thing::Array(list) => {
                let texts: Vec<String> = list.iter().map(|v| self.shown(&self.thing(*v))).collect();
                format!("anArray( {})", texts.join(", "))
            }
            Thing::Class(name) => name.clone(),
        }
    }
}

impl Session for Fake {
    fn place(&self) -> String {
        "make-believe".into()
    }

    fn execute(&mut self, language: Language, source: &str, keep: bool) -> Outcome<Value> {
        self.log
            .borrow_mut()
            .push(format!("{language:?} {}", source.trim()));
        let source = source.trim();
        assert!(source != "panic", "on purpose");
        if let Some((a, b)) = source.split_once(" / ") {
            return match (a.parse::<i64>(), b.parse::<i64>()) {
                (Ok(_), Ok(0)) => {
                    Err(self.error(2026, "ZeroDivide", "attempt to divide by zero", keep))
                }
                (Ok(a), Ok(b)) => Ok(self.make(Thing::Integer(a / b))),
                _ => Err(self.error(1001, "CompileError", "what?", false)),
            };
        }
        if let Some((a, b)) = source.split_once(" + ")
            && let (Ok(a), Ok(b)) = (a.parse::<i64>(), b.parse::<i64>())
        {
            return Ok(self.make(Thing::Integer(a + b)));
        }
        if let Some(list) = source.strip_prefix("#(") {
            let numbers: Vec<Value> = list
                .trim_end_matches(')')
                .split_whitespace()
                .filter_map(|n| n.parse().ok())
                .map(|n| self.make(Thing::Integer(n)))
                .collect();
            return Ok(self.make(Thing::Array(numbers)));
        }
        match source {
            "nil" => Ok(self.make(Thing::Nil)),
            "true" => Ok(self.make(Thing::True)),
            "change" => {
                self.changed = true;
                Ok(self.make(Thing::True))
            }
            "conflict" => {
                self.conflict = true;
                Ok(self.make(Thing::True))
            }
            "Array" | "SmallInteger" | "Object" => Ok(self.make(Thing::Class(source.into()))),
            _ if source.starts_with('\'') => {
                let text = crate::text::unquoted(source);
                Ok(self.make(Thing::Text(text)))
            }
            _ if source.contains("out contents") => Ok(self.make(Thing::Text("listing\n".into()))),
            _ => match source.parse() {
                Ok(number) => Ok(self.make(Thing::Integer(number))),
                Err(_) => Err(self.error(1001, "CompileError", "undefined variable", false)),
            },
        }
    }

    fn send(
        &mut self,
        receiver: Value,
        selector: &str,
        arguments: &[Value],
        _: Language,
        keep: bool,
    ) -> Outcome<Value> {
        let thing = self.thing(receiver);
        match (selector, arguments) {
            ("=", [other]) => Ok(value(usize::from(self.thing(*other) == thing))),
            ("isKindOf:", [class]) => {
                let class = self.shown(&self.thing(*class));
                let is = class == "Object" || class == self.facts(receiver)?.class;
                Ok(value(usize::from(is)))
            }
            ("at:", [index]) => match (&thing, self.thing(*index)) {
                (Thing::Array(list), Thing::Integer(i)) if i > 0 && i as usize <= list.len() => {
                    Ok(list[i as usize - 1])
                }
                _ => Err(self.error(2003, "OffsetError", "out of bounds", keep)),
            },
            _ => Err(self.error(
                2010,
                "MessageNotUnderstood",
                &format!("no #{selector}"),
                keep,
            )),
        }
    }

    fn compile(&mut self, method: &MethodText<'_>) -> Outcome<String> {
        self.log.borrow_mut().push(format!("{method:?}"));
        if method.source.contains('!') {
            return Err(self.error(1001, "CompileError", "unexpected !", false));
        }
        Ok("foo".into())
    }

    fn commit(&mut self) -> Outcome<()> {
        self.changed = false;
        if std::mem::take(&mut self.conflict) {
            return Err(Failure::plain(
                2738,
                "TransactionError",
                "another session changed it",
            ));
        }
        Ok(())
    }

    fn abort(&mut self) -> Outcome<()> {
        self.changed = false;
        Ok(())
    }

    fn begin(&mut self) -> Outcome<()> {
        self.abort()
    }

    fn needs_commit(&mut self) -> bool {
        self.changed
    }

    fn object(&mut self, oop: u64) -> Outcome<Value> {
        if (oop as usize) < self.things.len() {
            Ok(value(oop as usize))
        } else {
            Err(self.error(4001, "RepositoryError", "no such object", false))
        }
    }

    fn facts(&mut self, value: Value) -> Outcome<Facts> {
        let (class, parts) = match self.thing(value) {
            Thing::Nil => ("UndefinedObject", 0),
            Thing::True => ("True", 0),
            Thing::Integer(_) => ("SmallInteger", 0),
            Thing::Text(_) => ("String", 0),
            Thing::Array(list) => ("Array", list.len()),
            Thing::Class(_) => ("Metaclass3", 0),
        };
        Ok(Facts {
            oop: place(value) as u64,
            size: parts,
            class: class.into(),
            class_oop: 7,
            parts,
        })
    }

    fn part(&mut self, value: Value, index: usize) -> Outcome<Part> {
        match self.thing(value) {
            Thing::Array(list) => Ok(Part {
                name: format!("#{}", index + 1),
                value: list[index],
            }),
            _ => Err(self.error(2003, "OffsetError", "no part", false)),
        }
    }

    fn print(&mut self, value: Value, language: Language) -> Outcome<String> {
        let text = self.shown(&self.thing(value));
        Ok(match language {
            Language::Smalltalk => text,
            Language::Ruby => format!("ruby {text}"),
        })
    }

    fn is_true(&self, value: Value) -> bool {
        self.thing(value) == Thing::True
    }

    fn text(&mut self, value: Value) -> Option<String> {
        match self.thing(value) {
            Thing::Text(text) => Some(text),
            _ => None,
        }
    }

    fn is_immediate(&self, value: Value) -> bool {
        !matches!(self.thing(value), Thing::Text(_) | Thing::Array(_))
    }

    fn levels(&self) -> usize {
        if self.stopped { 2 } else { 0 }
    }

    fn frame_line(&mut self, level: usize) -> FrameLine {
        let (label, file, line) = match level {
            1 => ("SmallInteger>>/", "Number.st", 7),
            _ => ("doit", "", 1),
        };
        FrameLine {
            label: label.into(),
            file: file.into(),
            line,
        }
    }

    fn frame(&mut self, level: usize) -> Outcome<FrameDetail> {
        let receiver = Some(self.make(Thing::Integer(level as i64)));
        Ok(FrameDetail {
            receiver,
            variables: vec![("x".into(), receiver), ("y".into(), None)],
        })
    }

    fn listing(&mut self, _: usize) -> Outcome<Listing> {
        Ok(Listing {
            text: "/ x\n\t^ boom".into(),
            first_line: 6,
            current_line: 7,
            current_column: 4,
        })
    }

    fn set_variable(&mut self, level: usize, name: &str, value: Value) -> Outcome<()> {
        let text = self.shown(&self.thing(value));
        self.log
            .borrow_mut()
            .push(format!("{level} {name} := {text}"));
        Ok(())
    }

    fn go_on(&mut self, value: Option<Value>) -> Outcome<Value> {
        self.stopped = false;
        Ok(value.unwrap_or(self::value(0)))
    }

    fn restart(&mut self, _: usize) -> Outcome<Value> {
        self.go_on(None)
    }

    fn step(&mut self, step: StepReach) -> Outcome<Value> {
        let mut failure = self.error(6002, "Step", &format!("step {step:?}"), true);
        failure.halt = true;
        Err(failure)
    }

    fn run_language(&self) -> Language {
        Language::Smalltalk
    }

    fn frame_language(&mut self, level: usize) -> Language {
        if level == 1 {
            Language::Smalltalk
        } else {
            Language::Ruby
        }
    }

    fn evaluate(&mut self, level: usize, language: Language, source: &str) -> Outcome<Value> {
        self.log
            .borrow_mut()
            .push(format!("frame {level} {language:?} {}", source.trim()));
        Ok(self.make(Thing::Integer(level as i64)))
    }

    fn break_method(&mut self, method: &MethodName, place: usize) -> Outcome<usize> {
        let number = self.breaks.len() + 1;
        self.breaks.push(BreakLine {
            number,
            label: format!("{method} @ {place}"),
            enabled: true,
            hits: number - 1,
        });
        Ok(number)
    }

    fn break_line(&mut self, file: &str, line: u32) -> usize {
        let number = self.breaks.len() + 1;
        self.breaks.push(BreakLine {
            number,
            label: format!("{file}:{line}"),
            enabled: true,
            hits: number - 1,
        });
        number
    }

    fn breaks(&self) -> Vec<BreakLine> {
        self.breaks.clone()
    }

    fn break_delete(&mut self, number: Option<usize>) -> bool {
        let before = self.breaks.len();
        self.breaks
            .retain(|b| number.is_some_and(|n| n != b.number));
        self.breaks.len() < before
    }

    fn break_enable(&mut self, number: Option<usize>, on: bool) -> bool {
        let chosen = self.breaks.iter_mut();
        let chosen = chosen.filter(|b| number.is_none_or(|n| n == b.number));
        chosen.map(|b| b.enabled = on).count() > 0
    }

    fn places(&mut self, _: &MethodName) -> Outcome<(Listing, Vec<(u32, u16)>)> {
        let listing = self.listing(1)?;
        Ok((listing, vec![(6, 1), (7, 4)]))
    }

    fn threads(&mut self) -> Vec<Thread> {
        let looks_at = self.looks_at;
        let thread = |number| Thread {
            number,
            state: "waiting".into(),
            label: format!("frame of {number}"),
            looked_at: number == looks_at,
        };
        vec![thread(0), thread(3)]
    }

    fn look_at(&mut self, number: Option<usize>) -> Outcome<()> {
        self.looks_at = number.unwrap_or(0);
        Ok(())
    }

    fn give_up(&mut self) -> Outcome<()> {
        self.stopped = false;
        Ok(())
    }

    fn cpu_time(&self) -> Duration {
        Duration::from_millis(5)
    }
}

struct FakeGate(Log);

impl Gate for FakeGate {
    fn login(&mut self, login: &Login) -> Result<Box<dyn Session>, String> {
        if login.stone.as_deref() == Some("nowhere") {
            return Err("no stone nowhere runs here; stone start nowhere starts it".into());
        }
        Ok(Box::new(Fake::new(self.0.clone())))
    }
}

/// A place to write that the test can read.
#[derive(Clone, Default)]
struct Page(Rc<RefCell<Vec<u8>>>);

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What a script did.
pub struct Ran {
    pub status: i32,
    pub output: String,
    pub log: Vec<String>,
}

/// Runs a script that logs in first.
pub fn run(script: &str) -> Ran {
    let mut ran = run_bare(&format!("login\n{script}"));
    let banner = "[session 1 on make-believe]\n";
    ran.output = ran.output.replacen(banner, "", 1);
    ran
}

/// Runs a script.
pub fn run_bare(script: &str) -> Ran {
    let page = Page::default();
    let log = Log::default();
    let source = Lines(Cursor::new(script.as_bytes().to_vec()));
    let mut topaz = Topaz::new(
        Box::new(FakeGate(log.clone())),
        Inputs::new(Box::new(source), "script"),
        Output::new(Box::new(page.clone())),
        Box::new(|name| std::env::var(name).ok()),
    );
    let status = topaz.run();
    let output = String::from_utf8_lossy(&page.0.borrow()).into_owned();
    let log = log.borrow().clone();
    Ran {
        status,
        output,
        log,
    }
}
