//! The table of commands: name, how far it may be shortened, what text it takes, help, handler. Help, abbreviations and dispatch read it.

use crate::commands::{
    breaks, browse, control, display, execute, expect, fileout, lists, methods, onerror, stack,
    streams, transactions,
};
use crate::topaz::{Done, Topaz};

/// How much of a command's name must be typed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shortening {
    /// Any beginning that no other command has.
    Unique,
    /// All of it: a slip of the finger must not commit or leave.
    Whole,
}

/// What follows the line of a command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Text {
    None,
    /// Lines up to one that begins with `%`.
    Lines,
    /// The rest of the line up to `%` or its end; lines, when the rest is empty.
    Either,
}

/// A command as typed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Request {
    /// What follows the command's name on its line, trimmed.
    pub rest: String,
    /// The text of commands that take one.
    pub text: String,
}

/// A row of the table.
pub struct Command {
    pub name: &'static str,
    pub shortening: Shortening,
    pub aliases: &'static [&'static str],
    pub text: Text,
    /// Whether it answers an object or an error that `expectvalue` and `expecterror` look at.
    pub executes: bool,
    pub usage: &'static str,
    pub help: &'static str,
    pub handler: fn(&mut Topaz, &Request) -> Done,
}

macro_rules! executes {
    (executes) => {
        true
    };
    (silent) => {
        false
    };
}

macro_rules! commands {
    ($( $name:literal $shortening:ident [$($alias:literal)*] $text:ident $executes:ident $usage:literal $help:literal => $handler:path ; )+) => {
        /// Every command, by name.
        pub const COMMANDS: &[Command] = &[ $( Command {
            name: $name,
            shortening: Shortening::$shortening,
            aliases: &[$($alias),*],
            text: Text::$text,
            executes: executes!($executes),
            usage: $usage,
            help: $help,
            handler: $handler,
        } ),+ ];
    };
}

