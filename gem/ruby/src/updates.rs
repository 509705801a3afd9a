//! Assignment with an operator (`+=`, `||=`, `&&=`): the target's parts are evaluated once.

use crate::generator::{Gen, Want, on};
use crate::params::text;
use crate::variables::Access;
use gem_bytecode::{Op, site_flags};
use ruby_prism::*;

/// What is done with the old value.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Update<'o> {
    Or,
    And,
    Operator(&'o str),
}

/// Emits the reading of a target into a register, or its writing from one.
type Emit<'s, 'a> = &'s dyn Fn(&mut Gen<'a>, u16);

const DEFINED_GLOBAL_VARIABLE: u16 = 1;
const DEFINED_CLASS_VARIABLE: u16 = 3;

impl<'a> Gen<'a> {
    /// Reads, combines, writes. `defined` guards `||=` on targets whose reading fails when they are missing.
    pub(crate) fn update(
        &mut self,
        update: Update<'_>,
        defined: Option<Emit<'_, 'a>>,
        read: Emit<'_, 'a>,
        write: Emit<'_, 'a>,
        value: &Node<'_>,
        want: Want,
    ) {
        let t = match want {
            Some(to) => self.workspace(Some(to)),
            None => self.temp(),
        };
        let end = self.label();
        match update {
            Update::Operator(operator) => {
                read(self, t);
                self.set_line(value);
                self.apply_operator(operator, t, value, t);
            }
            Update::And => {
                read(self, t);
                self.branch(Op::BranchFalse, t, end);
                self.into(value, t);
            }
            Update::Or => {
                let missing = self.label();
                if let Some(defined) = defined {
                    defined(self, t);
                    self.branch(Op::BranchFalse, t, missing);
                }
                read(self, t);
                self.branch(Op::BranchTrue, t, end);
                self.bind(missing);
                self.into(value, t);
            }
        }
        write(self, t);
        self.bind(end);
        if let Some(to) = want {
            self.move_to(to, t);
        }
    }

    pub(crate) fn update_local(
        &mut self,
        name: &str,
        depth: u32,
        update: Update<'_>,
        value: &Node<'_>,
        want: Want,
    ) {
        let access = self.local_access(name, depth);
        let Access::Register(r) = access else {
            let (read, write) = (
                move |g: &mut Self, to: u16| g.read_access(access, to),
                move |g: &mut Self, from: u16| g.write_access(access, from),
            );
            return self.update(update, None, &read, &write, value, want);
        };
        let location = value.location();
        let written = self.facts.writes_between(location.start(), location.end());
        match update {
            Update::Operator(operator) => {
                let left = if written { self.temp() } else { r };
                self.move_to(left, r);
                self.set_line(value);
                self.apply_operator(operator, left, value, r);
            }
            Update::Or | Update::And => {
                let end = self.label();
                self.branch(
                    if matches!(update, Update::Or) {
                        Op::BranchTrue
                    } else {
                        Op::BranchFalse
                    },
                    r,
                    end,
                );
                let v = self.operand(value);
                self.move_to(r, v);
                self.bind(end);
            }
        }
        if let Some(to) = want {
            self.move_to(to, r);
        }
    }

    /// Updates of variables; answers false for other nodes.
    pub(crate) fn update_node(&mut self, node: &Node<'_>, want: Want) -> bool {
        on!(node, {
            InstanceVariableOrWriteNode.as_instance_variable_or_write_node => |n| self.update_ivar(&text(&n.name()), Update::Or, &n.value(), want),
            InstanceVariableAndWriteNode.as_instance_variable_and_write_node => |n| self.update_ivar(&text(&n.name()), Update::And, &n.value(), want),
            InstanceVariableOperatorWriteNode.as_instance_variable_operator_write_node => |n| {
                let operator = text(&n.binary_operator());
                self.update_ivar(&text(&n.name()), Update::Operator(&operator), &n.value(), want);
            },
            GlobalVariableOrWriteNode.as_global_variable_or_write_node => |n| self.update_global(&text(&n.name()), Update::Or, &n.value(), want),
            GlobalVariableAndWriteNode.as_global_variable_and_write_node => |n| self.update_global(&text(&n.name()), Update::And, &n.value(), want),
            GlobalVariableOperatorWriteNode.as_global_variable_operator_write_node => |n| {
                let operator = text(&n.binary_operator());
                self.update_global(&text(&n.name()), Update::Operator(&operator), &n.value(), want);
            },
            ClassVariableOrWriteNode.as_class_variable_or_write_node => |n| self.update_class_variable(&text(&n.name()), Update::Or, &n.value(), want),
            ClassVariableAndWriteNode.as_class_variable_and_write_node => |n| self.update_class_variable(&text(&n.name()), Update::And, &n.value(), want),
            ClassVariableOperatorWriteNode.as_class_variable_operator_write_node => |n| {
                let operator = text(&n.binary_operator());
                self.update_class_variable(&text(&n.name()), Update::Operator(&operator), &n.value(), want);
            },
        } else return false);
        true
    }

