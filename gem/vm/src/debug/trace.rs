//! Stack traces.

use crate::codes::code::CodeBlock;
use crate::exec::frame::Frame;
use crate::vm::Vm;
use format::wellknown;
use format::wellknown::slots::{behavior, exception};
use gem_bytecode::CodeKind;
use gem_heap::Oop;

/// One line of a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    pub file: String,
    pub line: u32,
    /// Characters from 1; 0 when unknown.
    pub column: u16,
    /// `Foo>>bar`, `Foo class>>bar`, `Foo#bar`, `Foo.bar`, `block in Foo#bar`, `<main>`, `<class:Foo>`.
    pub label: String,
    pub environment: u8,
}

impl std::fmt::Display for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:in '{}'", self.file, self.line, self.label)
    }
}

/// Frames that a trace keeps, innermost first; deeper ones are left out.
const TRACE_FRAMES_MAX: usize = 400;

impl Vm {
    /// Remembers where the exception was raised, unless it has a trace already.
    pub(crate) fn capture_stack(&mut self, exception: Oop) {
        if !exception.is_pointer() || self.model.heap.inline_slots(exception) <= exception::STACK {
            return;
        }
        if self.model.heap.raw_slot(exception, exception::STACK) != Oop::NIL {
            return;
        }
        let pairs = self.stack_pairs(0);
        if let Ok(array) = self.model.heap.new_array(&pairs) {
            self.model
                .heap
                .set_slot_quietly(exception, exception::STACK, array);
        }
    }

    /// (GsNMethod, pc) of the running frames, innermost first, flat.
    pub fn stack_pairs(&self, skip: usize) -> Vec<Oop> {
        Self::pairs_of(&self.exec.frames, skip)
    }

    pub(crate) fn pairs_of(frames: &[Frame], skip: usize) -> Vec<Oop> {
        let frames = frames.iter().rev().skip(skip).take(TRACE_FRAMES_MAX);
        frames
            .flat_map(|f| [f.code.method, Oop::small_int_wrapping(f.pc as i64)])
            .collect()
    }

    /// The locations that pairs from `stack_pairs` name.
    pub fn locations(&mut self, pairs: &[Oop]) -> Vec<Location> {
        let mut out = Vec::new();
        for pair in pairs.chunks_exact(2) {
            if let (Ok(code), Some(pc)) = (self.loaded(pair[0]), pair[1].as_small_int()) {
                out.push(self.location_of(code, pc as u32));
            }
        }
        out
    }

    /// Where `frame` is; `None` as for `frame_code`.
    pub fn frame_location(&mut self, frame: &Frame) -> Option<Location> {
        self.codes
            .holds(frame.code)
            .then(|| self.location_of(frame.code, frame.pc))
    }

    pub(crate) fn location_of(&mut self, code: &'static CodeBlock, pc: u32) -> Location {
        let (line, column) = code.place_before(pc);
        Location {
            file: code.file.clone(),
            line,
            column,
            label: self.label(code),
            environment: code.environment,
        }
    }

    fn label(&mut self, code: &'static CodeBlock) -> String {
        let owner = self
            .model
            .heap
            .slot(code.method, wellknown::slots::method::IN_CLASS)
            .unwrap_or(Oop::NIL);
        let name = match (owner.is_nil(), code.environment) {
            (true, _) => code.name.clone(),
            (_, 0) => format!("{}>>{}", self.model.smalltalk_class_name(owner), code.name),
            _ => self.ruby_label(owner, &code.name),
        };
        match code.kind {
            CodeKind::Block => format!("block in {name}"),
            CodeKind::Body
                if code.environment == 1
                    && code.name != "<main>"
                    && !code.name.starts_with('<') =>
            {
                format!("<class:{}>", code.name)
            }
            _ => name,
        }
    }

    /// `Foo#bar`, `Foo.bar`
    fn ruby_label(&mut self, owner: Oop, name: &str) -> String {
        let attached = self
            .model
            .heap
            .slot(owner, behavior::ATTACHED)
            .unwrap_or(Oop::NIL);
        if attached.is_pointer() && self.model.heap.inline_slots(attached) >= behavior::COUNT {
            format!("{}.{name}", self.model.class_name(attached))
        } else if self.model.is_nameless(owner) {
            name.to_string()
        } else {
            format!("{}#{name}", self.model.class_name(owner))
        }
    }
}