commands! {
    "abort" Whole [] None executes "abort" "Drop the changes to committed objects and move to the newest commit." => transactions::abort;
    "allstacks" Unique [] None silent "allstacks [N]" "The stacks of all processes: the N (20) innermost frames of each." => stack::all_stacks;
    "begin" Whole [] None executes "begin" "Abort, and stay in a transaction until commit or abort." => transactions::begin;
    "break" Unique [] None silent "break method [CLASS>>]SELECTOR [@ PLACE] | classmethod … | ruby CLASS#METHOD | line FILE:LINE | list | delete N | disable N | enable N (or all)" "Breakpoints: where a process is to stop; list steps shows the places of a method." => breaks::breaks;
    "category" Unique [] None silent "category: NAME" "Category of the methods compiled from now on." => methods::category;
    "classmethod" Unique [] Lines executes "classmethod: [CLASS]" "Compile the text up to % as a method of the class side of CLASS (or of `set class`)." => methods::class_method;
    "commit" Whole [] None executes "commit" "Make the changes durable and visible to other sessions." => transactions::commit;
    "continue" Unique ["c"] None executes "continue [OBJECT]" "The stopped process goes on; the message that failed answers OBJECT (nil)." => stack::go_on;
    "define" Unique [] None silent "define [NAME [OBJECT]]" "Give an object a name that object specifications know; without arguments list the names." => lists::define;
    "display" Unique [] None silent "display oops | classoops | resultcheck | pauseonerror | echo" "Switch something on." => display::display;
    "doit" Unique [] Lines executes "doit" "Run the Smalltalk text up to %; show the result in one line." => execute::doit;
    "down" Unique [] None silent "down [N]" "Pick the frame N levels further in." => stack::down;
    "errorcount" Unique [] None silent "errorcount" "Print how many commands have failed." => onerror::error_count;
    "eval" Unique [] Either executes "eval TEXT %" "The value of a text in the current frame, in the language of the frame." => execute::eval;
    "exec" Unique [] Either executes "exec TEXT %" "Run one line of Smalltalk." => execute::exec;
    "exit" Whole [] None silent "exit [N]" "Leave with status N; without N: 0 when no command failed, else 1." => control::exit;
    "exitifnoerror" Whole [] None silent "exitifnoerror" "Leave with status 0 when no command has failed." => control::exit_if_no_error;
    "expecterror" Unique [] None silent "expecterror [CATEGORY] NUMBER | %CLASS | /CLASS" "The next execution must fail with this error: its number, its class, or a kind of a class." => expect::expect_error;
    "expectvalue" Unique [] None silent "expectvalue OBJECT | %CLASS | /CLASS" "The next execution must answer this: an equal object, an instance of a class, a kind of a class." => expect::expect_value;
    "fileformat" Unique [] None silent "fileformat utf8" "Kept for file-ins: texts are UTF-8 in any case." => streams::file_format;
    "fileout" Unique [] None silent "fileout class CLASS [tofile: FILE]" "Write a class as a topaz script." => fileout::file_out;
    "frame" Unique [] None silent "frame [N]" "Pick frame N of the stopped process and show it." => stack::frame;
    "giveup" Unique [] None silent "giveup" "End the stopped process; its ensure blocks run." => stack::give_up;
    "help" Unique ["?"] None silent "help [COMMAND]" "What the commands are; how one is used." => control::help;
    "hierarchy" Unique [] None silent "hierarchy [CLASS]" "The superclasses and subclasses of CLASS (or of `set class`)." => browse::hierarchy;
    "history" Unique [] None silent "history [N]" "The last N (20) command lines." => control::history;
    "iferr" Unique [] None silent "iferr N [COMMAND]" "Run COMMAND whenever a command fails, in the order of N (1 to 10); without COMMAND no longer." => onerror::if_err;
    "iferr_clear" Unique [] None silent "iferr_clear" "Forget all commands of iferr." => onerror::if_err_clear;
    "iferr_list" Unique [] None silent "iferr_list" "List the commands of iferr." => onerror::if_err_list;
    "iferror" Unique [] None silent "iferror [COMMAND]" "The same as iferr 1." => onerror::if_error;
    "implementors" Unique [] None silent "implementors SELECTOR" "The methods with this selector." => browse::implementors;
    "input" Unique [] None silent "input FILE | pop" "Read commands from FILE ($NAME is replaced); pop leaves it early." => streams::input;
    "level" Unique [] None silent "level N" "Show N levels of the parts of results (0: the printString only)." => display::level;
    "limit" Unique [] None silent "limit bytes N | oops N" "Longest text, and most parts, that are shown of an object; 0 is no limit." => display::limit;
    "list" Unique [] None silent "list [methods | classmethods | categories | classes | dictionaries] [CLASS] | method [CLASS>>]SELECTOR | classmethod SELECTOR | steps [CLASS>>]SELECTOR | breaks" "Browse; without arguments the source of the current frame, ==> at the line that runs and ^ under the place in it." => lists::list;
    "login" Whole [] None silent "login" "Open a session (set gemstone, set user come first)." => transactions::login;
    "logout" Whole [] None silent "logout" "Abort and end the session." => transactions::logout;
    "lookup" Unique [] None silent "lookup CLASS>>SELECTOR | method SELECTOR | classmethod SELECTOR" "The method that an instance (or the class) would run, with its source." => browse::lookup;
    "method" Unique [] Lines executes "method: [CLASS]" "Compile the text up to % as a method of CLASS (or of `set class`)." => methods::method;
    "object" Unique ["obj"] None executes "object OBJECT [at: N [put: OBJECT]]" "Show an object: @OOP, ** (the last result), a name, a number, $c, 'text', #symbol." => display::object;
    "omit" Unique [] None silent "omit oops | classoops | resultcheck | pauseonerror | echo" "Switch something off." => display::omit;
    "output" Unique [] None silent "output push FILE [only] | append FILE [only] | pushnew FILE [only] | pop" "Send output to a file too, or only there." => streams::output;
    "printit" Unique [] Lines executes "printit" "Run the Smalltalk text up to %, in the current frame when a process is stopped; show the result with one level of its parts." => execute::print_it;
    "quit" Whole [] None silent "quit [N]" "The same as exit." => control::exit;
    "remark" Unique [] None silent "remark TEXT" "A comment, as is a line that begins with !" => control::remark;
    "removeallclassmethods" Unique [] None executes "removeallclassmethods [CLASS]" "Remove all methods of the class side, in the environment of `set compile_env`." => methods::remove_all_class_methods;
    "removeallmethods" Unique [] None executes "removeallmethods [CLASS]" "Remove all methods of CLASS, in the environment of `set compile_env`." => methods::remove_all_methods;
    "restart" Unique [] None executes "restart [N]" "The stopped process runs the method of frame N (the current one) again." => stack::restart;
    "rubyeval" Unique [] Either executes "rubyeval TEXT %" "The value of a Ruby text in the current frame." => execute::ruby_eval;
    "rubyrun" Unique [] Lines executes "rubyrun" "Run the Ruby text up to %; show the result at LEVEL." => execute::ruby_run;
    "run" Unique [] Lines executes "run" "Run the Smalltalk text up to %; show the result at LEVEL." => execute::run;
    "send" Unique [] None executes "send OBJECT SELECTOR [ARGUMENTS] | OBJECT key: ARGUMENT …" "Send a message." => execute::send;
    "senders" Unique [] None silent "senders SELECTOR" "The methods that send this selector." => browse::senders;
    "set" Unique [] None silent "set PARAMETER VALUE …" "Parameters: gemstone, user, password, class, category, compile_env, session and others; without arguments show them." => control::set;
    "shell" Unique ["spawn"] None silent "shell [COMMAND]" "Run a command of the operating system." => control::shell;
    "stack" Unique ["stk"] None silent "stack [N]" "The frames of the stopped process with their variables, innermost first." => stack::stack;
    "status" Unique [] None silent "status" "The settings and the session." => control::status;
    "step" Unique [] None executes "step [over | into | thru]" "The stopped process goes on to the next place; into what it calls; or thru the blocks of its method." => breaks::step;
    "strings" Unique [] None silent "strings TEXT" "The methods whose source holds TEXT." => browse::strings;
    "temporary" Unique [] None silent "temporary [NAME [OBJECT]]" "Show the variables of the current frame, or one; or store OBJECT in it." => stack::temporary;
    "thread" Unique [] None silent "thread [N]" "The stack commands look at process N; without N at the one that stopped." => stack::thread;
    "threads" Unique [] None silent "threads" "The processes that have not ended." => stack::threads;
    "time" Unique [] None silent "time" "The time since topaz started and since the last time command." => control::time;
    "up" Unique [] None silent "up [N]" "Pick the frame N levels further out." => stack::up;
    "where" Unique [] None silent "where [N | TEXT]" "One line for each frame of the stopped process: the first N, or those that hold TEXT." => stack::place;
}

