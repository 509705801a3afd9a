//! Reading and writing variables of every kind but constants.

use crate::frame::{FrameKind, Storage};
use crate::generator::{Gen, Want, on};
use crate::params::{IT, text};
use gem_bytecode::Op;
use ruby_prism::{ConstantId, LocalVariableWriteNode, Node};

/// How code in the current frame reaches a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    Register(u16),
    Env { level: u16, index: u16 },
}

/// What `GetSpecial` and `SetSpecial` number.
const LAST_MATCH: u16 = 0;
const LAST_LINE: u16 = 1;

impl Gen<'_> {
    // ---- locals ----

    /// The frame a variable `depth` scopes out belongs to, and the number of environments between.
    fn scope_at(&self, depth: u32) -> Option<(usize, u16)> {
        let (mut at, mut left, mut level) = (self.frames.len().checked_sub(1)?, depth, 0);
        loop {
            let frame = &self.frames[at];
            let transparent = frame.kind == FrameKind::Transparent;
            if !transparent && left == 0 {
                return Some((at, level));
            }
            left -= (!transparent) as u32;
            level += frame.has_env as u16;
            at = at.checked_sub(1)?;
        }
    }

    pub(crate) fn local_access(&mut self, name: &str, depth: u32) -> Access {
        let found = self
            .scope_at(depth)
            .and_then(|(at, level)| self.access_in(at, level, name));
        found.unwrap_or_else(|| {
            self.fail(0, &format!("no variable {name} here"));
            Access::Register(0)
        })
    }

    fn access_in(&self, at: usize, level: u16, name: &str) -> Option<Access> {
        match *self.frames[at].places.get(name)? {
            Storage::Register(r) if at + 1 == self.frames.len() => Some(Access::Register(r)),
            Storage::Register(_) => None,
            Storage::Env(index) => Some(Access::Env { level, index }),
        }
    }

    /// A name that the nearest enclosing method (or binding) declares.
    pub(crate) fn method_access(&self, name: &str) -> Option<Access> {
        let mut level = 0;
        for at in (0..self.frames.len()).rev() {
            let frame = &self.frames[at];
            if let Some(access) = self.access_in(at, level, name) {
                return Some(access);
            }
            if matches!(frame.kind, FrameKind::Method | FrameKind::Body) {
                return None;
            }
            level += frame.has_env as u16;
        }
        None
    }

    pub(crate) fn read_access(&mut self, access: Access, to: u16) {
        match access {
            Access::Register(r) => self.move_to(to, r),
            Access::Env { level, index } => self.emit(Op::GetEnv, to, level, index),
        }
    }

    pub(crate) fn write_access(&mut self, access: Access, from: u16) {
        match access {
            Access::Register(r) => self.move_to(r, from),
            Access::Env { level, index } => self.emit(Op::SetEnv, from, level, index),
        }
    }

    pub(crate) fn local_read(&mut self, name: &ConstantId<'_>, depth: u32, want: Want) {
        if let Some(to) = want {
            let access = self.local_access(&text(name), depth);
            self.read_access(access, to);
        }
    }

    pub(crate) fn local_write(&mut self, node: &LocalVariableWriteNode<'_>, want: Want) {
        match self.local_access(&text(&node.name()), node.depth()) {
            Access::Register(r) => {
                if writes_result_last(&node.value()) {
                    self.into(&node.value(), r);
                } else {
                    let t = self.operand(&node.value());
                    self.move_to(r, t);
                }
                if let Some(to) = want {
                    self.move_to(to, r);
                }
            }
            access => {
                let value = self.valued(&node.value(), want);
                self.write_access(access, value);
            }
        }
    }

    /// The register of a value that is stored somewhere and is also the wanted result.
    pub(crate) fn valued(&mut self, value: &Node<'_>, want: Want) -> u16 {
        let first_temp = self.frame().first_temp;
        match want {
            Some(r) if r >= first_temp => {
                self.into(value, r);
                r
            }
            Some(r) => {
                let v = self.operand(value);
                self.move_to(r, v);
                v
            }
            None => self.operand(value),
        }
    }

    // ---- all other variables ----

    /// Reads and plain writes of variables; answers false for other nodes.
    pub(crate) fn variable_node(&mut self, node: &Node<'_>, want: Want) -> bool {
        on!(node, {
            InstanceVariableReadNode.as_instance_variable_read_node => |n| self.ivar_read(&text(&n.name()), want),
            InstanceVariableWriteNode.as_instance_variable_write_node => |n| {
                let value = self.valued(&n.value(), want);
                self.ivar_write(&text(&n.name()), value);
            },
            GlobalVariableReadNode.as_global_variable_read_node => |n| self.global_read(&text(&n.name()), want),
            GlobalVariableWriteNode.as_global_variable_write_node => |n| {
                let value = self.valued(&n.value(), want);
                self.global_write(&text(&n.name()), value);
            },
            ClassVariableReadNode.as_class_variable_read_node => |n| {
                let to = self.out(want);
                self.set_line(node);
                self.named(Op::GetClassVar, to, &text(&n.name()));
            },
            ClassVariableWriteNode.as_class_variable_write_node => |n| {
                let value = self.valued(&n.value(), want);
                self.named(Op::SetClassVar, value, &text(&n.name()));
            },
            BackReferenceReadNode.as_back_reference_read_node => |n| {
                let number = match n.name().as_slice() {
                    b"$`" => 1001,
                    b"$'" => 1002,
                    b"$+" => 1003,
                    _ => 0,
                };
                if let Some(to) = want { self.emit(Op::NthRef, to, number, 0) }
            },
            NumberedReferenceReadNode.as_numbered_reference_read_node => |n| if let Some(to) = want {
                match n.number() {
                    number @ 1..=1000 => self.emit(Op::NthRef, to, number as u16, 0),
                    _ => self.emit(Op::LoadNil, to, 0, 0),
                }
            },
            ItLocalVariableReadNode.as_it_local_variable_read_node => |_n| if let Some(to) = want {
                let access = self.local_access(IT, 0);
                self.read_access(access, to);
            },
            LocalVariableOrWriteNode.as_local_variable_or_write_node => |n| self.update_local(&text(&n.name()), n.depth(), crate::updates::Update::Or, &n.value(), want),
            LocalVariableAndWriteNode.as_local_variable_and_write_node => |n| self.update_local(&text(&n.name()), n.depth(), crate::updates::Update::And, &n.value(), want),
            LocalVariableOperatorWriteNode.as_local_variable_operator_write_node => |n| {
                let operator = text(&n.binary_operator());
                self.update_local(&text(&n.name()), n.depth(), crate::updates::Update::Operator(&operator), &n.value(), want);
            },
        } else {
            return self.update_node(node, want);
        });
        true
    }

    /// An instruction on a register and a name.
    pub(crate) fn named(&mut self, op: Op, register: u16, name: &str) {
        let symbol = self.frame().symbol(name);
        self.emit(op, register, symbol, 0);
    }

    pub(crate) fn ivar_read(&mut self, name: &str, want: Want) {
        if let Some(to) = want {
            let (symbol, cache) = (self.frame().symbol(name), self.frame().asm.cache());
            self.emit(Op::GetIvar, to, symbol, cache);
        }
    }

    pub(crate) fn ivar_write(&mut self, name: &str, from: u16) {
        let (symbol, cache) = (self.frame().symbol(name), self.frame().asm.cache());
        self.emit(Op::SetIvar, from, symbol, cache);
    }

    pub(crate) fn global_read(&mut self, name: &str, want: Want) {
        let to = self.out(want);
        match name {
            "$~" => self.emit(Op::GetSpecial, to, LAST_MATCH, 0),
            "$_" => self.emit(Op::GetSpecial, to, LAST_LINE, 0),
            "$!" => self.emit(Op::GetErrInfo, to, 0, 0),
            _ => self.named(Op::GetGlobal, to, name),
        }
    }

    pub(crate) fn global_write(&mut self, name: &str, from: u16) {
        match name {
            "$~" => self.emit(Op::SetSpecial, from, LAST_MATCH, 0),
            "$_" => self.emit(Op::SetSpecial, from, LAST_LINE, 0),
            _ => self.named(Op::SetGlobal, from, name),
        }
    }
}

