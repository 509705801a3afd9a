//! The instructions of hot shapes: no copies but into windows, no closures for control structures, fused branches.

use gem_smalltalk::{MethodOptions, Scope, Variable, compile_eval, compile_method};

struct Slots;

impl Scope for Slots {
    fn resolve(&self, name: &str) -> Option<Variable> {
        (name == "a").then_some(Variable::InstVar(0))
    }
}

fn expect(source: &str, listing: &str) {
    let method = compile_method(source, &Slots, &MethodOptions::default()).unwrap();
    let words = |text: &str| -> Vec<String> { text.split_whitespace().map(String::from).collect() };
    let full = gem_bytecode::disassemble(&method.code);
    let actual: Vec<_> = full
        .lines()
        .skip(1)
        .map(words)
        .filter(|l| !l.is_empty())
        .collect();
    let expected: Vec<_> = listing
        .lines()
        .map(words)
        .filter(|l| !l.is_empty())
        .collect();
    assert_eq!(actual, expected, "{full}");
}

#[test]
fn recursion_returns_from_its_branches() {
    expect(
        "fib: n ^ n < 2 ifTrue: [n] ifFalse: [(self fib: n - 1) + (self fib: n - 2)]",
        "0 LoadInt r2 2
         1 JumpUnlessLt r1 r2 ->5
         2 Send r3 #</1:0 r3
         3 BoolBranchFalse r3 ->5
         4 Return r1
         5 Move r3 r0
         6 SubInt r4 r1 1
         7 Send r4 #-/1:0 r5
         8 Send r2 #fib:/1:0 r3
         9 Move r4 r0
         10 SubInt r5 r1 2
         11 Send r5 #-/1:0 r6
         12 Send r3 #fib:/1:0 r4
         13 Add r4 r2 r3
         14 Send r4 #+/1:0 r4
         15 Return r4",
    );
}

#[test]
fn a_counting_loop_stays_in_its_registers() {
    expect(
        "sum: n | s | s := 0. 1 to: n do: [:i | | t | t := i * i. s := s + t]. ^ s",
        "0 LoadNils r2 3
         1 LoadInt r2 0
         2 LoadInt r3 1
         3 JumpUnlessLe r3 r1 ->13
         4 Send r5 #<=/1:0 r5
         5 BoolBranchFalse r5 ->13
         6 Mul r4 r3 r3
         7 Send r4 #*/1:0 r5
         8 Add r2 r2 r4
         9 Send r2 #+/1:0 r5
         10 AddInt r3 r3 1
         11 Send r3 #+/1:0 r5
         12 Jump ->3
         13 Return r2",
    );
}

#[test]
fn conditions_are_branches() {
    expect(
        "has: x ^ (a isNil or: [x == nil]) ifTrue: [nil] ifFalse: [a at: x put: x]",
        "0 GetSlot r2 0
         1 BranchNil r2 ->3
         2 BranchNotNil r1 ->5
         3 LoadNil r2
         4 Return r2
         5 GetSlot r2 0
         6 AtPut r1 r2 r1
         7 Send r3 #at:put:/2:0 r3
         8 Return r3",
    );
}

#[test]
fn a_captured_argument_keeps_its_register() {
    expect(
        "do: n self each: [:e | e + n]. ^ n",
        "0 MakeEnv r0 1
         1 SetEnv r1 0 0
         2 Move r2 r0
         3 MakeBlock r3 <Block do:> 0
         4 Send r2 #each:/1:0 r2
         5 Return r1
         Block do: (5 registers, 1 parameters)
         0 GetEnv r2 0 0
         1 Add r3 r1 r2
         2 Send r3 #+/1:0 r3
         3 Return r3",
    );
}

#[test]
fn ensure_runs_its_block_on_both_ways() {
    expect(
        "ensure: aBlock <handlerFrame: #ensure>",
        "0 LoadNils r2 2
         1 Move r4 r0
         2 Send r2 #value/0:0 r4
         3 LoadNil r3
         4 Move r5 r1
         5 Send r4 #value/0:0 r5
         6 EndEnsure r3
         7 Return r2
         Ensure 1..3 -> 4 r3",
    );
}

/// Knows `x` as the third variable of the second environment that a text runs in.
struct Outside;

impl Scope for Outside {
    fn resolve(&self, name: &str) -> Option<Variable> {
        (name == "x").then_some(Variable::Outer { level: 1, index: 2 })
    }
}

#[test]
fn a_text_in_an_environment_counts_its_own_environments_too() {
    let levels = |source: &str| -> Vec<String> {
        let code = compile_eval(source, &Outside, "test").unwrap();
        let mut codes = vec![&code];
        let inner = code.literals.iter().filter_map(|l| match l {
            gem_bytecode::Literal::Code(inner) => Some(inner.as_ref()),
            _ => None,
        });
        codes.extend(inner);
        let all = codes.iter().flat_map(|c| &c.instructions);
        all.filter(|i| {
            matches!(
                i.op(),
                Some(gem_bytecode::Op::GetEnv | gem_bytecode::Op::SetEnv)
            )
        })
        .map(|i| format!("{:?} {} {}", i.op().unwrap(), i.b(), i.c()))
        .collect()
    };
    assert_eq!(levels("x := x + 1"), ["GetEnv 1 2", "SetEnv 1 2"]);
    // A text with blocks has an environment of its own.
    assert_eq!(levels("[ x ] value"), ["GetEnv 2 2"]);
    assert_eq!(
        levels("| t | t := x. [ t := x ] value. t"),
        [
            "GetEnv 2 2",
            "SetEnv 0 0",
            "GetEnv 0 0",
            "GetEnv 2 2",
            "SetEnv 0 0"
        ]
    );
}
