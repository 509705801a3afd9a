//! What the machine itself reads of objects holds anything: no primitive panics over it, and programs are told that these slots are not theirs.

use super::model_stone::ModelStone;
use crate::{LoginOptions, MethodPlace, Session, create_first_objects};
use format::wellknown::{self, slots};
use format::{Format, ObjectId};
use gem_vm::{Oop, VmExit};
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// Primitives that do something to the world, wait, or end the session: not for trying out.
const LEFT_OUT: &[&str] = &[
    "file",
    "dir",
    "socket",
    "stdin",
    "path",
    "env",
    "system",
    "backtick",
    "child",
    "wait",
    "exit",
    "sleep",
    "delay",
    "gcSet",
    "profile",
    "descriptor",
    "ready",
    "signalTrap",
    "kill",
    "select",
    "processSetPriority",
    "processSlice",
    "processAtomic",
    "processKill",
    "processWait",
    "processIds",
    "processPark",
    "processJoin",
    "semaphoreWaitTimeout",
    "ephemeronsWait",
];

fn left_out(name: &str) -> bool {
    LEFT_OUT.iter().any(|start| name.starts_with(start))
}

fn born() -> Arc<ModelStone> {
    let stone = Arc::new(ModelStone::new(false));
    let mut s = login(&stone);
    create_first_objects(&mut s.vm).unwrap();
    stone
}

fn login(stone: &Arc<ModelStone>) -> Session {
    Session::login(stone.clone(), &LoginOptions::default()).unwrap()
}

fn evaluate(s: &mut Session, source: &str) -> Oop {
    s.run_smalltalk(source, "test").unwrap().unwrap()
}

fn int(value: i64) -> Oop {
    Oop::small_int_wrapping(value)
}

/// Calls a primitive from a method of Object, as programs do; `None` when it fell back.
fn call(
    s: &mut Session,
    primitive: &str,
    receiver: Oop,
    args: &[Oop],
) -> Result<Option<Oop>, VmExit> {
    let (keywords, pattern) = [("", ""), (":", ": a"), (":x:", ": a x: b")][args.len()];
    let selector =
        s.vm.model
            .heap
            .symbol(&format!("try_{primitive}{keywords}"));
    let index = s.vm.model.heap.wellknown_class(wellknown::OBJECT);
    if s.vm.model.lookup(index, selector, 0).unwrap().is_none() {
        let object = s.vm.model.known_class(wellknown::OBJECT).unwrap();
        for source in [
            format!("_{primitive}{pattern}\n\t<primitive: {primitive}>\n\t^ #fellBack"),
            format!(
                "try_{primitive}{pattern}\n\t| answer |\n\tanswer := self _{primitive}{pattern}.\n\t^ answer"
            ),
        ] {
            crate::compile_method(&mut s.vm, &source, &MethodPlace::of(object)).unwrap();
        }
    }
    let answer = s.vm.send(receiver, selector, args, 0)?;
    let fell_back = s.vm.model.heap.symbol("fellBack");
    Ok(Some(answer).filter(|&a| a != fell_back))
}

/// Ends what a failed call left, as a session does.
fn give_up(s: &mut Session) {
    let _ = s.vm.abandon(0);
    s.vm.unwind_to(0);
}

