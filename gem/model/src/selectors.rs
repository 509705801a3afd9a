//! Symbols that the machine itself sends or compares, once.

use format::Oop;
use gem_heap::Heap;

macro_rules! selectors {
    ($( $field:ident = $name:literal ),+ $(,)?) => {
        /// See the module text.
        pub struct Selectors { $( pub $field: Oop ),+ }
        impl Selectors {
            pub fn new(heap: &mut Heap) -> Selectors {
                Selectors { $( $field: heap.symbol($name) ),+ }
            }
        }
    };
}

selectors! {
    does_not_understand = "doesNotUnderstand:",
    must_be_boolean = "mustBeBoolean",
    value = "value",
    method_missing = "method_missing",
    const_missing = "const_missing",
    respond_to_missing = "respond_to_missing?",
    initialize = "initialize",
    inherited = "inherited",
    method_added = "method_added",
    singleton_method_added = "singleton_method_added",
    to_proc = "to_proc",
    to_s = "to_s",
    to_ary = "to_ary",
    respond_to = "respond_to?",
    call_converted = "__call_converted",
    call = "call",
    new = "new",
    equal = "==",
    plus = "+",
    at_match = "$~",
    match_last_line = "$_",
    error_info = "$!",
    verbose = "$VERBOSE",
    read_global = "__read_global",
    assign_global = "__assign_global",
    uninitialized_global = "__uninitialized_global",
    toplevel_class_variable = "__toplevel_class_variable",
    incompatible_strings = "__incompatible_strings",
    defined_if_missing = "__defined_if_missing",
    constant_reassigned = "__constant_reassigned",
    hash = "hash",
    private_constants = "@__private_constants",
    object = "Object",
}
