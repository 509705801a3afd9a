//! Making instances, classes and modules; what a class says of itself.

use crate::check::{Ask, Checked, class, ensure, fallback, int, module, new_text, room, symbol};
use crate::macros::primitives;
use format::wellknown::slots::{behavior, class_flags};
use format::{Format, ObjectId, wellknown};
use gem_heap::Kind;
use gem_vm::{Args, Oop, PrimResult, Vm};

primitives! {
    basicNew => basic_new, "allocates";
    basicNewSize => basic_new_size, "allocates";
    rubyAllocate => ruby_allocate, "allocates";
    rubyNew => ruby_new, "allocates, and calls initialize without a frame of its own";
    superclass => superclass, "skips hidden classes";
    className => class_name, "composes the name from scopes";
    subclassNew => subclass_new, "makes class and metaclass together";
    moduleNew => module_new, "makes a class-like object";
    classNew => class_new, "makes class and metaclass together";
    singletonClass => singleton_class, "changes the class of an object";
    setPersistable => set_persistable, "flag bits of a class and its metaclass";
    persistMethods => persist_methods, "moves session tables into the class object";
    subclasses => subclasses, "walks the class table";
    copySingleton => copy_singleton, "copies method tables";
}

fn is_one_of(vm: &mut Vm, class: Oop, list: &[ObjectId]) -> Checked<bool> {
    let index = vm.model.heap.class_index(class)?;
    Ok(list
        .iter()
        .any(|&id| vm.model.heap.wellknown_class(id) == index))
}

/// A fresh instance of `class`, for classes whose instances may be made without arguments.
fn fresh(vm: &mut Vm, made_of: Oop, refused: &[ObjectId]) -> Checked<Oop> {
    class(vm, made_of)?;
    ensure(!is_one_of(vm, made_of, refused)?)?;
    let class_index = vm.model.heap.class_index(made_of)?;
    ensure(vm.model.heap.class_info(class_index).kind != Kind::Raw)?;
    Ok(vm.model.heap.instantiate(class_index))
}

fn basic_new(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.receiver(args);
    fresh(vm, receiver, gem_vm::NEVER_MADE)
}

fn basic_new_size(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.receiver(args);
    let size = vm.index_arg(args, 1)?;
    let class_index = match vm.model.is_module_like(receiver)? {
        true => vm.model.heap.class_index(receiver)?,
        false => return fallback(),
    };
    match vm.model.heap.class_info(class_index).kind {
        Kind::Indexed => {
            room(size, 8)?;
            let object = fresh(vm, receiver, gem_vm::NEVER_MADE)?;
            vm.model.heap.resize(object, size)?;
            Ok(object)
        }
        Kind::Bytes => {
            room(size, 1)?;
            let object = fresh(vm, receiver, gem_vm::NEVER_MADE)?;
            vm.model.heap.resize_bytes(object, size)?;
            Ok(object)
        }
        _ => fallback(),
    }
}

fn ruby_allocate(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.receiver(args);
    allocate_for_ruby(vm, receiver)
}

fn allocate_for_ruby(vm: &mut Vm, receiver: Oop) -> PrimResult {
    class(vm, receiver)?;
    ensure(vm.model.class_flags(receiver)? & class_flags::SINGLETON == 0)?;
    fresh(vm, receiver, gem_vm::NOT_MADE_BY_RUBY)
}

/// `new(*args, **options, &block)`: an instance that was sent `initialize`.
fn ruby_new(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.receiver(args);
    let rest = crate::reflection::sends::rest_arguments(vm, args, 1)?;
    let object = allocate_for_ruby(vm, receiver)?;
    vm.tail_initialize(object, &rest.values, rest.keywords, args.block)
}

fn superclass(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.receiver(args);
    module(vm, receiver)?;
    Ok(vm.model.ruby_superclass(receiver)?)
}

fn class_name(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.receiver(args);
    module(vm, receiver)?;
    let unnamed = vm.model.heap.slot(receiver, behavior::NAME)?.is_nil()
        && vm.model.heap.slot(receiver, behavior::RUBY_NAME)?.is_nil();
    ensure(!unnamed && vm.model.class_flags(receiver)? & class_flags::SINGLETON == 0)?;
    let text = vm.model.class_name(receiver);
    new_text(vm, &text)
}

/// Symbols of an Array.
fn symbols(vm: &mut Vm, args: Args, i: usize) -> Checked<Vec<Oop>> {
    let list = vm.arg(args, i);
    if list.is_nil() || list.is_undef() {
        return Ok(Vec::new());
    }
    crate::check::indexed(vm, list)?;
    let names = vm.model.heap.elements(list)?;
    for &name in &names {
        symbol(vm, name)?;
    }
    Ok(names)
}

/// `subclassNew(name instVarNames kind classInstVarNames)`, kind 0 named slots, 1 indexable, 2 bytes.
fn subclass_new(vm: &mut Vm, args: Args) -> PrimResult {
    let superclass = vm.receiver(args);
    let name = vm.symbol_arg(args, 1)?;
    let inst_vars = symbols(vm, args, 2)?;
    let format = match vm.int_arg(args, 3)? {
        0 => None,
        1 => Some(Format::Indexed),
        2 => Some(Format::Bytes),
        _ => return fallback(),
    };
    let class_inst_vars = symbols(vm, args, 4)?;
    if !superclass.is_nil() {
        class(vm, superclass)?;
    }
    let (inherited, slots) = vm.model.class_layout(superclass)?;
    let bytes = matches!(inherited, Format::Bytes) || matches!(format, Some(Format::Bytes));
    ensure(!(bytes && (slots > 0 || !inst_vars.is_empty())))?;
    ensure(!(matches!(inherited, Format::Bytes) && matches!(format, Some(Format::Indexed))))?;
    ensure(!(matches!(inherited, Format::Indexed) && matches!(format, Some(Format::Bytes))))?;
    crate::reflection::class_copy::make_class_with_slots(
        vm,
        name,
        superclass,
        format,
        &inst_vars,
        &class_inst_vars,
    )
}

