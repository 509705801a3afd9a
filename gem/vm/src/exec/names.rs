//! What the running code has of names: its lexical scope, the constants and class variables it sets, its `$~` and `$_`.

use crate::debug::trace::Location;
use crate::errors::Fail;
use crate::vm::Vm;
use format::wellknown;
use format::wellknown::slots::{method, scope};
use gem_heap::Oop;

impl Vm {
    /// The lexical scope of the running code.
    pub fn lexical_scope(&mut self) -> Result<Oop, Fail> {
        let method = self.home_method();
        if method.is_nil() {
            return Ok(Oop::NIL);
        }
        Ok(self.model.heap.slot(method, method::LEXICAL_SCOPE)?)
    }

    /// Sets a constant as `Model::set_constant` does, and remembers where the program does it.
    ///
    /// # Errors
    /// As `Model::set_constant`.
    pub fn set_constant(&mut self, module: Oop, name: Oop, value: Oop) -> Result<(), Fail> {
        let place = self.definition_place();
        Ok(self.model.set_constant(module, name, value, place)?)
    }

    /// Module that class variables of the running code belong to.
    pub(crate) fn class_var_module(&mut self) -> Result<Oop, Fail> {
        let mut at = self.lexical_scope()?;
        while !at.is_nil() {
            let module = self.model.heap.slot(at, scope::MODULE)?;
            if self.model.class_flags(module)? & wellknown::slots::class_flags::SINGLETON == 0 {
                return Ok(module);
            }
            at = self.model.heap.slot(at, scope::PARENT)?;
        }
        Ok(self.model.known_class(wellknown::OBJECT)?)
    }

    /// Frame-local `$~` (or `$_`) of the home of the running frame.
    ///
    /// # Errors
    /// As `special_of`.
    pub fn special(&mut self, last_line: bool) -> Result<Oop, Fail> {
        let depth = self.exec.frames.len();
        if depth == 0 {
            Ok(Oop::NIL)
        } else {
            self.special_of(depth - 1, last_line)
        }
    }

    /// Sets frame-local `$~` (or `$_`) of the home of frame `index`.
    ///
    /// # Errors
    /// As `settled_env`; those of [`Heap::fault`](gem_heap::Heap::fault), when the pair of specials is not in memory yet; `Frozen` when a program froze it.
    pub fn set_special_of(
        &mut self,
        index: usize,
        last_line: bool,
        value: Oop,
    ) -> Result<(), Fail> {
        let Some(frame) = self.exec.frames.get(index).copied() else {
            return Ok(());
        };
        let env = self.root_env(frame.env);
        let env = self.settled_env(env)?;
        if env.is_nil() {
            // A home without environment keeps its specials by its own serial.
            let serial = self.frame_serial(index);
            self.exec
                .specials
                .retain(|s| s.0 != serial || s.1 != last_line);
            self.exec.specials.push((serial, last_line, value));
            self.drop_old_specials();
            return Ok(());
        }
        let mut pair = self
            .model
            .heap
            .slot(env, wellknown::slots::context::SPECIAL)?;
        if pair.is_nil() {
            pair = self.model.heap.new_array(&[Oop::NIL, Oop::NIL])?;
            self.model
                .heap
                .set_slot_quietly(env, wellknown::slots::context::SPECIAL, pair);
        }
        Ok(self
            .model
            .heap
            .set_element(pair, last_line as usize, value)?)
    }

    /// Frame-local special of the home of frame `index`.
    ///
    /// # Errors
    /// Those of [`Heap::fault`](gem_heap::Heap::fault), when the home's pair of specials, or the value, is not in memory yet.
    pub fn special_of(&mut self, index: usize, last_line: bool) -> Result<Oop, Fail> {
        let Some(frame) = self.exec.frames.get(index).copied() else {
            return Ok(Oop::NIL);
        };
        let env = self.root_env(frame.env);
        if env.is_nil() {
            let found = self
                .exec
                .specials
                .iter()
                .rev()
                .find(|s| s.0 == frame.serial && s.1 == last_line && s.0 != 0);
            return Ok(found.map_or(Oop::NIL, |s| s.2));
        }
        if env.is_stack() {
            // Whoever sets a special makes an object of it.
            return Ok(Oop::NIL);
        }
        let pair = self
            .model
            .heap
            .slot(env, wellknown::slots::context::SPECIAL)?;
        if pair.is_nil() {
            Ok(Oop::NIL)
        } else {
            Ok(self.model.heap.element(pair, last_line as usize)?)
        }
    }

    /// Sets `$~` for the Ruby code that called the running primitive.
    ///
    /// # Errors
    /// As `set_special_of`.
    pub fn set_caller_match(&mut self, value: Oop, frames_up: usize) -> Result<(), Fail> {
        let index = self.exec.frames.len().saturating_sub(1 + frames_up);
        self.set_special_of(index, false, value)
    }

    fn drop_old_specials(&mut self) {
        if self.exec.specials.len() > 64 {
            let parked = self.processes.parked().flat_map(|(_, frames)| frames);
            let living: hashbrown::HashSet<u64> = self
                .exec
                .frames
                .iter()
                .chain(parked)
                .map(|f| f.serial)
                .filter(|&s| s != 0)
                .collect();
            self.exec.specials.retain(|s| living.contains(&s.0));
        }
    }

    /// Where the program defines a constant that is being set: file and line of the innermost code that is not the library's.
    fn definition_place(&mut self) -> Option<(String, u32)> {
        if self.model.booting {
            return None;
        }
        let mut frames = self.exec.frames.iter().rev();
        let frame = *frames.find(|f| f.code.environment == 1 && !f.code.kernel)?;
        let Location { file, line, .. } = self.location_of(frame.code, frame.pc);
        Some((file, line))
    }
}
