//! The reference machine with a library of Smalltalk's: a few numbers, Arrays, blocks, and one class with a method for each kind of
//! control that the programs need.
#![allow(dead_code)]

use gem_bytecode::{Code, CodeKind, Instr, Literal, Op, verify};
use gem_smalltalk::{MethodOptions, Scope, Variable, compile_doit, compile_method};
use reference::{Call, ErrorKind, Library, Outcome, Unwind, Value};
use std::cell::RefCell;

/// Instance variables `a` and `b`, class variable `C`, and every other capitalized name a global.
pub struct Names;

impl Scope for Names {
    fn resolve(&self, name: &str) -> Option<Variable> {
        match name {
            "a" => Some(Variable::InstVar(0)),
            "b" => Some(Variable::InstVar(1)),
            "C" => Some(Variable::ClassVar {
                class: "Test".into(),
                name: "C".into(),
            }),
            _ if name.starts_with(char::is_uppercase) => Some(Variable::Global(name.into())),
            _ => None,
        }
    }
}

/// Verifies a code and its closures, and the rules about environments that the verifier leaves to compilers.
pub fn check(code: &Code) {
    verify(code, code.literals.len()).unwrap();
    let op = |i: &Instr| i.op().unwrap();
    let makes_blocks = code.instructions.iter().any(|i| op(i) == Op::MakeBlock);
    let first_use = code
        .instructions
        .iter()
        .position(|i| matches!(op(i), Op::MakeBlock | Op::GetEnv | Op::SetEnv));
    let made = code.instructions.iter().position(|i| op(i) == Op::MakeEnv);
    if code.kind != CodeKind::Block {
        assert!(
            !makes_blocks || made.is_some(),
            "a home without environment"
        );
    }
    if let (Some(made), Some(used)) = (made, first_use) {
        assert!(made < used, "an environment is used before it is made");
    }
    for (pc, i) in code.instructions.iter().enumerate() {
        assert!(code.line_at(pc as u32) > 0, "an instruction without line");
        if op(i).is_fused() {
            let branch = code.instructions[pc + 2];
            assert_eq!(op(&branch), Op::BoolBranchFalse);
            assert_eq!(branch.imm(), i.sc() as i32, "the slow path goes elsewhere");
        }
    }
    for literal in &code.literals {
        if let Literal::Code(inner) = literal {
            assert_eq!((inner.kind, &inner.name), (CodeKind::Block, &code.name));
            check(inner);
        }
    }
}

/// What the programs wrote with `log:`.
#[derive(Default)]
pub struct Kernel {
    pub log: String,
}

pub type Machine = reference::Machine<Kernel>;

/// A machine whose methods are those of class Test, which blocks inherit.
pub fn machine(slow: bool) -> Machine {
    let vm = Machine::new(Kernel::default(), slow);
    let test = vm.named("Test");
    vm.new_class(&vm.object, "Block", Some(test));
    vm
}

pub fn define(vm: &mut Machine, source: &str) {
    let method = compile_method(source, &Names, &MethodOptions::default())
        .unwrap_or_else(|e| panic!("{}", e.with_caret(source)));
    check(&method.code);
    assert_eq!(method.selector, method.code.name);
    vm.define(&vm.named("Test"), &method.code);
}

/// Runs a doit and shows its value, or the error that ended it.
pub fn eval(vm: &mut Machine, source: &str) -> String {
    let code =
        compile_doit(source, &Names, "test").unwrap_or_else(|e| panic!("{}", e.with_caret(source)));
    check(&code);
    let receiver = Value::Object(vm.instance(vm.named("Test"), 2));
    match vm.run_code(&code, receiver) {
        Ok(value) => show(&value),
        Err(Unwind::Unhandled(Value::Symbol(message))) => format!("error: {message}"),
        Err(_) => panic!("control that leaves the program"),
    }
}

