//! The beginning of a code: where its variables live, its environment, its parameters' defaults and destructuring.

use crate::facts::{ScopeFacts, ScopeKey};
use crate::frame::{CodeFrame, FrameKind, Storage, SuperArgument};
use crate::generator::{Gen, Goal};
use crate::literals::is_plain_literal;
use crate::params::{ParamList, Role, text};
use gem_bytecode::{Code, Op};
use ruby_prism::{ConstantList, Node};

/// An environment with more variables is made as an object at once.
const STACK_VARIABLES_MAX: u16 = 64;

/// Codes may nest this deep: other passes over compiled code recurse.
const CODES_NESTED_MAX: usize = 200;

/// What a frame is made from.
pub(crate) struct FramePlan<'p, 'pr> {
    pub key: ScopeKey,
    pub kind: FrameKind,
    pub name: String,
    pub params: &'p ParamList<'pr>,
    pub locals: Option<ConstantList<'pr>>,
    pub offset: u32,
}

impl Gen<'_> {
    /// Opens a frame, runs `body` in it and answers the finished code.
    pub(crate) fn code(
        &mut self,
        plan: &FramePlan<'_, '_>,
        body: impl FnOnce(&mut Self),
    ) -> Option<Code> {
        if self.frames.len() >= CODES_NESTED_MAX {
            self.fail(plan.offset, "nested too deeply");
            return None;
        }
        let single = self.single.take();
        let deconstructed = self.deconstructed.take();
        self.open_frame(plan);
        body(self);
        self.close_code();
        self.single = single;
        self.deconstructed = deconstructed;
        let mut frame = self.frames.pop().expect("opened above");
        frame.asm.code_mut().file = self.file.clone();
        self.last_escapes = std::mem::take(&mut frame.escapes);
        match frame.finish() {
            Ok(code) => Some(code),
            Err(message) => {
                self.fail(plan.offset, &message);
                None
            }
        }
    }

    fn open_frame(&mut self, plan: &FramePlan<'_, '_>) {
        let facts = self.facts.scope(plan.key);
        let mut frame = CodeFrame::new(&plan.name, plan.kind, plan.params.describe());
        let keywords: Vec<_> = plan
            .params
            .list
            .iter()
            .filter(|p| matches!(p.role, Role::Keyword { .. }))
            .collect();
        for (i, keyword) in keywords.iter().enumerate() {
            let symbol = frame.symbol(&keyword.shown);
            frame.asm.code_mut().params.keywords[i].0 = symbol;
        }
        let (first_local, locals) = place_variables(&mut frame, plan, &facts);
        if plan.kind == FrameKind::Method {
            frame.super_arguments = super_arguments(plan.params);
        }
        // an eval without any binding has nothing else for its blocks to hang on
        frame.wraps = facts.escapes;
        let rootless = plan.kind == FrameKind::Eval && self.frames.is_empty();
        let home = rootless || matches!(plan.kind, FrameKind::Method | FrameKind::Body);
        frame.has_env = !frame.env_names.is_empty() || (home && facts.closures);
        let variables = frame.env_names.len().min(u16::MAX as usize) as u16;
        let has_env = frame.has_env;
        let on_stack = has_env && plan.kind != FrameKind::Eval && variables <= STACK_VARIABLES_MAX;
        let place = match on_stack {
            true => frame.asm.temps(variables.max(1)),
            false => 0,
        };
        self.frames.push(frame);
        self.set_line_at(plan.offset);
        self.frame().asm.mark_place();
        if has_env {
            self.emit(Op::MakeEnv, place, variables, 0);
        }
        match locals {
            0 => {}
            1 => self.emit(Op::LoadNil, first_local, 0, 0),
            n => self.emit(Op::LoadNils, first_local, n, 0),
        }
        self.parameters(plan.params);
    }

    /// Parameters into environments, absent ones given their defaults, then nested ones spread (the order of MRI).
    fn parameters(&mut self, params: &ParamList<'_>) {
        for (i, param) in params.list.iter().enumerate() {
            if !matches!(
                param.role,
                Role::Optional | Role::Keyword { required: false }
            ) {
                self.capture_parameter(&param.name, 1 + i as u16);
            }
        }
        for (i, param) in params.list.iter().enumerate() {
            if let Some(default) = &param.default {
                self.default_value(1 + i as u16, default);
                self.capture_parameter(&param.name, 1 + i as u16);
            }
        }
        for (i, param) in params.list.iter().enumerate() {
            if let Some(nested) = &param.nested {
                let mark = self.mark();
                self.destructure(
                    1 + i as u16,
                    &nested.lefts(),
                    nested.rest(),
                    &nested.rights(),
                );
                self.release(mark);
            }
        }
    }

    fn default_value(&mut self, register: u16, default: &Node<'_>) {
        if is_primitive_undefined(default) {
            return;
        }
        let given = self.label();
        self.branch(Op::BranchNotUndef, register, given);
        self.set_line(default);
        if is_plain_literal(default) {
            self.into(default, register);
        } else {
            // `a = a` is legal and answers nil
            self.emit(Op::LoadNil, register, 0, 0);
            let mark = self.mark();
            let value = self.operand(default);
            self.move_to(register, value);
            self.release(mark);
        }
        self.bind(given);
    }

    fn capture_parameter(&mut self, name: &str, register: u16) {
        if let Some(&Storage::Env(index)) = self.frame().places.get(name) {
            self.emit(Op::SetEnv, register, 0, index);
        }
    }

    /// A body's last value is what the code returns.
    pub(crate) fn body(&mut self, body: Option<Node<'_>>) {
        match body {
            Some(node) => self.expr(&node, Goal::Tail),
            None => self.nil(Goal::Tail),
        }
    }
}

