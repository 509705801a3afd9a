//! What primitives ask of their arguments. Every function here either answers what was asked for or falls back, and changes nothing.

use format::wellknown;
use gem_heap::{ClassIndex, Heap, Kind, ShapeId};
use gem_vm::{Args, Fail, Oop, Vm};

/// Answer of helpers: a value, or why there is none.
pub(crate) type Checked<T> = Result<T, Fail>;

/// Hashes that programs see: 0 ≤ h < 2^60.
pub(crate) const HASH_MASK: i64 = (1 << 60) - 1;

/// The body of the method shall run.
#[inline(always)]
pub(crate) fn fallback<T>() -> Checked<T> {
    Err(Fail::Fallback)
}

/// Falls back unless `condition`.
#[inline(always)]
pub(crate) fn ensure(condition: bool) -> Checked<()> {
    if condition { Ok(()) } else { fallback() }
}

/// The value of a SmallInteger.
#[inline(always)]
pub(crate) fn int(oop: Oop) -> Checked<i64> {
    oop.as_small_int().ok_or(Fail::Fallback)
}

/// A non-negative SmallInteger.
#[inline(always)]
pub(crate) fn index(oop: Oop) -> Checked<usize> {
    usize::try_from(int(oop)?).map_err(|_| Fail::Fallback)
}

/// A positive SmallInteger, less one.
#[inline(always)]
pub(crate) fn index1(oop: Oop) -> Checked<usize> {
    index(oop)?.checked_sub(1).ok_or(Fail::Fallback)
}

/// true or false.
pub(crate) fn boolean(oop: Oop) -> Checked<bool> {
    match oop {
        Oop::TRUE => Ok(true),
        Oop::FALSE => Ok(false),
        _ => fallback(),
    }
}

/// The SmallInteger of a size, which no object's can exceed.
#[inline(always)]
pub(crate) fn size_oop(size: usize) -> Oop {
    Oop::small_int(size as i64).unwrap_or(Oop::ZERO)
}

/// The SmallInteger of a number known to be small.
#[inline(always)]
pub(crate) fn small(value: i64) -> Oop {
    Oop::small_int(value).unwrap_or(Oop::ZERO)
}

/// An object with indexed oops.
#[inline(always)]
pub(crate) fn indexed(vm: &Vm, oop: Oop) -> Checked<Oop> {
    ensure(is_indexed(&vm.model.heap, oop))?;
    Ok(oop)
}

#[inline(always)]
pub(crate) fn is_indexed(heap: &Heap, oop: Oop) -> bool {
    oop.is_pointer() && heap.kind(oop) == Kind::Indexed
}

/// An Array or an instance of a subclass.
#[inline]
pub(crate) fn array(vm: &mut Vm, oop: Oop) -> Checked<Oop> {
    ensure(vm.model.is_array(oop)?)?;
    Ok(oop)
}

/// An object with bytes.
#[inline(always)]
pub(crate) fn bytes_object(vm: &Vm, oop: Oop) -> Checked<Oop> {
    ensure(vm.model.heap.is_bytes(oop))?;
    Ok(oop)
}

/// Whether `oop` is a String, a Symbol, or of a subclass.
pub(crate) fn is_text(vm: &mut Vm, oop: Oop) -> Checked<bool> {
    if !vm.model.heap.is_bytes(oop) {
        return Ok(false);
    }
    match vm.model.heap.shape_of(oop) {
        ShapeId::STRING | ShapeId::SYMBOL => Ok(true),
        ShapeId::LARGE_INTEGER => Ok(false),
        _ => {
            let class = vm.model.known_class(wellknown::CHARACTER_COLLECTION)?;
            let string = vm.model.known_class(wellknown::STRING)?;
            Ok(vm.model.is_kind_of(oop, string)? || vm.model.is_kind_of(oop, class)?)
        }
    }
}

/// A String, a Symbol, or an instance of a subclass.
#[inline]
pub(crate) fn text(vm: &mut Vm, oop: Oop) -> Checked<Oop> {
    if oop.is_pointer() && vm.model.heap.shape_of(oop) == ShapeId::STRING {
        return Ok(oop);
    }
    ensure(is_text(vm, oop)?)?;
    Ok(oop)
}

/// A String that is no Symbol.
#[inline]
pub(crate) fn string(vm: &mut Vm, oop: Oop) -> Checked<Oop> {
    ensure(!vm.model.heap.is_symbol(oop))?;
    text(vm, oop)
}