pub fn show(value: &Value) -> String {
    match value {
        Value::Nil => "nil".into(),
        Value::True => "true".into(),
        Value::False => "false".into(),
        Value::Int(i) => i.to_string(),
        Value::Float(f) => format!("{f:?}"),
        Value::Symbol(s) => format!("#{s}"),
        Value::String(s) => format!("'{}'", s.borrow()),
        Value::Other(s) => s.to_string(),
        Value::Array(all) => {
            let all: Vec<String> = all.borrow().iter().map(show).collect();
            format!("({})", all.join(" "))
        }
        Value::Closure(_) => "a block".into(),
        _ => "an object".into(),
    }
}

impl Library for Kernel {
    fn send(vm: &mut Machine, receiver: &Value, selector: &str, call: &Call) -> Option<Outcome> {
        let args = &call.args;
        if call.upward {
            let args: Vec<String> = args.iter().map(show).collect();
            let text = format!("super {selector}{}", args.join(","));
            return Some(Ok(Value::symbol(&text)));
        }
        if call.environment == 1 {
            let text = format!("ruby {selector}/{}", args.len());
            return Some(Ok(Value::symbol(&text)));
        }
        let value = match (receiver, &args[..]) {
            (Value::Int(a), [Value::Int(b)]) => integers(*a, selector, *b)?,
            (Value::Float(a), [Value::Float(b)]) if selector == "<" => Value::bool(a < b),
            (Value::Closure(closure), _) if selector.starts_with("value") => {
                return Some(vm.invoke(closure, None, call.clone()));
            }
            (Value::Array(items), _) => return array(items, receiver, selector, args),
            (Value::Object(_), [value]) => match selector {
                "log:" => {
                    vm.kernel.log.push_str(&show(value));
                    vm.kernel.log.push(' ');
                    value.clone()
                }
                "signal:" => return Some(Err(Unwind::Raise(value.clone()))),
                "throw:" => return Some(Err(vm.throw(value, Value::Int(77)))),
                _ => return None,
            },
            _ => return None,
        };
        Some(Ok(value))
    }

    /// Errors are symbols.
    fn exception(_: &mut Machine, kind: ErrorKind, text: &str) -> Value {
        Value::symbol(match kind {
            ErrorKind::NotBoolean => "mustBeBoolean",
            ErrorKind::WrongArguments => "wrong number of arguments",
            ErrorKind::DeadHome => "dead home",
            _ => text,
        })
    }

    fn handles(_: &Machine, filter: &Value, exception: &Value) -> bool {
        filter.same(exception)
    }

    fn class_name(value: &Value) -> &'static str {
        match value {
            Value::Closure(_) => "Block",
            _ => "Object",
        }
    }

    fn name_of(receiver: &Value) -> Option<String> {
        Some(show(receiver))
    }
}

fn integers(a: i64, selector: &str, b: i64) -> Option<Value> {
    Some(match selector {
        "+" => Value::Int(a + b),
        "-" => Value::Int(a - b),
        "*" => Value::Int(a * b),
        "//" if b != 0 => Value::Int(a.div_euclid(b)),
        "\\\\" if b != 0 => Value::Int(a.rem_euclid(b)),
        "bitAnd:" => Value::Int(a & b),
        "bitOr:" => Value::Int(a | b),
        "bitXor:" => Value::Int(a ^ b),
        "<" => Value::bool(a < b),
        "<=" => Value::bool(a <= b),
        ">" => Value::bool(a > b),
        ">=" => Value::bool(a >= b),
        "=" => Value::bool(a == b),
        "~=" => Value::bool(a != b),
        _ => return None,
    })
}

fn array(
    items: &RefCell<Vec<Value>>,
    receiver: &Value,
    selector: &str,
    args: &[Value],
) -> Option<Outcome> {
    Some(Ok(match (selector, args) {
        ("at:", [Value::Int(i)]) => {
            let found = items.borrow().get((*i - 1) as usize).cloned();
            match found {
                Some(value) => value,
                None => return Some(Err(Unwind::Raise(Value::symbol("index")))),
            }
        }
        ("at:put:", [Value::Int(i), value]) => {
            items.borrow_mut()[(*i - 1) as usize] = value.clone();
            value.clone()
        }
        ("add:", [value]) => {
            items.borrow_mut().push(value.clone());
            value.clone()
        }
        ("size", []) => Value::Int(items.borrow().len() as i64),
        ("yourself", []) => receiver.clone(),
        _ => return None,
    }))
}