/// Whether compiling this node into a local's register writes it only when nothing else can happen any more:
/// no read of the old value, no exception in between.
fn writes_result_last(node: &Node<'_>) -> bool {
    let branch = |s: Option<ruby_prism::StatementsNode<'_>>| match s.and_then(|s| s.body().last()) {
        Some(last) => writes_result_last(&last),
        None => true,
    };
    on!(node, {
        CallNode.as_call_node => |_n| true,
        ParenthesesNode.as_parentheses_node => |n| match n.body() {
            Some(body) => writes_result_last(&body),
            None => true,
        },
        StatementsNode.as_statements_node => |n| branch(Some(ruby_prism::Node::as_statements_node(&n.as_node()).expect("it is one"))),
        IfNode.as_if_node => |n| branch(n.statements()) && n.subsequent().is_none_or(|s| writes_result_last(&s)),
        ElseNode.as_else_node => |n| branch(n.statements()),
    } else {
        matches!(
            node,
            Node::IntegerNode { .. }
                | Node::FloatNode { .. }
                | Node::StringNode { .. }
                | Node::SymbolNode { .. }
                | Node::NilNode { .. }
                | Node::TrueNode { .. }
                | Node::FalseNode { .. }
                | Node::SelfNode { .. }
                | Node::LocalVariableReadNode { .. }
                | Node::InstanceVariableReadNode { .. }
                | Node::GlobalVariableReadNode { .. }
                | Node::ConstantReadNode { .. }
                | Node::ArrayNode { .. }
                | Node::HashNode { .. }
                | Node::InterpolatedStringNode { .. }
                | Node::YieldNode { .. }
                | Node::SuperNode { .. }
                | Node::ForwardingSuperNode { .. }
                | Node::LambdaNode { .. }
        )
    })
}
