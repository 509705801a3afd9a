//! `using`, and what it switched on for the running code: see `gem_model::Refinement`.

use crate::codes::code::CodeBlock;
use crate::vm::Vm;
use gem_bytecode::CodeKind;
use gem_heap::{ClassIndex, HeapResult, Oop};
use gem_model::MethodEntry;

impl Vm {
    /// `using`, by the frame `frames_up` above the running one: from there on instances of `class` have the methods of `module`.
    ///
    /// # Errors
    /// As `Model::refine`.
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
        self.model
            .refine(&frame.code.file, (from, to), class, module)?;
        self.flush_all_caches();
        Ok(())
    }

    /// What a refinement in force at the running instruction has for `selector`.
    pub(crate) fn refined(
        &mut self,
        class: ClassIndex,
        selector: Oop,
    ) -> HeapResult<Option<MethodEntry>> {
        let Some(frame) = self.exec.frames.last() else {
            return Ok(None);
        };
        let (code, line) = (frame.code, frame.code.line_before(frame.pc));
        self.model.refined(&code.file, line, class, selector)
    }
}

fn last_line(code: &CodeBlock) -> u32 {
    code.lines.iter().map(|l| l.1).max().unwrap_or(0)
}
