//! Classes with their metaclasses: from genesis' table, from a Tonel definition, from a program.

use crate::error::SessionError;
use crate::scope::slot_names;
use crate::symbol_list::global_at;
use format::wellknown::slots::{behavior, class_flags};
use format::{Format, wellknown};
use gem_smalltalk::tonel::ClassDefinition;
use gem_vm::{Oop, Vm};

/// What a new class is made of.
#[derive(Clone, Debug)]
pub struct NewClass<'a> {
    pub name: &'a str,
    /// nil for a root class.
    pub superclass: Oop,
    pub format: Format,
    /// Slots that the class adds.
    pub slots: &'a [&'a str],
    /// Slots that the metaclass adds.
    pub class_slots: &'a [&'a str],
    /// Bits of the class's flags.
    pub flags: i64,
    /// Ids for genesis: class and metaclass.
    pub ids: Option<(format::ObjectId, format::ObjectId)>,
}

/// Makes a class and its metaclass, named and filed nowhere.
///
/// # Errors
/// `Heap`: as `Model::class_layout` for the superclass and its metaclass; those of [`Heap::fault`](gem_heap::Heap::fault), when that is not in memory yet;
/// `OutOfMemory` for more slots than there is room for.
pub fn make_class(vm: &mut Vm, new: &NewClass) -> Result<Oop, SessionError> {
    let (_, inherited) = vm.model.class_layout(new.superclass)?;
    let (superclass_meta, class_fixed) = if new.superclass.is_nil() {
        (Oop::NIL, behavior::COUNT)
    } else {
        let meta = vm.model.heap.class_of(new.superclass)?;
        (meta, vm.model.class_layout(meta)?.1)
    };
    let meta = vm
        .model
        .heap
        .new_with_slots(wellknown::METACLASS, &[Oop::NIL; behavior::COUNT]);
    fill(
        vm,
        meta,
        superclass_meta,
        Format::Slots,
        class_fixed + new.class_slots.len(),
        new.class_slots,
    )?;
    let persistable = class_flags::PERSISTABLE | class_flags::CLASS_PERSISTABLE;
    set_flags(vm, meta, class_flags::SINGLETON | (new.flags & persistable))?;
    if let Some((_, id)) = new.ids {
        vm.model.heap.set_id(meta, id);
    }
    let index = vm.model.heap.class_index(meta)?;
    let class = vm.model.heap.instantiate(index);
    if let Some((id, _)) = new.ids {
        vm.model.heap.set_id(class, id);
    }
    fill(
        vm,
        class,
        new.superclass,
        new.format,
        inherited + new.slots.len(),
        new.slots,
    )?;
    set_flags(vm, class, new.flags)?;
    let name = vm.model.heap.symbol(new.name);
    vm.model.heap.set_slot(class, behavior::NAME, name)?;
    vm.model.heap.set_slot(meta, behavior::ATTACHED, class)?;
    Ok(class)
}

fn fill(
    vm: &mut Vm,
    class: Oop,
    superclass: Oop,
    format: Format,
    fixed: usize,
    slots: &[&str],
) -> Result<(), SessionError> {
    vm.model
        .heap
        .set_slot(class, behavior::SUPERCLASS, superclass)?;
    let word = format as i64 | (fixed as i64) << 8;
    vm.model
        .heap
        .set_slot(class, behavior::FORMAT, Oop::small_int_wrapping(word))?;
    let names: Vec<Oop> = slots.iter().map(|s| vm.model.heap.symbol(s)).collect();
    let names = vm.model.heap.new_array(&names)?;
    vm.model
        .heap
        .set_slot(class, behavior::INST_VAR_NAMES, names)?;
    Ok(())
}

fn set_flags(vm: &mut Vm, class: Oop, flags: i64) -> Result<(), SessionError> {
    Ok(vm
        .model
        .heap
        .set_slot(class, behavior::FLAGS, Oop::small_int_wrapping(flags))?)
}

