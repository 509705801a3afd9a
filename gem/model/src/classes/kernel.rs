//! Which methods are the kernel's. image-builder marks what it loads; nobody else can set the mark, and it goes where the method goes.

use crate::model::Model;
use format::wellknown::slots::{method, method_flags};
use gem_heap::{HeapResult, Oop};

/// Where the kernel's sources lie. Images of version 1 say nothing else of where a method comes from.
const KERNEL_FILES: &[&str] = &["ruby-src/kernel/", "smalltalk-src/"];

impl Model {
    /// FLAGS of a method that is made now.
    pub fn new_method_flags(&self) -> Oop {
        Oop::small_int_wrapping(if self.booting {
            method_flags::KERNEL
        } else {
            0
        })
    }

    /// Whether a method is the kernel's.
    ///
    /// # Errors
    /// `Bounds` when `found` is no method; those of [`Heap::fault`](gem_heap::Heap::fault) for the name of its file, which only images of version 1 are asked
    /// for.
    pub fn is_kernel_method(&mut self, found: Oop) -> HeapResult<bool> {
        let flags = self.heap.slot(found, method::FLAGS)?.as_small_int();
        if self.kernel_is_marked {
            return Ok(flags.unwrap_or(0) & method_flags::KERNEL != 0);
        }
        let file = self.heap.slot(found, method::FILE)?;
        let file = self.heap.text(file);
        Ok(KERNEL_FILES.iter().any(|folder| file.starts_with(folder)))
    }
}
