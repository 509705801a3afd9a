//! Constants that are named through a module (`A::B`), private constants, and where constants were defined.

use crate::errors::{Fail, raise};
use crate::trace::Location;
use crate::vm::Vm;
use gem_heap::Oop;
use proto::wellknown;

/// Files of the library begin with one of these.
const KERNEL_FILES: [&str; 2] = ["(kernel)", "ruby-src/kernel/"];

impl Vm {
    /// What `module::name` names, and the module that holds it: own constants and inherited ones, but none of Object itself
    /// unless `module` is Object. A private constant is not found.
    ///
    /// # Errors
    /// A failed fault.
    pub fn constant_at_path(&mut self, module: Oop, name: Oop) -> Result<Option<Oop>, Fail> {
        let object = self.known_class(wellknown::OBJECT)?;
        let class = self.model.heap.class_index(module)?;
        for &c in self.lookup_order(class, 1)?.iter() {
            let holder = self.model.heap.class_object(c)?;
            if let Some(value) = self.own_constant(holder, name)? {
                if holder == object && module != object {
                    return Ok(None);
                }
                let hidden = self.is_private_constant(holder, name)?;
                return Ok((!hidden).then_some(value));
            }
        }
        Ok(None)
    }

    /// Whether `private_constant` hides this constant of `module`. The library keeps the names in an instance variable.
    ///
    /// # Errors
    /// A failed fault.
    pub fn is_private_constant(&mut self, module: Oop, name: Oop) -> Result<bool, Fail> {
        let variable = self.model.sym.private_constants;
        match self.model.heap.ivar(module, variable)? {
            Some(names) if self.is_array(names)? => {
                Ok(self.model.heap.elements(names)?.contains(&name))
            }
            _ => Ok(false),
        }
    }

    /// Refuses to reopen a private constant by its path.
    pub(crate) fn check_constant_is_public(&mut self, module: Oop, name: Oop) -> Result<(), Fail> {
        if !self.is_private_constant(module, name)? {
            return Ok(());
        }
        let path = self.constant_path(module, name)?;
        let mut fail = raise(
            wellknown::NAME_ERROR,
            format!("private constant {path} referenced"),
        );
        if let Fail::Raise(r) = &mut fail {
            r.receiver = module;
            r.selector = name;
        }
        Err(fail)
    }

    /// `A::B`, or `B` for a constant of Object.
    pub(crate) fn constant_path(&mut self, module: Oop, name: Oop) -> Result<String, Fail> {
        let object = self.known_class(wellknown::OBJECT)?;
        let text = self.model.heap.text(name);
        Ok(if module == object {
            text
        } else {
            format!("{}::{text}", self.class_name(module))
        })
    }

    /// Remembers where the program defines a constant.
    pub(crate) fn note_constant_place(&mut self, module: Oop, name: Oop) -> Result<(), Fail> {
        if self.model.booting {
            return Ok(());
        }
        let place = self
            .exec
            .frames
            .iter()
            .rev()
            .find(|f| f.code.environment == 1 && !is_library(&f.code.file))
            .copied();
        let Some(frame) = place else { return Ok(()) };
        let Location { file, line, .. } = self.location_of(frame.code, frame.pc);
        let class = self.model.heap.class_index(module)?;
        self.meta(class)?.constant_places.insert(name, (file, line));
        Ok(())
    }

    /// File and line where this session defined a module's own constant.
    ///
    /// # Errors
    /// A failed fault.
    pub fn constant_place(
        &mut self,
        module: Oop,
        name: Oop,
    ) -> Result<Option<(String, u32)>, Fail> {
        let class = self.model.heap.class_index(module)?;
        Ok(self.meta(class)?.constant_places.get(&name).cloned())
    }

    /// The second line of a message about a constant that is something else already.
    pub(crate) fn previous_definition(&mut self, module: Oop, name: Oop) -> Result<String, Fail> {
        let text = self.model.heap.text(name);
        Ok(match self.constant_place(module, name)? {
            Some((file, line)) => {
                format!("\n{file}:{line}: previous definition of {text} was here")
            }
            None => String::new(),
        })
    }
}

fn is_library(file: &str) -> bool {
    KERNEL_FILES.iter().any(|start| file.starts_with(start))
}
