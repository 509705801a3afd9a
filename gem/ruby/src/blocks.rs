//! Blocks, lambdas, and the blocks that the language does not show.

use crate::facts::Tag;
use crate::frame::FrameKind;
use crate::generator::{Gen, Want};
use crate::params::ParamList;
use crate::prologue::FramePlan;
use gem_bytecode::{Literal, Op};
use ruby_prism::{BlockNode, LambdaNode};

/// What `MakeBlock` makes.
const LAMBDA: u16 = 1;
/// The block of the call that follows.
const CALL_BLOCK: u16 = 2;

impl Gen<'_> {
    /// Blocks carry the name of the method they stand in.
    fn home_name(&mut self) -> String {
        self.frame().asm.code_mut().name.clone()
    }

    pub(crate) fn block(&mut self, node: &BlockNode<'_>, to: u16) {
        let params = ParamList::of_block(node.parameters(), true);
        let offset = node.location().start();
        let plan = FramePlan {
            key: (Tag::Block, offset),
            kind: FrameKind::Block,
            name: self.home_name(),
            params: &params,
            locals: Some(node.locals()),
            offset,
        };
        self.closure(&plan, CALL_BLOCK, to, |g| {
            let start = g.here();
            g.frame().body_start = Some(start);
            g.body(node.body());
        });
    }

    pub(crate) fn lambda(&mut self, node: &LambdaNode<'_>, want: Want) {
        let to = self.out(want);
        let params = ParamList::of_block(node.parameters(), false);
        let offset = node.location().start();
        let plan = FramePlan {
            key: (Tag::Lambda, offset),
            kind: FrameKind::Lambda,
            name: self.home_name(),
            params: &params,
            locals: Some(node.locals()),
            offset,
        };
        self.closure(&plan, LAMBDA, to, |g| {
            let start = g.here();
            g.frame().body_start = Some(start);
            g.body(node.body());
        });
    }

    fn closure(
        &mut self,
        plan: &FramePlan<'_, '_>,
        kind: u16,
        to: u16,
        body: impl FnOnce(&mut Self),
    ) {
        if let Some(code) = self.code(plan, body) {
            let i = self.frame().push_literal(Literal::Code(Box::new(code)));
            self.emit(Op::MakeBlock, to, i, kind);
        }
    }

    /// A block whose variables are those around it; `body` ends it with a Return.
    pub(crate) fn transparent_code(
        &mut self,
        tag: Tag,
        offset: u32,
        params: &ParamList<'_>,
        to: u16,
        body: impl FnOnce(&mut Self),
    ) {
        let plan = FramePlan {
            key: (tag, offset),
            kind: FrameKind::Transparent,
            name: self.home_name(),
            params,
            locals: None,
            offset,
        };
        self.closure(&plan, CALL_BLOCK, to, body);
    }

    pub(crate) fn transparent_block(
        &mut self,
        tag: Tag,
        offset: u32,
        to: u16,
        body: impl FnOnce(&mut Self),
    ) {
        self.transparent_code(
            tag,
            offset,
            &ParamList {
                lenient: true,
                ..ParamList::default()
            },
            to,
            body,
        );
    }
}