    fn update_ivar(&mut self, name: &str, update: Update<'_>, value: &Node<'_>, want: Want) {
        self.update(
            update,
            None,
            &|g, to| g.ivar_read(name, Some(to)),
            &|g, from| g.ivar_write(name, from),
            value,
            want,
        );
    }

    fn update_global(&mut self, name: &str, update: Update<'_>, value: &Node<'_>, want: Want) {
        let defined = |g: &mut Self, to: u16| {
            let symbol = g.frame().symbol(name);
            g.emit(Op::Defined, to, symbol, DEFINED_GLOBAL_VARIABLE);
        };
        let guard: Option<Emit<'_, 'a>> = match update {
            Update::Or => Some(&defined),
            _ => None,
        };
        self.update(
            update,
            guard,
            &|g, to| g.global_read(name, Some(to)),
            &|g, from| g.global_write(name, from),
            value,
            want,
        );
    }

    fn update_class_variable(
        &mut self,
        name: &str,
        update: Update<'_>,
        value: &Node<'_>,
        want: Want,
    ) {
        let defined = |g: &mut Self, to: u16| {
            let symbol = g.frame().symbol(name);
            g.emit(Op::Defined, to, symbol, DEFINED_CLASS_VARIABLE);
        };
        self.update(
            update,
            Some(&defined),
            &|g, to| g.named(Op::GetClassVar, to, name),
            &|g, from| g.named(Op::SetClassVar, from, name),
            value,
            want,
        );
    }

    // ---- a.b += v ----

    pub(crate) fn call_operator_write(&mut self, n: &CallOperatorWriteNode<'_>, want: Want) {
        let operator = text(&n.binary_operator());
        let names = (text(&n.read_name()), text(&n.write_name()));
        let flags = Self::self_flags(n.is_ignore_visibility(), false);
        self.set_line(&n.as_node());
        self.update_attribute(
            n.receiver(),
            n.is_safe_navigation(),
            &names,
            flags,
            Update::Operator(&operator),
            &n.value(),
            want,
        );
    }

    pub(crate) fn call_or_write(&mut self, n: &CallOrWriteNode<'_>, want: Want) {
        let names = (text(&n.read_name()), text(&n.write_name()));
        let flags = Self::self_flags(n.is_ignore_visibility(), false);
        self.set_line(&n.as_node());
        self.update_attribute(
            n.receiver(),
            n.is_safe_navigation(),
            &names,
            flags,
            Update::Or,
            &n.value(),
            want,
        );
    }

    pub(crate) fn call_and_write(&mut self, n: &CallAndWriteNode<'_>, want: Want) {
        let names = (text(&n.read_name()), text(&n.write_name()));
        let flags = Self::self_flags(n.is_ignore_visibility(), false);
        self.set_line(&n.as_node());
        self.update_attribute(
            n.receiver(),
            n.is_safe_navigation(),
            &names,
            flags,
            Update::And,
            &n.value(),
            want,
        );
    }

