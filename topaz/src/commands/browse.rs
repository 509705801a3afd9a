//! Browsing across classes: hierarchy, lookup, senders, implementors, strings. The work is done in Smalltalk; this file writes the questions.

use crate::command::Request;
use crate::errors::Complaint;
use crate::text::{first_word, quoted, symbol, unquoted};
use crate::topaz::{Done, Flow, Topaz};

pub fn hierarchy(topaz: &mut Topaz, request: &Request) -> Done {
    let class = topaz.class_or_current(&request.rest)?;
    let source = format!(
        "| class out depth show |\n\
         class := {class}.\n\
         out := WriteStream on: String new.\n\
         depth := 0.\n\
         show := [ :each :level |\n\
         \tlevel timesRepeat: [ out nextPutAll: '  ' ].\n\
         \tout nextPutAll: each name asString.\n\
         \teach instVarNames isEmpty ifFalse: [\n\
         \t\tout nextPutAll: ' ('.\n\
         \t\teach instVarNames do: [ :name | out nextPutAll: name asString ] separatedBy: [ out nextPutAll: ' ' ].\n\
         \t\tout nextPutAll: ')' ].\n\
         \tout lf ].\n\
         class withAllSuperclasses do: [ :each | show value: each value: depth. depth := depth + 1 ].\n\
         ((class subclasses) asSortedCollection: [ :a :b | a name <= b name ]) do: [ :each | show value: each value: depth ].\n\
         out contents\n"
    );
    report(topaz, &source)
}

pub fn implementors(topaz: &mut Topaz, request: &Request) -> Done {
    let selector = selector_of(&request.rest, "implementors SELECTOR")?;
    methods(topaz, &format!("implementorsOf: {}", symbol(&selector)))
}

pub fn senders(topaz: &mut Topaz, request: &Request) -> Done {
    let selector = selector_of(&request.rest, "senders SELECTOR")?;
    methods(topaz, &format!("sendersOf: {}", symbol(&selector)))
}

pub fn strings(topaz: &mut Topaz, request: &Request) -> Done {
    let wanted = unquoted(&request.rest);
    if wanted.is_empty() {
        return Err("strings TEXT".into());
    }
    methods(topaz, &format!("substringSearch: {}", quoted(&wanted)))
}

/// One line for each method that a question to the ClassOrganizer answers.
fn methods(topaz: &mut Topaz, question: &str) -> Done {
    let source = format!(
        "| out found |\n\
         out := WriteStream on: String new.\n\
         found := ClassOrganizer new {question}.\n\
         found do: [ :each | out nextPutAll: each printString; lf ].\n\
         found isEmpty ifTrue: [ out nextPutAll: 'none' ].\n\
         out contents\n"
    );
    report(topaz, &source)
}

pub fn lookup(topaz: &mut Topaz, request: &Request) -> Done {
    let usage = "lookup CLASS>>SELECTOR, lookup method SELECTOR, or lookup classmethod SELECTOR";
    let (first, rest) = first_word(&request.rest);
    let (class, selector) = if let Some((class, selector)) = request.rest.split_once(">>") {
        (topaz.class_or_current(class)?, selector.trim().to_string())
    } else if begins("method", first) && !rest.is_empty() {
        (topaz.class_or_current("")?, rest.to_string())
    } else if (begins("classmethod", first) || begins("cmethod", first)) && !rest.is_empty() {
        (
            format!("{} class", topaz.class_or_current("")?),
            rest.to_string(),
        )
    } else {
        return Err(usage.into());
    };
    let selector = selector_of(&selector, usage)?;
    let environment = topaz.settings.compile_env;
    let text = topaz.text_answer(&lookup_source(&class, &selector, environment))?;
    if text.is_empty() {
        return Err(format!("{class} has no method {selector}, and inherits none").into());
    }
    topaz.say(text.trim_end());
    Ok(Flow::Next)
}

/// Code that answers header and source of the method that instances of `class` run for `selector`; an empty String without one.
pub fn lookup_source(class: &str, selector: &str, environment: u8) -> String {
    let selector = symbol(selector);
    format!(
        "| each method out |\n\
         each := {class}.\n\
         [ each == nil ] whileFalse: [\n\
         \tmethod := each compiledMethodAt: {selector} environmentId: {environment}.\n\
         \tmethod == nil ifTrue: [ each := each superclass ] ifFalse: [\n\
         \t\tout := WriteStream on: String new.\n\
         \t\tout nextPutAll: method printString; nextPutAll: '  category: '; nextPutAll: method category asString; lf.\n\
         \t\tmethod sourceString == nil ifFalse: [ out nextPutAll: method sourceString ].\n\
         \t\t^ out contents ] ].\n\
         ''\n"
    )
}

/// A selector as typed: `at:put:`, `#at:put:`, `+`.
///
/// # Errors
/// How the command is used.
pub fn selector_of(text: &str, usage: &str) -> Result<String, Complaint> {
    let selector = unquoted(text.trim().trim_start_matches('#'));
    if selector.is_empty() || selector.contains(char::is_whitespace) {
        return Err(format!("{usage}: {text:?} is no selector").into());
    }
    Ok(selector)
}

/// Whether `word` is a beginning of `name`, in any case.
pub fn begins(name: &str, word: &str) -> bool {
    let word = word.trim_end_matches(':').to_lowercase();
    !word.is_empty() && name.starts_with(&word)
}

/// Runs code that answers a text and prints it.
///
/// # Errors
/// What the code raised.
pub fn report(topaz: &mut Topaz, source: &str) -> Done {
    let text = topaz.text_answer(source)?;
    for line in text.trim_end().lines() {
        topaz.say(line);
    }
    Ok(Flow::Next)
}
