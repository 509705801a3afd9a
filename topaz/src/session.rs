//! What the command engine needs of a session. `gem` implements it over a real one; the tests over a make-believe one.
//!
//! Must not know: object memory, bytecode, the stone.

use format::Oop;
use std::time::Duration;

/// An object of the session, by an oop that only the session understands. Valid while the session lives: what it gives out it keeps.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Value(pub Oop);

/// The language a text is written in; also the environment that sends look methods up in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Language {
    #[default]
    Smalltalk,
    Ruby,
}

impl Language {
    /// Number of the language's method environment.
    pub fn environment(self) -> u8 {
        match self {
            Language::Smalltalk => 0,
            Language::Ruby => 1,
        }
    }
}

/// Why a request to the session did not answer.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Failure {
    /// Number of the error in the table of numbered errors.
    pub number: i64,
    /// The exception's class and its superclasses, most special first. Never empty.
    pub classes: Vec<String>,
    pub text: String,
    /// The process waits where the error happened: its stack can be looked at.
    pub stopped: bool,
    /// No error: a breakpoint or the end of a step.
    pub halt: bool,
    /// Line of the text that does not compile; 0 for other failures.
    pub line: u32,
}

/// How far `step` goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StepReach {
    Over,
    Into,
    Thru,
}

/// A method as commands name it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MethodName {
    /// `Foo`, `Foo class`; for Ruby the module.
    pub class: String,
    pub selector: String,
    pub language: Language,
    /// Ruby's `Foo.bar`.
    pub singleton: bool,
}

impl std::fmt::Display for MethodName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let joint = match (self.language, self.singleton) {
            (Language::Smalltalk, _) => ">>",
            (Language::Ruby, false) => "#",
            (Language::Ruby, true) => ".",
        };
        write!(f, "{}{joint}{}", self.class, self.selector)
    }
}

/// A breakpoint of the session.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct BreakLine {
    pub number: usize,
    pub label: String,
    pub enabled: bool,
    pub hits: usize,
}

/// A green process of the session.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Thread {
    pub number: usize,
    /// `stopped`, `ready`, `waiting`, ...
    pub state: String,
    /// Frame on top.
    pub label: String,
    /// Whether the stack commands look at it.
    pub looked_at: bool,
}

impl Failure {
    /// A failure that no exception object stands for.
    pub fn plain(number: i64, class: &str, text: impl Into<String>) -> Failure {
        Failure {
            number,
            classes: vec![class.to_string()],
            text: text.into(),
            ..Failure::default()
        }
    }

    pub fn class(&self) -> &str {
        self.classes.first().map_or("Error", String::as_str)
    }
}

/// What a session answers.
pub type Outcome<T> = Result<T, Failure>;

/// What the display of an object needs to know of it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Facts {
    /// The object's id; 0 while it has none, for immediates their bits.
    pub oop: u64,
    /// Elements, bytes, or named variables when there are neither.
    pub size: usize,
    pub class: String,
    pub class_oop: u64,
    /// Number of parts that LEVEL shows below the object: 0 for strings, numbers and the like.
    pub parts: usize,
}

/// One variable or element of an object.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part {
    pub name: String,
    pub value: Value,
}

/// A method to compile.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MethodText<'a> {
    pub class: &'a str,
    pub class_side: bool,
    pub category: &'a str,
    pub environment: u8,
    pub source: &'a str,
}

/// One line of a stack.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FrameLine {
    /// `Array>>at:`, `block in Foo#bar`.
    pub label: String,
    pub file: String,
    pub line: u32,
}

/// A frame, looked at.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FrameDetail {
    pub receiver: Option<Value>,
    /// Arguments and temporaries by name. `None`: the value cannot be had.
    pub variables: Vec<(String, Option<Value>)>,
}

/// The source of a frame's method.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Listing {
    pub text: String,
    /// Number of the line the text starts with.
    pub first_line: u32,
    /// Number of the line that runs, 0 when it is not in the text.
    pub current_line: u32,
    /// Where in it, in characters from 1; 0 when that is not known.
    pub current_column: u16,
}

/// See the module text. Stack levels count from 1, the innermost frame.
pub trait Session {
    /// Where the session lives, for people.
    fn place(&self) -> String;

    /// Runs a text and answers the value of its last expression. `keep`: on an error the process stays for the stack commands.
    fn execute(&mut self, language: Language, source: &str, keep: bool) -> Outcome<Value>;

