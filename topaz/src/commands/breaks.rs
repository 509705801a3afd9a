//! Breakpoints and steps: break, step.

use crate::command::Request;
use crate::commands::browse::{begins, selector_of};
use crate::commands::display::number;
use crate::errors::Complaint;
use crate::session::{Language, Listing, MethodName, StepReach};
use crate::text::{first_word, words};
use crate::topaz::{Done, Flow, Topaz};

const USAGE: &str = "break method [CLASS>>]SELECTOR [@ PLACE], break classmethod [CLASS>>]SELECTOR [@ PLACE], \
                     break ruby CLASS#METHOD [@ PLACE], break line FILE:LINE, break list, \
                     break delete N | all, break disable N | all, break enable N | all";

/// `break`
pub fn breaks(topaz: &mut Topaz, request: &Request) -> Done {
    let (what, rest) = first_word(&request.rest);
    let what = what.trim_end_matches(':').to_lowercase();
    match what.as_str() {
        "" => Err(USAGE.into()),
        _ if begins("list", &what) && rest.is_empty() => list(topaz),
        _ if begins("method", &what) => set(topaz, rest, Side::Instance),
        _ if begins("classmethod", &what) || begins("cmethod", &what) => {
            set(topaz, rest, Side::Class)
        }
        _ if begins("ruby", &what) => set(topaz, rest, Side::Ruby),
        _ if begins("line", &what) => set_line(topaz, rest),
        _ if begins("delete", &what) && what.len() > 1 => delete(topaz, rest),
        _ if begins("disable", &what) && what.len() > 1 => enable(topaz, rest, false),
        _ if begins("enable", &what) => enable(topaz, rest, true),
        _ => Err(USAGE.into()),
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Side {
    Instance,
    Class,
    Ruby,
}

fn set(topaz: &mut Topaz, text: &str, side: Side) -> Done {
    let (method, place) = match text.split_once('@') {
        Some((method, place)) => (method.trim(), number(place, USAGE)?),
        None => (text.trim(), 1),
    };
    let method = method_name(topaz, method, side)?;
    let number = topaz.session()?.break_method(&method, place)?;
    topaz.say(&format!("breakpoint {number}: {method} @ {place}"));
    Ok(Flow::Next)
}

/// `Foo>>bar:`, `Foo class>>bar:`, `Foo bar:`, `bar:`, `Foo#bar`, `Foo.bar`.
fn method_name(topaz: &Topaz, text: &str, side: Side) -> Result<MethodName, Complaint> {
    if side == Side::Ruby {
        return ruby_name(text);
    }
    let (class, selector) = match (text.split_once(">>"), words(text).as_slice()) {
        (Some((class, selector)), _) => {
            (topaz.class_or_current(class)?, selector.trim().to_string())
        }
        (None, [selector]) => (topaz.class_or_current("")?, selector.to_string()),
        (None, [class @ .., selector]) if !class.is_empty() => (
            topaz.class_or_current(&class.join(" "))?,
            selector.to_string(),
        ),
        _ => return Err(USAGE.into()),
    };
    let class = match side {
        Side::Class if !class.ends_with(" class") => format!("{class} class"),
        _ => class,
    };
    Ok(MethodName {
        class,
        selector: selector_of(&selector, USAGE)?,
        language: Language::Smalltalk,
        singleton: false,
    })
}

fn ruby_name(text: &str) -> Result<MethodName, Complaint> {
    let singleton = !text.contains('#');
    let parts = if singleton {
        text.split_once('.')
    } else {
        text.split_once('#')
    };
    let (class, selector) = parts.ok_or(USAGE)?;
    let is_constant = class.split("::").all(|part| {
        part.starts_with(|c: char| c.is_uppercase())
            && part.chars().all(|c| c.is_alphanumeric() || c == '_')
    });
    if !is_constant || selector.trim().is_empty() || selector.contains(char::is_whitespace) {
        return Err(format!("{text:?} is no Ruby method: write Foo#bar or Foo.bar").into());
    }
    Ok(MethodName {
        class: class.to_string(),
        selector: selector.trim().to_string(),
        language: Language::Ruby,
        singleton,
    })
}

fn set_line(topaz: &mut Topaz, text: &str) -> Done {
    let (file, line) = text.rsplit_once(':').ok_or(USAGE)?;
    let line = number(line, USAGE)? as u32;
    if file.trim().is_empty() || line == 0 {
        return Err(USAGE.into());
    }
    let number = topaz.session()?.break_line(file.trim(), line);
    topaz.say(&format!("breakpoint {number}: {}:{line}", file.trim()));
    Ok(Flow::Next)
}

/// `break list`
pub fn list(topaz: &mut Topaz) -> Done {
    let all = topaz.session()?.breaks();
    if all.is_empty() {
        topaz.say("No breakpoints are set.");
    }
    for b in all {
        let state = if b.enabled { "" } else { " (disabled)" };
        let hits = match b.hits {
            0 => String::new(),
            1 => ", hit once".to_string(),
            n => format!(", hit {n} times"),
        };
        topaz.say(&format!("{}: {}{state}{hits}", b.number, b.label));
    }
    Ok(Flow::Next)
}

/// A number, or `None` for all.
fn which(text: &str) -> Result<Option<usize>, Complaint> {
    if text.trim().eq_ignore_ascii_case("all") {
        return Ok(None);
    }
    number(text, USAGE).map(Some)
}

fn found(any: bool, which: Option<usize>) -> Done {
    match (any, which) {
        (false, Some(number)) => {
            Err(format!("there is no breakpoint {number}; break list shows them").into())
        }
        _ => Ok(Flow::Next),
    }
}

fn delete(topaz: &mut Topaz, text: &str) -> Done {
    let which = which(text)?;
    let any = topaz.session()?.break_delete(which);
    found(any, which)
}

fn enable(topaz: &mut Topaz, text: &str, on: bool) -> Done {
    let which = which(text)?;
    let any = topaz.session()?.break_enable(which, on);
    found(any, which)
}

pub fn step(topaz: &mut Topaz, request: &Request) -> Done {
    let word = request.rest.trim();
    let step = if word.is_empty() || begins("over", word) {
        StepReach::Over
    } else if begins("into", word) {
        StepReach::Into
    } else if begins("thru", word) || begins("through", word) {
        StepReach::Thru
    } else {
        return Err("step over, step into, or step thru".into());
    };
    topaz.levels()?;
    let level = topaz.display.level;
    let answer = topaz.session()?.step(step)?;
    topaz.printing = topaz.session()?.run_language();
    topaz.answer(answer, level)
}

/// `list steps`: the source of a method with the numbers of its places.
pub fn list_steps(topaz: &mut Topaz, text: &str) -> Done {
    let usage = "list steps [CLASS>>]SELECTOR, or list steps CLASS#METHOD";
    let (first, rest) = first_word(text);
    let text = if begins("method", first) && !rest.is_empty() {
        rest
    } else {
        text
    };
    let ruby = text.contains('#') || !text.contains(">>") && text.contains('.');
    let side = if ruby { Side::Ruby } else { Side::Instance };
    let method = method_name(topaz, text, side).map_err(|_| Complaint::from(usage))?;
    let (listing, places) = topaz.session()?.places(&method)?;
    for line in numbered(&listing, &places) {
        topaz.say(&line);
    }
    Ok(Flow::Next)
}

/// The lines of a source, under each the numbers of the places in it.
fn numbered(listing: &Listing, places: &[(u32, u16)]) -> Vec<String> {
    let mut out = Vec::new();
    for (line, text) in (listing.first_line..).zip(listing.text.lines()) {
        out.push(format!("    {text}").trim_end().to_string());
        let mut marks = String::new();
        let here = places.iter().enumerate().filter(|(_, p)| p.0 == line);
        for (i, &(_, column)) in here {
            let column = 4 + usize::from(column.max(1)) - 1;
            let tabs: String = text
                .chars()
                .take(column - 4)
                .map(|c| if c == '\t' { '\t' } else { ' ' })
                .collect();
            let wanted = format!("    {tabs}");
            let missing: String = wanted.chars().skip(marks.chars().count()).collect();
            if marks.chars().count() > wanted.chars().count() {
                marks.push(' ');
            }
            marks.push_str(&missing);
            marks.push_str(&format!("^{}", i + 1));
        }
        if !marks.is_empty() {
            out.push(marks);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_stand_under_their_line() {
        let listing = Listing {
            text: "foo: a\n\t^ self bar: a".into(),
            first_line: 1,
            ..Listing::default()
        };
        let shown = numbered(&listing, &[(1, 1), (2, 2), (2, 9)]);
        assert_eq!(
            shown,
            [
                "    foo: a",
                "    ^1",
                "    \t^ self bar: a",
                "    \t^2     ^3"
            ]
        );
    }

    #[test]
    fn ruby_methods_are_named_as_ruby_does() {
        let name = |t| ruby_name(t).map(|m| m.to_string()).map_err(|_| ());
        assert_eq!(name("Foo#bar="), Ok("Foo#bar=".to_string()));
        assert_eq!(name("A::B.new"), Ok("A::B.new".to_string()));
        for wrong in ["foo", "foo#bar", "Foo#", "Foo#a b", "system('x').y"] {
            assert!(name(wrong).is_err(), "{wrong}");
        }
    }
}
