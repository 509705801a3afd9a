//! expectvalue, expecterror.

use crate::command::Request;
use crate::expectation::Expectation;
use crate::text::words;
use crate::topaz::{Done, Flow, Topaz};

pub fn expect_value(topaz: &mut Topaz, request: &Request) -> Done {
    let text = request.rest.trim();
    let expectation = match (text.strip_prefix('%'), text.strip_prefix('/')) {
        (Some(class), _) => Expectation::Class(class_name(class)?),
        (_, Some(class)) => Expectation::Kind(class_name(class)?),
        _ if text.is_empty() => {
            return Err("expectvalue OBJECT, or %CLASS, or /CLASS".into());
        }
        _ => Expectation::Equal(topaz.value_of(text)?, text.to_string()),
    };
    topaz.expected.push(expectation);
    Ok(Flow::Next)
}

/// `2010`, `GemStoneError 2010 …`, `%ZeroDivide`, `/Error`.
pub fn expect_error(topaz: &mut Topaz, request: &Request) -> Done {
    let usage = "expecterror [CATEGORY] NUMBER, or %CLASS, or /CLASS";
    let words = words(&request.rest);
    let expectation = match words.as_slice() {
        [word] if word.starts_with('%') => Expectation::ErrorClass(class_name(&word[1..])?),
        [word] if word.starts_with('/') => Expectation::ErrorKind(class_name(&word[1..])?),
        // Scripts written for GemStone name the error dictionary before the number and classes of arguments after it.
        [word, ..] if word.parse::<i64>().is_ok() => {
            Expectation::ErrorNumber(word.parse().unwrap_or(0))
        }
        [_, word, ..] if word.parse::<i64>().is_ok() => {
            Expectation::ErrorNumber(word.parse().unwrap_or(0))
        }
        [word] => Expectation::ErrorClass(class_name(word)?),
        _ => return Err(usage.into()),
    };
    topaz.expected.push(expectation);
    Ok(Flow::Next)
}

fn class_name(text: &str) -> Result<String, String> {
    // A number after the class (its oop in GemStone's form) says nothing more.
    let name = text.split_whitespace().next().unwrap_or("");
    if crate::specification::is_name(name) {
        Ok(name.to_string())
    } else {
        Err(format!("{text:?} is no class name"))
    }
}
