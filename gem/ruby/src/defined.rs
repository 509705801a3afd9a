//! `defined?`: a description of an expression, or nil, without running it further than needed.

use crate::constants::path_name;
use crate::generator::{Gen, Want, on};
use crate::params::text;
use gem_bytecode::{HandlerKind, Label, Op};
use ruby_prism::{CallNode, ConstantPathNode, Node, NodeList};

/// The kinds of names the Defined instruction knows.
mod kind {
    pub const INSTANCE_VARIABLE: u16 = 0;
    pub const GLOBAL_VARIABLE: u16 = 1;
    pub const CONSTANT: u16 = 2;
    pub const CLASS_VARIABLE: u16 = 3;
    pub const OWN_METHOD: u16 = 4;
    pub const YIELD: u16 = 5;
    pub const SUPER: u16 = 6;
    pub const CONSTANT_IN: u16 = 7;
    pub const METHOD_OF: u16 = 8;
    pub const MATCH: u16 = 9;
}

impl Gen<'_> {
    pub(crate) fn defined(&mut self, value: &Node<'_>, want: Want) {
        let Some(to) = want else { return };
        let result = self.workspace(Some(to));
        let (undefined, end) = (self.label(), self.label());
        if evaluates(value) {
            self.guarded(|g| g.defined_parts(value, result, undefined), undefined);
        } else {
            self.defined_parts(value, result, undefined);
        }
        self.jump(end);
        self.bind(undefined);
        self.emit(Op::LoadNil, result, 0, 0);
        self.bind(end);
        self.move_to(to, result);
    }

    /// Whatever is raised while receivers are evaluated means "undefined".
    fn guarded(&mut self, parts: impl FnOnce(&mut Self), undefined: Label) {
        let (saved, exception) = (self.temp(), self.temp());
        self.emit(Op::GetErrInfo, saved, 0, 0);
        let start = self.here();
        parts(self);
        let end = self.here();
        let done = self.label();
        self.jump(done);
        let target = self.here();
        self.frame()
            .asm
            .handler(start, end, target, HandlerKind::Rescue, exception);
        self.emit(Op::SetErrInfo, saved, 0, 0);
        self.jump(undefined);
        self.bind(done);
    }

    fn says(&mut self, to: u16, word: &str) {
        let i = self
            .frame()
            .string(word.as_bytes(), crate::encoding::US_ASCII);
        self.emit(Op::LoadLit, to, i, 0);
    }

    fn asks(&mut self, to: u16, name: &str, kind: u16, undefined: Label) {
        let symbol = self.frame().symbol(name);
        self.emit(Op::Defined, to, symbol, kind);
        self.branch(Op::BranchNil, to, undefined);
    }

    /// The description in `to`, or a jump to `undefined`.
    fn defined_parts(&mut self, node: &Node<'_>, to: u16, undefined: Label) {
        if !self.deeper(node) {
            return;
        }
        let mark = self.mark();
        on!(node, {
            NilNode.as_nil_node => |_n| self.says(to, "nil"),
            TrueNode.as_true_node => |_n| self.says(to, "true"),
            FalseNode.as_false_node => |_n| self.says(to, "false"),
            SelfNode.as_self_node => |_n| self.says(to, "self"),
            LocalVariableReadNode.as_local_variable_read_node => |_n| self.says(to, "local-variable"),
            ItLocalVariableReadNode.as_it_local_variable_read_node => |_n| self.says(to, "local-variable"),
            InstanceVariableReadNode.as_instance_variable_read_node => |n| self.asks(to, &text(&n.name()), kind::INSTANCE_VARIABLE, undefined),
            GlobalVariableReadNode.as_global_variable_read_node => |n| self.asks(to, &text(&n.name()), kind::GLOBAL_VARIABLE, undefined),
            ClassVariableReadNode.as_class_variable_read_node => |n| self.asks(to, &text(&n.name()), kind::CLASS_VARIABLE, undefined),
            ConstantReadNode.as_constant_read_node => |n| self.asks(to, &text(&n.name()), kind::CONSTANT, undefined),
            BackReferenceReadNode.as_back_reference_read_node => |n| self.defined_by_value(node, &text(&n.name()), to, undefined),
            NumberedReferenceReadNode.as_numbered_reference_read_node => |n| self.defined_by_value(node, &format!("${}", n.number()), to, undefined),
            YieldNode.as_yield_node => |_n| self.asks(to, "yield", kind::YIELD, undefined),
            SuperNode.as_super_node => |n| {
                if let Some(a) = n.arguments() { self.all_defined(&a.arguments(), to, undefined) }
                self.defined_super(to, undefined);
            },
            ForwardingSuperNode.as_forwarding_super_node => |_n| self.defined_super(to, undefined),
            ConstantPathNode.as_constant_path_node => |n| {
                self.defined_parent(n, to, undefined);
                self.asks(to, &path_name(n), kind::CONSTANT_IN, undefined);
            },
            CallNode.as_call_node => |n| self.defined_call(n, to, undefined),
            ParenthesesNode.as_parentheses_node => |n| match (crate::generator::single_statement(n.body()), n.body()) {
                (Some(only), _) => self.defined_parts(&only, to, undefined),
                (None, Some(_)) => self.says(to, "expression"),
                (None, None) => self.says(to, "nil"),
            },
            ArrayNode.as_array_node => |n| {
                self.all_defined(&n.elements(), to, undefined);
                self.says(to, "expression");
            },
            HashNode.as_hash_node => |n| {
                self.all_defined(&n.elements(), to, undefined);
                self.says(to, "expression");
            },
            RangeNode.as_range_node => |n| {
                for side in [n.left(), n.right()].into_iter().flatten() {
                    self.defined_parts(&side, to, undefined);
                }
                self.says(to, "expression");
            },
            AssocNode.as_assoc_node => |n| {
                self.defined_parts(&n.key(), to, undefined);
                self.defined_parts(&n.value(), to, undefined);
            },
            SplatNode.as_splat_node => |n| if let Some(e) = n.expression() { self.defined_parts(&e, to, undefined) },
            AssocSplatNode.as_assoc_splat_node => |n| if let Some(e) = n.value() { self.defined_parts(&e, to, undefined) },
            KeywordHashNode.as_keyword_hash_node => |n| self.all_defined(&n.elements(), to, undefined),
            BlockArgumentNode.as_block_argument_node => |n| if let Some(e) = n.expression() { self.defined_parts(&e, to, undefined) },
            ImplicitNode.as_implicit_node => |n| self.defined_parts(&n.value(), to, undefined),
        } else self.says(to, if is_assignment(node) { "assignment" } else { "expression" }));
        self.release(mark);
        self.shallower();
    }

    /// Parts of a match are defined when there is a match and they took part in it.
    fn defined_by_value(&mut self, node: &Node<'_>, name: &str, to: u16, undefined: Label) {
        self.asks(to, name, kind::MATCH, undefined);
        self.into(node, to);
        self.branch(Op::BranchNil, to, undefined);
        self.says(to, "global-variable");
    }

    fn all_defined(&mut self, nodes: &NodeList<'_>, to: u16, undefined: Label) {
        for node in nodes.iter() {
            self.defined_parts(&node, to, undefined);
        }
    }

    fn defined_super(&mut self, to: u16, undefined: Label) {
        let name = self.frame().asm.code_mut().name.clone();
        self.asks(to, &name, kind::SUPER, undefined);
    }

    fn defined_call(&mut self, call: &CallNode<'_>, to: u16, undefined: Label) {
        if call.is_attribute_write() && call.name().as_slice() != b"[]=" {
            return self.says(to, "assignment");
        }
        if call.block().is_some_and(|b| b.as_block_node().is_some()) {
            return self.says(to, "expression");
        }
        self.defined_arguments(call, to, undefined);
        let name = text(&call.name());
        match call.receiver() {
            Some(receiver) if receiver.as_self_node().is_none() => {
                self.defined_value(&receiver, to, undefined);
                self.asks(to, &name, kind::METHOD_OF, undefined);
            }
            _ => self.asks(to, &name, kind::OWN_METHOD, undefined),
        }
    }

    /// The value of a receiver in `to`, asked part by part whether it is defined; nothing is evaluated twice.
    fn defined_value(&mut self, node: &Node<'_>, to: u16, undefined: Label) {
        if !self.deeper(node) {
            return;
        }
        let mark = self.mark();
        match (node.as_call_node(), node.as_constant_path_node()) {
            (Some(call), _) if asks_receiver(&call) => {
                let base = self.defined_receiver(&call, undefined);
                let shape = self.arguments(call.arguments(), call.block());
                self.call_line(&call);
                self.send(Some(to), &text(&call.name()), base, shape.argc, shape.flags);
            }
            (_, Some(path)) if path.parent().is_some() => {
                let t = self.temp();
                self.defined_parent(&path, to, undefined);
                self.move_to(t, to);
                self.asks(t, &path_name(&path), kind::CONSTANT_IN, undefined);
                let symbol = self.frame().symbol(&path_name(&path));
                self.emit(Op::GetConstIn, to, symbol, to);
            }
            _ => {
                self.defined_parts(node, to, undefined);
                self.into(node, to);
            }
        }
        self.release(mark);
        self.shallower();
    }

    /// Receiver and method of a call are asked for; answers the register with the receiver, the last one in use.
    fn defined_receiver(&mut self, call: &CallNode<'_>, undefined: Label) -> u16 {
        let (base, t) = (self.temp(), self.temp());
        self.defined_arguments(call, t, undefined);
        if let Some(receiver) = call.receiver() {
            self.defined_value(&receiver, base, undefined);
        }
        self.move_to(t, base);
        self.asks(t, &text(&call.name()), kind::METHOD_OF, undefined);
        self.release(base + 1);
        base
    }

    fn defined_parent(&mut self, path: &ConstantPathNode<'_>, to: u16, undefined: Label) {
        match path.parent() {
            None => self.load_object(to),
            Some(parent) => self.defined_value(&parent, to, undefined),
        }
    }

    fn defined_arguments(&mut self, call: &CallNode<'_>, to: u16, undefined: Label) {
        if let Some(arguments) = call.arguments() {
            self.all_defined(&arguments.arguments(), to, undefined);
        }
        if let Some(block) = call.block() {
            self.defined_parts(&block, to, undefined);
        }
    }
}