    /// Sends a message; `keep` as in `execute`.
    fn send(
        &mut self,
        receiver: Value,
        selector: &str,
        arguments: &[Value],
        language: Language,
        keep: bool,
    ) -> Outcome<Value>;

    /// Compiles and installs a method; answers its selector.
    fn compile(&mut self, method: &MethodText<'_>) -> Outcome<String>;

    fn commit(&mut self) -> Outcome<()>;
    fn abort(&mut self) -> Outcome<()>;
    fn begin(&mut self) -> Outcome<()>;
    /// Whether there is something to commit.
    fn needs_commit(&mut self) -> bool;

    /// The committed object with this id.
    fn object(&mut self, oop: u64) -> Outcome<Value>;
    fn facts(&mut self, value: Value) -> Outcome<Facts>;
    /// Part `index` (from 0) of `value`; `index` is below `facts(value).parts`.
    fn part(&mut self, value: Value, index: usize) -> Outcome<Part>;
    /// The object's text for people: printString, or Ruby's inspect.
    fn print(&mut self, value: Value, language: Language) -> Outcome<String>;
    /// Whether `value` is the object true.
    fn is_true(&self, value: Value) -> bool;
    /// The characters of a string or symbol.
    fn text(&mut self, value: Value) -> Option<String>;
    /// Whether `value` is the object nil, true, false, a number, character, or the like: what `==` compares by content.
    fn is_immediate(&self, value: Value) -> bool;

    /// Number of frames of the stopped process; 0 when nothing is stopped. May be a million.
    fn levels(&self) -> usize;
    /// One frame; `level` is from 1 to `levels()`.
    fn frame_line(&mut self, level: usize) -> FrameLine;
    fn frame(&mut self, level: usize) -> Outcome<FrameDetail>;
    fn listing(&mut self, level: usize) -> Outcome<Listing>;
    fn set_variable(&mut self, level: usize, name: &str, value: Value) -> Outcome<()>;
    /// The stopped process goes on; the message that failed answers `value`.
    fn go_on(&mut self, value: Option<Value>) -> Outcome<Value>;
    /// The stopped process runs the method of frame `level` again.
    fn restart(&mut self, level: usize) -> Outcome<Value>;
    /// The stopped process goes on to the next place.
    fn step(&mut self, step: StepReach) -> Outcome<Value>;
    /// The language of the run that stopped, or ran last.
    fn run_language(&self) -> Language;
    /// The language of the code of frame `level`.
    fn frame_language(&mut self, level: usize) -> Language;
    /// The value of a text that sees the variables of frame `level`. The process stays as it is, but for what the text changes.
    fn evaluate(&mut self, level: usize, language: Language, source: &str) -> Outcome<Value>;

    /// A breakpoint at a place of a method, counted from 1. Answers its number.
    fn break_method(&mut self, method: &MethodName, place: usize) -> Outcome<usize>;
    /// A breakpoint at a line of a file, also of code that comes later. Answers its number.
    fn break_line(&mut self, file: &str, line: u32) -> usize;
    fn breaks(&self) -> Vec<BreakLine>;
    /// Deletes one breakpoint, or all. Answers whether there was any.
    fn break_delete(&mut self, number: Option<usize>) -> bool;
    /// Switches one breakpoint, or all. Answers whether there is any.
    fn break_enable(&mut self, number: Option<usize>, on: bool) -> bool;
    /// Source of a method, and line and column of its places.
    fn places(&mut self, method: &MethodName) -> Outcome<(Listing, Vec<(u32, u16)>)>;

    /// The processes that have not ended.
    fn threads(&mut self) -> Vec<Thread>;
    /// The stack commands look at this process; `None`: at the one that stopped.
    fn look_at(&mut self, number: Option<usize>) -> Outcome<()>;

    /// Ends the stopped process, running its ensure blocks.
    fn give_up(&mut self) -> Outcome<()>;

    /// Processor time this session's process has used.
    fn cpu_time(&self) -> Duration;
}

/// How a session is to be opened.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Login {
    /// The stone asked for by `set gemstone`, unless the command line named a place.
    pub stone: Option<String>,
    pub user: String,
}

/// Opens sessions.
pub trait Gate {
    /// # Errors
    /// One line that says what failed and what to do.
    fn login(&mut self, login: &Login) -> Result<Box<dyn Session>, String>;
}
