//! Arguments into the registers of the parameters.

use crate::{Call, ErrorKind, Library, Machine, Unwind, Value};
use gem_bytecode::{Code, KeyRest, Params};

/// Whether a block with these parameters takes the elements of a lone Array.
fn spreads(p: &Params) -> bool {
    let positional = p.required + p.optional + p.post;
    positional > 1 || positional == 1 && (p.trailing_comma || p.rest)
}

impl<L: Library> Machine<L> {
    /// Self and parameters of a new frame. `strict`: a block that counts its arguments.
    pub(crate) fn bind(
        &mut self,
        code: &Code,
        receiver: Value,
        call: &Call,
        strict: bool,
    ) -> Result<Vec<Value>, Unwind> {
        let p = &code.params;
        let lenient = p.lenient && !strict;
        let (required, optional, post) =
            (p.required as usize, p.optional as usize, p.post as usize);
        let takes_keywords = !p.keywords.is_empty() || p.keyrest == KeyRest::Present;
        let mut args = call.args.clone();
        let mut pairs = call.keywords.clone().unwrap_or_default();
        if !takes_keywords && !pairs.is_empty() {
            if p.keyrest == KeyRest::Forbidden {
                return Err(self.error(ErrorKind::WrongArguments, "no keywords accepted"));
            }
            args.push(Value::hash(std::mem::take(&mut pairs)));
        }
        if lenient && spreads(p) && args.len() == 1 {
            let only = args[0].clone();
            if let Value::Array(items) = only {
                args = items.borrow().clone();
            }
        }
        if lenient {
            let least = args.len().max(required + post);
            args.resize(least, Value::Nil);
            if !p.rest {
                args.truncate(required + optional + post);
            }
        }
        let most = required + optional + post;
        if args.len() < required + post || args.len() > most && !p.rest {
            let expected = match (p.rest, optional) {
                (true, _) => format!("{}+", required + post),
                (false, 0) => most.to_string(),
                (false, _) => format!("{}..{most}", required + post),
            };
            let given = args.len();
            let text = format!("wrong number of arguments (given {given}, expected {expected})");
            return Err(self.error(ErrorKind::WrongArguments, &text));
        }
        let after = args.split_off(args.len() - post);
        let mut rest = args.split_off(required);
        let surplus = rest.split_off(rest.len().min(optional));
        rest.resize(optional, Value::Undef);
        let mut registers = vec![receiver];
        registers.extend(args);
        registers.extend(rest);
        if p.rest {
            registers.push(Value::array(surplus));
        }
        registers.extend(after);
        self.bind_keywords(code, pairs, &mut registers)?;
        if p.block {
            registers.push(call.block.clone());
        }
        Ok(registers)
    }

    fn bind_keywords(
        &mut self,
        code: &Code,
        mut pairs: Vec<(Value, Value)>,
        registers: &mut Vec<Value>,
    ) -> Result<(), Unwind> {
        for &(literal, must) in &code.params.keywords {
            let name = Value::of(&code.literals[literal as usize]);
            match pairs.iter().position(|(key, _)| key.same(&name)) {
                Some(at) => registers.push(pairs.remove(at).1),
                None if must => {
                    let Value::Symbol(name) = name else {
                        panic!("a keyword is a symbol");
                    };
                    let text = format!("missing keyword: :{name}");
                    return Err(self.error(ErrorKind::WrongArguments, &text));
                }
                None => registers.push(Value::Undef),
            }
        }
        if code.params.keyrest == KeyRest::Present {
            registers.push(Value::hash(pairs));
        } else if !pairs.is_empty() {
            let name = match &pairs[0].0 {
                Value::Symbol(name) => format!(":{name}"),
                _ => "no symbol".to_string(),
            };
            let text = format!("unknown keyword: {name}");
            return Err(self.error(ErrorKind::WrongArguments, &text));
        }
        Ok(())
    }
}
