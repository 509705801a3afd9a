//! The argument binder: brings arguments that are not already in place to the parameters' registers.

use crate::codes::code::CodeBlock;
use crate::errors::{Fail, raise};
use crate::vm::Vm;
use format::wellknown;
use format::wellknown::slots::{method, method_flags};
use gem_bytecode::{KeyRest, Params, site_flags};
use gem_heap::Oop;

impl Vm {
    /// Binds the window at `base` to the parameters of `code`; answers the block given.
    pub(crate) fn bind(
        &mut self,
        code: &'static CodeBlock,
        base: usize,
        argc: usize,
        flags: u16,
    ) -> Result<Oop, Fail> {
        self.bind_as(code, base, argc, flags, code.params.lenient)
    }

    /// As `bind`; `lenient` false makes a block count its arguments like a lambda.
    pub(crate) fn bind_as(
        &mut self,
        code: &'static CodeBlock,
        base: usize,
        argc: usize,
        flags: u16,
        lenient: bool,
    ) -> Result<Oop, Fail> {
        if let Some(block) = self.bind_optional(code, base, argc, flags, lenient)? {
            return Ok(block);
        }
        let params = &code.params;
        let mut values: Vec<Oop> = if flags & site_flags::SPLAT != 0 {
            let list = self.exec.regs.get(base + 1);
            self.model.heap.elements(list)?
        } else {
            self.exec.regs.slice(base + 1, base + 1 + argc).to_vec()
        };
        let mut at = base + 1 + argc;
        let mut keywords = Oop::NIL;
        if flags & site_flags::KEYWORDS != 0 {
            keywords = self.exec.regs.get(at);
            at += 1;
        }
        let block = if flags & site_flags::BLOCK != 0 {
            self.exec.regs.get(at)
        } else {
            Oop::NIL
        };
        if flags & (site_flags::SPLAT | site_flags::KEYWORDS) == site_flags::SPLAT
            && let Some(&last) = values.last()
            && self.model.is_hash_of_keywords(last)?
        {
            values.pop();
            // The copy is an ordinary Hash.
            keywords = self.model.hash_entries_copy(last)?;
        }
        let takes_keywords = !params.keywords.is_empty() || params.keyrest == KeyRest::Present;
        if !keywords.is_nil() && self.model.hash_count(keywords)? == 0 {
            keywords = Oop::NIL;
        }
        if !keywords.is_nil() && !takes_keywords {
            if params.keyrest == KeyRest::Forbidden {
                return Err(raise(wellknown::ARGUMENT_ERROR, "no keywords accepted"));
            }
            let marks = params.rest && self.collects_keywords(code)?;
            let copy = if marks {
                self.model.hash_of_keywords(keywords)?
            } else {
                self.model.hash_dup(keywords)?
            };
            values.push(copy);
            keywords = Oop::NIL;
        }
        if lenient {
            self.spread(params, &mut values)?;
        } else {
            self.check_count(code, values.len())?;
        }
        self.ensure_registers(base + 1 + params.registers().max(code.registers as usize));
        let mut to = base + 1;
        let n = values.len();
        let (required, optional, post) = (
            params.required as usize,
            params.optional as usize,
            params.post as usize,
        );
        for i in 0..required {
            self.exec
                .regs
                .set(to + i, values.get(i).copied().unwrap_or(Oop::NIL));
        }
        to += required;
        let spare = n.saturating_sub(required + post).min(optional);
        for i in 0..optional {
            let value = if i < spare {
                values[required + i]
            } else {
                Oop::UNDEF
            };
            self.exec.regs.set(to + i, value);
        }
        to += optional;
        let taken = (required + spare).min(n);
        let rest = n.saturating_sub(taken + post);
        if params.rest {
            let array = self.model.heap.new_array(&values[taken..taken + rest])?;
            self.exec.regs.set(to, array);
            to += 1;
        }
        for i in 0..post {
            let value = values.get(taken + rest + i).copied().unwrap_or(Oop::NIL);
            self.exec.regs.set(to + i, value);
        }
        to += post;
        if takes_keywords {
            self.bind_keywords(code, keywords, &mut to)?;
        }
        if !params.block {
            return Ok(block);
        }
        let block = self.settled_block(block)?;
        self.exec.regs.set(to, block);
        Ok(block)
    }

