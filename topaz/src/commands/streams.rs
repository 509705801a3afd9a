//! input, output.

use crate::command::Request;
use crate::errors::Complaint;
use crate::output::Opening;
use crate::text::{expanded, first_word, unquoted, words};
use crate::topaz::{Done, Flow, Topaz};
use std::path::PathBuf;

pub fn input(topaz: &mut Topaz, request: &Request) -> Done {
    if request.rest.eq_ignore_ascii_case("pop") {
        if !topaz.inputs.pop() {
            return Err("input pop: no input file is being read".into());
        }
        return Ok(Flow::Next);
    }
    if request.rest.is_empty() {
        return Err("input FILE, or input pop".into());
    }
    let path = path_of(topaz, &request.rest)?;
    topaz.inputs.push(&path)?;
    Ok(Flow::Next)
}

pub fn output(topaz: &mut Topaz, request: &Request) -> Done {
    let usage = "output push FILE [only], append FILE [only], pushnew FILE [only], or pop";
    let (what, rest) = first_word(&request.rest);
    let opening = match what.to_lowercase().as_str() {
        "push" => Opening::Push,
        "append" => Opening::Append,
        "pushnew" => Opening::PushNew,
        "pop" => {
            return match topaz.output.pop()? {
                Some(_) => Ok(Flow::Next),
                None => Err("output pop: no output file is open".into()),
            };
        }
        _ => return Err(usage.into()),
    };
    let words = words(rest);
    let (file, only) = match words.as_slice() {
        [file] => (file, false),
        [file, only] if only.eq_ignore_ascii_case("only") => (file, true),
        _ => return Err(usage.into()),
    };
    let path = path_of(topaz, file)?;
    topaz
        .output
        .push(&path, opening, only)
        .map_err(|e| Complaint::Wrong(format!("cannot write {}: {e}", path.display())))?;
    Ok(Flow::Next)
}

/// `fileformat utf8`; other encodings would be read wrongly.
pub fn file_format(_: &mut Topaz, request: &Request) -> Done {
    match request.rest.trim().to_lowercase().as_str() {
        "utf8" => Ok(Flow::Next),
        _ => Err("fileformat utf8: topaz reads no other; iconv -t UTF-8 changes a file".into()),
    }
}

/// A file name as typed: quotes come off, environment variables go in.
pub fn path_of(topaz: &Topaz, text: &str) -> Result<PathBuf, Complaint> {
    let text = unquoted(text);
    Ok(PathBuf::from(expanded(&text, topaz.variables.as_ref())?))
}
