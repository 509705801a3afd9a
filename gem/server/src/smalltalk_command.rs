//! `gem smalltalk`: a text as statements, run from top to bottom.

use crate::console::{complain, lost, say};
use crate::open::{open_session, run_smalltalk};
use crate::place::SessionPlace;
use std::io::Read;

struct Options {
    place: SessionPlace,
    expressions: Vec<String>,
    file: Option<String>,
    arguments: Vec<String>,
}

/// Runs the words after `gem smalltalk`; answers the exit status.
pub fn run(words: &[String]) -> u8 {
    match parse(words) {
        Err(e) => {
            complain(format_args!("gem smalltalk: {e}"));
            2
        }
        Ok(options) => match execute(&options) {
            Ok(()) => 0,
            Err(e) => {
                complain(e);
                1
            }
        },
    }
}

fn parse(words: &[String]) -> Result<Options, String> {
    let mut options = Options {
        place: SessionPlace::from_environment(),
        expressions: Vec::new(),
        file: None,
        arguments: Vec::new(),
    };
    let mut at = 0;
    while at < words.len() {
        if let Some((place, taken)) = SessionPlace::option(words, at)? {
            options.place = place;
            at += taken;
            continue;
        }
        match words[at].as_str() {
            "-e" => {
                let code = words.get(at + 1).ok_or("no code specified for -e")?;
                options.expressions.push(code.clone());
                at += 2;
            }
            "--" => {
                at += 1;
                break;
            }
            word if word.starts_with('-') && word != "-" => {
                return Err(format!("invalid option {word}"));
            }
            _ => break,
        }
    }
    let mut rest = words[at..].iter().cloned();
    if options.expressions.is_empty() {
        options.file = rest.next();
    }
    options.arguments = rest.collect();
    Ok(options)
}

fn execute(options: &Options) -> Result<(), String> {
    let (source, name) = match options.file.as_deref() {
        _ if !options.expressions.is_empty() => (options.expressions.join("\n"), "-e".to_string()),
        None | Some("-") => {
            let mut source = String::new();
            std::io::stdin()
                .read_to_string(&mut source)
                .map_err(|e| format!("cannot read the program from standard input: {e}"))?;
            (source, "-".to_string())
        }
        Some(file) => (
            std::fs::read_to_string(file).map_err(|e| format!("{file}: {e}"))?,
            file.to_string(),
        ),
    };
    let mut session = open_session(&options.place, &format!("gem smalltalk {name}"))?;
    session.set_arguments(&name, &options.arguments);
    // What a Smalltalk program makes is for everybody, once it is committed.
    session.vm.model.persistent_mode = true;
    crate::interrupt::listen(&session);
    let printed = run_smalltalk(&mut session, &source, &name);
    session.flush_transcript();
    let printed = printed?;
    if !options.expressions.is_empty() {
        say(printed).map_err(|e| format!("gem smalltalk: {}", lost(&e)))?;
    }
    Ok(())
}
