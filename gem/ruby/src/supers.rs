//! `super` and `yield`.

use crate::frame::{FrameKind, SuperArgument};
use crate::generator::{Gen, Want};
use gem_bytecode::{Op, SELF, site_flags};
use ruby_prism::{ForwardingSuperNode, SuperNode, YieldNode};

impl Gen<'_> {
    pub(crate) fn yield_node(&mut self, node: &YieldNode<'_>, want: Want) {
        if self.in_class_body() {
            self.fail(node.location().start(), "Invalid yield");
        }
        let base = self.temp();
        let shape = self.arguments(node.arguments(), None);
        self.set_line(&node.as_node());
        let site = self.frame().site("yield", shape.argc, shape.flags);
        self.emit(Op::Yield, want.unwrap_or(base), site, base);
    }

    /// Whether the code stands in the body of a class or module, also in blocks there, and in no method inside of it.
    fn in_class_body(&self) -> bool {
        let mut outward = self.frames.iter().enumerate().rev();
        let block = [FrameKind::Block, FrameKind::Lambda, FrameKind::Transparent];
        let home = outward.find(|(_, f)| !block.contains(&f.kind));
        home.is_some_and(|(depth, f)| f.kind == FrameKind::Body && depth > 0)
    }

    /// `super(…)`: without a block of its own it passes the method's block.
    pub(crate) fn super_node(&mut self, node: &SuperNode<'_>, want: Want) {
        let base = self.temp();
        self.move_to(base, SELF);
        let mut shape = self.arguments(node.arguments(), node.block());
        self.pass_own_block(&mut shape.flags);
        self.set_line(&node.as_node());
        self.send_super(base, shape.argc, shape.flags, want);
    }

    fn pass_own_block(&mut self, flags: &mut u16) {
        if *flags & site_flags::BLOCK == 0 {
            let t = self.temp();
            self.emit(Op::GetBlock, t, 0, 0);
            *flags |= site_flags::BLOCK;
        }
    }

    fn send_super(&mut self, base: u16, argc: u16, flags: u16, want: Want) {
        let name = self.frame().asm.code_mut().name.clone();
        let site = self
            .frame()
            .site(&name, argc, flags | site_flags::SELF_CALL);
        self.emit(Op::SendSuper, want.unwrap_or(base), site, base);
    }

    /// `super` alone: passes the current values of the method's parameters.
    pub(crate) fn forwarding_super(&mut self, node: &ForwardingSuperNode<'_>, want: Want) {
        let home = self
            .frames
            .iter()
            .rev()
            .find(|f| matches!(f.kind, FrameKind::Method | FrameKind::Body));
        let arguments = home.map(|f| f.super_arguments.clone()).unwrap_or_default();
        let base = self.temp();
        self.move_to(base, SELF);
        let (argc, mut flags) = self.super_positional(&arguments);
        flags |= self.super_keywords(&arguments) | site_flags::IMPLICIT_SUPER;
        if let Some(block) = node.block() {
            let t = self.temp();
            self.block(&block, t);
            flags |= site_flags::BLOCK | site_flags::LITERAL_BLOCK;
        }
        self.pass_own_block(&mut flags);
        self.set_line(&node.as_node());
        self.send_super(base, argc, flags, want);
    }

    fn load_parameter(&mut self, name: &str, to: u16) {
        match self.method_access(name) {
            Some(access) => self.read_access(access, to),
            None => self.fail(0, "a parameter for super cannot be reached"),
        }
    }

    fn super_positional(&mut self, arguments: &[SuperArgument]) -> (u16, u16) {
        let splat = arguments
            .iter()
            .any(|a| matches!(a, SuperArgument::Rest(_)));
        if !splat {
            let mut argc = 0;
            for argument in arguments {
                if let SuperArgument::Positional(name) = argument {
                    let t = self.temp();
                    self.load_parameter(name, t);
                    argc += 1;
                }
            }
            return (argc, 0);
        }
        let all = self.temp();
        self.emit(Op::NewArray, all, 0, all);
        for argument in arguments {
            let t = self.temp();
            match argument {
                SuperArgument::Positional(name) => {
                    self.load_parameter(name, t);
                    self.emit(Op::ArrayPush, all, t, 0);
                }
                SuperArgument::Rest(name) => {
                    self.load_parameter(name, t);
                    self.splat(t, t);
                    self.emit(Op::ArrayConcat, all, t, 0);
                }
                SuperArgument::Keyword(_) | SuperArgument::KeyRest(_) => {}
            }
            self.release(t);
        }
        (1, site_flags::SPLAT)
    }

    fn super_keywords(&mut self, arguments: &[SuperArgument]) -> u16 {
        if !arguments
            .iter()
            .any(|a| matches!(a, SuperArgument::Keyword(_) | SuperArgument::KeyRest(_)))
        {
            return 0;
        }
        let hash = self.temp();
        self.emit(Op::NewHash, hash, 0, 0);
        for argument in arguments {
            let t = self.temps(2);
            match argument {
                SuperArgument::Keyword(name) => {
                    self.load_symbol(t, name);
                    self.load_parameter(name, t + 1);
                    self.send_helper(hash, "__store", hash, 2);
                }
                SuperArgument::KeyRest(name) => {
                    self.load_parameter(name, t);
                    self.send_helper(hash, "__merge_splat", hash, 1);
                }
                SuperArgument::Positional(_) | SuperArgument::Rest(_) => {}
            }
            self.release(t);
        }
        site_flags::KEYWORDS
    }
}
