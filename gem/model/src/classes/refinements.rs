//! Refinements: methods that a class has only for the code after a `using`.
//!
//! `using` is lexical. A call site knows its file and line, so what `using` switches on is a range of lines: from the `using` to the end
//! of the block or body it stands in, at top level to the end of the file. Only the slow path of a send asks; what it finds stays
//! in the cache of the site, which never leaves its lines.

use crate::classes::MethodEntry;
use crate::model::Model;
use gem_heap::{ClassIndex, HeapResult, Oop};

/// One class refined for a range of lines.
pub struct Refinement {
    pub file: String,
    /// First and last line.
    pub lines: (u32, u32),
    pub class: ClassIndex,
    /// The module with the methods.
    pub module: ClassIndex,
    pub module_object: Oop,
}

impl Model {
    /// From now on code in these lines has the methods of `module` in instances of `class`. Inline caches are the machine's to flush.
    ///
    /// # Errors
    /// As [`Heap::class_index`](gem_heap::Heap::class_index), for either class.
    pub fn refine(
        &mut self,
        file: &str,
        lines: (u32, u32),
        class: Oop,
        module: Oop,
    ) -> HeapResult<()> {
        let refinement = Refinement {
            file: file.to_string(),
            lines,
            class: self.heap.class_index(class)?,
            module: self.heap.class_index(module)?,
            module_object: module,
        };
        self.classes.refinements.push(refinement);
        Ok(())
    }

    /// What a refinement in force at `line` of `file` has for `selector`. The class's own methods and those of its prepended modules come
    /// after its refinement, before the refinements of its superclasses.
    ///
    /// # Errors
    /// As `lookup_order`, when a refinement is in force there at all.
    pub fn refined(
        &mut self,
        file: &str,
        line: u32,
        class: ClassIndex,
        selector: Oop,
    ) -> HeapResult<Option<MethodEntry>> {
        let modules: Vec<(ClassIndex, ClassIndex)> = self
            .classes
            .refinements
            .iter()
            .rev()
            .filter(|r| r.file == file && (r.lines.0..=r.lines.1).contains(&line))
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
    pub fn refined_class(&self, module: ClassIndex) -> Option<ClassIndex> {
        let refined = self.classes.refinements.iter();
        refined
            .filter(|r| r.module == module)
            .map(|r| r.class)
            .next()
    }
}
