//! Making classes, modules, singleton classes and methods.

use crate::errors::{Fail, raise};
use crate::exec::frame::frame_flags;
use crate::vm::Vm;
use format::wellknown;
use format::wellknown::slots::{class_flags, method, method_flags};
use gem_heap::Oop;
use gem_model::Visibility;

impl Vm {
    /// Installs `method` (a GsNMethod) under `selector` in `class`: of this session, and persistently when persistent mode and class allow.
    ///
    /// # Errors
    /// As `Model::put_method`.
    pub fn add_method(
        &mut self,
        class: Oop,
        selector: Oop,
        method: Oop,
        environment: u8,
        visibility: Visibility,
    ) -> Result<(), Fail> {
        let put = self
            .model
            .put_method(class, selector, method, environment, visibility);
        self.flush_selector(selector);
        Ok(put?)
    }

    /// Removes a method; answers whether there was one.
    ///
    /// # Errors
    /// As `Model::drop_method`.
    pub fn remove_method(
        &mut self,
        class: Oop,
        selector: Oop,
        environment: u8,
    ) -> Result<bool, Fail> {
        let dropped = self.model.drop_method(class, selector, environment);
        self.flush_selector(selector);
        Ok(dropped?)
    }

    /// Includes (or prepends) a module.
    ///
    /// # Errors
    /// As `Model::mix_in`.
    pub fn mix_in(&mut self, class: Oop, module: Oop, prepend: bool) -> Result<(), Fail> {
        let mixed = self.model.mix_in(class, module, prepend);
        if !matches!(mixed, Ok(false)) {
            self.flush_all_caches();
        }
        mixed?;
        Ok(())
    }

    /// A method object of its own for code literal `template`, in the running lexical scope.
    pub(crate) fn instantiate_method(
        &mut self,
        template: Oop,
        selector: Oop,
        owner: Oop,
    ) -> Result<Oop, Fail> {
        let copy = self.model.heap.shallow_copy(template)?;
        let lexical = self.lexical_scope()?;
        self.model.heap.set_slot(copy, method::SELECTOR, selector)?;
        self.model.heap.set_slot(copy, method::IN_CLASS, owner)?;
        self.model
            .heap
            .set_slot(copy, method::LEXICAL_SCOPE, lexical)?;
        Ok(copy)
    }

    /// The module that `def` defines into in the running frame.
    ///
    /// # Errors
    /// As `Model::singleton_class` where `def` goes to one; those of [`Heap::fault`](gem_heap::Heap::fault), when the module, or the scope that names it, is
    /// not in memory yet.
    pub fn definee(&mut self) -> Result<Oop, Fail> {
        if let Some(frame) = self.exec.frames.last().copied() {
            let receiver = self.exec.regs.get(frame.base as usize);
            if frame.flags & frame_flags::DEFINEE_SINGLETON != 0 {
                return Ok(self.model.singleton_class(receiver)?);
            }
            if frame.flags & frame_flags::DEFINEE_SELF != 0
                && self.model.is_module_like(receiver)?
            {
                return Ok(receiver);
            }
        }
        let home = self.home_method();
        if home.is_pointer() && self.model.method_flags(home)? & method_flags::DEFINES_IN_OWNER != 0
        {
            return Ok(self.model.heap.slot(home, method::IN_CLASS)?);
        }
        let lexical = self.lexical_scope()?;
        Ok(self.model.innermost_module(lexical)?)
    }

    /// DefMethod.
    pub(crate) fn define_method(&mut self, template: Oop, selector: Oop) -> Result<Oop, Fail> {
        let definee = self.definee()?;
        self.model.check_takes_methods(definee)?;
        let method = self.instantiate_method(template, selector, definee)?;
        let lexical = self.lexical_scope()?;
        if self.model.innermost_module(lexical)? != definee {
            let flags = self.model.method_flags(method)? | method_flags::DEFINES_IN_OWNER;
            self.model
                .heap
                .set_slot(method, method::FLAGS, Oop::small_int_wrapping(flags))?;
        }
        let (visibility, module_function) = self.default_visibility(definee, selector)?;
        self.add_method(definee, selector, method, 1, visibility)?;
        if module_function {
            let singleton = self.model.singleton_class(definee)?;
            let copy = self.model.heap.shallow_copy(method)?;
            self.model
                .heap
                .set_slot(copy, method::IN_CLASS, singleton)?;
            self.add_method(singleton, selector, copy, 1, Visibility::Public)?;
        }
        Ok(selector)
    }

    /// Visibility for a `def` in the running frame: what `private` without arguments set, private for top-level methods and initializers.
    fn default_visibility(
        &mut self,
        definee: Oop,
        selector: Oop,
    ) -> Result<(Visibility, bool), Fail> {
        let text = self.model.heap.bytes(selector);
        if matches!(
            text,
            b"initialize"
                | b"initialize_copy"
                | b"initialize_clone"
                | b"initialize_dup"
                | b"respond_to_missing?"
        ) {
            return Ok((Visibility::Private, false));
        }
        let top = self.exec.frames.len() - 1;
        if let Some(set) = self.visibility_in_force(top) {
            return Ok(set);
        }
        let object = self.model.known_class(wellknown::OBJECT)?;
        let at_top_level = frame_is_main(&self.exec.frames[top]) && definee == object;
        Ok((
            if at_top_level && !self.model.booting {
                Visibility::Private
            } else {
                Visibility::Public
            },
            false,
        ))
    }