/// Gives every variable its place; answers the first register of locals and their number.
fn place_variables(
    frame: &mut CodeFrame,
    plan: &FramePlan<'_, '_>,
    facts: &ScopeFacts,
) -> (u16, u16) {
    let everything = facts.evals || plan.kind == FrameKind::Eval;
    // eval sees every variable, but not the parameters that have no names
    let captured =
        |name: &str| facts.captured.contains(name) || (everything && !name.starts_with("%arg"));
    for (i, param) in plan.params.list.iter().enumerate() {
        if captured(&param.name) {
            frame.add_env(&param.name);
        } else {
            frame
                .places
                .insert(param.name.clone(), Storage::Register(1 + i as u16));
        }
    }
    let first = frame.asm.mark();
    let mut count = 0;
    let named = plan
        .locals
        .iter()
        .flat_map(|l| l.iter())
        .map(|id| text(&id));
    for name in named.chain(facts.hidden.iter().cloned()) {
        if frame.places.contains_key(&name) {
            continue;
        }
        if captured(&name) {
            frame.add_env(&name);
        } else {
            let register = frame.asm.temp();
            frame.places.insert(name, Storage::Register(register));
            count += 1;
        }
    }
    frame.first_temp = frame.asm.mark();
    (first, count)
}

fn super_arguments(params: &ParamList<'_>) -> Vec<SuperArgument> {
    let argument = |p: &crate::params::Param<'_>| match p.role {
        Role::Required | Role::Optional | Role::Post => {
            Some(SuperArgument::Positional(p.name.clone()))
        }
        Role::Rest => Some(SuperArgument::Rest(p.name.clone())),
        Role::Keyword { .. } => Some(SuperArgument::Keyword(p.name.clone())),
        Role::KeyRest => Some(SuperArgument::KeyRest(p.name.clone())),
        Role::Block => None,
    };
    params.list.iter().filter_map(argument).collect()
}

/// `Primitive.undefined`, the default that leaves an absent argument absent.
pub(crate) fn is_primitive_undefined(node: &Node<'_>) -> bool {
    primitive_call(node).is_some_and(|(name, argc)| name == b"undefined" && argc == 0)
}

/// The name and number of arguments of a call on the constant `Primitive`.
pub(crate) fn primitive_call<'pr>(node: &Node<'pr>) -> Option<(&'pr [u8], usize)> {
    let call = node.as_call_node()?;
    let receiver = call.receiver()?.as_constant_read_node()?;
    if receiver.name().as_slice() != b"Primitive" {
        return None;
    }
    let argc = call.arguments().map_or(0, |a| a.arguments().len());
    Some((call.name().as_slice(), argc))
}
