//! Arguments into registers.

use super::{Machine, Unwind, V, arr};
use gem_bytecode::{Code, KeyRest, Literal};
use std::cell::RefCell;
use std::rc::Rc;

impl Machine {
    /// Registers of a new frame: self, then parameters.
    pub fn bind(
        &mut self,
        code: &Code,
        receiver: V,
        mut args: Vec<V>,
        keywords: Option<Vec<(V, V)>>,
        block: V,
        lambda: bool,
    ) -> Result<Vec<V>, Unwind> {
        let p = &code.params;
        let lenient = p.lenient && !lambda;
        let (required, optional, post) =
            (p.required as usize, p.optional as usize, p.post as usize);
        let takes_keywords = !p.keywords.is_empty() || p.keyrest == KeyRest::Present;
        let mut keywords = keywords.filter(|k| !k.is_empty());
        if !takes_keywords && let Some(pairs) = keywords.take() {
            args.push(V::Hash(Rc::new(RefCell::new(pairs))));
        }
        let positional = required + optional + post;
        let spreads = positional > 1 || p.trailing_comma || (p.rest && positional > 0);
        if lenient && args.len() == 1 && spreads {
            let first = args[0].clone();
            if let V::Arr(items) = first {
                args = items.borrow().clone();
            }
        }
        if lenient {
            while args.len() < required + post {
                args.push(V::Nil);
            }
            if !p.rest {
                args.truncate(positional);
            }
        }
        if args.len() < required + post || (args.len() > positional && !p.rest) {
            let expected = required + post;
            return Err(self.error(
                "ArgumentError",
                &format!(
                    "wrong number of arguments (given {}, expected {expected})",
                    args.len()
                ),
            ));
        }
        let mut registers = vec![receiver];
        let after = args.split_off(args.len() - post);
        let mut rest = args.split_off(required.min(args.len()));
        registers.extend(args);
        let given = rest.len().min(optional);
        let surplus = rest.split_off(given);
        registers.extend(rest);
        registers.extend(std::iter::repeat_n(V::Undef, optional - given));
        if p.rest {
            registers.push(arr(surplus));
        }
        registers.extend(after);
        let mut pairs = keywords.unwrap_or_default();
        for &(symbol, must) in &p.keywords {
            let Literal::Symbol(name) = &code.literals[symbol as usize] else {
                panic!("a keyword is a symbol")
            };
            let at = pairs
                .iter()
                .position(|(k, _)| matches!(k, V::Sym(s) if **s == **name));
            match at {
                Some(i) => registers.push(pairs.remove(i).1),
                None if must => {
                    return Err(self.error("ArgumentError", &format!("missing keyword: :{name}")));
                }
                None => registers.push(V::Undef),
            }
        }
        match p.keyrest {
            KeyRest::Present => registers.push(V::Hash(Rc::new(RefCell::new(pairs)))),
            _ if !pairs.is_empty() => {
                let name = self.inspect(&pairs[0].0);
                return Err(self.error("ArgumentError", &format!("unknown keyword: {name}")));
            }
            _ => {}
        }
        if p.block {
            registers.push(block);
        }
        Ok(registers)
    }
}
