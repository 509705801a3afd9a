//! Assignment targets in multiple assignment, `for`, `rescue =>`: first prepared (their receivers and arguments evaluated,
//! from left to right), later stored into.

use crate::generator::{Gen, on};
use crate::params::text;
use crate::variables::Access;
use gem_bytecode::{CREF, Op, site_flags};
use ruby_prism::{ArgumentsNode, Node};

/// A target whose parts are evaluated.
pub(crate) enum Target {
    Local(Access),
    InstanceVariable(String),
    GlobalVariable(String),
    ClassVariable(String),
    Constant {
        module: u16,
        name: String,
    },
    Attribute {
        object: u16,
        name: String,
        safe: bool,
        flags: u16,
    },
    Index {
        object: u16,
        at: u16,
        flags: u16,
    },
    /// Index arguments that are not just one: gathered in an Array.
    Indexes {
        object: u16,
        all: u16,
        flags: u16,
    },
    Nested(Targets),
    /// `*` alone: nobody takes the value.
    Nothing,
}

/// The left side of a multiple assignment.
pub(crate) struct Targets {
    pub before: Vec<Target>,
    /// `Some` when there is a splat.
    pub rest: Option<Box<Target>>,
    pub after: Vec<Target>,
}

impl Gen<'_> {
    pub(crate) fn prepare_target(&mut self, node: &Node<'_>) -> Target {
        on!(node, {
            LocalVariableTargetNode.as_local_variable_target_node => |n| Target::Local(self.local_access(&text(&n.name()), n.depth())),
            RequiredParameterNode.as_required_parameter_node => |n| Target::Local(self.local_access(&text(&n.name()), 0)),
            InstanceVariableTargetNode.as_instance_variable_target_node => |n| Target::InstanceVariable(text(&n.name())),
            GlobalVariableTargetNode.as_global_variable_target_node => |n| Target::GlobalVariable(text(&n.name())),
            ClassVariableTargetNode.as_class_variable_target_node => |n| Target::ClassVariable(text(&n.name())),
            ConstantTargetNode.as_constant_target_node => |n| Target::Constant { module: CREF, name: text(&n.name()) },
            ConstantPathTargetNode.as_constant_path_target_node => |n| {
                let module = self.temp();
                match n.parent() {
                    Some(parent) => self.into(&parent, module),
                    None => self.load_object(module),
                }
                Target::Constant { module, name: n.name().map(|id| text(&id)).unwrap_or_default() }
            },
            CallTargetNode.as_call_target_node => |n| {
                let object = self.temp();
                self.into(&n.receiver(), object);
                Target::Attribute { object, name: text(&n.name()), safe: n.is_safe_navigation(), flags: Self::self_flags(n.is_ignore_visibility(), false) }
            },
            IndexTargetNode.as_index_target_node => |n| self.index_target(&n.receiver(), n.arguments(), Self::self_flags(n.is_ignore_visibility(), false)),
            MultiTargetNode.as_multi_target_node => |n| Target::Nested(self.prepare_targets(&n.lefts(), n.rest(), &n.rights())),
            SplatNode.as_splat_node => |n| match n.expression() {
                Some(e) => self.prepare_target(&e),
                None => Target::Nothing,
            },
        } else {
            if node.as_implicit_rest_node().is_none() {
                self.fail(node.location().start(), "cannot assign to this");
            }
            Target::Nothing
        })
    }

    fn index_target(
        &mut self,
        receiver: &Node<'_>,
        arguments: Option<ArgumentsNode<'_>>,
        flags: u16,
    ) -> Target {
        let nodes: Vec<Node<'_>> = arguments
            .iter()
            .flat_map(|a| a.arguments().iter().collect::<Vec<_>>())
            .collect();
        let (object, at) = (self.temp(), self.temp());
        self.into(receiver, object);
        match nodes.as_slice() {
            [index] if !crate::collections::is_spread(index) => {
                self.into(index, at);
                Target::Index { object, at, flags }
            }
            several => {
                self.gather(several, at);
                Target::Indexes {
                    object,
                    all: at,
                    flags,
                }
            }
        }
    }

    pub(crate) fn store_target(&mut self, target: &Target, value: u16) {
        match target {
            Target::Local(access) => self.write_access(*access, value),
            Target::InstanceVariable(name) => self.ivar_write(name, value),
            Target::GlobalVariable(name) => self.global_write(name, value),
            Target::ClassVariable(name) => self.named(Op::SetClassVar, value, name),
            Target::Constant { module, name } => self.constant_write(*module, name, value),
            Target::Attribute {
                object,
                name,
                safe,
                flags,
            } => {
                let skip = self.skip_nil(*safe, *object);
                let base = self.temps(2);
                self.move_to(base, *object);
                self.move_to(base + 1, value);
                self.send(None, name, base, 1, *flags);
                self.release(base);
                self.end_skip(skip, None);
            }
            Target::Index { object, at, flags } => self.aset(*object, *at, value, *flags),
            Target::Indexes { object, all, flags } => {
                let base = self.temps(2);
                self.move_to(base, *object);
                self.splat(base + 1, *all);
                self.emit(Op::ArrayPush, base + 1, value, 0);
                self.send(None, "[]=", base, 1, *flags | site_flags::SPLAT);
                self.release(base);
            }
            Target::Nested(targets) => self.spread_into(targets, value),
            Target::Nothing => {}
        }
    }
}