    /// Binds where they lie the arguments of parameters that are required, optional or a block, and nothing else. Answers the block
    /// given (nil without one) when that served.
    fn bind_optional(
        &mut self,
        code: &'static CodeBlock,
        base: usize,
        argc: usize,
        flags: u16,
        lenient: bool,
    ) -> Result<Option<Oop>, Fail> {
        let p = &code.params;
        let (required, optional) = (p.required as usize, p.optional as usize);
        let plain = flags & (site_flags::SPLAT | site_flags::KEYWORDS) == 0 && !lenient;
        if !plain || p.rest || p.post != 0 || !p.keywords.is_empty() || p.keyrest != KeyRest::None {
            return Ok(None);
        }
        if argc < required || argc > required + optional {
            return Ok(None);
        }
        let given = match flags & site_flags::BLOCK != 0 {
            true => self.exec.regs.get(base + 1 + argc),
            false => Oop::NIL,
        };
        self.ensure_registers(base + 1 + p.registers().max(code.registers as usize));
        for i in argc..required + optional {
            self.exec.regs.set(base + 1 + i, Oop::UNDEF);
        }
        if !p.block {
            return Ok(Some(given));
        }
        let given = self.settled_block(given)?;
        self.exec.regs.set(base + 1 + required + optional, given);
        Ok(Some(given))
    }

    /// Whether `ruby2_keywords` marked this method.
    fn collects_keywords(&mut self, code: &CodeBlock) -> Result<bool, Fail> {
        let flags = self.model.heap.slot(code.method, method::FLAGS)?;
        Ok(flags.as_small_int().unwrap_or(0) & method_flags::RUBY2_KEYWORDS != 0)
    }

    /// A block with several parameters spreads a lone Array over them.
    fn spread(&mut self, params: &Params, values: &mut Vec<Oop>) -> Result<(), Fail> {
        let named = params.required + params.optional + params.post;
        if crate::exec::closures::spreads_array(params)
            && values.len() == 1
            && values[0].is_pointer()
            && self.model.is_array(values[0])?
        {
            *values = self.model.heap.elements(values[0])?;
        }
        if !params.rest {
            values.truncate(named as usize);
        }
        Ok(())
    }

    fn bind_keywords(
        &mut self,
        code: &'static CodeBlock,
        given: Oop,
        to: &mut usize,
    ) -> Result<(), Fail> {
        let params = &code.params;
        let pairs = if given.is_nil() {
            Vec::new()
        } else {
            self.model.hash_pairs(given)?
        };
        let mut used = 0;
        let mut missing = Vec::new();
        for &(literal, required) in &params.keywords {
            let name = code.literals[literal as usize].get();
            let value = match pairs.iter().find(|p| p.0 == name) {
                Some(&(_, value)) => {
                    used += 1;
                    value
                }
                None => {
                    if required {
                        missing.push(format!(":{}", self.model.heap.text(name)));
                    }
                    Oop::UNDEF
                }
            };
            self.exec.regs.set(*to, value);
            *to += 1;
        }
        if !missing.is_empty() {
            let s = if missing.len() > 1 { "s" } else { "" };
            return Err(raise(
                wellknown::ARGUMENT_ERROR,
                format!("missing keyword{s}: {}", missing.join(", ")),
            ));
        }
        let named = |name: Oop| {
            params
                .keywords
                .iter()
                .any(|&(l, _)| code.literals[l as usize].get() == name)
        };
        if params.keyrest == KeyRest::Present {
            let rest = self.model.hash_new()?;
            for &(name, value) in pairs.iter().filter(|p| !named(p.0)) {
                self.model.hash_store(rest, name, value)?;
            }
            self.exec.regs.set(*to, rest);
            *to += 1;
        } else if used < pairs.len() && !params.lenient {
            let unknown: Vec<String> = pairs
                .iter()
                .filter(|p| !named(p.0))
                .map(|p| self.inspect_key(p.0))
                .collect();
            let s = if unknown.len() > 1 { "s" } else { "" };
            return Err(raise(
                wellknown::ARGUMENT_ERROR,
                format!("unknown keyword{s}: {}", unknown.join(", ")),
            ));
        }
        Ok(())
    }

    fn inspect_key(&self, key: Oop) -> String {
        if self.model.heap.is_symbol(key) {
            format!(":{}", self.model.heap.text(key))
        } else if self.model.heap.is_bytes(key) {
            format!("{:?}", self.model.heap.text(key))
        } else {
            format!("{key:?}")
        }
    }

    /// Refuses a number of positional arguments that the parameters do not take.
    fn check_count(&self, code: &CodeBlock, given: usize) -> Result<(), Fail> {
        let params = &code.params;
        let least = (params.required + params.post) as usize;
        let most = least + params.optional as usize;
        if given >= least && (params.rest || given <= most) {
            return Ok(());
        }
        let mut expected = if params.rest {
            format!("{least}+")
        } else if most > least {
            format!("{least}..{most}")
        } else {
            least.to_string()
        };
        let required = params.keywords.iter().filter(|k| k.1);
        let names: Vec<String> = required
            .map(|k| self.model.heap.text(code.literals[k.0 as usize].get()))
            .collect();
        if !names.is_empty() {
            let s = if names.len() > 1 { "s" } else { "" };
            expected += &format!("; required keyword{s}: {}", names.join(", "));
        }
        Err(raise(
            wellknown::ARGUMENT_ERROR,
            format!("wrong number of arguments (given {given}, expected {expected})"),
        ))
    }
}
