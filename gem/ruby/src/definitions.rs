//! `def`, `class`, `module`, `class <<`, `alias`, `undef`, `END`.

use crate::facts::Tag;
use crate::frame::FrameKind;
use crate::generator::{Gen, Goal, Want};
use crate::params::{ParamList, text};
use crate::prologue::{FramePlan, primitive_call};
use gem_bytecode::{Code, Literal, Op, site_flags};
use ruby_prism::*;

impl Gen<'_> {
    pub(crate) fn def_node(&mut self, node: &DefNode<'_>, want: Want) {
        let name = text(&node.name());
        let to = self.out(want);
        let receiver = node.receiver().map(|r| {
            let t = self.temp();
            self.into(&r, t);
            t
        });
        let Some(code) = self.method_code(node, &name) else {
            return;
        };
        self.set_line(&node.as_node());
        let literal = self.frame().push_literal(Literal::Code(Box::new(code)));
        let symbol = self.frame().symbol(&name);
        match receiver {
            None => self.emit(Op::DefMethod, to, literal, symbol),
            Some(object) => {
                self.emit(Op::DefSingleton, object, literal, symbol);
                self.move_to(to, object);
            }
        }
    }

    fn method_code(&mut self, node: &DefNode<'_>, name: &str) -> Option<Code> {
        let params = ParamList::of_method(node.parameters());
        let location = node.location();
        let plan = FramePlan {
            key: (Tag::Method, location.start()),
            kind: FrameKind::Method,
            name: name.to_string(),
            params: &params,
            locals: Some(node.locals()),
            offset: location.start(),
        };
        let primitive = node.body().and_then(|body| leading_primitive(&body));
        let mut code = self.code(&plan, |g| match (&primitive, node.body()) {
            (Some(_), Some(body)) => g.fallback(&body),
            (_, body) => g.body(body),
        })?;
        code.primitive = primitive;
        code.source = String::from_utf8_lossy(location.as_slice()).into_owned();
        Some(code)
    }

    /// The statements after the one that names the primitive.
    fn fallback(&mut self, body: &Node<'_>) {
        let Some(statements) = body.as_statements_node() else {
            return;
        };
        let statements = statements.body();
        let last = statements.len() - 1;
        if last == 0 {
            return self.nil(Goal::Tail);
        }
        for (i, statement) in statements.iter().enumerate().skip(1) {
            self.expr(
                &statement,
                if i == last { Goal::Tail } else { Goal::Effect },
            );
        }
    }

    pub(crate) fn class_node(&mut self, node: &ClassNode<'_>, want: Want) {
        let path = node.constant_path();
        let base = self.temps(2);
        self.scope_of(&path, base + 1);
        match node.superclass() {
            Some(superclass) => self.into(&superclass, base),
            None => self.emit(Op::LoadUndef, base, 0, 0),
        }
        self.module_body(
            Op::DefClass,
            &text(&node.name()),
            node.location().start(),
            node.locals(),
            node.body(),
            base,
            want,
        );
    }

    pub(crate) fn module_node(&mut self, node: &ModuleNode<'_>, want: Want) {
        let path = node.constant_path();
        let base = self.temps(2);
        self.scope_of(&path, base + 1);
        self.emit(Op::LoadUndef, base, 0, 0);
        self.module_body(
            Op::DefModule,
            &text(&node.name()),
            node.location().start(),
            node.locals(),
            node.body(),
            base,
            want,
        );
    }

    pub(crate) fn singleton_class(&mut self, node: &SingletonClassNode<'_>, want: Want) {
        let base = self.temp();
        self.into(&node.expression(), base);
        self.module_body(
            Op::OpenSingleton,
            "singleton class",
            node.location().start(),
            node.locals(),
            node.body(),
            base,
            want,
        );
    }

    /// The module before `::` in a definition's name, or undef when there is none.
    fn scope_of(&mut self, path: &Node<'_>, to: u16) {
        match path.as_constant_path_node() {
            None => self.emit(Op::LoadUndef, to, 0, 0),
            Some(p) => match p.parent() {
                Some(parent) => self.into(&parent, to),
                None => {
                    let object = self.frame().symbol("Object");
                    self.emit(Op::GetConstTop, to, object, 0);
                }
            },
        }
    }

    #[allow(clippy::too_many_arguments)] // the three definitions differ only in these
    fn module_body(
        &mut self,
        op: Op,
        name: &str,
        offset: u32,
        locals: ConstantList<'_>,
        body: Option<Node<'_>>,
        base: u16,
        want: Want,
    ) {
        let params = ParamList::default();
        let plan = FramePlan {
            key: (Tag::Module, offset),
            kind: FrameKind::Body,
            name: name.to_string(),
            params: &params,
            locals: Some(locals),
            offset,
        };
        let wraps = self.facts.scope(plan.key).escapes;
        let code = self.code(&plan, |g| {
            if wraps {
                g.wrapped_body(body)
            } else {
                g.body(body)
            }
        });
        let Some(code) = code else { return };
        let escapes = std::mem::take(&mut self.last_escapes);
        self.set_line_at(offset);
        let literal = self.frame().push_literal(Literal::Code(Box::new(code)));
        if wraps {
            self.emit(op, base, literal, base);
            self.unwrap_body(base, &escapes, offset, want);
        } else {
            self.emit(op, want.unwrap_or(base), literal, base);
        }
    }

    pub(crate) fn alias_method(&mut self, node: &AliasMethodNode<'_>, want: Want) {
        let base = self.temps(3);
        self.emit(Op::GetDefinee, base, 0, 0);
        self.into(&node.new_name(), base + 1);
        self.into(&node.old_name(), base + 2);
        self.set_line(&node.as_node());
        self.send(None, "__alias", base, 2, 0);
        self.nil(want.map_or(Goal::Effect, Goal::Into));
    }

    pub(crate) fn alias_global(&mut self, node: &AliasGlobalVariableNode<'_>, want: Want) {
        let base = self.kernel_base();
        for name in [node.new_name(), node.old_name()] {
            let t = self.temp();
            let name = String::from_utf8_lossy(name.location().as_slice()).into_owned();
            self.load_symbol(t, &name);
        }
        self.set_line(&node.as_node());
        self.send(None, "__alias_global", base, 2, 0);
        self.nil(want.map_or(Goal::Effect, Goal::Into));
    }

    pub(crate) fn undef(&mut self, node: &UndefNode<'_>, want: Want) {
        for name in node.names().iter() {
            let base = self.temps(2);
            self.emit(Op::GetDefinee, base, 0, 0);
            self.into(&name, base + 1);
            self.set_line(&node.as_node());
            self.send(None, "__undef", base, 1, 0);
            self.release(base);
        }
        self.nil(want.map_or(Goal::Effect, Goal::Into));
    }

    /// `END { }`: the kernel keeps the block once for this place in the source.
    pub(crate) fn post_execution(&mut self, node: &PostExecutionNode<'_>, want: Want) {
        let offset = node.location().start();
        let key = self.once_key(offset);
        let base = self.kernel_base();
        let argument = self.temps(2);
        self.load_symbol(argument, &key);
        self.transparent_block(Tag::End, offset, argument + 1, |g| {
            g.statements(node.statements(), Goal::Tail)
        });
        self.send(None, "__at_exit_once", base, 1, site_flags::BLOCK);
        self.nil(want.map_or(Goal::Effect, Goal::Into));
    }
}

/// The primitive that a method's first statement names: `Primitive.name`.
fn leading_primitive(body: &Node<'_>) -> Option<String> {
    let first = body.as_statements_node()?.body().first()?;
    match primitive_call(&first)? {
        (b"undefined" | b"undefined?", _) => None,
        (name, 0) => Some(String::from_utf8_lossy(name).into_owned()),
        _ => None,
    }
}
