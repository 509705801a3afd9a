//! Which calls, by their looks, may read or make variables of the code they stand in.

use ruby_prism::CallNode;

/// Whether this call may look at the variables of its caller.
pub(crate) fn looks_at_variables(call: &CallNode<'_>) -> bool {
    const CALLERS: [&[u8]; 4] = [
        b"binding",
        b"eval",
        b"local_variables",
        b"local_variable_set",
    ];
    const STRING_EVALS: [&[u8]; 4] = [
        b"instance_eval",
        b"class_eval",
        b"module_eval",
        b"instance_exec",
    ];
    const INDIRECT: [&[u8]; 5] = [
        b"send",
        b"__send__",
        b"public_send",
        b"method",
        b"instance_method",
    ];
    let id = call.name();
    let name = id.as_slice();
    let first = call.arguments().and_then(|a| a.arguments().first());
    let literal_block = call.block().is_some_and(|b| b.as_block_node().is_some());
    if STRING_EVALS.contains(&name) {
        return !literal_block;
    }
    if INDIRECT.contains(&name) {
        let symbol = first.and_then(|f| f.as_symbol_node());
        return symbol.is_some_and(|s| {
            CALLERS.contains(&s.unescaped()) || STRING_EVALS.contains(&s.unescaped())
        });
    }
    if !CALLERS.contains(&name) {
        return false;
    }
    match call.receiver() {
        None => true,
        Some(r) if r.as_self_node().is_some() => true,
        Some(r)
            if r.as_constant_read_node()
                .is_some_and(|c| c.name().as_slice() == b"Kernel") =>
        {
            true
        }
        Some(_) => name == b"binding" && first.is_none(),
    }
}
