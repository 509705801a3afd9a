//! Refinements: methods that a class has only for the code after a `using`.
//!
//! `using` is lexical. A call site knows its file and line, so what `using` switches on is a range of lines: from the `using` to the end
//! of the block or body it stands in, at top level to the end of the file. Only the slow path of a send asks; what it finds stays
//! in the cache of the site, which never leaves its lines.

use crate::class_meta::MethodEntry;
use crate::code::CodeBlock;
use crate::vm::Vm;
use gem_bytecode::CodeKind;
use gem_heap::{ClassIndex, HeapResult, Oop};

/// One class refined for a range of lines.
pub(crate) struct Refinement {
    file: String,
    /// First and last line.
    lines: (u32, u32),
    class: ClassIndex,
    /// The module with the methods.
    module: ClassIndex,
    pub(crate) module_object: Oop,
}

impl Vm {
    /// `using`, by the frame `frames_up` above the running one: from there on instances of `class` have the methods of `module`.
    ///
    /// # Errors
    /// A failed fault.
    pub fn refine(&mut self, frames_up: usize, class: Oop, module: Oop) -> HeapResult<()> {
        let Some(index) = self.exec.frames.len().checked_sub(1 + frames_up) else {
            return Ok(());
        };
        let frame = self.exec.frames[index];
        let from = frame.code.line_before(frame.pc);
        let whole_file = frame.code.kind == CodeKind::Body && frame.code.name == "<main>";
        let to = if whole_file {
            u32::MAX
        } else {
            last_line(frame.code).max(from)
        };
        let refinement = Refinement {
            file: frame.code.file.clone(),
            lines: (from, to),
            class: self.model.heap.class_index(class)?,
            module: self.model.heap.class_index(module)?,
            module_object: module,
        };
        self.model.classes.refinements.push(refinement);
        self.flush_all_caches();
        Ok(())
    }

    /// What a refinement in force at the running instruction has for `selector`. The class's own methods and those of its
    /// prepended modules come after its refinement, before the refinements of its superclasses.
    pub(crate) fn refined(
        &mut self,
        class: ClassIndex,
        selector: Oop,
    ) -> HeapResult<Option<MethodEntry>> {
        let Some(frame) = self.exec.frames.last() else {
            return Ok(None);
        };
        let line = frame.code.line_before(frame.pc);
        let file = &frame.code.file;
        let modules: Vec<(ClassIndex, ClassIndex)> = self
            .model
            .classes
            .refinements
            .iter()
            .rev()
            .filter(|r| r.file == *file && (r.lines.0..=r.lines.1).contains(&line))
            .map(|r| (r.class, r.module))
            .collect();
        if modules.is_empty() {
            return Ok(None);
        }
        for &above in self.lookup_order(class, 1)?.iter() {
            for &(_, module) in modules.iter().filter(|m| m.0 == above) {
                if let Some(&entry) = self.meta(module)?.find(selector, 1) {
                    return Ok(Some(entry));
                }
            }
            if self.meta(above)?.find(selector, 1).is_some() {
                return Ok(None);
            }
        }
        Ok(None)
    }

    /// The class that `module` refines: where `super` goes on from a refined method.
    pub(crate) fn refined_class(&self, module: ClassIndex) -> Option<ClassIndex> {
        self.model
            .classes
            .refinements
            .iter()
            .find(|r| r.module == module)
            .map(|r| r.class)
    }
}

fn last_line(code: &CodeBlock) -> u32 {
    code.lines.iter().map(|l| l.1).max().unwrap_or(0)
}
