//! The objects every program knows by id, once: classes with their layout, then single objects.
//!
//! Ids lie below `limits::FIRST_FREE_ID` and are never reassigned: append rows, never renumber.
//! Genesis makes the classes from this table; the Smalltalk sources of the same classes must agree with it and are checked.

use crate::oop::ObjectId;
use crate::record::Format;

/// Layout of a well-known class.
#[derive(Clone, Copy, Debug)]
pub struct ClassRow {
    pub id: ObjectId,
    pub name: &'static str,
    pub superclass: Option<&'static str>,
    pub format: Format,
    /// Slots declared by this class itself; inherited ones come before.
    pub slots: &'static [&'static str],
}

macro_rules! classes {
    ($( $const:ident = $id:literal $name:literal : $super:literal $format:ident [ $($slot:literal)* ] ; )+) => {
        $( #[doc = concat!("Class ", $name, ".")] pub const $const: ObjectId = ObjectId($id); )+
        /// Every well-known class; superclasses come before subclasses. The metaclass of row `id` has id `id + METACLASS_OFFSET`.
        pub const CLASSES: &[ClassRow] = &[ $( ClassRow {
            id: ObjectId($id), name: $name,
            superclass: if $super.is_empty() { None } else { Some($super) },
            format: Format::$format, slots: &[$($slot),*],
        } ),+ ];
    };
}

/// A well-known class's metaclass has the class's id plus this.
pub const METACLASS_OFFSET: u64 = 1024;

classes! {
    PROTO_OBJECT = 16 "ProtoObject" : "" Slots [];
    OBJECT = 17 "Object" : "ProtoObject" Slots [];
    BEHAVIOR = 18 "Behavior" : "Object" Slots ["superclass" "format" "instVarNames" "methods" "rubyMethods" "name" "scope" "constants" "classVars" "rubyClassVars" "includes" "prepends" "attached" "category" "comment" "pools" "classHistory" "flags" "rubyName" "rubySuperclass"];
    MODULE = 19 "Module" : "Behavior" Slots [];
    CLASS = 20 "Class" : "Module" Slots [];
    METACLASS = 21 "Metaclass3" : "Class" Slots [];
    UNDEFINED_OBJECT = 22 "UndefinedObject" : "Object" Slots [];
    BOOLEAN = 23 "Boolean" : "Object" Slots [];
    TRUE_CLASS = 24 "True" : "Boolean" Slots [];
    FALSE_CLASS = 25 "False" : "Boolean" Slots [];
    MAGNITUDE = 26 "Magnitude" : "Object" Slots [];
    CHARACTER = 27 "Character" : "Magnitude" Slots [];
    NUMBER = 28 "Number" : "Magnitude" Slots [];
    INTEGER = 29 "Integer" : "Number" Slots [];
    SMALL_INTEGER = 30 "SmallInteger" : "Integer" Slots [];
    LARGE_INTEGER = 31 "LargeInteger" : "Integer" Bytes [];
    FLOAT = 32 "Float" : "Number" Bytes [];
    SMALL_DOUBLE = 33 "SmallDouble" : "Float" Bytes [];
    FRACTION = 34 "Fraction" : "Number" Slots ["numerator" "denominator"];
    SCALED_DECIMAL = 35 "ScaledDecimal" : "Number" Slots ["numerator" "denominator" "scale"];
    COMPLEX = 36 "Complex" : "Number" Slots ["real" "imaginary"];
    FIXED_POINT = 37 "FixedPoint" : "Number" Slots ["numerator" "denominator" "scale"];
    DECIMAL_FLOAT = 38 "DecimalFloat" : "Number" Slots ["mantissa" "exponent"];
    COLLECTION = 40 "Collection" : "Object" Slots [];
    SEQUENCEABLE_COLLECTION = 41 "SequenceableCollection" : "Collection" Slots [];
    ARRAY = 42 "Array" : "SequenceableCollection" Indexed [];
    ORDERED_COLLECTION = 43 "OrderedCollection" : "SequenceableCollection" Indexed [];
    CHARACTER_COLLECTION = 44 "CharacterCollection" : "SequenceableCollection" Bytes [];
    STRING = 45 "String" : "CharacterCollection" Bytes [];
    SYMBOL = 46 "Symbol" : "String" Bytes [];
    BYTE_ARRAY = 47 "ByteArray" : "SequenceableCollection" Bytes [];
    INTERVAL = 48 "Interval" : "SequenceableCollection" Slots ["from" "to" "by"];
    ASSOCIATION = 50 "Association" : "Magnitude" Slots ["key" "value"];
    SYMBOL_ASSOCIATION = 51 "SymbolAssociation" : "Association" Slots [];
    ABSTRACT_DICTIONARY = 52 "AbstractDictionary" : "Collection" Slots [];
    SYMBOL_DICTIONARY = 53 "SymbolDictionary" : "AbstractDictionary" Indexed [];
    METHOD_DICTIONARY = 54 "GsMethodDictionary" : "AbstractDictionary" Indexed [];
    RUBY_HASH = 55 "RubyHash" : "AbstractDictionary" Slots ["entries" "index" "count" "default" "defaultProc" "flags"];
    GS_NMETHOD = 60 "GsNMethod" : "Object" Slots ["selector" "inClass" "code" "literals" "file" "source" "lexicalScope" "category" "environmentId" "flags"];
    EXEC_BLOCK = 61 "ExecBlock" : "Object" Slots ["method" "context" "receiver" "flags" "creator"];
    VARIABLE_CONTEXT = 62 "VariableContext" : "Object" Slots ["parent" "home" "method" "block" "special"];
    LEXICAL_SCOPE = 63 "LexicalScope" : "Object" Slots ["module" "parent"];
    BINDING = 64 "RubyBinding" : "Object" Slots ["context" "receiver" "method" "names" "definee"];
    UNWIND_STATE = 65 "UnwindState" : "Object" Slots ["kind" "target" "value"];
    METHOD_OBJECT = 66 "RubyMeth" : "Object" Slots ["receiver" "method" "name" "owner"];
    UNBOUND_METHOD = 67 "RubyUnboundMeth" : "Object" Slots ["method" "name" "owner"];
    MESSAGE = 68 "Message" : "Object" Slots ["selector" "arguments"];
    GS_PROCESS = 69 "GsProcess" : "Object" Slots ["identity" "name" "priority" "block" "arguments" "result" "exception" "locals" "waitingOn" "state"];
    SEMAPHORE = 70 "Semaphore" : "Object" Slots ["signals" "waiters"];
    STORED_STACK = 72 "StoredStack" : "Object" Slots ["frames" "registers" "absent" "errorInfo" "destination" "priority" "parked"];
    STORED_FRAME = 73 "StoredFrame" : "Object" Slots ["method" "offset" "base" "destination" "flags" "argumentCount" "environment" "block" "closure" "serial" "specials"];
    ABSTRACT_EXCEPTION = 80 "AbstractException" : "Object" Slots ["messageText" "number" "stack" "signalContext" "cause" "value" "receiver" "selector"];
    EXCEPTION = 81 "Exception" : "AbstractException" Slots [];
    ERROR = 82 "Error" : "Exception" Slots [];
    MESSAGE_NOT_UNDERSTOOD = 83 "MessageNotUnderstood" : "NameError" Slots [];
    ZERO_DIVIDE = 84 "ZeroDivide" : "Error" Slots [];
    ARGUMENT_ERROR = 85 "ArgumentError" : "Error" Slots [];
    ARGUMENT_TYPE_ERROR = 86 "ArgumentTypeError" : "Error" Slots [];
    OFFSET_ERROR = 87 "OffsetError" : "Error" Slots [];
    OUT_OF_RANGE = 88 "OutOfRange" : "Error" Slots [];
    CANNOT_RETURN = 89 "CannotReturn" : "Error" Slots [];
    ALMOST_OUT_OF_STACK = 90 "AlmostOutOfStack" : "Exception" Slots [];
    ALMOST_OUT_OF_MEMORY = 91 "AlmostOutOfMemory" : "Exception" Slots [];
    TRANSACTION_ERROR = 92 "TransactionError" : "Error" Slots [];
    TRANSACTION_REVOKED = 93 "TransactionRevoked" : "TransactionError" Slots [];
    NAME_ERROR = 94 "NameError" : "Error" Slots [];
    INVARIANT_ERROR = 95 "ImproperOperation" : "Error" Slots [];
    LOOKUP_ERROR = 96 "LookupError" : "OffsetError" Slots [];
    COMPILE_ERROR = 97 "CompileError" : "Exception" Slots [];
    IO_ERROR = 98 "IOError" : "Error" Slots [];
    SYSTEM_EXIT = 99 "RubySystemExit" : "Exception" Slots [];
    UNCAUGHT_THROW = 100 "UncaughtThrow" : "ArgumentError" Slots [];
    INTERRUPT = 101 "Break" : "Exception" Slots [];
    SYSTEM_CALL_ERROR = 102 "SystemCallError" : "Error" Slots [];
    REPOSITORY_ERROR = 103 "RepositoryError" : "Error" Slots [];
    NOTIFICATION = 104 "Notification" : "Exception" Slots [];
    FLOAT_DOMAIN_ERROR = 105 "FloatingPointError" : "OutOfRange" Slots [];
    REGEXP_ERROR = 106 "RegexpError" : "Error" Slots [];
    DEADLOCK = 110 "Deadlock" : "Exception" Slots [];
    RANGE = 120 "Range" : "Object" Slots ["low" "high" "exclusive"];
    REGEXP = 121 "Regexp" : "Object" Slots ["source" "options"];
    MATCH_DATA = 122 "MatchData" : "Object" Slots ["regexp" "string" "offsets"];
    RUBY_TIME = 123 "RubyTime" : "Object" Slots ["seconds" "nanoseconds" "offset"];
    ENCODING = 124 "RubyEncoding" : "Object" Slots ["name" "index"];
    GS_FILE = 125 "GsFile" : "Object" Slots ["descriptor" "path" "mode" "line" "buffer"];
    SYSTEM = 126 "System" : "Object" Slots [];
    RANDOM = 127 "Random" : "Object" Slots ["state"];
    WEAK_REFERENCE = 128 "WeakReference" : "Object" Slots ["referent"];
}

/// Slot numbers of classes that Rust code reads.
pub mod slots {
    pub mod behavior {
        pub const SUPERCLASS: usize = 0;
        /// SmallInteger: `Format` in the low 8 bits, number of declared slots (inherited ones included) above.
        pub const FORMAT: usize = 1;
        /// Array of Symbols: the slots this class itself declares.
        pub const INST_VAR_NAMES: usize = 2;
        /// GsMethodDictionary of environment 0 (pairs symbol, method), or nil.
        pub const METHODS: usize = 3;
        /// GsMethodDictionary of environment 1, or nil.
        pub const RUBY_METHODS: usize = 4;
        pub const NAME: usize = 5;
        /// The module this one was defined in (Ruby), or nil at top level.
        pub const SCOPE: usize = 6;
        /// SymbolDictionary of Ruby constants, or nil.
        pub const CONSTANTS: usize = 7;
        /// SymbolDictionary of Smalltalk class variables, or nil.
        pub const CLASS_VARS: usize = 8;
        /// SymbolDictionary of Ruby class variables, or nil.
        pub const RUBY_CLASS_VARS: usize = 9;
        /// Array of included modules, most recent first, or nil.
        pub const INCLUDES: usize = 10;
        /// Array of prepended modules, most recent first, or nil.
        pub const PREPENDS: usize = 11;
        /// The instance a metaclass or singleton class belongs to.
        pub const ATTACHED: usize = 12;
        pub const CATEGORY: usize = 13;
        pub const COMMENT: usize = 14;
        pub const POOLS: usize = 15;
        pub const CLASS_HISTORY: usize = 16;
        /// SmallInteger of `class_flags`.
        pub const FLAGS: usize = 17;
        /// Symbol under which Ruby knows the class when it differs, or nil.
        pub const RUBY_NAME: usize = 18;
        /// Superclass in environment 1 when it differs, or nil.
        pub const RUBY_SUPERCLASS: usize = 19;
        pub const COUNT: usize = 20;
    }
    /// Bits of `behavior::FLAGS`.
    pub mod class_flags {
        /// A singleton class of an ordinary object, or a metaclass.
        pub const SINGLETON: i64 = 1;
        /// Ruby's `class` skips it (SmallInteger, LargeInteger, SmallDouble).
        pub const HIDDEN: i64 = 2;
        /// A Ruby module, not a class.
        pub const MODULE: i64 = 4;
        /// Instances may be committed.
        pub const PERSISTABLE: i64 = 8;
        /// The class itself may be committed.
        pub const CLASS_PERSISTABLE: i64 = 16;
        /// Instances are never committed: references to them commit as nil.
        pub const DB_TRANSIENT: i64 = 32;
    }
    pub mod method {
        pub const SELECTOR: usize = 0;
        pub const IN_CLASS: usize = 1;
        /// ByteArray, see gem/bytecode `encode`.
        pub const CODE: usize = 2;
        pub const LITERALS: usize = 3;
        pub const FILE: usize = 4;
        pub const SOURCE: usize = 5;
        pub const LEXICAL_SCOPE: usize = 6;
        pub const CATEGORY: usize = 7;
        pub const ENVIRONMENT: usize = 8;
        /// SmallInteger: visibility in bits 0-1 (0 public, 1 private, 2 protected), 4 = undefined (`undef`).
        pub const FLAGS: usize = 9;
    }
    /// Bits of a method's FLAGS above the visibility.
    pub mod method_flags {
        /// `undef`: lookup ends here.
        pub const UNDEFINED: i64 = 4;
        /// A `def` in its body defines into IN_CLASS, not into the innermost lexical module.
        pub const DEFINES_IN_OWNER: i64 = 8;
        /// `ruby2_keywords`: keywords become a last argument that a splat makes keywords again.
        pub const RUBY2_KEYWORDS: i64 = 16;
        /// Of the kernel: image-builder loaded it. Images of version 1 have no such marks.
        pub const KERNEL: i64 = 32;
    }
    pub mod block {
        pub const METHOD: usize = 0;
        pub const CONTEXT: usize = 1;
        pub const RECEIVER: usize = 2;
        /// SmallInteger: 1 = lambda, 2 = from a symbol, 4 = from a method object.
        pub const FLAGS: usize = 3;
        /// SmallInteger: serial of the frame that made the closure.
        pub const CREATOR: usize = 4;
    }
    pub mod context {
        pub const PARENT: usize = 0;
        /// SmallInteger: serial of the home frame.
        pub const HOME: usize = 1;
        pub const METHOD: usize = 2;
        pub const BLOCK: usize = 3;
        /// Frame-local special variables, or nil.
        pub const SPECIAL: usize = 4;
        pub const FIRST_VARIABLE: usize = 5;
    }
    pub mod process {
        /// SmallInteger: the number of the living process in this gem, else nil. Never stored.
        pub const IDENTITY: usize = 0;
        pub const NAME: usize = 1;
        pub const PRIORITY: usize = 2;
        pub const BLOCK: usize = 3;
        pub const ARGUMENTS: usize = 4;
        pub const RESULT: usize = 5;
        pub const EXCEPTION: usize = 6;
        pub const LOCALS: usize = 7;
        pub const WAITING_ON: usize = 8;
        /// nil while it lives, a StoredStack once it was stored, the symbol `TERMINATED` after its end.
        pub const STATE: usize = 9;
        /// Text of that symbol.
        pub const TERMINATED: &str = "terminated";
    }
    /// A suspended process's stack, see docs/frames.md.
    pub mod stored_stack {
        pub const FRAMES: usize = 0;
        pub const REGISTERS: usize = 1;
        /// Array of the indexes of registers that hold the mark of an absent argument, which is no object.
        pub const ABSENT: usize = 2;
        pub const ERROR_INFO: usize = 3;
        /// Register of the top frame that the value goes to which the process is woken with, or nil.
        pub const DESTINATION: usize = 4;
        pub const PRIORITY: usize = 5;
        /// Whether the process stopped itself until an unpark; else it was suspended.
        pub const PARKED: usize = 6;
        pub const COUNT: usize = 7;
    }
    pub mod stored_frame {
        pub const METHOD: usize = 0;
        pub const OFFSET: usize = 1;
        pub const BASE: usize = 2;
        pub const DESTINATION: usize = 3;
        pub const FLAGS: usize = 4;
        pub const ARGUMENT_COUNT: usize = 5;
        pub const ENVIRONMENT: usize = 6;
        pub const BLOCK: usize = 7;
        pub const CLOSURE: usize = 8;
        /// SmallInteger while the frame lives in this gem; stored as nil, or 0 when the frame never had one.
        pub const SERIAL: usize = 9;
        pub const SPECIALS: usize = 10;
        pub const COUNT: usize = 11;
    }
    pub mod exception {
        pub const MESSAGE: usize = 0;
        pub const NUMBER: usize = 1;
        /// Array of location Strings `file:line:in 'name'`, innermost first, or nil.
        pub const STACK: usize = 2;
        /// SmallInteger private to the machine while the exception is signalled, or nil.
        pub const SIGNAL_CONTEXT: usize = 3;
        pub const CAUSE: usize = 4;
        pub const VALUE: usize = 5;
        pub const RECEIVER: usize = 6;
        pub const SELECTOR: usize = 7;
    }
    pub mod hash {
        /// Array of triples: hash (SmallInteger, nil when deleted), key, value; in insertion order.
        pub const ENTRIES: usize = 0;
        /// ByteArray of u32 open-addressing buckets, or nil while small.
        pub const INDEX: usize = 1;
        pub const COUNT: usize = 2;
        pub const DEFAULT: usize = 3;
        pub const DEFAULT_PROC: usize = 4;
        /// SmallInteger: 1 = compare by identity, 2 = some key needs user-defined hash/eql?, 4 = keyword arguments Hash.
        pub const FLAGS: usize = 5;
    }
    pub mod association {
        pub const KEY: usize = 0;
        pub const VALUE: usize = 1;
    }
    pub mod scope {
        pub const MODULE: usize = 0;
        pub const PARENT: usize = 1;
    }
}

/// SymbolDictionary: the Smalltalk globals of the kernel.
pub const GLOBALS: ObjectId = ObjectId(3001);
/// SymbolDictionary: the user's Smalltalk globals.
pub const USER_GLOBALS: ObjectId = ObjectId(3002);
/// RubyHash: `Maglev::PERSISTENT_ROOT`.
pub const PERSISTENT_ROOT: ObjectId = ObjectId(3003);
/// Array of the roots of the repository: globals, user globals, persistent root, well-known objects table.
pub const REPOSITORY_ROOT: ObjectId = ObjectId(3000);
/// Array of persistent session-start state: Ruby's persistent global variables, loaded features.
pub const RUBY_STATE: ObjectId = ObjectId(3004);

/// Encodings of a String, in the record's `detail`.
pub mod encoding {
    pub const UTF_8: u16 = 0;
    pub const BINARY: u16 = 1;
    pub const US_ASCII: u16 = 2;
}

/// Position of each well-known class in `CLASSES`, by object id; 255 where the id is no class's.
const POSITIONS: [u8; METACLASS_OFFSET as usize] = {
    let mut table = [u8::MAX; METACLASS_OFFSET as usize];
    let mut i = 0;
    while i < CLASSES.len() {
        table[CLASSES[i].id.0 as usize] = i as u8;
        i += 1;
    }
    assert!(CLASSES.len() < u8::MAX as usize);
    table
};

/// Position in `CLASSES` of the class with this id.
///
/// # Panics
/// When `id` is no well-known class.
#[inline(always)]
pub const fn position(id: ObjectId) -> usize {
    let at = POSITIONS[id.0 as usize];
    assert!(at != u8::MAX, "a well-known class");
    at as usize
}

/// The row of the class called `name`.
pub fn class_named(name: &str) -> Option<&'static ClassRow> {
    CLASSES.iter().find(|row| row.name == name)
}

/// Number of declared slots of a well-known class, inherited ones included.
pub fn slot_count(row: &ClassRow) -> usize {
    row.slots.len() + row.superclass.and_then(class_named).map_or(0, slot_count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_superclasses_exist() {
        let mut seen = std::collections::HashSet::new();
        for row in CLASSES {
            assert!(seen.insert(row.id.0), "{}", row.name);
            assert!(row.id.0 < METACLASS_OFFSET);
            if let Some(s) = row.superclass {
                assert!(class_named(s).is_some(), "{s}");
            }
        }
        assert_eq!(
            slot_count(class_named("Class").unwrap()),
            slots::behavior::COUNT
        );
    }
}
