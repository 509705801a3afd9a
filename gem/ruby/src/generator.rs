//! The generator: frames under construction and the dispatch from a node to the function of its family.
//!
//! Results go straight to where they are wanted (`Goal`); `operand` answers the register a value already lives in.

use crate::encoding::SourceEncoding;
use crate::error::SyntaxError;
use crate::facts::{Facts, NESTING_MAX};
use crate::frame::{CodeFrame, Escape, Storage};
use crate::patterns::SinglePattern;
use gem_bytecode::{Op, SELF};
use ruby_prism::{Node, StatementsNode};

/// Instructions in one code: jumps reach further, but such a method is not one a person wrote.
const INSTRUCTIONS_MAX: u32 = 1 << 22;

/// What becomes of a node's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Goal {
    /// Nobody looks at it.
    Effect,
    /// Into this register.
    Into(u16),
    /// It is what the frame returns.
    Tail,
}

/// Where a value goes, for nodes that never end a frame themselves.
pub(crate) type Want = Option<u16>;

pub(crate) struct Gen<'a> {
    pub source: &'a [u8],
    pub file: String,
    pub first_line: u32,
    pub line_starts: &'a [u32],
    pub encoding: SourceEncoding,
    pub facts: Facts,
    pub frames: Vec<CodeFrame>,
    pub error: Option<SyntaxError>,
    /// Whether fused compare-and-branch may be used; off when a jump turned out too long for it.
    pub fused: bool,
    /// Set while a pattern is compiled whose failure is explained.
    pub single: Option<SinglePattern>,
    /// Register of a case's subject, and the one that keeps its `deconstruct`.
    pub deconstructed: Option<(u16, u16)>,
    /// Jumps out of the class body that was compiled last.
    pub(crate) last_escapes: Vec<Escape>,
    pub(crate) source_hash: Option<u64>,
    depth: usize,
    pub(crate) last_bound: u32,
}

/// Runs the arm of the node's kind with the node as its own type.
macro_rules! on {
    ($node:expr, { $($variant:ident . $cast:ident => |$n:ident| $body:expr,)* } else $other:expr) => {
        match $node {
            $(Node::$variant { .. } => { let $n = &$node.$cast().expect("the kind was matched"); $body })*
            _ => $other,
        }
    };
}
pub(crate) use on;

