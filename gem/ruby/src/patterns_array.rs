//! Array patterns and find patterns.

use crate::encoding::UTF_8;
use crate::generator::Gen;
use gem_bytecode::{Label, Op};
use ruby_prism::{ArrayPatternNode, FindPatternNode, Node};

impl Gen<'_> {
    /// The Array that the subject deconstructs to, asked for once per case.
    fn deconstruct(&mut self, subject: u16, fail: Label) -> u16 {
        let cache = self
            .deconstructed
            .filter(|(s, _)| *s == subject)
            .map(|(_, c)| c);
        let all = cache.unwrap_or_else(|| self.temp());
        let known = self.label();
        if cache.is_some() {
            self.branch(Op::BranchNotUndef, all, known);
        }
        let base = self.kernel_base();
        let argument = self.temp();
        self.move_to(argument, subject);
        self.send(Some(all), "__deconstruct", base, 1, 0);
        self.release(base);
        self.bind(known);
        self.fail_unless(all, fail, "deconstruct", subject, 0);
        all
    }

    /// Length of an Array in a fresh register.
    fn length_of(&mut self, all: u16) -> u16 {
        let base = self.temp();
        self.move_to(base, all);
        self.send(None, "size", base, 0, 0);
        base
    }

    pub(crate) fn array_pattern(&mut self, node: &ArrayPatternNode<'_>, subject: u16, fail: Label) {
        self.constant_pattern(node.constant(), subject, fail);
        let all = self.deconstruct(subject, fail);
        let before: Vec<Node<'_>> = node.requireds().iter().collect();
        let after: Vec<Node<'_>> = node.posts().iter().collect();
        let required = (before.len() + after.len()) as i32;
        let length = self.length_of(all);
        let (wanted, test) = (self.temp(), self.temp());
        self.load_int(wanted, required);
        match node.rest() {
            None => self.fast(Op::Eq, test, length, wanted, test, "==", 1, 0),
            Some(_) => self.fast(Op::Ge, test, length, wanted, test, ">=", 1, 0),
        }
        if self.single.is_some() {
            // the reason's second value: the number wanted, as text with a plus when there may be more
            let plus = if node.rest().is_some() { "+" } else { "" };
            let i = self
                .frame()
                .string(format!("{required}{plus}").as_bytes(), UTF_8);
            self.emit(Op::LoadLit, wanted, i, 0);
        }
        self.fail_unless(test, fail, "length", all, wanted);
        for (i, pattern) in before.iter().enumerate() {
            self.element_pattern(pattern, all, i as i32, fail);
        }
        if let Some(target) = node
            .rest()
            .as_ref()
            .and_then(|r| r.as_splat_node())
            .and_then(|s| s.expression())
        {
            let rest = self.slice(all, before.len() as i32, length, required);
            self.pattern(&target, rest, fail);
        }
        for (i, pattern) in after.iter().enumerate() {
            self.element_pattern(pattern, all, i as i32 - after.len() as i32, fail);
        }
    }

    /// Matches `all[index]`.
    fn element_pattern(&mut self, pattern: &Node<'_>, all: u16, index: i32, fail: Label) {
        let mark = self.mark();
        let (element, at) = (self.temp(), self.temp());
        self.load_int(at, index);
        self.fast(Op::Aref, element, all, at, element, "[]", 1, 0);
        self.pattern(pattern, element, fail);
        self.release(mark);
    }

    /// `all[start, length - less]` in a fresh register.
    fn slice(&mut self, all: u16, start: i32, length: u16, less: i32) -> u16 {
        let base = self.temps(3);
        self.move_to(base, all);
        self.load_int(base + 1, start);
        self.load_int(base + 2, less);
        self.fast(Op::Sub, base + 2, length, base + 2, base + 2, "-", 1, 0);
        self.send(None, "[]", base, 2, 0);
        base
    }

    /// `[*, x, y, *]`: tries every position in turn.
    pub(crate) fn find_pattern(&mut self, node: &FindPatternNode<'_>, subject: u16, fail: Label) {
        self.constant_pattern(node.constant(), subject, fail);
        let all = self.deconstruct(subject, fail);
        let middle: Vec<Node<'_>> = node.requireds().iter().collect();
        let length = self.length_of(all);
        let (at, test, last) = (self.temp(), self.temp(), self.temp());
        let (again, next, found, none) = (self.label(), self.label(), self.label(), self.label());
        self.load_int(last, middle.len() as i32);
        self.fast(Op::Sub, last, length, last, last, "-", 1, 0);
        self.load_int(at, 0);
        self.bind(again);
        self.fast(Op::Le, test, at, last, test, "<=", 1, 0);
        self.branch(Op::BranchFalse, test, none);
        let single = self.single.take();
        for (i, pattern) in middle.iter().enumerate() {
            let mark = self.mark();
            let (element, index) = (self.temp(), self.temp());
            self.fast(Op::AddInt, index, at, i as u16, index, "+", 1, 0);
            self.fast(Op::Aref, element, all, index, element, "[]", 1, 0);
            self.pattern(pattern, element, next);
            self.release(mark);
        }
        self.jump(found);
        self.bind(next);
        self.fast(Op::AddInt, at, at, 1, at, "+", 1, 0);
        self.jump(again);
        self.single = single;
        self.bind(none);
        self.explain("find", all, all);
        self.jump(fail);
        self.bind(found);
        if let Some(target) = node.left().expression() {
            let base = self.temps(3);
            self.move_to(base, all);
            self.load_int(base + 1, 0);
            self.move_to(base + 2, at);
            self.send(None, "[]", base, 2, 0);
            self.pattern(&target, base, fail);
        }
        if let Some(target) = node.right().expression() {
            let base = self.temps(3);
            self.move_to(base, all);
            self.load_int(base + 1, middle.len() as i32);
            self.fast(Op::Add, base + 1, at, base + 1, base + 1, "+", 1, 0);
            self.move_to(base + 2, length);
            self.send(None, "[]", base, 2, 0);
            self.pattern(&target, base, fail);
        }
    }
}
