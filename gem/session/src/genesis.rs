//! The first objects of a repository: every well-known class with its metaclass, the globals, the roots.
//!
//! A class is the only instance of its metaclass, metaclasses are instances of Metaclass3, and the metaclass of the root class inherits from
//! Class: the knot that only a program outside of the language can tie.

use crate::commit::{Committed, commit_first};
use crate::define::{NewClass, make_class};
use crate::error::SessionError;
use format::wellknown::slots::{behavior, class_flags};
use format::wellknown::{self, CLASSES, METACLASS_OFFSET};
use format::{Format, ObjectId};
use gem_vm::{Oop, Vm};
use hashbrown::HashMap;

/// Classes that Ruby's `class` does not show.
const HIDDEN: &[ObjectId] = &[
    wellknown::SMALL_INTEGER,
    wellknown::LARGE_INTEGER,
    wellknown::SMALL_DOUBLE,
];

/// Makes the first objects in an empty repository and commits them.
///
/// # Errors
/// As `commit`. Nothing refuses a repository that has objects already: whoever calls this knows that it is empty.
pub fn create_first_objects(vm: &mut Vm) -> Result<Committed, SessionError> {
    let classes = make_classes(vm)?;
    let globals = vm.model.dictionary_new();
    vm.model.heap.set_id(globals, wellknown::GLOBALS);
    let user_globals = vm.model.dictionary_new();
    vm.model.heap.set_id(user_globals, wellknown::USER_GLOBALS);
    let persistent_root = vm.model.hash_new()?;
    vm.model
        .heap
        .set_id(persistent_root, wellknown::PERSISTENT_ROOT);
    let ruby_state = ruby_state(vm)?;
    for &(name, class) in &classes {
        let symbol = vm.model.heap.symbol(name);
        vm.model.dictionary_put(globals, symbol, class)?;
    }
    for (name, object) in [
        ("Globals", globals),
        ("UserGlobals", user_globals),
        ("PersistentRoot", persistent_root),
    ] {
        let symbol = vm.model.heap.symbol(name);
        vm.model.dictionary_put(globals, symbol, object)?;
    }
    let root = vm
        .model
        .heap
        .new_array(&[globals, user_globals, persistent_root, ruby_state])?;
    vm.model.heap.set_id(root, wellknown::REPOSITORY_ROOT);
    commit_first(vm, root)
}

/// Ruby's persistent state: `main`, then the names of persistent features and the persistent load path.
fn ruby_state(vm: &mut Vm) -> Result<Oop, SessionError> {
    let main = vm.model.heap.new_wellknown(wellknown::OBJECT);
    let features = vm.model.heap.new_array(&[])?;
    let load_path = vm.model.heap.new_array(&[])?;
    let state = vm.model.heap.new_array(&[main, features, load_path])?;
    vm.model.heap.set_id(state, wellknown::RUBY_STATE);
    Ok(state)
}

fn make_classes(vm: &mut Vm) -> Result<Vec<(&'static str, Oop)>, SessionError> {
    let mut made: HashMap<&str, Oop> = HashMap::new();
    let mut list = Vec::new();
    for row in CLASSES {
        let superclass = match row.superclass {
            None => Oop::NIL,
            // A class may stand before its superclass in the table; its layout is right without, the link is set below.
            Some(name) => made.get(name).copied().unwrap_or(Oop::NIL),
        };
        let hidden = if HIDDEN.contains(&row.id) {
            class_flags::HIDDEN
        } else {
            0
        };
        let class = make_class(
            vm,
            &NewClass {
                name: row.name,
                superclass,
                format: row.format,
                slots: row.slots,
                class_slots: &[],
                flags: class_flags::PERSISTABLE | class_flags::CLASS_PERSISTABLE | hidden,
                ids: Some((row.id, ObjectId(row.id.0 + METACLASS_OFFSET))),
            },
        )?;
        made.insert(row.name, class);
        list.push((row.name, class));
    }
    for row in CLASSES {
        let class = made[row.name];
        let meta = vm.model.heap.class_of(class)?;
        let superclass = row.superclass.map_or(Oop::NIL, |name| made[name]);
        let super_meta = if superclass.is_nil() {
            made["Class"]
        } else {
            vm.model.heap.class_of(superclass)?
        };
        vm.model
            .heap
            .set_slot(class, behavior::SUPERCLASS, superclass)?;
        vm.model
            .heap
            .set_slot(meta, behavior::SUPERCLASS, super_meta)?;
        let word = row.format as i64 | (wellknown::slot_count(row) as i64) << 8;
        vm.model
            .heap
            .set_slot(class, behavior::FORMAT, Oop::small_int_wrapping(word))?;
        let meta_word = Format::Slots as i64 | (behavior::COUNT as i64) << 8;
        vm.model
            .heap
            .set_slot(meta, behavior::FORMAT, Oop::small_int_wrapping(meta_word))?;
        vm.model.heap.class_index(class)?;
    }
    Ok(list)
}
