//! The text of the program that a command line names, and the Ruby that its options stand for.

use crate::ruby_options::RubyOptions;
use std::io::Read;
use std::path::{Path, PathBuf};

/// A program ready to be compiled.
pub struct RubyProgram {
    pub source: Vec<u8>,
    /// `$0`, and the file in backtraces.
    pub name: String,
    /// Line of the first line of `source`.
    pub line: u32,
    /// Where `DATA` begins, when the program is a file with `__END__`.
    pub file: Option<PathBuf>,
}

/// Finds and reads the program.
///
/// # Errors
/// As Ruby says it.
pub fn read(options: &RubyOptions) -> Result<RubyProgram, String> {
    let mut program = if !options.expressions.is_empty() {
        RubyProgram {
            source: (options.expressions.join("\n") + "\n").into_bytes(),
            name: "-e".to_string(),
            line: 1,
            file: None,
        }
    } else {
        match options.script.as_deref() {
            None | Some("-") => {
                let mut source = Vec::new();
                std::io::stdin()
                    .read_to_end(&mut source)
                    .map_err(|e| format!("cannot read the program from standard input: {e}"))?;
                RubyProgram {
                    source,
                    name: "-".to_string(),
                    line: 1,
                    file: None,
                }
            }
            Some(script) => from_file(options, script)?,
        }
    };
    if options.extract.is_some() {
        extract(&mut program)?;
    }
    if options.loops {
        wrap(options, &mut program);
    }
    Ok(program)
}

fn from_file(options: &RubyOptions, script: &str) -> Result<RubyProgram, String> {
    let path = if options.search {
        search(script)
    } else {
        PathBuf::from(script)
    };
    if path.is_dir() {
        return Err(format!("Is a directory -- {script} (LoadError)"));
    }
    let source = std::fs::read(&path).map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => {
            format!("No such file or directory -- {script} (LoadError)")
        }
        std::io::ErrorKind::PermissionDenied => {
            format!("Permission denied -- {script} (LoadError)")
        }
        _ => format!("{e} -- {script} (LoadError)"),
    })?;
    Ok(RubyProgram {
        source,
        name: path.to_string_lossy().into_owned(),
        line: 1,
        file: Some(path),
    })
}

/// `-S`: the first file of that name along PATH.
fn search(script: &str) -> PathBuf {
    let here = Path::new(script);
    if script.contains('/') || here.is_file() {
        return here.to_path_buf();
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .map(|dir| dir.join(script))
        .find(|p| p.is_file())
        .unwrap_or_else(|| here.to_path_buf())
}

/// `-x`: the program begins at the line `#!…ruby`.
fn extract(program: &mut RubyProgram) -> Result<(), String> {
    let mut at = 0;
    for (number, line) in program.source.split_inclusive(|&b| b == b'\n').enumerate() {
        if line.starts_with(b"#!") && line.windows(4).any(|w| w == b"ruby") {
            program.line = number as u32 + 1;
            program.source.drain(..at);
            return Ok(());
        }
        at += line.len();
    }
    Err("no Ruby script found in input (LoadError)".to_string())
}

/// `-n`, `-p`, `-l`, `-a`: the loop around the program, without moving its lines.
fn wrap(options: &RubyOptions, program: &mut RubyProgram) {
    let mut head = String::from("while gets");
    head.push_str(if options.line_ends {
        "(chomp: true);"
    } else {
        ";"
    });
    if options.splits {
        head.push_str("$F = $_.split;");
    }
    let mut source = head.into_bytes();
    source.append(&mut program.source);
    source.extend_from_slice(if options.prints {
        b"\n;print $_\nend\n"
    } else {
        b"\nend\n"
    });
    program.source = source;
}

/// Ruby that sets the globals of options, to run before the program.
pub fn prelude(options: &RubyOptions) -> String {
    let mut text = String::new();
    if let Some(record) = &options.record {
        text.push_str(&match u32::from_str_radix(record, 8) {
            Ok(0) => "$/ = ''\n".to_string(),
            Ok(0o777) => "$/ = nil\n".to_string(),
            Ok(byte) if byte < 128 => format!("$/ = {byte}.chr\n"),
            _ => "$/ = \"\\0\"\n".to_string(),
        });
    }
    if options.line_ends {
        text.push_str("$\\ = $/\n");
    }
    if let Some(separator) = &options.separator {
        text.push_str(&format!("$; = Regexp.new({})\n", quoted(separator)));
    }
    if let Some(suffix) = &options.in_place {
        let suffix = quoted(suffix);
        text.push_str(&format!(
            "ARGF.respond_to?(:inplace_mode=) ? (ARGF.inplace_mode = {suffix}) : abort('ruby: -i is not in this version')\n"
        ));
    }
    text
}

/// A Ruby string literal of any text.
pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// `-s`: `-name` and `-name=value` before the program's arguments become globals. Answers their Ruby.
pub fn take_switches(arguments: &mut Vec<String>) -> String {
    let mut text = String::new();
    while let Some(first) = arguments.first().cloned() {
        let Some(switch) = first.strip_prefix('-').filter(|s| !s.is_empty()) else {
            break;
        };
        arguments.remove(0);
        if switch == "-" {
            break;
        }
        let (name, value) = match switch.split_once('=') {
            Some((name, value)) => (name, quoted(value)),
            None => (switch, "true".to_string()),
        };
        let name: String = name
            .chars()
            .map(|c| if c == '-' { '_' } else { c })
            .collect();
        if name.chars().all(|c| c == '_' || c.is_alphanumeric()) {
            text.push_str(&format!("${name} = {value}\n"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loops_do_not_move_lines() {
        let words: Vec<String> = ["-lane", "p $F"].map(String::from).to_vec();
        let options = RubyOptions::parse(&words).unwrap();
        let program = read(&options).unwrap();
        assert_eq!(
            String::from_utf8(program.source).unwrap(),
            "while gets(chomp: true);$F = $_.split;p $F\n\nend\n"
        );
        assert_eq!(prelude(&options), "$\\ = $/\n");
    }

    #[test]
    fn text_before_the_program_is_skipped() {
        let mut program = RubyProgram {
            source: b"mail\n\n#!/usr/bin/ruby\np 1\n".to_vec(),
            name: "x".into(),
            line: 1,
            file: None,
        };
        extract(&mut program).unwrap();
        assert_eq!(
            (program.line, &program.source[..]),
            (3, &b"#!/usr/bin/ruby\np 1\n"[..])
        );
        assert!(
            extract(&mut RubyProgram {
                source: vec![],
                name: String::new(),
                line: 1,
                file: None
            })
            .is_err()
        );
    }

    #[test]
    fn switches_become_globals() {
        let mut arguments: Vec<String> = ["-a-b", "-c=it's", "--", "-d"].map(String::from).to_vec();
        assert_eq!(
            take_switches(&mut arguments),
            "$a_b = true\n$c = 'it\\'s'\n"
        );
        assert_eq!(arguments, ["-d"]);
    }
}
