//! Stack traces.

use crate::code::CodeBlock;
use crate::frame::Frame;
use crate::vm::Vm;
use gem_bytecode::CodeKind;
use gem_heap::Oop;
use proto::wellknown;
use proto::wellknown::slots::exception;

/// One line of a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    pub file: String,
    pub line: u32,
    /// `Foo#bar`, `Foo.bar`, `block in Foo#bar`, `<main>`, `<class:Foo>`.
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
        if !exception.is_pointer() || self.heap.inline_slots(exception) <= exception::STACK {
            return;
        }
        if self.heap.raw_slot(exception, exception::STACK) != Oop::NIL {
            return;
        }
        let pairs = self.stack_pairs(0);
        if let Ok(array) = self.heap.new_array(&pairs) {
            self.heap
                .set_slot_quietly(exception, exception::STACK, array);
        }
    }

    /// (GsNMethod, pc) of the running frames, innermost first, flat.
    pub fn stack_pairs(&self, skip: usize) -> Vec<Oop> {
        let frames = self.frames.iter().rev().skip(skip).take(TRACE_FRAMES_MAX);
        frames
            .flat_map(|f| [f.code.method, Oop::small_int_wrapping(f.pc as i64)])
            .collect()
    }

    /// The locations that pairs from `stack_pairs` name.
    pub fn locations(&mut self, pairs: &[Oop]) -> Vec<Location> {
        let mut out = Vec::new();
        for pair in pairs.chunks_exact(2) {
            if let (Ok(code), Some(pc)) = (self.load_method(pair[0]), pair[1].as_small_int()) {
                out.push(self.location_of(code, pc as u32));
            }
        }
        out
    }

    /// Where `frame` is.
    pub fn frame_location(&mut self, frame: &Frame) -> Location {
        self.location_of(frame.code, frame.pc)
    }

    fn location_of(&mut self, code: &'static CodeBlock, pc: u32) -> Location {
        Location {
            file: code.file.clone(),
            line: code.line_before(pc),
            label: self.label(code),
            environment: code.environment,
        }
    }

    fn label(&mut self, code: &'static CodeBlock) -> String {
        let owner = self
            .heap
            .slot(code.method, wellknown::slots::method::IN_CLASS)
            .unwrap_or(Oop::NIL);
        let name = if owner.is_nil() {
            code.name.clone()
        } else {
            let attached = self
                .heap
                .slot(owner, wellknown::slots::behavior::ATTACHED)
                .unwrap_or(Oop::NIL);
            let joint = if code.environment == 0 { ">>" } else { "#" };
            if attached.is_pointer()
                && self.heap.inline_slots(attached) >= wellknown::slots::behavior::COUNT
            {
                let dot = if code.environment == 0 {
                    " class>>"
                } else {
                    "."
                };
                format!("{}{dot}{}", self.class_name(attached), code.name)
            } else {
                format!("{}{joint}{}", self.class_name(owner), code.name)
            }
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
}