/// The characters of a String or Symbol that is valid UTF-8.
pub(crate) fn utf8(vm: &mut Vm, oop: Oop) -> Checked<String> {
    let oop = text(vm, oop)?;
    String::from_utf8(vm.model.heap.bytes(oop).to_vec()).map_err(|_| Fail::Fallback)
}

/// A path or command: text without NUL.
pub(crate) fn path(vm: &mut Vm, oop: Oop) -> Checked<std::ffi::OsString> {
    use std::os::unix::ffi::OsStringExt;
    let oop = text(vm, oop)?;
    let bytes = vm.model.heap.bytes(oop).to_vec();
    ensure(!bytes.contains(&0))?;
    Ok(std::ffi::OsString::from_vec(bytes))
}

#[inline(always)]
pub(crate) fn symbol(vm: &Vm, oop: Oop) -> Checked<Oop> {
    ensure(vm.model.heap.is_symbol(oop))?;
    Ok(oop)
}

/// A Symbol, or the Symbol of a String.
pub(crate) fn name(vm: &mut Vm, oop: Oop) -> Checked<Oop> {
    if vm.model.heap.is_symbol(oop) {
        return Ok(oop);
    }
    let oop = text(vm, oop)?;
    let bytes = vm.model.heap.bytes(oop).to_vec();
    ensure(!bytes.is_empty() && bytes.len() <= format::limits::SYMBOL_BYTES_MAX)?;
    Ok(vm.model.heap.symbol_bytes(&bytes))
}

/// A class or module.
pub(crate) fn module(vm: &mut Vm, oop: Oop) -> Checked<Oop> {
    ensure(vm.model.is_module_like(oop)?)?;
    Ok(oop)
}

/// A class: no module.
pub(crate) fn class(vm: &mut Vm, oop: Oop) -> Checked<Oop> {
    module(vm, oop)?;
    ensure(vm.model.class_flags(oop)? & wellknown::slots::class_flags::MODULE == 0)?;
    Ok(oop)
}

/// A closure.
pub(crate) fn closure(vm: &mut Vm, oop: Oop) -> Checked<Oop> {
    ensure(is_closure(vm, oop)?)?;
    Ok(oop)
}

pub(crate) fn is_closure(vm: &mut Vm, oop: Oop) -> Checked<bool> {
    if !oop.is_pointer() {
        return Ok(false);
    }
    if vm.model.heap.shape_of(oop) == ShapeId::EXEC_BLOCK {
        return Ok(true);
    }
    kind_of_known(vm, oop, wellknown::EXEC_BLOCK)
}

/// Whether `oop` is an instance of a well-known class or of a subclass.
pub(crate) fn kind_of_known(vm: &mut Vm, oop: Oop, class: format::ObjectId) -> Checked<bool> {
    if vm.model.heap.is_instance(oop, class) {
        return Ok(true);
    }
    let class = vm.model.known_class(class)?;
    Ok(vm.model.is_kind_of(oop, class)?)
}

/// `oop` when it is an instance of a well-known class or of a subclass.
pub(crate) fn known(vm: &mut Vm, oop: Oop, class: format::ObjectId) -> Checked<Oop> {
    ensure(oop.is_pointer() && kind_of_known(vm, oop, class)?)?;
    Ok(oop)
}

/// An object that may be changed.
#[inline(always)]
pub(crate) fn writable(vm: &Vm, oop: Oop) -> Checked<Oop> {
    ensure(!vm.model.heap.is_frozen(oop))?;
    Ok(oop)
}

/// A new UTF-8 String.
pub(crate) fn new_text(vm: &mut Vm, text: &str) -> Checked<Oop> {
    Ok(vm.model.heap.new_string(text.as_bytes())?)
}

/// A new String with an encoding.
pub(crate) fn new_encoded(vm: &mut Vm, bytes: &[u8], encoding: u8) -> Checked<Oop> {
    let string = vm.model.heap.new_string(bytes)?;
    if encoding != 0 {
        vm.model.heap.set_detail(string, encoding)?;
    }
    Ok(string)
}

/// Refuses elements or bytes that no object can hold, before anything of that size is made.
pub(crate) fn room(count: usize, bytes_each: usize) -> Checked<()> {
    let bytes = (count as u64).saturating_mul(bytes_each as u64);
    if count as u64 > format::limits::OBJECT_ELEMENTS_MAX {
        return Err(gem_heap::HeapError::OutOfMemory { bytes }.into());
    }
    Ok(())
}

/// Class table index of a well-known class, found at compile time: their rows enter the table first, in order.
pub(crate) const fn known_index(id: format::ObjectId) -> ClassIndex {
    let mut i = 0;
    while wellknown::CLASSES[i].id.0 != id.0 {
        i += 1;
    }
    ClassIndex(i as u32)
}