/// Why a word names no command.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NoCommand {
    Unknown(String),
    Ambiguous(String, Vec<&'static str>),
    /// The command may not be shortened.
    Shortened(String, &'static str),
}

impl std::fmt::Display for NoCommand {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            NoCommand::Unknown(word) => {
                write!(f, "unknown command: {word}; help lists the commands")
            }
            NoCommand::Ambiguous(word, names) => {
                write!(f, "{word} could be {}; type more of it", names.join(", "))
            }
            NoCommand::Shortened(word, name) => {
                write!(f, "{word}: {name} must be typed in full")
            }
        }
    }
}

/// The command that `word` names, in any case, shortened or not.
///
/// # Errors
/// See `NoCommand`.
pub fn command_named(word: &str) -> Result<&'static Command, NoCommand> {
    let wanted = word.to_lowercase();
    let exact = COMMANDS
        .iter()
        .find(|c| c.name == wanted || c.aliases.contains(&wanted.as_str()));
    if let Some(command) = exact {
        return Ok(command);
    }
    let begins: Vec<&'static Command> = COMMANDS
        .iter()
        .filter(|c| !wanted.is_empty() && c.name.starts_with(&wanted))
        .collect();
    let short: Vec<&'static Command> = begins
        .iter()
        .copied()
        .filter(|c| c.shortening == Shortening::Unique)
        .collect();
    match (short.as_slice(), begins.as_slice()) {
        ([], []) => Err(NoCommand::Unknown(word.to_string())),
        ([], [whole, ..]) => Err(NoCommand::Shortened(word.to_string(), whole.name)),
        ([command], _) => Ok(command),
        (several, _) => Err(NoCommand::Ambiguous(
            word.to_string(),
            several.iter().map(|c| c.name).collect(),
        )),
    }
}

/// Splits a line into the command's word and the rest. A colon ends the word (`method: Foo`, `category:'x'`).
pub fn split_line(line: &str) -> (&str, &str) {
    let line = line.trim();
    let end = line
        .find(|c: char| c.is_whitespace() || c == ':')
        .unwrap_or(line.len());
    let (word, rest) = line.split_at(end);
    let rest = rest.strip_prefix(':').unwrap_or(rest);
    (word, rest.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(word: &str) -> String {
        match command_named(word) {
            Ok(command) => command.name.to_string(),
            Err(e) => e.to_string(),
        }
    }

    #[test]
    fn the_table_is_sorted_and_names_are_unique() {
        let names: Vec<&str> = COMMANDS.iter().map(|c| c.name).collect();
        let mut sorted = names.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(names, sorted);
        for command in COMMANDS {
            assert!(command.usage.starts_with(command.name), "{}", command.name);
            assert!(command.help.ends_with(['.', '!']), "{}", command.name);
        }
    }

    #[test]
    fn unique_beginnings_are_enough() {
        assert_eq!(name("inp"), "input");
        assert_eq!(name("PRI"), "printit");
        assert_eq!(
            name("ru"),
            "ru could be rubyeval, rubyrun, run; type more of it"
        );
        assert_eq!(name("run"), "run");
        assert_eq!(name("iferr"), "iferr");
        assert_eq!(name("c"), "continue");
        assert_eq!(name("obj"), "object");
        assert_eq!(name("xyz"), "unknown command: xyz; help lists the commands");
    }

    #[test]
    fn some_commands_want_all_their_letters() {
        assert_eq!(name("commi"), "commi: commit must be typed in full");
        assert_eq!(name("ab"), "ab: abort must be typed in full");
        assert_eq!(name("qui"), "qui: quit must be typed in full");
        assert_eq!(name("exit"), "exit");
        assert_eq!(
            name("exitif"),
            "exitif: exitifnoerror must be typed in full"
        );
    }

    #[test]
    fn lines_split_at_blanks_and_colons() {
        assert_eq!(split_line(" method: Foo "), ("method", "Foo"));
        assert_eq!(split_line("category:'a b'"), ("category", "'a b'"));
        assert_eq!(split_line("run"), ("run", ""));
        assert_eq!(
            split_line("list method at:put:"),
            ("list", "method at:put:")
        );
    }
}
