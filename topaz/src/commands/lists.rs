//! list in all its forms, define.

use crate::command::Request;
use crate::commands::breaks::{self, list_steps};
use crate::commands::browse::{begins, lookup_source, report, selector_of};
use crate::session::Listing;
use crate::specification::is_name;
use crate::text::{first_word, words};
use crate::topaz::{Done, Flow, Topaz};

pub fn list(topaz: &mut Topaz, request: &Request) -> Done {
    let (what, rest) = first_word(&request.rest);
    let environment = topaz.settings.compile_env;
    let what = what.trim_end_matches(':').to_lowercase();
    match what.as_str() {
        "" => current_frame(topaz),
        _ if begins("steps", &what) && !rest.is_empty() => list_steps(topaz, rest),
        _ if begins("breaks", &what) => breaks::list(topaz),
        "method" if !rest.is_empty() => {
            let (class, selector) = match rest.split_once(">>") {
                Some((class, selector)) => (topaz.class_or_current(class)?, selector),
                None => (topaz.class_or_current("")?, rest),
            };
            one_method(topaz, &class, selector)
        }
        "classmethod" if !rest.is_empty() => {
            let class = topaz.class_or_current("")?;
            one_method(topaz, &format!("{class} class"), rest)
        }
        _ if begins("methods", &what) && what.len() > 2 => {
            let class = topaz.class_or_current(rest)?;
            report(topaz, &methods_source(&class, environment))
        }
        _ if begins("classmethods", &what) && what.len() > 6 => {
            let class = format!("{} class", topaz.class_or_current(rest)?);
            report(topaz, &methods_source(&class, environment))
        }
        _ if begins("classes", &what) && what.len() > 5 => report(topaz, CLASSES),
        _ if begins("categories", &what) => {
            let class = topaz.class_or_current(rest)?;
            let source = format!(
                "| out |\nout := WriteStream on: String new.\n\
                 {class} categoryNames do: [ :each | out nextPutAll: each asString; lf ].\n\
                 out contents\n"
            );
            report(topaz, &source)
        }
        _ if begins("dictionaries", &what) => report(topaz, DICTIONARIES),
        _ => Err(format!(
            "list {what}: list shows methods, classmethods, categories, classes, dictionaries, method SELECTOR, classmethod SELECTOR, steps SELECTOR, breaks"
        )
        .into()),
    }
}

const CLASSES: &str = "| out |
out := WriteStream on: String new.
ClassOrganizer new classes do: [ :each | out nextPutAll: each name asString; lf ].
out contents
";

/// A dictionary is named by a variable in itself or another one.
const DICTIONARIES: &str = "| out |
out := WriteStream on: String new.
System symbolList do: [ :each | | name |
	name := 'a dictionary without name'.
	System symbolList do: [ :holder | holder keysAndValuesDo: [ :key :value | value == each ifTrue: [ name := key asString ] ] ].
	out nextPutAll: name; nextPutAll: ' ('; nextPutAll: each size printString; nextPutAll: ')'; lf ].
out contents
";

fn methods_source(class: &str, environment: u8) -> String {
    format!(
        "| class out lines |\n\
         class := {class}.\n\
         lines := SortedCollection new.\n\
         (class selectorsForEnvironment: {environment}) do: [ :each |\n\
         \tlines add: (class compiledMethodAt: each environmentId: {environment}) category asString , ': ' , each asString ].\n\
         out := WriteStream on: String new.\n\
         lines do: [ :each | out nextPutAll: each; lf ].\n\
         out contents\n"
    )
}

fn one_method(topaz: &mut Topaz, class: &str, selector: &str) -> Done {
    let selector = selector_of(selector, "list method SELECTOR")?;
    let environment = topaz.settings.compile_env;
    let text = topaz.text_answer(&lookup_source(class, &selector, environment))?;
    let own = text.starts_with(&format!("{class} >> "));
    if text.is_empty() || !own {
        return Err(format!(
            "{class} has no method {selector} of its own; lookup finds inherited ones"
        )
        .into());
    }
    topaz.say(text.trim_end());
    Ok(Flow::Next)
}

fn current_frame(topaz: &mut Topaz) -> Done {
    let window = topaz.settings.list_window;
    let open = topaz.open()?;
    let level = open.level;
    let listing = open.session.listing(level)?;
    for line in marked_lines(&listing, window) {
        topaz.say(&line);
    }
    Ok(Flow::Next)
}

/// The lines of a listing with their numbers, `==>` before the one that runs and `^` under the place in it; with a window, that many
/// on each side of it.
pub fn marked_lines(listing: &Listing, window: usize) -> Vec<String> {
    let numbered = (listing.first_line..).zip(listing.text.lines());
    let mut shown = Vec::new();
    for (number, line) in numbered {
        let runs = number == listing.current_line;
        let near = number.abs_diff(listing.current_line) as usize <= window;
        if window != 0 && listing.current_line != 0 && !near {
            continue;
        }
        let mark = if runs { "==>" } else { "   " };
        shown.push(format!("{mark} {number:>4}  {line}").trim_end().to_string());
        let before = usize::from(listing.current_column.saturating_sub(1));
        if runs && listing.current_column > 0 && before <= line.chars().count() {
            let blank = |c| if c == '\t' { '\t' } else { ' ' };
            let pad: String = line.chars().take(before).map(blank).collect();
            shown.push(format!("          {pad}^"));
        }
    }
    shown
}

pub fn define(topaz: &mut Topaz, request: &Request) -> Done {
    let words = words(&request.rest);
    match words.as_slice() {
        [] => {
            let names: Vec<_> = topaz.open()?.names.clone().into_iter().collect();
            for (name, value) in names {
                let text = topaz.one_line(value)?;
                topaz.say(&format!("{name} = {text}"));
            }
            Ok(Flow::Next)
        }
        [name] => {
            let name = name.to_string();
            match topaz.open()?.names.remove(&name) {
                Some(_) => Ok(Flow::Next),
                None => Err(format!("{name} is not defined; define {name} OBJECT does it").into()),
            }
        }
        [name, object] if is_name(name) => {
            let value = topaz.value_of(object)?;
            topaz.open()?.names.insert(name.to_string(), value);
            Ok(Flow::Next)
        }
        _ => Err("define [NAME [OBJECT]]".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_running_line_is_marked() {
        let listing = Listing {
            text: "foo\n\t^ 1\n\t/ 0".into(),
            first_line: 10,
            current_line: 12,
            current_column: 2,
        };
        assert_eq!(
            marked_lines(&listing, 0),
            [
                "      10  foo",
                "      11  \t^ 1",
                "==>   12  \t/ 0",
                "          \t^"
            ]
        );
        assert_eq!(marked_lines(&listing, 1).len(), 3);
    }
}
