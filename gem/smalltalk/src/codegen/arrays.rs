//! `{ a. b. c }`: an Array of computed elements.

use super::Target;
use super::frame::CodeFrame;
use crate::ast::Expression;
use gem_bytecode::{Op, SELF};

/// Elements that are put into registers at once; longer arrays grow by pieces.
const PIECE: usize = 64;

impl CodeFrame<'_> {
    pub fn brace_array(&mut self, elements: &[Expression], register: u16) {
        if elements.len() <= PIECE {
            return self.array_piece(elements, register);
        }
        // The target may be a variable that an element mentions: it is set at the end.
        let whole = self.asm.temp();
        self.asm.emit(Op::NewArray, whole, 0, SELF);
        for piece in elements.chunks(PIECE) {
            let part = self.asm.temp();
            self.array_piece(piece, part);
            self.asm.emit(Op::ArrayConcat, whole, part, 0);
            self.asm.release_to(part);
        }
        self.copy(register, whole);
        self.asm.release_to(whole);
    }

    fn array_piece(&mut self, elements: &[Expression], register: u16) {
        let mark = self.asm.mark();
        for element in elements {
            let slot = self.asm.temp();
            self.expression(element, Target::Register(slot));
        }
        let first = if elements.is_empty() { SELF } else { mark };
        self.asm
            .emit(Op::NewArray, register, elements.len() as u16, first);
        self.asm.release_to(mark);
    }
}