    #[allow(clippy::too_many_arguments)] // what the three nodes have in common
    fn update_attribute(
        &mut self,
        receiver: Option<Node<'_>>,
        safe: bool,
        names: &(String, String),
        flags: u16,
        update: Update<'_>,
        value: &Node<'_>,
        want: Want,
    ) {
        let keep = want.map(|to| self.workspace(Some(to)));
        let object = match &receiver {
            Some(node) => self.operand_before(node, &[value]),
            None => gem_bytecode::SELF,
        };
        let skip = self.skip_nil(safe, object);
        let read = |g: &mut Self, to: u16| {
            let base = g.temp();
            g.move_to(base, object);
            g.send(Some(to), &names.0, base, 0, flags);
            g.release(base);
        };
        let write = |g: &mut Self, from: u16| {
            let base = g.temps(2);
            g.move_to(base, object);
            g.move_to(base + 1, from);
            g.send(None, &names.1, base, 1, flags);
            g.release(base);
        };
        self.update(update, None, &read, &write, value, keep);
        if let (Some(to), Some(kept)) = (want, keep) {
            self.move_to(to, kept);
        }
        self.end_skip(skip, want);
    }

    // ---- a[i] += v ----

    pub(crate) fn index_operator_write(&mut self, n: &IndexOperatorWriteNode<'_>, want: Want) {
        let operator = text(&n.binary_operator());
        let flags = Self::self_flags(n.is_ignore_visibility(), false);
        self.set_line(&n.as_node());
        self.update_index(
            n.receiver(),
            n.arguments(),
            flags,
            Update::Operator(&operator),
            &n.value(),
            want,
        );
    }

    pub(crate) fn index_or_write(&mut self, n: &IndexOrWriteNode<'_>, want: Want) {
        let flags = Self::self_flags(n.is_ignore_visibility(), false);
        self.set_line(&n.as_node());
        self.update_index(
            n.receiver(),
            n.arguments(),
            flags,
            Update::Or,
            &n.value(),
            want,
        );
    }

    pub(crate) fn index_and_write(&mut self, n: &IndexAndWriteNode<'_>, want: Want) {
        let flags = Self::self_flags(n.is_ignore_visibility(), false);
        self.set_line(&n.as_node());
        self.update_index(
            n.receiver(),
            n.arguments(),
            flags,
            Update::And,
            &n.value(),
            want,
        );
    }

    fn update_index(
        &mut self,
        receiver: Option<Node<'_>>,
        arguments: Option<ArgumentsNode<'_>>,
        flags: u16,
        update: Update<'_>,
        value: &Node<'_>,
        want: Want,
    ) {
        let nodes: Vec<Node<'_>> = arguments
            .iter()
            .flat_map(|a| a.arguments().iter().collect::<Vec<_>>())
            .collect();
        let keep = want.map(|to| self.workspace(Some(to)));
        let mut later: Vec<&Node<'_>> = nodes.iter().collect();
        later.push(value);
        let object = match &receiver {
            Some(node) => self.operand_before(node, &later),
            None => gem_bytecode::SELF,
        };
        match nodes.as_slice() {
            [index] if !crate::collections::is_spread(index) => {
                let at = self.operand_before(index, &[value]);
                let read =
                    |g: &mut Self, to: u16| g.fast(Op::Aref, to, object, at, to, "[]", 1, flags);
                let write = |g: &mut Self, from: u16| g.aset(object, at, from, flags);
                self.update(update, None, &read, &write, value, keep);
            }
            several => {
                let all = self.temp();
                self.gather(several, all);
                let read = |g: &mut Self, to: u16| {
                    let base = g.temps(2);
                    g.move_to(base, object);
                    g.splat(base + 1, all);
                    g.send(Some(to), "[]", base, 1, flags | site_flags::SPLAT);
                    g.release(base);
                };
                let write = |g: &mut Self, from: u16| {
                    let base = g.temps(2);
                    g.move_to(base, object);
                    g.splat(base + 1, all);
                    g.emit(Op::ArrayPush, base + 1, from, 0);
                    g.send(None, "[]=", base, 1, flags | site_flags::SPLAT);
                    g.release(base);
                };
                self.update(update, None, &read, &write, value, keep);
            }
        }
        if let (Some(to), Some(kept)) = (want, keep) {
            self.move_to(to, kept);
        }
    }
}