/// A call whose receiver decides whether its method is defined.
fn asks_receiver(call: &CallNode<'_>) -> bool {
    let literal_block = call.block().is_some_and(|b| b.as_block_node().is_some());
    let receiver = call.receiver().is_some_and(|r| r.as_self_node().is_none());
    receiver && !literal_block && !call.is_attribute_write() && !call.is_safe_navigation()
}

/// Whether finding out can run code of the program.
fn evaluates(node: &Node<'_>) -> bool {
    match node {
        Node::CallNode { .. } => node
            .as_call_node()
            .is_some_and(|c| c.receiver().is_some() || c.arguments().is_some()),
        Node::ConstantPathNode { .. }
        | Node::ParenthesesNode { .. }
        | Node::ArrayNode { .. }
        | Node::HashNode { .. } => true,
        Node::RangeNode { .. } | Node::SuperNode { .. } => true,
        _ => false,
    }
}

fn is_assignment(node: &Node<'_>) -> bool {
    matches!(
        node,
        Node::LocalVariableWriteNode { .. }
            | Node::LocalVariableOrWriteNode { .. }
            | Node::LocalVariableAndWriteNode { .. }
            | Node::LocalVariableOperatorWriteNode { .. }
            | Node::InstanceVariableWriteNode { .. }
            | Node::InstanceVariableOrWriteNode { .. }
            | Node::InstanceVariableAndWriteNode { .. }
            | Node::InstanceVariableOperatorWriteNode { .. }
            | Node::GlobalVariableWriteNode { .. }
            | Node::GlobalVariableOrWriteNode { .. }
            | Node::GlobalVariableAndWriteNode { .. }
            | Node::GlobalVariableOperatorWriteNode { .. }
            | Node::ClassVariableWriteNode { .. }
            | Node::ClassVariableOrWriteNode { .. }
            | Node::ClassVariableAndWriteNode { .. }
            | Node::ClassVariableOperatorWriteNode { .. }
            | Node::ConstantWriteNode { .. }
            | Node::ConstantOrWriteNode { .. }
            | Node::ConstantAndWriteNode { .. }
            | Node::ConstantOperatorWriteNode { .. }
            | Node::ConstantPathWriteNode { .. }
            | Node::ConstantPathOrWriteNode { .. }
            | Node::ConstantPathAndWriteNode { .. }
            | Node::ConstantPathOperatorWriteNode { .. }
            | Node::CallOrWriteNode { .. }
            | Node::CallAndWriteNode { .. }
            | Node::CallOperatorWriteNode { .. }
            | Node::IndexOrWriteNode { .. }
            | Node::IndexAndWriteNode { .. }
            | Node::IndexOperatorWriteNode { .. }
            | Node::MultiWriteNode { .. }
    )
}
