//! What primitives ask of the frames that called them.

use crate::errors::Fail;
use crate::vm::Vm;
use gem_heap::Oop;
use gem_model::Visibility;

impl Vm {
    /// What `private` and the like without arguments set for the frame `frames_up` above the running one: visibility, and whether
    /// `module_function` is on.
    pub fn visibility_set_in(&self, frames_up: usize) -> (Visibility, bool) {
        let index = self.exec.frames.len().checked_sub(1 + frames_up);
        let serial = index.map_or(0, |i| self.exec.frames[i].serial);
        let set = self
            .exec
            .visibilities
            .iter()
            .rev()
            .find(|v| v.0 == serial && serial != 0);
        set.map_or((Visibility::Public, false), |v| (v.1, v.2))
    }
}

impl Vm {
    /// The home method of the frame `frames_up` above the running one, nil without such a frame.
    pub fn home_method_at(&mut self, frames_up: usize) -> Oop {
        match self.exec.frames.len().checked_sub(1 + frames_up) {
            Some(index) => {
                let frame = self.exec.frames[index];
                self.home_method_of(&frame)
            }
            None => Oop::NIL,
        }
    }

    /// Whether the block given to the home method of the frame `frames_up` above the running one is no lambda and has two or more
    /// parameters, all of them required.
    ///
    /// # Errors
    /// As `home_block_at`, and as `closure_code` for the block.
    pub fn home_block_takes_two(&mut self, frames_up: usize) -> Result<bool, Fail> {
        let Some(index) = self.exec.frames.len().checked_sub(1 + frames_up) else {
            return Ok(false);
        };
        let frame = self.exec.frames[index];
        let given = self.home_block_of(&frame)?;
        let code = if given.is_stack() {
            self.stack_block(given).code
        } else {
            let special = crate::exec::block_flags::LAMBDA
                | crate::exec::block_flags::FROM_SYMBOL
                | crate::exec::block_flags::FROM_METHOD;
            if given.is_nil() || self.closure_flags(given)? & special != 0 {
                return Ok(false);
            }
            self.code_of_closure(given)?
        };
        Ok(code.plain_params && code.params.required > 1)
    }

    /// The block given to the home method of the frame `frames_up` above the running one.
    ///
    /// # Errors
    /// Those of [`Heap::fault`](gem_heap::Heap::fault), when the environment that holds the block is not in memory yet.
    pub fn home_block_at(&mut self, frames_up: usize) -> Result<Oop, Fail> {
        match self.exec.frames.len().checked_sub(1 + frames_up) {
            Some(index) => {
                let frame = self.exec.frames[index];
                let given = self.home_block_of(&frame)?;
                self.settled_block(given)
            }
            None => Ok(Oop::NIL),
        }
    }
}