/// `moduleNew`: the receiver is Module or a subclass.
fn module_new(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.receiver(args);
    let base = vm.model.known_class(wellknown::MODULE)?;
    let made = vm.model.make_module(Oop::NIL)?;
    if receiver != base && vm.model.is_module_like(receiver)? {
        let class_index = vm.model.heap.class_index(receiver)?;
        let base_index = vm.model.heap.class_index(base)?;
        ensure(vm.model.lookup_order(class_index, 1)?.contains(&base_index))?;
        vm.model.heap.set_class(made, receiver)?;
    }
    Ok(made)
}

/// `classNew(superclass)`
fn class_new(vm: &mut Vm, args: Args) -> PrimResult {
    let superclass = match vm.arg(args, 1) {
        given if given.is_undef() || given.is_nil() => vm.model.known_class(wellknown::OBJECT)?,
        given => given,
    };
    class(vm, superclass)?;
    ensure(vm.model.class_flags(superclass)? & class_flags::SINGLETON == 0)?;
    crate::reflection::class_copy::make_class_with_slots(vm, Oop::NIL, superclass, None, &[], &[])
}

fn singleton_class(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.receiver(args);
    let number = receiver.is_pointer() && vm.model.heap.kind(receiver) == Kind::Raw;
    let special = matches!(receiver, Oop::NIL | Oop::TRUE | Oop::FALSE);
    ensure(special || (receiver.is_pointer() && !number))?;
    ensure(!vm.model.heap.is_symbol(receiver) && !vm.model.heap.is_large_integer(receiver))?;
    Ok(vm.model.singleton_class(receiver)?)
}

/// `setPersistable(bits on)`
fn set_persistable(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.receiver(args);
    module(vm, receiver)?;
    let (bits, on) = match vm.arg(args, 1) {
        Oop::TRUE => (
            class_flags::PERSISTABLE | class_flags::CLASS_PERSISTABLE,
            true,
        ),
        Oop::FALSE => (
            class_flags::PERSISTABLE | class_flags::CLASS_PERSISTABLE,
            false,
        ),
        bits => (int(bits)?, vm.given(args, 2).is_none_or(Oop::is_truthy)),
    };
    let allowed =
        class_flags::PERSISTABLE | class_flags::CLASS_PERSISTABLE | class_flags::DB_TRANSIENT;
    ensure(bits & !allowed == 0)?;
    let meta = vm.model.heap.class_of(receiver)?;
    let own = vm.model.class_flags(meta)? & class_flags::SINGLETON != 0;
    // The class is the instance of its metaclass: it goes where the class goes.
    let both = class_flags::PERSISTABLE | class_flags::CLASS_PERSISTABLE;
    let of_meta = if own && bits & class_flags::CLASS_PERSISTABLE != 0 {
        both
    } else {
        0
    };
    for (class, bits) in [(receiver, bits), (meta, of_meta)] {
        let flags = vm.model.class_flags(class)?;
        let wanted = if on { flags | bits } else { flags & !bits };
        if wanted != flags {
            vm.model
                .heap
                .set_slot(class, behavior::FLAGS, Oop::small_int_wrapping(wanted))?;
        }
    }
    Ok(receiver)
}

/// Makes the session's methods, constants, class variables and inclusions of a module part of the module object.
fn persist_methods(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.receiver(args);
    module(vm, receiver)?;
    let meta = vm.model.heap.class_of(receiver)?;
    let mut targets = vec![receiver];
    if vm.model.class_flags(meta)? & class_flags::SINGLETON != 0 {
        targets.push(meta);
    }
    for target in targets {
        vm.model.persist_methods(target)?;
        crate::reflection::class_copy::persist_tables(vm, target)?;
    }
    vm.flush_all_caches();
    Ok(receiver)
}

/// Direct subclasses in this session's memory, newest first.
fn subclasses(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.receiver(args);
    module(vm, receiver)?;
    let mut known = Vec::new();
    for at in (0..vm.model.heap.class_count()).rev() {
        let class = vm
            .model
            .heap
            .class_object(gem_heap::ClassIndex(at as u32))?;
        let attached = vm.model.heap.slot(class, behavior::ATTACHED)?;
        for candidate in [class, attached] {
            if vm.model.is_module_like(candidate)? && !known.contains(&candidate) {
                known.push(candidate);
            }
        }
    }
    let mut found = Vec::new();
    for class in known {
        let flags = vm.model.class_flags(class)?;
        if flags & (class_flags::SINGLETON | class_flags::HIDDEN | class_flags::MODULE) == 0
            && vm.model.ruby_superclass(class)? == receiver
            && class != receiver
        {
            found.push(class);
        }
    }
    Ok(vm.model.heap.new_array(&found)?)
}

/// `copySingleton(original)`
fn copy_singleton(vm: &mut Vm, args: Args) -> PrimResult {
    let (receiver, original) = (vm.receiver(args), vm.arg(args, 1));
    ensure(receiver.is_pointer() && original.is_pointer())?;
    let class = vm.model.heap.class_of(original)?;
    let singular = vm.model.class_flags(class)? & class_flags::SINGLETON != 0
        && vm.model.heap.slot(class, behavior::ATTACHED)? == original;
    if singular {
        let target = vm.model.singleton_class(receiver)?;
        crate::reflection::class_copy::copy_tables(vm, class, target)?;
    }
    Ok(receiver)
}
