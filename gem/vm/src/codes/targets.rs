//! How a call site calls what its lookup found: the ways an inline cache can go that are shorter than a frame of the method.

use crate::codes::code::{CodeBlock, Site, Target, TargetKind};
use crate::errors::Fail;
use crate::exec::call::Call;
use crate::exec::frame::frame_flags;
use crate::exec::primitive::PrimResult;
use crate::vm::Vm;
use format::wellknown::slots::class_flags;
use format::{ObjectId, wellknown};
use gem_bytecode::{Op, site_flags};
use gem_heap::{ClassIndex, IvarPlace, Kind, Oop};

/// Classes that Ruby's `new` and `allocate` cannot serve: their instances are immediates, unique, or made by the machine.
pub const NOT_MADE_BY_RUBY: &[ObjectId] = &[
    wellknown::BEHAVIOR,
    wellknown::MODULE,
    wellknown::CLASS,
    wellknown::METACLASS,
    wellknown::UNDEFINED_OBJECT,
    wellknown::BOOLEAN,
    wellknown::TRUE_CLASS,
    wellknown::FALSE_CLASS,
    wellknown::CHARACTER,
    wellknown::INTEGER,
    wellknown::SMALL_INTEGER,
    wellknown::LARGE_INTEGER,
    wellknown::FLOAT,
    wellknown::SMALL_DOUBLE,
    wellknown::SYMBOL,
    wellknown::GS_NMETHOD,
    wellknown::EXEC_BLOCK,
    wellknown::VARIABLE_CONTEXT,
    wellknown::BINDING,
    wellknown::METHOD_OBJECT,
    wellknown::UNBOUND_METHOD,
    wellknown::MATCH_DATA,
];

/// Classes that Smalltalk's `basicNew` cannot serve either.
pub const NEVER_MADE: &[ObjectId] = &[
    wellknown::UNDEFINED_OBJECT,
    wellknown::TRUE_CLASS,
    wellknown::FALSE_CLASS,
    wellknown::CHARACTER,
    wellknown::SMALL_INTEGER,
    wellknown::LARGE_INTEGER,
    wellknown::FLOAT,
    wellknown::SMALL_DOUBLE,
    wellknown::SYMBOL,
];

/// Whether the arguments of `site` lie where `code` wants them.
fn in_place(site: &Site, code: &CodeBlock) -> bool {
    site.flags & (site_flags::SPLAT | site_flags::KEYWORDS) == 0
        && code.simple
        && site.argc == code.params.required
}

/// As `in_place`, but for optional parameters that get no argument. Answers the number of all positional parameters.
fn in_place_but_optional(site: &Site, code: &CodeBlock) -> Option<u32> {
    if in_place(site, code) {
        return Some(site.argc as u32);
    }
    let p = &code.params;
    let plain = site.flags & (site_flags::SPLAT | site_flags::KEYWORDS) == 0
        && !p.rest
        && p.post == 0
        && p.keywords.is_empty()
        && p.keyrest == gem_bytecode::KeyRest::None
        && !p.block
        && !p.lenient;
    let all = p.required.checked_add(p.optional)?;
    (plain && (p.required..=all).contains(&site.argc)).then_some(all as u32)
}

impl Vm {
    /// How `site` calls `code`, which lookup found for `receiver`.
    ///
    /// # Errors
    /// As `Model::is_module_like` for a class that is asked to make an instance; as `Model::lookup` for its `initialize`, and as `load_method` for that method.
    pub(crate) fn target(
        &mut self,
        site: &Site,
        receiver: Oop,
        code: &'static CodeBlock,
    ) -> Result<Target, Fail> {
        let special = match code.primitive_name.as_deref() {
            Some(name) => self.primitive_target(site, receiver, code, name)?,
            None => self.accessor_target(site, receiver, code),
        };
        let places = in_place_but_optional(site, code);
        let kind = match (places.is_some(), code.primitive.is_some()) {
            (true, false) => TargetKind::Plain,
            (true, true) => TargetKind::Primitive,
            (false, false) => TargetKind::Bind,
            (false, true) => TargetKind::BindPrimitive,
        };
        Ok(special.unwrap_or(Target {
            kind,
            extra: places.unwrap_or(0),
            code,
        }))
    }

    fn primitive_target(
        &mut self,
        site: &Site,
        receiver: Oop,
        code: &'static CodeBlock,
        name: &str,
    ) -> Result<Option<Target>, Fail> {
        let spread = site.flags & site_flags::SPLAT != 0;
        let plain = site.flags & (site_flags::KEYWORDS | site_flags::BLOCK) == 0 && !spread;
        let of = |kind| {
            Some(Target {
                kind,
                extra: 0,
                code,
            })
        };
        Ok(match name {
            "blockValueWithArguments" => None,
            _ if name.starts_with("blockValue") && in_place(site, code) => of(TargetKind::Value),
            "blockCall" if plain => of(TargetKind::Value),
            "rubySend" if !spread && site.argc > 0 => of(TargetKind::Perform),
            "rubyPublicSend" if !spread && site.argc > 0 => of(TargetKind::PublicPerform),
            "moduleHasInstance"
                if in_place(site, code) && self.model.is_module_like(receiver)? =>
            {
                of(TargetKind::HasInstance)
            }
            "rubyNew" => self.new_target(site, receiver)?,
            "basicNew" if in_place(site, code) => {
                self.class_made(receiver, NEVER_MADE)?.map(|class| Target {
                    kind: TargetKind::Allocate,
                    extra: class.0,
                    code,
                })
            }
            _ => None,
        })
    }