/// Makes the class that a definition describes, or brings the existing one of that name into agreement with it, and files it in
/// `dictionary`. A well-known class must agree in superclass, format and slots.
///
/// # Errors
/// `Definition` with what does not agree; as `make_class`, `global_at` and `Model::dictionary_put`.
pub fn define_class(
    vm: &mut Vm,
    definition: &ClassDefinition,
    comment: &str,
    dictionary: Oop,
) -> Result<Oop, SessionError> {
    let wrong =
        |what: String| SessionError::Definition(format!("class {}: {what}", definition.name));
    let superclass = match definition.superclass.as_deref() {
        None => Oop::NIL,
        Some(name) => global_at(vm, name)?
            .filter(|c| c.is_pointer())
            .ok_or_else(|| {
                wrong(format!(
                    "its superclass {name} is not defined (does the manifest list it earlier?)"
                ))
            })?,
    };
    let (inherited_format, _) = vm.model.class_layout(superclass)?;
    let format = format_of(&definition.kind, inherited_format)
        .ok_or_else(|| wrong(format!("its type {} is unknown", definition.kind)))?;
    let symbol = vm.model.heap.symbol(&definition.name);
    let existing = match vm.model.dictionary_at(dictionary, symbol)? {
        Some(entry) => vm
            .model
            .heap
            .slot(entry, format::wellknown::slots::association::VALUE)?,
        None => Oop::NIL,
    };
    let class = if vm.model.is_module_like(existing)? {
        check_agreement(vm, existing, superclass, format, definition).map_err(wrong)?;
        existing
    } else {
        let slots: Vec<&str> = definition.inst_vars.iter().map(String::as_str).collect();
        let class_slots: Vec<&str> = definition
            .class_inst_vars
            .iter()
            .map(String::as_str)
            .collect();
        let made = make_class(
            vm,
            &NewClass {
                name: &definition.name,
                superclass,
                format,
                slots: &slots,
                class_slots: &class_slots,
                flags: class_flags::PERSISTABLE | class_flags::CLASS_PERSISTABLE,
                ids: None,
            },
        )?;
        vm.model.dictionary_put(dictionary, symbol, made)?;
        made
    };
    describe(vm, class, definition, comment)?;
    Ok(class)
}

fn format_of(kind: &str, inherited: Format) -> Option<Format> {
    Some(match kind {
        "" | "normal" | "immediate" | "weak" => inherited,
        "variable" | "pointers" => Format::Indexed,
        "bytes" | "byteSubclass" => Format::Bytes,
        _ => return None,
    })
}

/// What an existing class and a definition of the same name disagree about.
fn check_agreement(
    vm: &mut Vm,
    class: Oop,
    superclass: Oop,
    format: Format,
    definition: &ClassDefinition,
) -> Result<(), String> {
    let fail = |e: String| e;
    let actual = vm
        .model
        .heap
        .slot(class, behavior::SUPERCLASS)
        .map_err(|e| fail(e.to_string()))?;
    if actual != superclass {
        let name = if actual.is_nil() {
            "nil".to_string()
        } else {
            vm.model.class_name(actual)
        };
        return Err(format!(
            "its superclass is {name} in the table of well-known objects"
        ));
    }
    let (actual_format, _) = vm.model.class_layout(class).map_err(|e| format!("{e:?}"))?;
    if actual_format != format {
        return Err(format!(
            "its format is {actual_format:?} in the table of well-known objects, not {format:?}"
        ));
    }
    let all = slot_names(vm, class).map_err(|e| e.to_string())?;
    let inherited = slot_names(vm, superclass).map_err(|e| e.to_string())?.len();
    if all[inherited.min(all.len())..] != definition.inst_vars[..] {
        return Err(format!(
            "its slots are {:?} in the table of well-known objects",
            &all[inherited.min(all.len())..]
        ));
    }
    Ok(())
}

fn describe(
    vm: &mut Vm,
    class: Oop,
    definition: &ClassDefinition,
    comment: &str,
) -> Result<(), SessionError> {
    if !definition.class_inst_vars.is_empty() {
        let meta = vm.model.heap.class_of(class)?;
        let names = slot_names(vm, meta)?;
        if !names.ends_with(&definition.class_inst_vars) {
            return Err(SessionError::Definition(format!(
                "class {}: a well-known class cannot get class instance variables",
                definition.name
            )));
        }
    }
    let category = vm.model.heap.new_string(definition.category.as_bytes())?;
    vm.model.heap.freeze(category);
    vm.model
        .heap
        .set_slot(class, behavior::CATEGORY, category)?;
    if !comment.is_empty() {
        let comment = vm.model.heap.new_string(comment.as_bytes())?;
        vm.model.heap.freeze(comment);
        vm.model.heap.set_slot(class, behavior::COMMENT, comment)?;
    }
    if !definition.class_vars.is_empty() {
        let mut dictionary = vm.model.heap.slot(class, behavior::CLASS_VARS)?;
        if dictionary.is_nil() {
            dictionary = vm.model.dictionary_new();
            vm.model
                .heap
                .set_slot(class, behavior::CLASS_VARS, dictionary)?;
        }
        for name in &definition.class_vars {
            let symbol = vm.model.heap.symbol(name);
            if vm.model.dictionary_at(dictionary, symbol)?.is_none() {
                vm.model.dictionary_put(dictionary, symbol, Oop::NIL)?;
            }
        }
    }
    if !definition.pools.is_empty() {
        let mut pools = Vec::new();
        for name in &definition.pools {
            let pool = global_at(vm, name)?.ok_or_else(|| {
                SessionError::Definition(format!(
                    "class {}: there is no pool {name}",
                    definition.name
                ))
            })?;
            pools.push(pool);
        }
        let pools = vm.model.heap.new_array(&pools)?;
        vm.model.heap.set_slot(class, behavior::POOLS, pools)?;
    }
    if definition.options.iter().any(|o| o == "dbTransient") {
        vm.model.add_class_flags(class, class_flags::DB_TRANSIENT)?;
    }
    Ok(())
}