impl<'a> Gen<'a> {
    pub(crate) fn new(
        source: &'a [u8],
        file: &str,
        first_line: u32,
        line_starts: &'a [u32],
        facts: Facts,
        fused: bool,
    ) -> Gen<'a> {
        Gen {
            source,
            file: file.to_string(),
            first_line,
            line_starts,
            encoding: SourceEncoding::of(source),
            facts,
            frames: Vec::new(),
            error: None,
            fused,
            single: None,
            deconstructed: None,
            last_escapes: Vec::new(),
            source_hash: None,
            depth: 0,
            last_bound: u32::MAX,
        }
    }

    /// The value of `node` in `register`.
    pub(crate) fn into(&mut self, node: &Node<'_>, register: u16) {
        self.expr(node, Goal::Into(register));
    }

    pub(crate) fn effect(&mut self, node: &Node<'_>) {
        self.expr(node, Goal::Effect);
    }

    /// The register `node`'s value is in afterwards: a local's own, self, or a fresh one.
    pub(crate) fn operand(&mut self, node: &Node<'_>) -> u16 {
        on!(node, {
            SelfNode.as_self_node => |_n| return SELF,
            LocalVariableReadNode.as_local_variable_read_node => |n| if let Some(r) = self.local_register(&n.name(), n.depth()) { return r },
            LocalVariableWriteNode.as_local_variable_write_node => |n| if let Some(r) = self.local_register(&n.name(), n.depth()) {
                self.effect(node);
                return r;
            },
            ParenthesesNode.as_parentheses_node => |n| if let Some(inner) = single_statement(n.body()) { return self.operand(&inner) },
        } else {});
        let t = self.temp();
        self.into(node, t);
        t
    }

    /// Like `operand`, for a value that must survive the evaluation of `later`: a local written there is copied first.
    pub(crate) fn operand_before(&mut self, node: &Node<'_>, later: &[&Node<'_>]) -> u16 {
        let r = self.operand(node);
        let written = |n: &&Node<'_>| {
            self.facts
                .writes_between(n.location().start(), n.location().end())
        };
        if r != SELF
            && r < self.frames.last().expect("a frame is open").first_temp
            && later.iter().any(written)
        {
            let t = self.temp();
            self.move_to(t, r);
            return t;
        }
        r
    }

    /// The register of a local of this frame that lives in one.
    pub(crate) fn local_register(
        &self,
        name: &ruby_prism::ConstantId<'_>,
        depth: u32,
    ) -> Option<u16> {
        let frame = self.frames.last()?;
        if depth > 0 {
            return None;
        }
        match std::str::from_utf8(name.as_slice())
            .ok()
            .and_then(|n| frame.places.get(n))
        {
            Some(&Storage::Register(r)) => Some(r),
            _ => None,
        }
    }

    pub(crate) fn statements(&mut self, node: Option<StatementsNode<'_>>, goal: Goal) {
        let Some(statements) = node else {
            return self.nil(goal);
        };
        let body = statements.body();
        let Some(last) = body.len().checked_sub(1) else {
            return self.nil(goal);
        };
        for (i, statement) in body.iter().enumerate() {
            // Each statement is a place for a debugger, whatever its instructions are.
            self.set_line(&statement);
            self.expr(&statement, if i == last { goal } else { Goal::Effect });
        }
    }

    /// Compiles any node.
    pub(crate) fn expr(&mut self, node: &Node<'_>, goal: Goal) {
        if self.error.is_some() {
            return;
        }
        if !self.deeper(node) {
            return;
        }
        let mark = self.mark();
        if goal == Goal::Tail && !is_structure(node) {
            let r = self.operand(node);
            self.emit(Op::Return, r, 0, 0);
        } else {
            self.dispatch(node, goal);
        }
        self.release(mark);
        self.shallower();
    }

    /// One level further into the tree; false when that is one too many.
    pub(crate) fn deeper(&mut self, node: &Node<'_>) -> bool {
        if self.depth >= NESTING_MAX {
            self.fail(node.location().start(), "nested too deeply");
            return false;
        }
        if self.frame().asm.pc() > INSTRUCTIONS_MAX {
            self.fail(node.location().start(), "this method is too long");
            return false;
        }
        self.depth += 1;
        true
    }

    pub(crate) fn shallower(&mut self) {
        self.depth -= 1;
    }

    fn dispatch(&mut self, node: &Node<'_>, goal: Goal) {
        let want = match goal {
            Goal::Into(r) => Some(r),
            Goal::Effect | Goal::Tail => None,
        };
        on!(node, {
            // calls first: they are most of every program
            CallNode.as_call_node => |n| self.call(n, want),
            LocalVariableReadNode.as_local_variable_read_node => |n| self.local_read(&n.name(), n.depth(), want),
            LocalVariableWriteNode.as_local_variable_write_node => |n| self.local_write(n, want),
            StatementsNode.as_statements_node => |_n| self.statements(node.as_statements_node(), goal),
            ParenthesesNode.as_parentheses_node => |n| match n.body() {
                Some(body) => self.expr(&body, goal),
                None => self.nil(goal),
            },
            IfNode.as_if_node => |n| self.if_node(n, goal),
            UnlessNode.as_unless_node => |n| self.unless_node(n, goal),
            CaseNode.as_case_node => |n| self.case_node(n, goal),
            CaseMatchNode.as_case_match_node => |n| self.case_match(n, goal),
            BeginNode.as_begin_node => |n| self.begin_node(n, goal),
            SelfNode.as_self_node => |_n| if let Some(r) = want { self.move_to(r, SELF) },
            NilNode.as_nil_node => |_n| self.nil(goal),
            TrueNode.as_true_node => |_n| if let Some(r) = want { self.emit(Op::LoadTrue, r, 0, 0) },
            FalseNode.as_false_node => |_n| if let Some(r) = want { self.emit(Op::LoadFalse, r, 0, 0) },
            AndNode.as_and_node => |n| self.and_or(&n.left(), &n.right(), true, want),
            OrNode.as_or_node => |n| self.and_or(&n.left(), &n.right(), false, want),
            ReturnNode.as_return_node => |n| self.return_node(n),
            BreakNode.as_break_node => |n| self.break_node(n),
            NextNode.as_next_node => |n| self.next_node(n),
            RedoNode.as_redo_node => |_n| self.redo_node(node),
            RetryNode.as_retry_node => |_n| self.retry_node(node),
            WhileNode.as_while_node => |n| self.while_loop(&n.predicate(), n.statements(), n.is_begin_modifier(), false, want),
            UntilNode.as_until_node => |n| self.while_loop(&n.predicate(), n.statements(), n.is_begin_modifier(), true, want),
            ForNode.as_for_node => |n| self.for_node(n, want),
            RescueModifierNode.as_rescue_modifier_node => |n| self.rescue_modifier(n, want),
            FlipFlopNode.as_flip_flop_node => |n| self.flip_flop(n, want),
            YieldNode.as_yield_node => |n| self.yield_node(n, want),
            SuperNode.as_super_node => |n| self.super_node(n, want),
            ForwardingSuperNode.as_forwarding_super_node => |n| self.forwarding_super(n, want),
            LambdaNode.as_lambda_node => |n| self.lambda(n, want),
            DefNode.as_def_node => |n| self.def_node(n, want),
            ClassNode.as_class_node => |n| self.class_node(n, want),
            ModuleNode.as_module_node => |n| self.module_node(n, want),
            SingletonClassNode.as_singleton_class_node => |n| self.singleton_class(n, want),
            AliasMethodNode.as_alias_method_node => |n| self.alias_method(n, want),
            AliasGlobalVariableNode.as_alias_global_variable_node => |n| self.alias_global(n, want),
            UndefNode.as_undef_node => |n| self.undef(n, want),
            PreExecutionNode.as_pre_execution_node => |_n| self.nil(goal),
            PostExecutionNode.as_post_execution_node => |n| self.post_execution(n, want),
            DefinedNode.as_defined_node => |n| self.defined(&n.value(), want),
            MultiWriteNode.as_multi_write_node => |n| self.multi_write(n, want),
            MatchWriteNode.as_match_write_node => |n| self.match_write(n, want),
            MatchPredicateNode.as_match_predicate_node => |n| self.match_predicate(n, want),
            MatchRequiredNode.as_match_required_node => |n| self.match_required(n, want),
            ShareableConstantNode.as_shareable_constant_node => |n| self.expr(&n.write(), goal),
            ImplicitNode.as_implicit_node => |n| self.expr(&n.value(), goal),
            CallOperatorWriteNode.as_call_operator_write_node => |n| self.call_operator_write(n, want),
            CallOrWriteNode.as_call_or_write_node => |n| self.call_or_write(n, want),
            CallAndWriteNode.as_call_and_write_node => |n| self.call_and_write(n, want),
            IndexOperatorWriteNode.as_index_operator_write_node => |n| self.index_operator_write(n, want),
            IndexOrWriteNode.as_index_or_write_node => |n| self.index_or_write(n, want),
            IndexAndWriteNode.as_index_and_write_node => |n| self.index_and_write(n, want),
        } else {
            if !self.variable_node(node, want) && !self.constant_node(node, want) && !self.literal_node(node, want) {
                self.fail(node.location().start(), "unexpected syntax");
            }
        });
    }

    /// Ends a code: control never runs off its end.
    pub(crate) fn close_code(&mut self) {
        let frame = self.frame();
        let pc = frame.asm.pc();
        let last = frame
            .asm
            .code_mut()
            .instructions
            .last()
            .and_then(|i| i.op());
        let terminal = matches!(
            last,
            Some(
                Op::Return
                    | Op::ReturnSelf
                    | Op::Jump
                    | Op::ReturnHome
                    | Op::BreakBlock
                    | Op::Reraise
            )
        );
        if !terminal || self.last_bound == pc {
            self.nil(Goal::Tail);
        }
    }
}

/// Nodes that pass their own goal on to a last part.
fn is_structure(node: &Node<'_>) -> bool {
    match node {
        Node::StatementsNode { .. }
        | Node::ParenthesesNode { .. }
        | Node::IfNode { .. }
        | Node::UnlessNode { .. } => true,
        Node::CaseNode { .. } | Node::CaseMatchNode { .. } | Node::ImplicitNode { .. } => true,
        Node::ReturnNode { .. }
        | Node::BreakNode { .. }
        | Node::NextNode { .. }
        | Node::RedoNode { .. }
        | Node::RetryNode { .. } => true,
        Node::BeginNode { .. } => node
            .as_begin_node()
            .is_some_and(|b| b.rescue_clause().is_none() && b.ensure_clause().is_none()),
        _ => false,
    }
}

/// The one statement of a body, when it has exactly one.
pub(crate) fn single_statement<'pr>(body: Option<Node<'pr>>) -> Option<Node<'pr>> {
    let statements = body?.as_statements_node()?.body();
    if statements.len() == 1 {
        statements.first()
    } else {
        None
    }
}
