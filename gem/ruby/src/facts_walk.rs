//! The walk that collects the facts: scopes open and close, variables are looked up through them.

use crate::caller_methods::looks_at_variables;
use crate::facts::{Facts, NESTING_MAX, ScopeFacts, ScopeKey, Tag, flip_flop_name};
use crate::params::{self, ANONYMOUS_BLOCK, ANONYMOUS_KEYREST, ANONYMOUS_REST, IT, ParamList};
use ruby_prism::*;

struct Scope {
    key: ScopeKey,
    home: bool,
    params: Vec<String>,
    facts: ScopeFacts,
}

impl Scope {
    fn transparent(&self) -> bool {
        matches!(self.key.0, Tag::For | Tag::End | Tag::Once)
    }
}

#[derive(Default)]
pub(crate) struct Walk {
    pub facts: Facts,
    scopes: Vec<Scope>,
    depth: usize,
    /// Inside a heredoc: where it is mentioned (its text lies elsewhere).
    anchor: Option<u32>,
}

impl Walk {
    pub(crate) fn open(&mut self, key: ScopeKey, home: bool, params: Vec<String>) {
        self.scopes.push(Scope {
            key,
            home,
            params,
            facts: ScopeFacts::default(),
        });
    }

    pub(crate) fn close(&mut self) {
        let scope = self.scopes.pop().expect("opened");
        self.facts.scopes.insert(scope.key, scope.facts);
    }

    /// A variable of the scope `depth` levels out is used here.
    fn reference(&mut self, name: String, depth: u32) {
        let (mut at, mut left, mut crossed) = (self.scopes.len() - 1, depth, false);
        loop {
            let transparent = self.scopes[at].transparent();
            if !transparent && left == 0 {
                break;
            }
            left -= (!transparent) as u32;
            crossed = true;
            match at.checked_sub(1) {
                Some(outer) => at = outer,
                None => return,
            }
        }
        if crossed {
            self.scopes[at].facts.captured.insert(name);
        }
    }

    fn write(&mut self, name: &ConstantId<'_>, depth: u32, at: u32) {
        self.facts.writes.push(self.anchor.unwrap_or(at));
        self.reference(params::text(name), depth);
    }

    /// A name that the nearest method declares.
    fn method_names(&mut self, pick: impl Fn(&[String]) -> Vec<String>) {
        let top = self.scopes.len() - 1;
        if let Some(at) = self.scopes.iter().rposition(|s| s.home)
            && at != top
        {
            let names = pick(&self.scopes[at].params);
            self.scopes[at].facts.captured.extend(names);
        }
    }

    /// The anonymous parameter of this name: the nearest one around.
    fn anonymous(&mut self, name: &str) {
        let top = self.scopes.len() - 1;
        let declares = |s: &Scope| s.home || s.params.iter().any(|p| p == name);
        if let Some(at) = self.scopes.iter().rposition(declares)
            && at != top
        {
            self.scopes[at].facts.captured.insert(name.to_string());
        }
    }

    fn closure(&mut self) {
        if let Some(home) = self.scopes.iter_mut().rev().find(|s| s.home) {
            home.facts.closures = true;
        }
    }

    fn evals(&mut self) {
        self.closure();
        for scope in self.scopes.iter_mut().rev() {
            scope.facts.evals = true;
            if scope.home {
                break;
            }
        }
    }

    /// State of a flip-flop: a hidden variable of the method.
    fn flip_flop(&mut self, offset: u32) {
        let name = flip_flop_name(offset);
        let top = self.scopes.len() - 1;
        if let Some(at) = self.scopes.iter().rposition(|s| s.home) {
            self.scopes[at].facts.hidden.push(name.clone());
            if at != top {
                self.scopes[at].facts.captured.insert(name);
            }
        }
    }

    /// A jump in a class body may go on outside of it, and so on outwards.
    fn escapes(&mut self) {
        for scope in self.scopes.iter_mut().rev() {
            if scope.key.0 != Tag::Module {
                break;
            }
            scope.facts.escapes = true;
        }
    }

    fn transparent(&mut self, tag: Tag, offset: u32, body: impl FnOnce(&mut Self)) {
        self.closure();
        self.open((tag, offset), false, Vec::new());
        body(self);
        self.close();
    }

    fn once(&mut self, once: bool, offset: u32, body: impl FnOnce(&mut Self)) {
        if once {
            self.transparent(Tag::Once, offset, body)
        } else {
            body(self)
        }
    }
}

