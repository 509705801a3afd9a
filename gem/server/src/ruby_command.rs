//! `gem ruby`: behaves as `ruby` does.

use crate::console::{complain, said};
use crate::open::open_session;
use crate::place::ruby_library;
use crate::ruby_options::RubyOptions;
use crate::ruby_program::{RubyProgram, prelude, quoted, read, take_switches};
use gem_session::{RubyEnd, Session};

/// What `--version` and `-v` print. The language's version is also in `ruby-src/kernel/system/version.rb`.
const VERSION: &str = concat!(
    "maglev ",
    env!("CARGO_PKG_VERSION"),
    " (ruby 4.0.0) [x86_64-linux]"
);

const HELP: &str = "\
Usage: gem ruby [options] [--] [filepath] [arguments]
  -0[octal]       Set input record separator ($/)
  -a              Split each input line ($_) into fields ($F)
  -c              Check syntax (no execution)
  -Cdirpath       Execute program in specified directory
  -d              Set debugging flag ($DEBUG) to true
  -e 'code'       Execute given Ruby code; multiple -e allowed
  -Fpattern       Set input field separator ($;); used with -a
  -i[extension]   Set ARGF in-place mode
  -Idirpath       Prepend specified directory to load paths ($LOAD_PATH)
  -l              Set output record separator ($\\) to $/; used for line-oriented output
  -n              Run program in gets loop
  -p              Like -n, with printing added
  -rlibrary       Require the given library
  -s              Define global variables using switches following program path
  -S              Search directories found in the PATH environment variable
  -v              Print version; set $VERBOSE to true
  -w              Synonym for -W1
  -W[level=2]     Set warning flag ($-W): 0 for silent; 1 for moderate; 2 for verbose
  -x[dirpath]     Execute Ruby code starting from a #!ruby line
  --version       Print Ruby version
  --stone NAME    Run at a running stone
  --data DIR      Run on an embedded stone
  --image FILE    Run on a read-only image";

/// Runs the words after `gem ruby`; answers the exit status.
pub fn run(words: &[String]) -> u8 {
    let options = match RubyOptions::parse(words) {
        Ok(options) => options,
        Err(e) => {
            complain(format_args!("ruby: {e}"));
            return 2;
        }
    };
    match execute(options) {
        Ok(status) => status as u8,
        Err(e) => {
            complain(format_args!("ruby: {e}"));
            1
        }
    }
}

fn execute(mut options: RubyOptions) -> Result<i32, String> {
    if options.help {
        return Ok(said("ruby", HELP).into());
    }
    if options.version || options.show_version {
        let status = said("ruby", VERSION);
        if options.version || (options.expressions.is_empty() && options.script.is_none()) {
            return Ok(status.into());
        }
    }
    for dir in options
        .directories
        .iter()
        .chain(options.extract.iter().filter(|d| !d.is_empty()))
    {
        std::env::set_current_dir(dir).map_err(|e| format!("Can't chdir to {dir} ({e})"))?;
    }
    let program = read(&options)?;
    if options.check {
        return Ok(check(&program));
    }
    let switches = if options.switches {
        take_switches(&mut options.arguments)
    } else {
        String::new()
    };
    let mut session = open_session(&options.place, &client(&program))?;
    if let Err(end) = session.start_ruby(&program.name, &options.arguments) {
        return Ok(report(end));
    }
    crate::interrupt::listen(&session);
    let end = run_program(&mut session, &options, &switches, &program);
    Ok(finish(&mut session, end))
}

/// Ruby that puts the library's folder at the end of the load path.
pub fn library_line() -> String {
    match ruby_library() {
        Some(dir) => format!("$: << {}\n", quoted(&dir.to_string_lossy())),
        None => String::new(),
    }
}

fn client(program: &RubyProgram) -> String {
    format!("gem ruby {}", program.name)
}

/// `-c`
fn check(program: &RubyProgram) -> i32 {
    match gem_session::check_ruby(&program.source, &program.name, program.line) {
        Ok(()) => said("ruby", "Syntax OK").into(),
        Err(e) => {
            complain(&e);
            1
        }
    }
}

fn run_program(
    session: &mut Session,
    options: &RubyOptions,
    switches: &str,
    program: &RubyProgram,
) -> RubyEnd {
    session.set_ruby_flags(options.verbose, options.debug);
    let mut setup = prelude(options);
    setup.push_str(switches);
    setup.push_str(&library_line());
    for dir in options.load_path.iter().rev() {
        setup.push_str(&format!("$:.unshift(File.expand_path({}))\n", quoted(dir)));
    }
    if program.file.is_some()
        && let Some(at) = gem_session::ruby_data_offset(&program.source)
    {
        setup.push_str(&format!(
            "DATA = File.open({}); DATA.seek({at})\n",
            quoted(&program.name)
        ));
    }
    for library in &options.libraries {
        setup.push_str(&format!("require {}\n", quoted(library)));
    }
    if !setup.is_empty() {
        let end = session.run_ruby(setup.as_bytes(), "-", 1);
        if !matches!(end, RubyEnd::Value(_)) {
            return end;
        }
    }
    session.run_ruby(&program.source, &program.name, program.line)
}

/// Runs what was registered for the end, says what went wrong, answers the exit status.
pub fn finish(session: &mut Session, end: RubyEnd) -> i32 {
    if let RubyEnd::Uncaught { exception, .. } = &end {
        session.vm.model.hold(*exception);
        session.vm.exec.error_info = *exception;
    }
    let replaced = session.finish_ruby();
    let interrupted =
        matches!(&end, RubyEnd::Uncaught { exception, .. } if session.is_interrupt(*exception));
    let status = if interrupted {
        report(end).max(INTERRUPTED)
    } else {
        report(end)
    };
    match replaced {
        Ok(replaced) => replaced.unwrap_or(status),
        Err(end) => report(end).max(status),
    }
}

/// Status of a program that Ctrl-C ended: 128 and the number of SIGINT.
const INTERRUPTED: i32 = 130;

/// Says what went wrong; answers the exit status.
pub fn report(end: RubyEnd) -> i32 {
    match end {
        RubyEnd::Value(_) => 0,
        RubyEnd::Exit(status) => status,
        RubyEnd::Syntax(text) => {
            let (first, rest) = text.split_once('\n').unwrap_or((text.as_str(), ""));
            complain(format_args!(
                "{first} (SyntaxError)\n{}",
                rest.trim_end_matches('\n')
            ));
            1
        }
        RubyEnd::Uncaught { text, .. } => {
            complain(text.trim_end_matches('\n'));
            1
        }
        RubyEnd::Broken(text) => {
            complain(format_args!("gem: {text}"));
            1
        }
    }
}
