//! Methods of classes, and the helpers of Kernel that `docs/ruby-compiler.md` lists.

use super::run::Call;
use super::{Class, Machine, Method, Outcome, V, str, truth};
use std::rc::Rc;

impl Machine {
    pub fn on_class(
        &mut self,
        class: &Rc<Class>,
        receiver: &V,
        name: &str,
        call: &Call,
    ) -> Option<Outcome> {
        let args = &call.args;
        let arg = |i: usize| args.get(i).cloned().unwrap_or(V::Nil);
        if class.name == "Kernel"
            && let Some(outcome) = self.kernel_helper(name, call)
        {
            return Some(outcome);
        }
        Some(Ok(match name {
            "new" => {
                let object = V::Obj(self.instance(class.clone()));
                if self.is_a(&object, &self.named("Exception")) {
                    let message = args.first().cloned().unwrap_or_else(|| str(&class.name));
                    self.set_ivar(&object, "@message", message);
                    return Some(Ok(object));
                }
                let init = Call {
                    args: args.clone(),
                    keywords: call.keywords.clone(),
                    block: call.block.clone(),
                };
                if let Err(u) =
                    self.dispatch(object.clone(), "initialize", init, Some(class.clone()))
                {
                    return Some(Err(u));
                }
                object
            }
            "===" => truth(self.is_a(&arg(0), class)),
            "name" | "to_s" => str(&class.name),
            "attr_accessor" => {
                for a in args {
                    let n = self.text(a);
                    let mut methods = class.methods.borrow_mut();
                    methods.insert(format!("{n}="), Method::Writer(format!("@{n}")));
                    methods.insert(n.clone(), Method::Reader(format!("@{n}")));
                }
                V::Nil
            }
            "define_method" => {
                if let V::Proc(p) = &call.block {
                    class
                        .methods
                        .borrow_mut()
                        .insert(self.text(&arg(0)), Method::Proc(p.clone()));
                }
                arg(0)
            }
            "__alias" => {
                if let Some(m) = self.find(class, &self.text(&arg(1))) {
                    class.methods.borrow_mut().insert(self.text(&arg(0)), m);
                }
                receiver.clone()
            }
            "__undef" => {
                class
                    .methods
                    .borrow_mut()
                    .insert(self.text(&arg(0)), Method::Undefined);
                receiver.clone()
            }
            _ => return None,
        }))
    }

    fn kernel_helper(&mut self, name: &str, call: &Call) -> Option<Outcome> {
        let args = &call.args;
        let arg = |i: usize| args.get(i).cloned().unwrap_or(V::Nil);
        let responds = |m: &Self, v: &V, name: &str| {
            m.responds(v, name)
                || matches!(
                    (v, name),
                    (V::Arr(_), "deconstruct") | (V::Hash(_), "deconstruct_keys")
                )
        };
        Some(match name {
            "__no_matching_pattern" => {
                let kind = self.text(&arg(1));
                let class = if kind == "key" {
                    "NoMatchingPatternKeyError"
                } else {
                    "NoMatchingPatternError"
                };
                let text: Vec<String> = args.iter().map(|a| self.inspect(a)).collect();
                Err(self.error(class, &text.join(" ")))
            }
            "__deconstruct" if !responds(self, &arg(0), "deconstruct") => Ok(V::Nil),
            "__deconstruct" => self.send(arg(0), "deconstruct", vec![]),
            "__deconstruct_keys" if !responds(self, &arg(0), "deconstruct_keys") => Ok(V::Nil),
            "__deconstruct_keys" => self.send(arg(0), "deconstruct_keys", vec![arg(1)]),
            "__rescue_match" => match arg(0) {
                k @ V::Class(_) => self.send(k, "===", vec![arg(1)]),
                _ => Err(self.error("TypeError", "class or module required for rescue clause")),
            },
            "__rescue_any" => {
                let classes = self.items(&arg(0)).borrow().clone();
                if classes.iter().any(|k| !matches!(k, V::Class(_))) {
                    return Some(Err(
                        self.error("TypeError", "class or module required for rescue clause")
                    ));
                }
                self.send(arg(0), "__when_splat", vec![arg(1)])
            }
            "__once" => {
                let key = self.text(&arg(0));
                if let Some(v) = self.once.get(&key) {
                    return Some(Ok(v.clone()));
                }
                let v = match self.call_block(&call.block, vec![]) {
                    Ok(v) => v,
                    Err(u) => return Some(Err(u)),
                };
                self.once.insert(key, v.clone());
                Ok(v)
            }
            "__at_exit_once" => {
                let key = self.text(&arg(0));
                if self.once.insert(key, V::True).is_none() {
                    self.at_exit.push(call.block.clone());
                }
                Ok(V::Nil)
            }
            _ => return None,
        })
    }
}
