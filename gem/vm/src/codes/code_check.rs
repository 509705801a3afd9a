//! Whether everything that names a code names one that is loaded. For tests and stress runs, beside the heap's own verifier.

use crate::codes::code::CodeBlock;
use crate::exec::frame::Frame;
use crate::vm::Vm;
use format::wellknown::slots::block;
use gem_heap::ShapeId;
use hashbrown::HashSet;

impl Vm {
    /// Checks frames, blocks on the stack, inline caches, block literals and closures.
    ///
    /// # Errors
    /// A sentence about the first that is wrong.
    pub(crate) fn verify_codes(&mut self) -> Result<(), String> {
        let loaded: HashSet<*const CodeBlock> = self.codes.iter().map(std::ptr::from_ref).collect();
        let is_loaded = |code: &'static CodeBlock| loaded.contains(&std::ptr::from_ref(code));
        let parked = self.processes.parked().map(|(_, frames)| frames);
        for frames in parked.chain([self.exec.frames.as_slice()]) {
            self.verify_frames(frames, &is_loaded)?;
        }
        for code in self.codes.iter() {
            let cached = code.sites.iter().flat_map(|s| &s.entries);
            let cached = cached.filter_map(|e| e.code.get());
            let blocks = code.blocks.iter().filter_map(|b| b.get().copied());
            if !cached.chain(blocks).all(is_loaded) {
                return Err(format!("{} names code that has ended", code.name));
            }
        }
        self.verify_closures()
    }

    fn verify_frames(
        &self,
        frames: &[Frame],
        is_loaded: &dyn Fn(&'static CodeBlock) -> bool,
    ) -> Result<(), String> {
        for (index, frame) in frames.iter().enumerate() {
            if !is_loaded(frame.code) {
                return Err(format!("frame {index} runs code that has ended"));
            }
            for held in [frame.block, frame.closure] {
                let number = held.stack_code();
                if held.is_stack() && self.codes.get(number).is_none() {
                    return Err(format!("frame {index} has a block of code {number}"));
                }
            }
        }
        Ok(())
    }

    /// A closure's number is that of its method's code, or of one that is kept for the machine's life.
    fn verify_closures(&mut self) -> Result<(), String> {
        for object in self.reachable_objects() {
            if self.model.heap.shape_of(object) != ShapeId::EXEC_BLOCK {
                continue;
            }
            let creator = self.model.heap.raw_slot(object, block::CREATOR);
            let number = crate::exec::closures::code_number(creator);
            let method = self.model.heap.raw_slot(object, block::METHOD);
            let right = |code: &CodeBlock| code.method == method || self.codes.is_kept(code);
            if number != 0 && !self.codes.get(number).is_some_and(right) {
                return Err(format!(
                    "{object:?} is a closure of code {number}, which is not its method's"
                ));
            }
        }
        Ok(())
    }
}