/// An instance of a well-known class, as it is when a program has it; `None` for what has no instances of its own.
fn instance(s: &mut Session, id: ObjectId) -> Option<Oop> {
    let block = |s: &mut Session| {
        evaluate(
            s,
            "| outer | outer := 3. ^ [:x | outer := outer + 1. outer]",
        )
    };
    Some(match id {
        wellknown::GS_NMETHOD => {
            let object = s.vm.model.known_class(wellknown::OBJECT).unwrap();
            crate::compile_method(&mut s.vm, "tried ^ [:x | #(1 2)]", &MethodPlace::of(object))
                .unwrap()
        }
        wellknown::EXEC_BLOCK => block(s),
        wellknown::VARIABLE_CONTEXT => {
            let block = block(s);
            s.vm.model.heap.slot(block, slots::block::CONTEXT).unwrap()
        }
        wellknown::CLASS | wellknown::METACLASS | wellknown::MODULE => {
            let object = s.vm.model.known_class(wellknown::OBJECT).unwrap();
            let name = s.vm.model.heap.symbol("Tried");
            if id == wellknown::MODULE {
                return Some(s.vm.model.make_module(name).unwrap());
            }
            let class =
                s.vm.model
                    .make_class(name, object, Some(Format::Slots), &[name])
                    .unwrap();
            crate::compile_method(&mut s.vm, "tried ^ 3", &MethodPlace::of(class)).unwrap();
            if id == wellknown::METACLASS {
                return Some(s.vm.model.heap.class_of(class).unwrap());
            }
            class
        }
        wellknown::RUBY_HASH => {
            let hash = s.vm.model.hash_new().unwrap();
            for i in 0..30 {
                s.vm.model.hash_store(hash, int(i), int(i)).unwrap();
            }
            hash
        }
        wellknown::GS_PROCESS => {
            let block = evaluate(s, "^ [ 3 + 4 ]");
            {
                let class = s.vm.model.known_class(id).unwrap();
                call(s, "processNew", class, &[block]).unwrap().unwrap()
            }
        }
        // Only the machine makes these.
        wellknown::LEXICAL_SCOPE
        | wellknown::BINDING
        | wellknown::UNWIND_STATE
        | wellknown::STORED_STACK
        | wellknown::STORED_FRAME
        | wellknown::METHOD_OBJECT
        | wellknown::UNBOUND_METHOD
        | wellknown::METHOD_DICTIONARY
        | wellknown::SYMBOL_DICTIONARY
        | wellknown::SYMBOL_ASSOCIATION => s.vm.model.heap.new_wellknown(id),
        wellknown::SYMBOL | wellknown::SMALL_INTEGER | wellknown::CHARACTER => return None,
        _ => {
            let class = s.vm.model.known_class(id).unwrap();
            call(s, "basicNew", class, &[]).ok().flatten()?
        }
    })
}

/// What no part of the machine expects where it finds it.
fn odd_values(s: &mut Session, object: Oop) -> Vec<Oop> {
    let heap = &mut s.vm.model.heap;
    let symbol = heap.symbol("odd");
    let mut odd = vec![
        Oop::NIL,
        Oop::TRUE,
        int(3),
        int(-1),
        int(format::oop::SMALL_INT_MAX),
        int(format::oop::SMALL_INT_MIN),
        Oop::character(0x1F600),
        Oop::small_double(0.5).unwrap(),
        symbol,
        object,
    ];
    let zeros = heap.new_bytes_of(wellknown::BYTE_ARRAY, &[0; 40]).unwrap();
    let ones = heap
        .new_bytes_of(wellknown::BYTE_ARRAY, &[255; 64])
        .unwrap();
    let mixed = heap
        .new_array(&[symbol, object, int(-5), Oop::NIL, zeros])
        .unwrap();
    let empty = heap.new_array(&[]).unwrap();
    let text = heap.new_string(b"odd").unwrap();
    odd.extend([zeros, ones, mixed, empty, text]);
    odd.push(s.vm.model.known_class(wellknown::ARRAY).unwrap());
    odd
}

/// A small generator: which primitives meet which object is by chance, and the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n as u64) as usize
    }
}

fn primitives() -> Vec<&'static str> {
    let rows = gem_primitives::TABLES.iter().flat_map(|t| t.iter());
    rows.map(|r| r.name).filter(|n| !left_out(n)).collect()
}

/// Tries primitives and sends on the object; what they answer does not matter, whether they come back does.
fn exercise(s: &mut Session, object: Oop, names: &[&'static str], dice: &mut Dice) -> Vec<String> {
    let mut wrong = Vec::new();
    let values = odd_values(s, object);
    let mark = s.vm.model.held();
    values.iter().for_each(|&v| s.vm.model.hold(v));
    for _ in 0..12 {
        let name = names[dice.below(names.len())];
        let argc = dice.below(3);
        let args: Vec<Oop> = (0..argc)
            .map(|_| values[dice.below(values.len())])
            .collect();
        let receiver = if dice.below(4) == 0 {
            values[dice.below(values.len())]
        } else {
            object
        };
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            if call(s, name, receiver, &args).is_err() {
                give_up(s);
            }
        }));
        if outcome.is_err() {
            wrong.push(format!("{name} with {argc} arguments"));
            return wrong;
        }
    }
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        for source in [
            "^ 3 + 4",
            "^ [:x | x] _blockValue1: 3",
            "^ nil tried",
            "^ Object tried",
        ] {
            if !matches!(s.run_smalltalk(source, "after"), Ok(Ok(_))) {
                give_up(s);
            }
        }
        if dice.below(4) == 0 {
            s.vm.collect(false);
            // A closure of another method's code is the test's own doing: programs cannot write there.
            if let Err(wrong) = s.vm.verify_heap() {
                assert!(wrong.contains("is a closure of code"), "{wrong}");
            }
        }
    }));
    if outcome.is_err() {
        wrong.push("running code".to_string());
    } else {
        s.vm.model.release(mark);
    }
    wrong
}