const RUBY_HASH: ClassIndex = known_index(wellknown::RUBY_HASH);

/// Whether `oop` is laid out as a Hash.
#[inline]
pub(crate) fn is_hash(vm: &mut Vm, oop: Oop) -> bool {
    oop.is_pointer() && (vm.model.heap.class_index_of(oop) == RUBY_HASH || vm.model.is_hash(oop))
}

/// The same questions asked of a primitive's window: argument 0 is the receiver.
pub(crate) trait Ask {
    fn module_arg(&mut self, args: Args, i: usize) -> Checked<Oop>;
    fn class_arg(&mut self, args: Args, i: usize) -> Checked<Oop>;
    fn name_arg(&mut self, args: Args, i: usize) -> Checked<Oop>;
    fn text_arg(&mut self, args: Args, i: usize) -> Checked<Oop>;
    fn array_arg(&mut self, args: Args, i: usize) -> Checked<Oop>;
    fn closure_arg(&mut self, args: Args, i: usize) -> Checked<Oop>;
    fn hash_arg(&mut self, args: Args, i: usize) -> Checked<Oop>;
    fn path_arg(&mut self, args: Args, i: usize) -> Checked<std::ffi::OsString>;
    fn known_arg(&mut self, args: Args, i: usize, class: format::ObjectId) -> Checked<Oop>;
    fn symbol_arg(&self, args: Args, i: usize) -> Checked<Oop>;
    fn indexed_arg(&self, args: Args, i: usize) -> Checked<Oop>;
    fn bytes_arg(&self, args: Args, i: usize) -> Checked<Oop>;
    fn int_arg(&self, args: Args, i: usize) -> Checked<i64>;
    fn index_arg(&self, args: Args, i: usize) -> Checked<usize>;
    fn value_arg(&self, args: Args, i: usize) -> Checked<Oop>;
}

impl Ask for Vm {
    fn module_arg(&mut self, args: Args, i: usize) -> Checked<Oop> {
        let oop = self.arg(args, i);
        module(self, oop)
    }
    fn class_arg(&mut self, args: Args, i: usize) -> Checked<Oop> {
        let oop = self.arg(args, i);
        class(self, oop)
    }
    fn name_arg(&mut self, args: Args, i: usize) -> Checked<Oop> {
        let oop = self.arg(args, i);
        name(self, oop)
    }
    #[inline]
    fn text_arg(&mut self, args: Args, i: usize) -> Checked<Oop> {
        let oop = self.arg(args, i);
        text(self, oop)
    }
    #[inline]
    fn array_arg(&mut self, args: Args, i: usize) -> Checked<Oop> {
        let oop = self.arg(args, i);
        array(self, oop)
    }
    fn closure_arg(&mut self, args: Args, i: usize) -> Checked<Oop> {
        let oop = self.arg(args, i);
        closure(self, oop)
    }
    #[inline]
    fn hash_arg(&mut self, args: Args, i: usize) -> Checked<Oop> {
        let oop = self.arg(args, i);
        ensure(is_hash(self, oop))?;
        Ok(oop)
    }
    fn path_arg(&mut self, args: Args, i: usize) -> Checked<std::ffi::OsString> {
        let oop = self.arg(args, i);
        path(self, oop)
    }
    fn known_arg(&mut self, args: Args, i: usize, class: format::ObjectId) -> Checked<Oop> {
        let oop = self.arg(args, i);
        known(self, oop, class)
    }
    fn symbol_arg(&self, args: Args, i: usize) -> Checked<Oop> {
        symbol(self, self.arg(args, i))
    }
    #[inline]
    fn indexed_arg(&self, args: Args, i: usize) -> Checked<Oop> {
        indexed(self, self.arg(args, i))
    }
    #[inline]
    fn bytes_arg(&self, args: Args, i: usize) -> Checked<Oop> {
        bytes_object(self, self.arg(args, i))
    }
    #[inline]
    fn int_arg(&self, args: Args, i: usize) -> Checked<i64> {
        int(self.arg(args, i))
    }
    #[inline]
    fn index_arg(&self, args: Args, i: usize) -> Checked<usize> {
        index(self.arg(args, i))
    }
    /// Any value that was given.
    #[inline]
    fn value_arg(&self, args: Args, i: usize) -> Checked<Oop> {
        let oop = self.arg(args, i);
        ensure(!oop.is_undef())?;
        Ok(oop)
    }
}
