//! Codes as text: one instruction after the other, separated by `;` or new lines, operands as the opcode table has them.
//!
//! Registers and numbers are bare (`Move 1 2`), `cref` is the innermost module. Literals: `12`, `1.5`, `#symbol`, `'text'`, `(1 2)`, `nil`,
//! `@Global`, `&code` (named before). Sites: `selector/arguments` with flags behind a colon: `k` keywords, `b` block, `l` literal block,
//! `s` splat, `f` self call; Ruby codes send Ruby messages. Labels: `loop:` and `->loop`. Inline caches are not written. Handlers stand
//! anywhere: `handler Rescue from to target register`. A fused branch has its slow path behind it:
//! `JumpUnlessLt 1 2 ->out </1 4 BranchFalse`.

use gem_bytecode::{Assembler, CREF, Code, CodeKind, HandlerKind, KeyRest, Label, Literal, Op};
use gem_bytecode::{Params, site_flags};
use std::collections::HashMap;

/// A literal as it is written.
pub fn literal(text: &str, codes: &HashMap<String, Code>) -> Literal {
    let (head, rest) = text.split_at(1);
    match head {
        "#" => Literal::Symbol(rest.into()),
        "@" => Literal::Global(rest.into()),
        "&" => Literal::Code(Box::new(codes[rest].clone())),
        "'" => Literal::String {
            bytes: rest.trim_end_matches('\'').into(),
            encoding: 0,
        },
        "(" => {
            let items = rest.trim_end_matches(')').split('_');
            Literal::Array(items.map(|i| literal(i, codes)).collect())
        }
        _ if text == "nil" => Literal::Nil,
        _ => match text.parse::<i64>() {
            Ok(number) => Literal::Integer(number.into()),
            Err(_) => Literal::Float(text.parse().expect("a literal")),
        },
    }
}

/// Parameters: `r2` required, `o1` optional, `*` rest, `p1` post, `k:name` and `K:name` (must be given) keywords, `**` keyword rest, `&` block,
/// `~` lenient, `,` a trailing comma.
fn params(text: &str, symbols: &mut Vec<String>) -> Params {
    let mut p = Params::default();
    for word in text.split_whitespace() {
        let number = || word[1..].parse().expect("a number of parameters");
        match word {
            "*" => p.rest = true,
            "**" => p.keyrest = KeyRest::Present,
            "&" => p.block = true,
            "~" => p.lenient = true,
            "," => p.trailing_comma = true,
            _ if word.starts_with('r') => p.required = number(),
            _ if word.starts_with('o') => p.optional = number(),
            _ if word.starts_with('p') => p.post = number(),
            _ => {
                let (kind, name) = word.split_once(':').expect("a keyword");
                symbols.push(name.into());
                p.keywords.push((symbols.len() as u16 - 1, kind == "K"));
            }
        }
    }
    p
}

struct Labels(HashMap<String, Label>);

impl Labels {
    fn of(&mut self, a: &mut Assembler, name: &str) -> Label {
        *self.0.entry(name.to_string()).or_insert_with(|| a.label())
    }
}

/// The code that `text` says.
pub fn assemble(
    name: &str,
    kind: CodeKind,
    environment: u8,
    parameters: &str,
    text: &str,
    codes: &HashMap<String, Code>,
) -> Code {
    let mut keywords = Vec::new();
    let params = params(parameters, &mut keywords);
    let mut a = Assembler::new(name, kind, environment, params);
    for keyword in &keywords {
        a.symbol(keyword);
    }
    let mut labels = Labels(HashMap::new());
    let mut highest = a.mark();
    for line in text.split([';', '\n']) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            [] => {}
            [label] if label.ends_with(':') => {
                let label = labels.of(&mut a, label.trim_end_matches(':'));
                a.bind(label);
            }
            ["handler", kind, from, to, target, register] => {
                let kind = match kind {
                    "Rescue" => HandlerKind::Rescue,
                    "Ensure" => HandlerKind::Ensure,
                    "OnDo" => HandlerKind::OnDo,
                    "Curtail" => HandlerKind::Curtail,
                    _ => HandlerKind::Catch,
                };
                let mut label = |name| labels.of(&mut a, name);
                let (from, to, target) = (label(from), label(to), label(target));
                a.handler(
                    from,
                    to,
                    target,
                    kind,
                    register.parse().expect("a register"),
                );
            }
            [op, ref operands @ ..] => {
                let top = instruction(&mut a, &mut labels, op, operands, codes);
                highest = highest.max(top);
            }
        }
    }
    // Room for the widest window above the highest register that is named.
    a.code_mut().registers = highest + 8;
    a.code_mut().env_names = (0..8).map(|n| format!("v{n}")).collect();
    a.finish().unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// Emits one instruction; answers the highest register it names.