macro_rules! local_writes {
    ($($visit:ident $ty:ident $inner:ident;)*) => { $(
        fn $visit(&mut self, node: &$ty<'pr>) {
            self.write(&node.name(), node.depth(), node.location().start());
            $inner(self, node);
        }
    )* };
}

macro_rules! stop_when_too_deep {
    ($($visit:ident $ty:ident;)*) => { $(
        fn $visit(&mut self, node: &$ty<'pr>) {
            if !self.facts.too_deep {
                $visit(self, node);
            }
        }
    )* };
}

impl<'pr> Visit<'pr> for Walk {
    fn visit_branch_node_enter(&mut self, _node: Node<'pr>) {
        self.depth += 1;
        self.facts.too_deep |= self.depth > NESTING_MAX;
    }

    fn visit_branch_node_leave(&mut self) {
        self.depth -= 1;
    }

    // The parser builds these without recursion, so their nesting has no bound but the text's length.
    stop_when_too_deep! {
        visit_and_node AndNode;
        visit_or_node OrNode;
        visit_if_node IfNode;
        visit_unless_node UnlessNode;
        visit_while_node WhileNode;
        visit_until_node UntilNode;
        visit_rescue_modifier_node RescueModifierNode;
        visit_constant_path_node ConstantPathNode;
        visit_match_predicate_node MatchPredicateNode;
        visit_match_required_node MatchRequiredNode;
        visit_alternation_pattern_node AlternationPatternNode;
        visit_capture_pattern_node CapturePatternNode;
        visit_statements_node StatementsNode;
        visit_parentheses_node ParenthesesNode;
        visit_else_node ElseNode;
    }

    local_writes! {
        visit_local_variable_write_node LocalVariableWriteNode visit_local_variable_write_node;
        visit_local_variable_target_node LocalVariableTargetNode visit_local_variable_target_node;
        visit_local_variable_and_write_node LocalVariableAndWriteNode visit_local_variable_and_write_node;
        visit_local_variable_or_write_node LocalVariableOrWriteNode visit_local_variable_or_write_node;
        visit_local_variable_operator_write_node LocalVariableOperatorWriteNode visit_local_variable_operator_write_node;
    }

    fn visit_local_variable_read_node(&mut self, node: &LocalVariableReadNode<'pr>) {
        self.reference(params::text(&node.name()), node.depth());
    }

    fn visit_it_local_variable_read_node(&mut self, _node: &ItLocalVariableReadNode<'pr>) {
        self.reference(IT.to_string(), 0);
    }

    fn visit_call_node(&mut self, node: &CallNode<'pr>) {
        if self.facts.too_deep {
            return;
        }
        if looks_at_variables(node) {
            self.evals();
        }
        visit_call_node(self, node);
    }

    fn visit_rescue_node(&mut self, node: &RescueNode<'pr>) {
        let mut next = Some(node.as_node());
        while let Some(clause) = next.and_then(|n| n.as_rescue_node()) {
            for class in clause.exceptions().iter() {
                self.visit(&class);
            }
            if let Some(target) = clause.reference() {
                self.visit(&target);
            }
            if let Some(body) = clause.statements() {
                self.visit_statements_node(&body);
            }
            next = clause.subsequent().map(|s| s.as_node());
        }
    }

    fn visit_block_node(&mut self, node: &BlockNode<'pr>) {
        self.closure();
        let names = ParamList::of_block(node.parameters(), true).names();
        self.open((Tag::Block, node.location().start()), false, names);
        visit_block_node(self, node);
        self.close();
    }

    fn visit_lambda_node(&mut self, node: &LambdaNode<'pr>) {
        self.closure();
        let names = ParamList::of_block(node.parameters(), false).names();
        self.open((Tag::Lambda, node.location().start()), false, names);
        visit_lambda_node(self, node);
        self.close();
    }

    fn visit_def_node(&mut self, node: &DefNode<'pr>) {
        if let Some(receiver) = node.receiver() {
            self.visit(&receiver);
        }
        let names = ParamList::of_method(node.parameters()).names();
        self.open((Tag::Method, node.location().start()), true, names);
        if let Some(params) = node.parameters() {
            self.visit_parameters_node(&params);
        }
        if let Some(body) = node.body() {
            self.visit(&body);
        }
        self.close();
    }