#[test]
fn nothing_that_stands_in_a_slot_makes_the_machine_panic() {
    let stone = born();
    let names = primitives();
    assert!(names.len() > 300);
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let mut found = BTreeSet::new();
    for row in wellknown::CLASSES {
        let mut s = login(&stone);
        let Some(first) = instance(&mut s, row.id) else {
            continue;
        };
        let count = s.vm.model.heap.inline_slots(first);
        for slot in 0..count {
            for value in 0..16 {
                let Some(object) = instance(&mut s, row.id) else {
                    continue;
                };
                let odd = odd_values(&mut s, object)[value];
                // No primitive makes a class its own superclass; walks up rely on that.
                let circle = odd == object && s.vm.model.is_module_like(object).unwrap();
                if circle || s.vm.model.heap.set_slot(object, slot, odd).is_err() {
                    continue;
                }
                let wrong = exercise(&mut s, object, &names, &mut dice);
                if !wrong.is_empty() {
                    found.extend(
                        wrong
                            .iter()
                            .map(|w| format!("{} slot {slot} value {value}: {w}", row.name)),
                    );
                    s = login(&stone);
                }
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn programs_are_told_which_slots_are_not_theirs() {
    let stone = born();
    let mut s = login(&stone);
    let machine = [
        (wellknown::GS_NMETHOD, 10),
        (wellknown::EXEC_BLOCK, 5),
        (wellknown::VARIABLE_CONTEXT, 5),
        (wellknown::LEXICAL_SCOPE, 2),
        (wellknown::BINDING, 5),
        (wellknown::UNWIND_STATE, 3),
        (wellknown::GS_PROCESS, 10),
        (wellknown::STORED_STACK, 7),
        (wellknown::STORED_FRAME, 11),
        (wellknown::CLASS, 20),
        (wellknown::METACLASS, 20),
        (wellknown::MODULE, 20),
        (wellknown::RUBY_HASH, 3),
    ];
    for (id, slots) in machine {
        let object = instance(&mut s, id).unwrap();
        for i in 0..slots {
            let before = s.vm.model.heap.raw_slot(object, i);
            for value in odd_values(&mut s, object) {
                let outcome = call(&mut s, "instVarAtPut", object, &[int(i as i64 + 1), value]);
                let Err(VmExit::Unhandled(e)) = outcome else {
                    panic!("{id}: {outcome:?}");
                };
                assert!(s.vm.model.heap.is_instance(e, wellknown::INVARIANT_ERROR));
                give_up(&mut s);
                assert_eq!(s.vm.model.heap.raw_slot(object, i), before);
            }
        }
    }
    let name = s.vm.model.heap.symbol("@note");
    let context = instance(&mut s, wellknown::VARIABLE_CONTEXT).unwrap();
    assert!(call(&mut s, "ivarSet", context, &[name, int(1)]).is_err());
    give_up(&mut s);
    // Variables of its own, by name, an object may have even when the machine reads it; and slots that are a program's.
    for id in [
        wellknown::EXEC_BLOCK,
        wellknown::CLASS,
        wellknown::GS_PROCESS,
    ] {
        let object = instance(&mut s, id).unwrap();
        assert_eq!(
            call(&mut s, "ivarSet", object, &[name, int(1)]),
            Ok(Some(int(1)))
        );
    }
    let hash = instance(&mut s, wellknown::RUBY_HASH).unwrap();
    assert_eq!(
        call(&mut s, "instVarAtPut", hash, &[int(4), int(9)]),
        Ok(Some(int(9)))
    );
    let error = instance(&mut s, wellknown::ERROR).unwrap();
    assert_eq!(
        call(&mut s, "instVarAtPut", error, &[int(1), int(9)]),
        Ok(Some(int(9)))
    );
    assert!(call(&mut s, "instVarAtPut", error, &[int(4), int(9)]).is_err());
}
