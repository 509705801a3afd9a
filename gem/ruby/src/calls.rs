//! Calls: receivers, safe navigation, attribute and index assignment, names the compiler knows.

use crate::generator::{Gen, Want};
use crate::operators::{binary, binary_op};
use crate::params::text;
use crate::prologue::primitive_call;
use gem_bytecode::{Op, SELF, site_flags};
use ruby_prism::{CallNode, Node};

impl Gen<'_> {
    pub(crate) fn call(&mut self, call: &CallNode<'_>, want: Want) {
        if self.known_call(call, want) {
            return;
        }
        let id = call.name();
        let name = id.as_slice();
        if let Some((left, right)) = binary(call)
            && let Some(op) = binary_op(name)
        {
            return self.binary_operator(op, call, &left, &right, want);
        }
        if self.element_access(call, want) {
            return;
        }
        if name == b"!"
            && call.arguments().is_none()
            && !call.is_safe_navigation()
            && let Some(operand) = call.receiver()
        {
            return self.not(call, &operand, want);
        }
        if call.is_attribute_write() {
            return self.attribute_write(call, want);
        }
        self.plain_call(call, want);
    }

    /// `size` and `length` of anything, and the kernel's `__size`, `__at(i)` and `__push(v)`: Arrays answer without a send.
    fn element_access(&mut self, call: &CallNode<'_>, want: Want) -> bool {
        let id = call.name();
        let selector = match (id.as_slice(), call.receiver().is_some()) {
            (b"size", true) => "size",
            (b"length", true) => "length",
            (b"__size", _) => "__size",
            (b"__at", _) => "__at",
            (b"__push", _) => "__push",
            _ => return false,
        };
        if call.is_safe_navigation() || call.block().is_some() || call.is_variable_call() {
            return self.bare_size(call, selector, want);
        }
        let arguments: Vec<Node<'_>> = call
            .arguments()
            .iter()
            .flat_map(|a| a.arguments().iter().collect::<Vec<_>>())
            .collect();
        let flags = Self::self_flags(call.is_ignore_visibility(), false);
        match (selector, arguments.as_slice()) {
            ("__at" | "__push", [index]) if !crate::collections::is_spread(index) => {
                let object = match call.receiver() {
                    Some(receiver) => self.operand_before(&receiver, &[index]),
                    None => SELF,
                };
                let index = self.operand(index);
                let to = self.out(want);
                self.call_line(call);
                let op = match selector {
                    "__at" => Op::Aref,
                    _ => Op::ShiftLeft,
                };
                self.fast(op, to, object, index, to, selector, 1, flags);
                true
            }
            ("size" | "length" | "__size", []) => {
                let object = call.receiver().map_or(SELF, |r| self.operand(&r));
                let to = self.out(want);
                self.call_line(call);
                self.fast(Op::Size, to, object, 0, to, selector, 0, flags);
                true
            }
            _ => false,
        }
    }

    /// The kernel's `__size` written as a bare name.
    fn bare_size(&mut self, call: &CallNode<'_>, selector: &str, want: Want) -> bool {
        if selector != "__size" || !call.is_variable_call() {
            return false;
        }
        let to = self.out(want);
        self.call_line(call);
        self.fast(
            Op::Size,
            to,
            SELF,
            0,
            to,
            selector,
            0,
            Self::self_flags(true, false),
        );
        true
    }

    fn plain_call(&mut self, call: &CallNode<'_>, want: Want) {
        let base = self.temp();
        self.receiver(call.receiver(), base);
        let skip = self.skip_nil(call.is_safe_navigation(), base);
        let shape = self.arguments(call.arguments(), call.block());
        self.call_line(call);
        let flags = Self::self_flags(call.is_ignore_visibility(), call.is_variable_call());
        self.send(
            want,
            &text(&call.name()),
            base,
            shape.argc,
            shape.flags | flags,
        );
        self.end_skip(skip, want);
    }

    pub(crate) fn receiver(&mut self, receiver: Option<Node<'_>>, base: u16) {
        match receiver {
            Some(node) => self.into(&node, base),
            None => self.move_to(base, SELF),
        }
    }

    /// For `&.`: where to go when the receiver is nil.
    pub(crate) fn skip_nil(&mut self, safe: bool, receiver: u16) -> Option<gem_bytecode::Label> {
        safe.then(|| {
            let label = self.label();
            self.branch(Op::BranchNil, receiver, label);
            label
        })
    }

    pub(crate) fn end_skip(&mut self, skip: Option<gem_bytecode::Label>, want: Want) {
        let Some(nil) = skip else { return };
        match want {
            None => self.bind(nil),
            Some(to) => {
                let end = self.label();
                self.jump(end);
                self.bind(nil);
                self.emit(Op::LoadNil, to, 0, 0);
                self.bind(end);
            }
        }
    }

    /// `a.b = v` and `a[i] = v`: their value is v, whatever the method answers.
    fn attribute_write(&mut self, call: &CallNode<'_>, want: Want) {
        let nodes: Vec<Node<'_>> = call
            .arguments()
            .iter()
            .flat_map(|a| a.arguments().iter().collect::<Vec<_>>())
            .collect();
        let plain =
            |n: &Node<'_>| !crate::collections::is_spread(n) && n.as_keyword_hash_node().is_none();
        if call.name().as_slice() == b"[]="
            && !call.is_safe_navigation()
            && call.block().is_none()
            && nodes.iter().all(plain)
            && let (Some(receiver), [index, value]) = (call.receiver(), nodes.as_slice())
        {
            return self.index_write(call, &receiver, index, value, want);
        }
        // the value is kept below the window, which the call destroys
        let keep = want.map(|to| self.workspace(Some(to)));
        let base = self.temp();
        self.receiver(call.receiver(), base);
        let skip = self.skip_nil(call.is_safe_navigation(), base);
        let flags = Self::self_flags(call.is_ignore_visibility(), false);
        match nodes.split_last() {
            Some((value, before)) if plain(value) && !before.iter().all(plain) => {
                // a[*x] = v
                let all = self.temp();
                self.gather(before, all);
                let v = self.temp();
                self.into(value, v);
                self.emit(Op::ArrayPush, all, v, 0);
                self.keep(keep, v);
                self.release(all + 1);
                let mut shape = crate::arguments::Shape {
                    argc: 1,
                    flags: site_flags::SPLAT,
                };
                self.write_block(call, &mut shape);
                self.call_line(call);
                self.send(
                    None,
                    &text(&call.name()),
                    base,
                    shape.argc,
                    shape.flags | flags,
                );
            }
            _ => {
                for node in &nodes {
                    let t = self.temp();
                    self.into(node, t);
                }
                let value = base + nodes.len() as u16;
                self.keep(keep, value);
                let mut shape = crate::arguments::Shape {
                    argc: nodes.len() as u16,
                    flags: 0,
                };
                self.write_block(call, &mut shape);
                self.call_line(call);
                self.send(
                    None,
                    &text(&call.name()),
                    base,
                    shape.argc,
                    shape.flags | flags,
                );
            }
        }
        if let (Some(to), Some(kept)) = (want, keep) {
            self.move_to(to, kept);
        }
        self.end_skip(skip, want);
    }

    fn write_block(&mut self, call: &CallNode<'_>, shape: &mut crate::arguments::Shape) {
        if let Some(block) = call
            .block()
            .and_then(|b| b.as_block_argument_node())
            .and_then(|b| b.expression())
        {
            let t = self.temp();
            self.into(&block, t);
            shape.flags |= site_flags::BLOCK;
        }
    }

    pub(crate) fn keep(&mut self, keep: Option<u16>, value: u16) {
        if let Some(to) = keep {
            self.move_to(to, value);
        }
    }

    fn index_write(
        &mut self,
        call: &CallNode<'_>,
        receiver: &Node<'_>,
        index: &Node<'_>,
        value: &Node<'_>,
        want: Want,
    ) {
        let array = self.operand_before(receiver, &[index, value]);
        let at = self.operand_before(index, &[value]);
        let element = self.operand(value);
        self.call_line(call);
        self.aset(
            array,
            at,
            element,
            Self::self_flags(call.is_ignore_visibility(), false),
        );
        if let Some(to) = want {
            self.move_to(to, element);
        }
    }

    /// `array[at] = element` through the fast path.
    pub(crate) fn aset(&mut self, array: u16, at: u16, element: u16, flags: u16) {
        let window = self.temps(3);
        let site = self.frame().site("[]=", 2, flags);
        self.frame()
            .asm
            .with_send(Op::Aset, element, array, at, window, site, window);
        self.release(window);
    }

    /// Calls that are not sent: answers false for all others.
    fn known_call(&mut self, call: &CallNode<'_>, want: Want) -> bool {
        if let Some((name, argc)) = primitive_call(&call.as_node()) {
            return self.primitive_test(call, name, argc, want);
        }
        let bare =
            call.receiver().is_none() && call.arguments().is_none() && call.block().is_none();
        if !bare {
            return false;
        }
        match call.name().as_slice() {
            b"block_given?" => {
                if let Some(to) = want {
                    self.emit(Op::BlockGiven, to, 0, 0);
                }
            }
            b"__method__" => return self.method_name(want),
            b"__dir__" => {
                let base = self.kernel_base();
                let argument = self.temp();
                let file = self.file.clone();
                let i = self.frame().string(file.as_bytes(), crate::encoding::UTF_8);
                self.emit(Op::LoadLit, argument, i, 0);
                self.send(want, "__dir_of", base, 1, 0);
            }
            _ => return false,
        }
        true
    }

    /// `__method__` directly in a `def` is known; in blocks it may be another method's name.
    fn method_name(&mut self, want: Want) -> bool {
        if self.frame().kind != crate::frame::FrameKind::Method {
            return false;
        }
        if let Some(to) = want {
            let name = self.frame().asm.code_mut().name.clone();
            self.load_symbol(to, &name);
        }
        true
    }

    /// `Primitive.undefined` and `Primitive.undefined?(x)`.
    fn primitive_test(
        &mut self,
        call: &CallNode<'_>,
        name: &[u8],
        argc: usize,
        want: Want,
    ) -> bool {
        match (
            name,
            argc,
            call.arguments().and_then(|a| a.arguments().first()),
        ) {
            (b"undefined", 0, _) => {
                if let Some(to) = want {
                    self.emit(Op::LoadUndef, to, 0, 0);
                }
            }
            (b"undefined?", 1, Some(argument)) => {
                let value = self.operand(&argument);
                if let Some(to) = want {
                    let (undefined, end) = (self.label(), self.label());
                    self.branch(Op::BranchUndef, value, undefined);
                    self.emit(Op::LoadFalse, to, 0, 0);
                    self.jump(end);
                    self.bind(undefined);
                    self.emit(Op::LoadTrue, to, 0, 0);
                    self.bind(end);
                }
            }
            _ => return false,
        }
        true
    }
}