fn instruction(
    a: &mut Assembler,
    labels: &mut Labels,
    name: &str,
    operands: &[&str],
    codes: &HashMap<String, Code>,
) -> u16 {
    let op = opcode(name);
    let mut words = operands.iter();
    let mut next = || {
        *words
            .next()
            .unwrap_or_else(|| panic!("{name}: an operand is missing"))
    };
    let (mut fields, mut highest) = ([0u16; 3], 0);
    let (mut long, mut short, mut imm) = (None, None, None);
    for (field, kind) in fields.iter_mut().zip(op.operands().kinds) {
        match kind {
            b'W' | b'R' | b'B' | b'X' => {
                let word = next();
                *field = match word {
                    "cref" => CREF,
                    register => register.parse().expect("a register"),
                };
                highest = highest.max(if *field == CREF { 0 } else { *field });
            }
            b'N' => *field = next().parse::<i16>().expect("a number") as u16,
            b'L' => {
                let literal = literal(next(), codes);
                *field = a.literal(literal);
            }
            b'S' => *field = site(a, next()),
            b'K' => *field = a.cache(),
            b'I' => imm = Some(next().parse().expect("an immediate")),
            b'J' => long = Some(labels.of(a, next().trim_start_matches("->"))),
            b'j' => short = Some(labels.of(a, next().trim_start_matches("->"))),
            _ => {}
        }
    }
    match (long, short, imm) {
        (Some(label), ..) => a.jump(op, fields[0], label),
        (_, Some(label), _) => {
            let site = site(a, next());
            let window = next().parse().expect("a register");
            let branch = opcode(next());
            a.jump_unless(op, fields[0], fields[1], site, window, branch, label);
            highest = highest.max(window);
        }
        (.., Some(imm)) => drop(a.emit_imm(op, fields[0], imm)),
        _ => drop(a.emit(op, fields[0], fields[1], fields[2])),
    }
    assert!(words.next().is_none(), "{name}: too many operands");
    match op {
        Op::LoadNils | Op::MakeEnv => highest + fields[1],
        Op::NewArray | Op::StrConcat => highest + fields[1],
        _ => highest,
    }
}

fn opcode(name: &str) -> Op {
    let op = Op::ALL.iter().copied().find(|op| op.name() == name);
    op.unwrap_or_else(|| panic!("no opcode {name}"))
}

fn site(a: &mut Assembler, text: &str) -> u16 {
    let (text, letters) = match text.rsplit_once(':') {
        Some((text, letters)) if text.contains('/') && !letters.contains('/') => (text, letters),
        _ => (text, ""),
    };
    let (selector, argc) = text.rsplit_once('/').expect("selector/arguments");
    let mut flags = a.code_mut().environment as u16;
    for letter in letters.chars() {
        flags |= match letter {
            'k' => site_flags::KEYWORDS,
            'b' => site_flags::BLOCK,
            'l' => site_flags::BLOCK | site_flags::LITERAL_BLOCK,
            's' => site_flags::SPLAT,
            _ => site_flags::SELF_CALL,
        };
    }
    a.site(selector, argc.parse().expect("a number"), flags)
}