    fn visit_class_node(&mut self, node: &ClassNode<'pr>) {
        self.visit(&node.constant_path());
        if let Some(superclass) = node.superclass() {
            self.visit(&superclass);
        }
        self.module(node.location().start(), node.body());
    }

    fn visit_module_node(&mut self, node: &ModuleNode<'pr>) {
        self.visit(&node.constant_path());
        self.module(node.location().start(), node.body());
    }

    fn visit_singleton_class_node(&mut self, node: &SingletonClassNode<'pr>) {
        self.visit(&node.expression());
        self.module(node.location().start(), node.body());
    }

    fn visit_for_node(&mut self, node: &ForNode<'pr>) {
        self.visit(&node.collection());
        self.transparent(Tag::For, node.location().start(), |walk| {
            walk.visit(&node.index());
            if let Some(body) = node.statements() {
                walk.visit_statements_node(&body);
            }
        });
    }

    fn visit_post_execution_node(&mut self, node: &PostExecutionNode<'pr>) {
        self.transparent(Tag::End, node.location().start(), |walk| {
            visit_post_execution_node(walk, node)
        });
    }

    fn visit_interpolated_regular_expression_node(
        &mut self,
        node: &InterpolatedRegularExpressionNode<'pr>,
    ) {
        let start = node.location().start();
        self.once(node.is_once(), start, |walk| {
            visit_interpolated_regular_expression_node(walk, node)
        });
    }

    fn visit_interpolated_match_last_line_node(
        &mut self,
        node: &InterpolatedMatchLastLineNode<'pr>,
    ) {
        let start = node.location().start();
        self.once(node.is_once(), start, |walk| {
            visit_interpolated_match_last_line_node(walk, node)
        });
    }

    fn visit_interpolated_string_node(&mut self, node: &InterpolatedStringNode<'pr>) {
        if self.facts.too_deep {
            return;
        }
        let heredoc = node
            .opening_loc()
            .is_some_and(|l| l.as_slice().starts_with(b"<<"));
        let outer = self.anchor;
        if heredoc && outer.is_none() {
            self.anchor = Some(node.location().start());
        }
        visit_interpolated_string_node(self, node);
        self.anchor = outer;
    }

    fn visit_break_node(&mut self, node: &BreakNode<'pr>) {
        self.escapes();
        visit_break_node(self, node);
    }

    fn visit_next_node(&mut self, node: &NextNode<'pr>) {
        self.escapes();
        visit_next_node(self, node);
    }

    fn visit_return_node(&mut self, node: &ReturnNode<'pr>) {
        self.escapes();
        visit_return_node(self, node);
    }

    fn visit_redo_node(&mut self, _node: &RedoNode<'pr>) {
        self.escapes();
    }

    fn visit_flip_flop_node(&mut self, node: &FlipFlopNode<'pr>) {
        self.flip_flop(node.location().start());
        visit_flip_flop_node(self, node);
    }

    fn visit_splat_node(&mut self, node: &SplatNode<'pr>) {
        if node.expression().is_none() {
            self.anonymous(ANONYMOUS_REST);
        }
        visit_splat_node(self, node);
    }

    fn visit_assoc_splat_node(&mut self, node: &AssocSplatNode<'pr>) {
        if node.value().is_none() {
            self.anonymous(ANONYMOUS_KEYREST);
        }
        visit_assoc_splat_node(self, node);
    }

    fn visit_block_argument_node(&mut self, node: &BlockArgumentNode<'pr>) {
        if node.expression().is_none() {
            self.anonymous(ANONYMOUS_BLOCK);
        }
        visit_block_argument_node(self, node);
    }

    fn visit_forwarding_arguments_node(&mut self, _node: &ForwardingArgumentsNode<'pr>) {
        for name in [ANONYMOUS_REST, ANONYMOUS_KEYREST, ANONYMOUS_BLOCK] {
            self.anonymous(name);
        }
    }

    fn visit_forwarding_super_node(&mut self, node: &ForwardingSuperNode<'pr>) {
        self.method_names(<[String]>::to_vec);
        visit_forwarding_super_node(self, node);
    }
}

impl Walk {
    fn module(&mut self, offset: u32, body: Option<Node<'_>>) {
        self.open((Tag::Module, offset), true, Vec::new());
        if let Some(body) = body {
            self.visit_any(&body);
        }
        self.close();
    }

    fn visit_any<'pr>(&mut self, node: &Node<'pr>) {
        Visit::<'pr>::visit(self, node);
    }
}
