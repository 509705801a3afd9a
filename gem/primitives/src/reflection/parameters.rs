//! Parameter lists of methods and closures as programs see them.

use crate::check::Checked;
use format::wellknown::slots::{block, method};
use gem_bytecode::{KeyRest, Params};
use gem_vm::{CodeBlock, Oop, PrimResult, Vm};

/// Parameters of a closure; `None` for one made of a Symbol.
pub(crate) fn of_closure(vm: &mut Vm, closure: Oop) -> Checked<Option<Params>> {
    let flags = vm.closure_flags(closure)?;
    if flags & gem_vm::FROM_SYMBOL != 0 {
        return Ok(None);
    }
    if flags & gem_vm::FROM_METHOD != 0 {
        let method = vm.model.heap.slot(closure, block::METHOD)?;
        return Ok(Some(of_method(vm, method)?.0));
    }
    Ok(Some(vm.closure_code(closure)?.params.clone()))
}

/// What a Symbol's closure takes: a receiver and whatever its method takes.
pub(crate) fn of_symbol() -> Params {
    Params {
        required: 1,
        rest: true,
        names: vec![String::new(); 2],
        ..Params::default()
    }
}

/// Names of the keywords of a closure.
pub(crate) fn keyword_names(
    vm: &mut Vm,
    closure: Oop,
    params: &Params,
) -> Checked<Vec<(Oop, bool)>> {
    if params.keywords.is_empty() {
        return Ok(Vec::new());
    }
    let code = vm.closure_code(closure)?;
    Ok(keywords(code))
}

fn keywords(code: &CodeBlock) -> Vec<(Oop, bool)> {
    let of = |&(literal, required): &(u16, bool)| {
        code.literals
            .get(literal as usize)
            .map(|name| (name.get(), required))
    };
    code.params.keywords.iter().filter_map(of).collect()
}

/// The closure that is the body of a method made of one.
pub(crate) fn closure_body(vm: &mut Vm, of: Oop) -> Checked<Option<Oop>> {
    let literals = vm.model.heap.slot(of, method::LITERALS)?;
    if !crate::check::is_indexed(&vm.model.heap, literals) || vm.model.heap.size(literals) != 2 {
        return Ok(None);
    }
    let (selector, body) = (
        vm.model.heap.element(literals, 0)?,
        vm.model.heap.element(literals, 1)?,
    );
    let stub = vm
        .model
        .heap
        .bytes(selector)
        .starts_with(b"__call_as_method");
    Ok((stub && crate::check::is_closure(vm, body)?).then_some(body))
}

/// Parameters and keyword names of a GsNMethod.
pub(crate) fn of_method(vm: &mut Vm, of: Oop) -> Checked<(Params, Vec<(Oop, bool)>)> {
    if let Some(closure) = closure_body(vm, of)? {
        let mut params = of_closure(vm, closure)?.unwrap_or_else(of_symbol);
        params.lenient = false;
        let names = keyword_names(vm, closure, &params)?;
        return Ok((params, names));
    }
    let code = vm.load_method(of)?;
    Ok((code.params.clone(), keywords(code)))
}

/// Ruby's arity: the number of arguments, or minus one less when that number varies. Keywords count as one more argument.
pub(crate) fn arity(params: &Params, strict: bool) -> i64 {
    let keywords = !params.keywords.is_empty() || params.keyrest == KeyRest::Present;
    let needed = params.keywords.iter().any(|k| k.1) as i64;
    let least = (params.required + params.post) as i64 + needed;
    let most = (params.required + params.optional + params.post) as i64 + keywords as i64;
    let fixed = if strict {
        !params.rest && least == most
    } else {
        !params.rest
    };
    if fixed { least } else { -least - 1 }
}

/// `[[:req, :a], [:rest, :b], …]`
pub(crate) fn list(
    vm: &mut Vm,
    params: &Params,
    keywords: &[(Oop, bool)],
    strict: bool,
) -> PrimResult {
    let mut names = params.names.iter();
    let required = if strict { "req" } else { "opt" };
    let mut rows: Vec<(&str, Option<Oop>)> = Vec::new();
    let mut take = |vm: &mut Vm| match names.next() {
        Some(name) if !name.is_empty() => Some(vm.model.heap.symbol(name)),
        _ => None,
    };
    for _ in 0..params.required {
        rows.push((required, take(vm)));
    }
    for _ in 0..params.optional {
        rows.push(("opt", take(vm)));
    }
    if params.rest {
        let name = take(vm).unwrap_or_else(|| vm.model.heap.symbol("*"));
        rows.push(("rest", Some(name)));
    }
    for _ in 0..params.post {
        rows.push((required, take(vm)));
    }
    for &(name, needed) in keywords {
        take(vm);
        rows.push((if needed { "keyreq" } else { "key" }, Some(name)));
    }
    match params.keyrest {
        KeyRest::Present => {
            let name = take(vm).unwrap_or_else(|| vm.model.heap.symbol("**"));
            rows.push(("keyrest", Some(name)));
        }
        KeyRest::Forbidden => rows.push(("nokey", None)),
        KeyRest::None => {}
    }
    if params.block {
        let name = take(vm).unwrap_or_else(|| vm.model.heap.symbol("&"));
        rows.push(("block", Some(name)));
    }
    // Keywords that are required come before the others.
    let first_key = rows
        .iter()
        .position(|r| r.0.starts_with("key"))
        .unwrap_or(rows.len());
    rows[first_key..].sort_by_key(|r| match r.0 {
        "keyreq" => 0,
        "key" => 1,
        _ => 2,
    });
    let mut pairs = Vec::with_capacity(rows.len());
    for (kind, name) in rows {
        let kind = vm.model.heap.symbol(kind);
        let pair = match name {
            Some(name) => vm.model.heap.new_array(&[kind, name])?,
            None => vm.model.heap.new_array(&[kind])?,
        };
        pairs.push(pair);
    }
    Ok(vm.model.heap.new_array(&pairs)?)
}
