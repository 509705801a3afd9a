//! Methods behind waits with a limit. Whoever is woken gets whatever woke it as the value of the primitive, so a small method
//! waits, and then asks what happened.

use crate::method_stubs::method_of;
use gem_bytecode::{Assembler, CallSite, CodeKind, Op, Params};
use gem_vm::{Oop, PrimResult, Visibility, Vm};
use proto::wellknown;

const WAIT: &str = "__wait:until:";
const OVER: &str = "__waitOver";

/// A one-argument method: `self __wait: ms until: nil. ^ self __waitOver`.
pub(crate) fn wait_stub(vm: &mut Vm) -> PrimResult {
    let class = vm.known_class(wellknown::SEMAPHORE)?;
    let wait = bind(vm, class, WAIT, "semaphoreWaitTimeout", 2)?;
    let over = bind(vm, class, OVER, "semaphoreWaitOver", 0)?;
    let params = Params {
        required: 1,
        names: vec![String::new()],
        ..Params::default()
    };
    let mut a = Assembler::new("waitForMilliseconds:", CodeKind::Method, 0, params);
    let window = a.temps(6);
    a.code_mut().sites.push(CallSite {
        selector: 0,
        argc: 2,
        flags: 0,
    });
    a.code_mut().sites.push(CallSite {
        selector: 1,
        argc: 0,
        flags: 0,
    });
    a.emit(Op::Move, window, 0, 0);
    a.emit(Op::Move, window + 1, 1, 0);
    a.emit(Op::LoadNil, window + 2, 0, 0);
    a.emit(Op::Send, window, 0, window);
    a.emit(Op::Move, window, 0, 0);
    a.emit(Op::Send, window, 1, window);
    a.emit(Op::Return, window, 0, 0);
    let selector = vm.heap.symbol("waitForMilliseconds:");
    method_of(vm, a, selector, class, &[wait, over])
}

const JOIN: &str = "__join";
const JOINED: &str = "__joinedUntil:";
const PAUSE: &str = "__joinPause";

/// A one-argument method, `deadline` nil or nanoseconds of the machine's clock: waits for the end of a process, answers whether it came in time.
pub(crate) fn join_stub(vm: &mut Vm) -> PrimResult {
    let class = vm.known_class(wellknown::GS_PROCESS)?;
    let join = bind(vm, class, JOIN, "processJoin", 0)?;
    let joined = bind(vm, class, JOINED, "processJoined", 1)?;
    let pause = bind(vm, class, PAUSE, "processJoinPause", 0)?;
    let params = Params {
        required: 1,
        names: vec![String::new()],
        ..Params::default()
    };
    let mut a = Assembler::new("join", CodeKind::Method, 0, params);
    let window = a.temps(5);
    for (selector, argc) in [(0, 0), (1, 1), (2, 0)] {
        a.code_mut().sites.push(CallSite {
            selector,
            argc,
            flags: 0,
        });
    }
    let limited = a.label();
    a.jump(Op::BranchNotNil, 1, limited);
    a.emit(Op::Move, window, 0, 0);
    a.emit(Op::Send, window, 0, window);
    a.emit(Op::LoadTrue, window, 0, 0);
    a.emit(Op::Return, window, 0, 0);
    a.bind(limited);
    let again = a.here();
    let done = a.label();
    a.emit(Op::Move, window, 0, 0);
    a.emit(Op::Move, window + 1, 1, 0);
    a.emit(Op::Send, window, 1, window);
    a.jump(Op::BranchNotNil, window, done);
    a.emit(Op::Move, window, 0, 0);
    a.emit(Op::Send, window, 2, window);
    a.jump(Op::Jump, 0, again);
    a.bind(done);
    a.emit(Op::Return, window, 0, 0);
    let selector = vm.heap.symbol("join");
    method_of(vm, a, selector, class, &[join, joined, pause])
}

/// Makes sure that a class understands `name` with this primitive.
fn bind(vm: &mut Vm, class: Oop, name: &str, primitive: &str, count: u16) -> PrimResult {
    let selector = vm.heap.symbol(name);
    let index = vm.heap.class_index(class)?;
    if vm.lookup(index, selector, 0)?.is_none() {
        let names = vec![String::new(); count as usize];
        let params = Params {
            required: count,
            names,
            ..Params::default()
        };
        let mut a = Assembler::new(name, CodeKind::Method, 0, params);
        a.code_mut().primitive = Some(primitive.to_string());
        a.emit(Op::ReturnSelf, 0, 0, 0);
        let method = method_of(vm, a, selector, class, &[])?;
        vm.add_method(class, selector, method, 0, Visibility::Public)?;
    }
    Ok(selector)
}