    /// What `private` and the like without arguments set for frame `index`. A block that defines where its creator does has its creator's.
    fn visibility_in_force(&mut self, mut index: usize) -> Option<(Visibility, bool)> {
        loop {
            let frame = self.exec.frames[index];
            let set = self
                .exec
                .visibilities
                .iter()
                .rev()
                .find(|v| v.0 == frame.serial);
            if frame.serial != 0
                && let Some(&(_, visibility, function)) = set
            {
                return Some((visibility, function));
            }
            if frame.closure.is_nil() {
                return None;
            }
            let creator = self.creator_frame(frame.closure)?;
            let definee = frame_flags::DEFINEE_SELF | frame_flags::DEFINEE_SINGLETON;
            let base = self.exec.regs.get(frame.base as usize);
            let moved = frame.flags & definee != 0
                && base != self.exec.regs.get(self.exec.frames[creator].base as usize);
            if moved {
                return None;
            }
            index = creator;
        }
    }

    /// `private` (and the like) without arguments: from here on in the frame `frames_up` above the running one.
    pub fn set_default_visibility(
        &mut self,
        frames_up: usize,
        visibility: Visibility,
        module_function: bool,
    ) {
        let Some(index) = self.exec.frames.len().checked_sub(1 + frames_up) else {
            return;
        };
        let serial = self.frame_serial(index);
        self.exec
            .visibilities
            .retain(|v| v.0 != serial && self.exec.frames.iter().any(|f| f.serial == v.0));
        self.exec
            .visibilities
            .push((serial, visibility, module_function));
    }

    /// DefSingleton.
    pub(crate) fn define_singleton_method(
        &mut self,
        object: Oop,
        template: Oop,
        selector: Oop,
    ) -> Result<Oop, Fail> {
        let singleton = self.model.singleton_class(object)?;
        self.model.check_takes_methods(singleton)?;
        let method = self.instantiate_method(template, selector, singleton)?;
        self.add_method(singleton, selector, method, 1, Visibility::Public)?;
        Ok(selector)
    }

    /// Opens or makes the class of a DefClass; answers it and whether it is new.
    pub(crate) fn open_class(
        &mut self,
        name: Oop,
        superclass: Oop,
        within: Oop,
    ) -> Result<(Oop, bool), Fail> {
        let text = self.model.heap.text(name);
        if !superclass.is_undef()
            && (!self.model.is_module_like(superclass)?
                || self.model.class_flags(superclass)? & class_flags::MODULE != 0)
        {
            let class = self.model.heap.class_of(superclass)?;
            let class = self.model.real_class(class)?;
            let text = format!(
                "superclass must be an instance of Class (given an instance of {})",
                self.model.class_name(class)
            );
            return Err(raise(wellknown::ARGUMENT_TYPE_ERROR, text));
        }
        if !superclass.is_undef() {
            self.model.check_subclassable(superclass)?;
        }
        let scope_module = self.definition_scope(within)?;
        if let Some(existing) = self.model.defined_here(scope_module, name, within)? {
            if !self.model.is_module_like(existing)?
                || self.model.class_flags(existing)? & class_flags::MODULE != 0
            {
                let before = self.model.previous_definition(scope_module, name)?;
                return Err(raise(
                    wellknown::ARGUMENT_TYPE_ERROR,
                    format!("{text} is not a class{before}"),
                ));
            }
            if !superclass.is_undef() && self.model.ruby_superclass(existing)? != superclass {
                return Err(raise(
                    wellknown::ARGUMENT_TYPE_ERROR,
                    format!("superclass mismatch for class {text}"),
                ));
            }
            return Ok((existing, false));
        }
        let object = self.model.known_class(wellknown::OBJECT)?;
        let superclass = if superclass.is_undef() {
            object
        } else {
            superclass
        };
        let class = self.model.make_class(Oop::NIL, superclass, None, &[])?;
        self.set_constant(scope_module, name, class)?;
        Ok((class, true))
    }

    /// Opens or makes the module of a DefModule.
    pub(crate) fn open_module(&mut self, name: Oop, within: Oop) -> Result<Oop, Fail> {
        let scope_module = self.definition_scope(within)?;
        if let Some(existing) = self.model.defined_here(scope_module, name, within)? {
            if !self.model.is_module_like(existing)?
                || self.model.class_flags(existing)? & class_flags::MODULE == 0
            {
                let text = self.model.heap.text(name);
                let before = self.model.previous_definition(scope_module, name)?;
                return Err(raise(
                    wellknown::ARGUMENT_TYPE_ERROR,
                    format!("{text} is not a module{before}"),
                ));
            }
            return Ok(existing);
        }
        let module = self.model.make_module(Oop::NIL)?;
        self.set_constant(scope_module, name, module)?;
        Ok(module)
    }

    fn definition_scope(&mut self, within: Oop) -> Result<Oop, Fail> {
        if within.is_undef() {
            let lexical = self.lexical_scope()?;
            return Ok(self.model.innermost_module(lexical)?);
        }
        if !self.model.is_module_like(within)? {
            let text = format!("{} is not a class/module", self.model.describe(within)?);
            return Err(raise(wellknown::ARGUMENT_TYPE_ERROR, text));
        }
        Ok(within)
    }

    /// A body code (class, module, singleton class) made ready to run with `module` as innermost lexical module.
    pub(crate) fn body_method(&mut self, template: Oop, module: Oop) -> Result<Oop, Fail> {
        let copy = self.model.heap.shallow_copy(template)?;
        let outer = self.lexical_scope()?;
        let scope = self.model.new_scope(module, outer);
        self.model
            .heap
            .set_slot(copy, method::LEXICAL_SCOPE, scope)?;
        Ok(copy)
    }
}

fn frame_is_main(frame: &crate::exec::frame::Frame) -> bool {
    frame.code.kind == gem_bytecode::CodeKind::Body && frame.code.name == "<main>"
}
