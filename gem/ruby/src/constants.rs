//! Reading and writing constants.

use crate::generator::{Gen, Want, on};
use crate::params::text;
use crate::updates::Update;
use gem_bytecode::{CREF, Op};
use ruby_prism::{ConstantPathNode, Node};

/// Kinds of the Defined instruction for constants.
const DEFINED_CONSTANT: u16 = 2;
const DEFINED_CONSTANT_IN: u16 = 7;

impl Gen<'_> {
    /// Constants of every kind; answers false for other nodes.
    pub(crate) fn constant_node(&mut self, node: &Node<'_>, want: Want) -> bool {
        on!(node, {
            ConstantReadNode.as_constant_read_node => |n| {
                let to = self.out(want);
                self.set_line(node);
                self.constant_read(&text(&n.name()), to);
            },
            ConstantPathNode.as_constant_path_node => |n| {
                let to = self.out(want);
                let module = self.path_parent(n);
                self.set_line(node);
                self.constant_read_in(module, &path_name(n), to);
            },
            ConstantWriteNode.as_constant_write_node => |n| {
                let value = self.valued(&n.value(), want);
                self.set_line(node);
                self.constant_write(CREF, &text(&n.name()), value);
            },
            ConstantPathWriteNode.as_constant_path_write_node => |n| {
                let target = n.target();
                let module = self.path_parent_register(&target);
                let value = self.valued(&n.value(), want);
                self.set_line(node);
                self.constant_write(module, &path_name(&target), value);
            },
            ConstantOrWriteNode.as_constant_or_write_node => |n| self.constant_update(None, &text(&n.name()), Update::Or, &n.value(), want),
            ConstantAndWriteNode.as_constant_and_write_node => |n| self.constant_update(None, &text(&n.name()), Update::And, &n.value(), want),
            ConstantOperatorWriteNode.as_constant_operator_write_node => |n| {
                let operator = text(&n.binary_operator());
                self.constant_update(None, &text(&n.name()), Update::Operator(&operator), &n.value(), want);
            },
            ConstantPathOrWriteNode.as_constant_path_or_write_node => |n| self.path_update(&n.target(), Update::Or, &n.value(), want),
            ConstantPathAndWriteNode.as_constant_path_and_write_node => |n| self.path_update(&n.target(), Update::And, &n.value(), want),
            ConstantPathOperatorWriteNode.as_constant_path_operator_write_node => |n| {
                let operator = text(&n.binary_operator());
                self.path_update(&n.target(), Update::Operator(&operator), &n.value(), want);
            },
        } else return false);
        true
    }

    pub(crate) fn constant_read(&mut self, name: &str, to: u16) {
        let (symbol, cache) = (self.frame().symbol(name), self.frame().asm.cache());
        self.emit(Op::GetConst, to, symbol, cache);
    }

    /// `None`: top level.
    fn constant_read_in(&mut self, module: Option<u16>, name: &str, to: u16) {
        let symbol = self.frame().symbol(name);
        match module {
            Some(m) => self.emit(Op::GetConstIn, to, symbol, m),
            None => self.emit(Op::GetConstTop, to, symbol, 0),
        }
    }

    pub(crate) fn constant_write(&mut self, module: u16, name: &str, value: u16) {
        let symbol = self.frame().symbol(name);
        self.emit(Op::SetConst, value, symbol, module);
    }

    /// The register of the module before the last `::`, `None` for top level.
    fn path_parent(&mut self, path: &ConstantPathNode<'_>) -> Option<u16> {
        path.parent().map(|parent| self.operand(&parent))
    }

    /// The same, with Object for the top level, in a register that later code does not change.
    pub(crate) fn path_parent_register(&mut self, path: &ConstantPathNode<'_>) -> u16 {
        let t = self.temp();
        match path.parent() {
            Some(parent) => self.into(&parent, t),
            None => self.load_object(t),
        }
        t
    }

    pub(crate) fn load_object(&mut self, to: u16) {
        let symbol = self.frame().symbol("Object");
        self.emit(Op::GetConstTop, to, symbol, 0);
    }

    fn path_update(
        &mut self,
        target: &ConstantPathNode<'_>,
        update: Update<'_>,
        value: &Node<'_>,
        want: Want,
    ) {
        let module = self.path_parent_register(target);
        self.constant_update(Some(module), &path_name(target), update, value, want);
    }

    fn constant_update(
        &mut self,
        module: Option<u16>,
        name: &str,
        update: Update<'_>,
        value: &Node<'_>,
        want: Want,
    ) {
        let read = |g: &mut Self, to: u16| match module {
            Some(_) => g.constant_read_in(module, name, to),
            None => g.constant_read(name, to),
        };
        let write = |g: &mut Self, from: u16| g.constant_write(module.unwrap_or(CREF), name, from);
        let defined = |g: &mut Self, to: u16| {
            let symbol = g.frame().symbol(name);
            match module {
                Some(m) => {
                    g.move_to(to, m);
                    g.emit(Op::Defined, to, symbol, DEFINED_CONSTANT_IN);
                }
                None => g.emit(Op::Defined, to, symbol, DEFINED_CONSTANT),
            }
        };
        self.update(update, Some(&defined), &read, &write, value, want);
    }
}

pub(crate) fn path_name(path: &ConstantPathNode<'_>) -> String {
    path.name().map(|id| text(&id)).unwrap_or_default()
}
