//! Compiled regular expressions. A Regexp holds source and options; what the matcher makes of them is kept here, by source.

use crate::check::{Ask, Checked, known, new_encoded, string};
use crate::macros::primitives;
use crate::text::pattern::{escaped, translate};
use format::wellknown;
use format::wellknown::encoding::US_ASCII;
use gem_vm::{Args, Fail, Oop, PrimResult, Vm, raise};
use onig::{EncodedBytes, Regex, RegexOptions, Region, Syntax};
use std::collections::HashMap;
use std::rc::Rc;

primitives! {
    regexpCompile => compile, "runs the matcher's compiler";
    regexpNames => names, "asks the matcher";
    regexpSourceEscape => source_escape, "loops over bytes";
}

/// Slots of a Regexp.
mod slot {
    pub const SOURCE: usize = 0;
    pub const OPTIONS: usize = 1;
}

const IGNORE_CASE: i64 = 1;
const EXTENDED: i64 = 2;
const MULTI_LINE: i64 = 4;
const NO_ENCODING: i64 = 32;
const OPTIONS_MAX: i64 = 0xff;

/// Patterns kept at a time; a program that makes more starts anew.
const KEPT_MAX: usize = 4096;

/// A pattern for the matcher.
pub(crate) struct Compiled {
    pub(crate) regex: Regex,
    options: i64,
    /// Whether it sees bytes, not characters of UTF-8.
    bytes: bool,
}

/// Compiled patterns by source, and what matching reuses.
#[derive(Default)]
pub(crate) struct Regexps {
    by_source: HashMap<Box<[u8]>, Vec<Rc<Compiled>>>,
    count: usize,
    pub(crate) region: Region,
    /// The frozen String that was last found to be valid UTF-8: address, size, and the number of collections before.
    pub(crate) valid: Option<(u64, usize, u64)>,
}

/// The pattern that a Regexp stands for, for subjects of bytes or of UTF-8.
pub(crate) fn compiled(vm: &mut Vm, regexp: Oop, bytes: bool) -> Checked<Rc<Compiled>> {
    let source = vm.model.heap.slot(regexp, slot::SOURCE)?;
    let options = crate::check::int(vm.model.heap.slot(regexp, slot::OPTIONS)?)?;
    crate::check::bytes_object(vm, source)?;
    let bytes = bytes || options & NO_ENCODING != 0;
    let (heap, extensions) = (&vm.model.heap, &mut vm.exec.extensions);
    let kept = extensions.get::<Regexps>();
    if let Some(list) = kept.by_source.get(heap.bytes(source))
        && let Some(found) = list
            .iter()
            .find(|c| c.options == options && c.bytes == bytes)
    {
        return Ok(found.clone());
    }
    let text = vm.model.heap.bytes(source).to_vec();
    let made = Rc::new(make(&text, options, bytes)?);
    let kept = vm.exec.extensions.get::<Regexps>();
    if kept.count >= KEPT_MAX {
        kept.by_source.clear();
        kept.count = 0;
    }
    kept.count += 1;
    let list = kept.by_source.entry(text.into_boxed_slice()).or_default();
    list.push(made.clone());
    Ok(made)
}

fn make(source: &[u8], options: i64, bytes: bool) -> Checked<Compiled> {
    let mut flags = RegexOptions::REGEX_OPTION_NONE;
    if options & IGNORE_CASE != 0 {
        flags |= RegexOptions::REGEX_OPTION_IGNORECASE;
    }
    if options & EXTENDED != 0 {
        flags |= RegexOptions::REGEX_OPTION_EXTEND;
    }
    if options & MULTI_LINE != 0 {
        flags |= RegexOptions::REGEX_OPTION_MULTILINE;
    }
    let pattern = translate(source, options & EXTENDED != 0);
    let (pattern, bytes) = match String::from_utf8(pattern) {
        Ok(text) if !bytes => (Ok(text), false),
        Ok(text) => (Err(text.into_bytes()), true),
        Err(e) => (Err(e.into_bytes()), true),
    };
    let outcome = match &pattern {
        Ok(text) => Regex::with_options(text, flags, Syntax::ruby()),
        Err(raw) => {
            Regex::with_options_and_encoding(EncodedBytes::ascii(raw), flags, Syntax::ruby())
        }
    };
    match outcome {
        Ok(regex) => Ok(Compiled {
            regex,
            options,
            bytes,
        }),
        Err(e) => {
            let source = String::from_utf8_lossy(source);
            Err(raise(
                wellknown::REGEXP_ERROR,
                format!("{}: /{source}/", e.description()),
            ))
        }
    }
}

impl Compiled {
    /// Whether it sees bytes, not characters of UTF-8.
    pub(crate) fn is_of_bytes(&self) -> bool {
        self.bytes
    }
}

/// The Regexp that is argument `i`.
pub(crate) fn regexp_arg(vm: &mut Vm, args: Args, i: usize) -> Checked<Oop> {
    vm.known_arg(args, i, wellknown::REGEXP)
}

/// `regexpCompile(source options)`, receiver: Regexp or a subclass. Raises RegexpError.
fn compile(vm: &mut Vm, args: Args) -> PrimResult {
    let class = vm.class_arg(args, 0)?;
    let source = vm.text_arg(args, 1)?;
    let options = vm.int_arg(args, 2)?;
    crate::check::ensure((0..=OPTIONS_MAX).contains(&options))?;
    let index = vm.model.heap.class_index(class)?;
    let regexp = vm.model.heap.instantiate(index);
    known(vm, regexp, wellknown::REGEXP)?;
    let bytes = vm.model.heap.bytes(source).to_vec();
    let detail = vm.model.heap.detail(source);
    let copy = new_encoded(vm, &bytes, detail)?;
    vm.model.heap.freeze(copy);
    vm.model.heap.set_slot(regexp, slot::SOURCE, copy)?;
    vm.model
        .heap
        .set_slot(regexp, slot::OPTIONS, Oop::small_int_wrapping(options))?;
    compiled(vm, regexp, false)?;
    Ok(regexp)
}

/// `[name, [group number, …]]` of every name, in the order of their groups.
fn names(vm: &mut Vm, args: Args) -> PrimResult {
    let regexp = regexp_arg(vm, args, 0)?;
    let compiled = compiled(vm, regexp, false)?;
    let mut found: Vec<(String, Vec<u32>)> = Vec::new();
    compiled.regex.foreach_name(|name, groups| {
        found.push((name.to_string(), groups.to_vec()));
        true
    });
    found.sort_by_key(|(_, groups)| groups.first().copied());
    let mut rows = Vec::with_capacity(found.len());
    for (name, groups) in found {
        let name = vm.model.heap.new_string(name.as_bytes())?;
        let numbers: Vec<Oop> = groups
            .iter()
            .map(|&n| Oop::small_int_wrapping(n.into()))
            .collect();
        let numbers = vm.model.heap.new_array(&numbers)?;
        rows.push(vm.model.heap.new_array(&[name, numbers])?);
    }
    Ok(vm.model.heap.new_array(&rows)?)
}

fn source_escape(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.receiver(args);
    string(vm, receiver)?;
    let made = escaped(vm.model.heap.bytes(receiver));
    let detail = if made.is_ascii() {
        US_ASCII as u8
    } else {
        vm.model.heap.detail(receiver)
    };
    new_encoded(vm, &made, detail)
}

/// A failure of the matcher itself.
pub(crate) fn failed(error: &onig::Error) -> Fail {
    raise(wellknown::REGEXP_ERROR, error.description())
}