    /// The class `made` when its instances can be made without ado.
    fn class_made(&mut self, made: Oop, refused: &[ObjectId]) -> Result<Option<ClassIndex>, Fail> {
        if !self.model.is_module_like(made)?
            || self.model.class_flags(made)? & class_flags::MODULE != 0
        {
            return Ok(None);
        }
        let index = self.model.heap.class_index(made)?;
        let refused = refused
            .iter()
            .any(|&id| self.model.heap.wellknown_class(id) == index);
        let raw = self.model.heap.class_info(index).kind == Kind::Raw;
        Ok((!refused && !raw).then_some(index))
    }

    fn new_target(&mut self, site: &Site, receiver: Oop) -> Result<Option<Target>, Fail> {
        let Some(class) = self.class_made(receiver, NOT_MADE_BY_RUBY)? else {
            return Ok(None);
        };
        if self.model.class_flags(receiver)? & class_flags::SINGLETON != 0 {
            return Ok(None);
        }
        let Some(entry) = self.model.lookup(class, self.model.sym.initialize, 1)? else {
            return Ok(None);
        };
        let code = self.loaded(entry.method)?;
        let kind = match in_place(site, code) && code.primitive.is_none() {
            true if does_nothing(code) => TargetKind::NewPlain,
            true => TargetKind::New,
            false => TargetKind::NewBind,
        };
        Ok(Some(Target {
            kind,
            extra: class.0,
            code,
        }))
    }

    /// Getter or Setter, when that is all `code` does and the receiver has the slot.
    fn accessor_target(
        &mut self,
        site: &Site,
        receiver: Oop,
        code: &'static CodeBlock,
    ) -> Option<Target> {
        if !receiver.is_pointer() || site.flags & site_flags::BLOCK != 0 || !in_place(site, code) {
            return None;
        }
        let [first, second] = [
            code.instructions.first()?.get(),
            code.instructions.get(1)?.get(),
        ];
        let register = first.a();
        let returns_it = second.op() == Some(Op::Return) && second.a() == register;
        let kind = match first.op()? {
            Op::GetIvar | Op::GetSlot if returns_it && site.argc == 0 => TargetKind::Getter,
            Op::SetIvar if returns_it && register == 1 && site.argc == 1 => TargetKind::Setter,
            _ => return None,
        };
        let shape = self.model.heap.shape_of(receiver);
        let slot = match first.op()? {
            Op::GetSlot => first.b(),
            _ => {
                let name = code.literals[first.b() as usize].get();
                let Some(IvarPlace::Inline(slot)) = self.model.heap.shape(shape).place_of(name)
                else {
                    return None;
                };
                slot
            }
        };
        (slot < self.model.heap.shape(shape).inline_slots).then_some(Target {
            kind,
            extra: slot as u32,
            code,
        })
    }

    /// `new` with an `initialize` that wants its arguments brought into order.
    pub(crate) fn new_bound(
        &mut self,
        class: ClassIndex,
        code: &'static CodeBlock,
        call: &Call,
    ) -> PrimResult {
        let object = self.model.heap.instantiate(class);
        self.exec.regs.set(call.base, object);
        let call = Call {
            frame_flags: call.frame_flags | frame_flags::KEEP_RECEIVER,
            ..*call
        };
        self.invoke(code, &call)
    }

    /// `send`: the window without its first argument, which names the method.
    ///
    /// # Errors
    /// Whatever the send gives. `None`: the first argument is no name.
    pub(crate) fn perform_in_place(&mut self, call: &Call, public: bool) -> Option<PrimResult> {
        let name = self.exec.regs.get(call.base + 1);
        let name = if self.model.heap.is_symbol(name) {
            name
        } else {
            return None;
        };
        let others = call.argc - 1 + crate::exec::sends::extra_registers(call.site_flags);
        self.exec.regs.copy(call.base + 2, call.base + 1, others);
        let hidden = site_flags::SELF_CALL | site_flags::VARIABLE | site_flags::IMPLICIT_SUPER;
        let own = if public { 0 } else { site_flags::SELF_CALL };
        Some(self.dispatch(Call {
            selector: name,
            environment: 1,
            argc: call.argc - 1,
            site_flags: call.site_flags & !hidden | own,
            ..*call
        }))
    }

    /// Goes the way of `target` when that is one that neither the send's fast path nor plain invocation serves.
    pub(crate) fn special_target(&mut self, target: Target, call: &Call) -> Option<PrimResult> {
        let class = ClassIndex(target.extra);
        match target.kind {
            TargetKind::New | TargetKind::NewPlain | TargetKind::NewBind => {
                Some(self.new_bound(class, target.code, call))
            }
            TargetKind::Perform => self.perform_in_place(call, false),
            TargetKind::PublicPerform => self.perform_in_place(call, true),
            _ => None,
        }
    }
}

/// Whether a method has no effect: an empty `initialize`.
fn does_nothing(code: &CodeBlock) -> bool {
    let first = code.instructions.first().and_then(|i| i.get().op());
    let second = code.instructions.get(1).and_then(|i| i.get().op());
    matches!(
        (first, second),
        (Some(Op::ReturnSelf), _) | (Some(Op::LoadNil), Some(Op::Return))
    )
}
