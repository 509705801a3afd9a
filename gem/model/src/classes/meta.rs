//! What the machine knows of a class beyond its layout: method tables of both environments, ancestors, session methods and constants.
//! Transient: read from the class object when first asked, dropped when the class changes.

use gem_heap::{ClassIndex, Oop, References};
use hashbrown::HashMap;
use std::rc::Rc;

/// Ruby's visibilities; Smalltalk methods are public.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Visibility {
    Public = 0,
    Private = 1,
    Protected = 2,
}

/// A method found by lookup.
#[derive(Clone, Copy, Debug)]
pub struct MethodEntry {
    /// The GsNMethod.
    pub method: Oop,
    /// The class or module whose table holds it.
    pub owner: ClassIndex,
    pub visibility: Visibility,
    /// `undef`: lookup stops here without a method.
    pub undefined: bool,
}

/// A method table of one class in one environment.
pub type MethodTable = HashMap<Oop, MethodEntry>;

/// How Ruby's `hash` comes about, as far as it needs no code of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HashBy {
    Identity,
    Bytes,
    Elements,
    /// By a method of the program.
    Code,
}

/// See the module text.
#[derive(Default)]
pub struct ClassMeta {
    /// Persistent methods by environment, as read from the class object.
    pub methods: [MethodTable; 2],
    /// Methods of this session only.
    pub session_methods: [MethodTable; 2],
    /// Constants of this session only, in order of definition.
    pub session_constants: Vec<(Oop, Oop)>,
    /// Constants hidden by removal in this session.
    pub removed_constants: Vec<Oop>,
    /// Where the program of this session defined constants: file and line by name.
    pub constant_places: HashMap<Oop, (String, u32)>,
    pub session_includes: Vec<Oop>,
    pub session_prepends: Vec<Oop>,
    pub session_class_vars: Vec<(Oop, Oop)>,
    /// Lookup order in environment 1: prepended modules, the class itself, included modules, then the superclass's.
    pub ancestors: Option<Rc<[ClassIndex]>>,
    /// Lookup order in environment 0.
    pub superclasses: Option<Rc<[ClassIndex]>>,
    /// Whether `methods` was read from the class object, by environment.
    pub loaded: [bool; 2],
    /// What `hash` of its instances is, once somebody asked.
    pub(crate) hash_by: Option<HashBy>,
    /// Asked for since the last collection, so perhaps changed: a young collection visits it.
    pub touched: bool,
    /// Default visibility and module_function state live in frames, not here.
    pub autoloads: Vec<(Oop, Oop)>,
}

impl References for ClassMeta {
    fn visit(&self, visit: &mut dyn FnMut(Oop)) {
        for table in self.methods.iter().chain(&self.session_methods) {
            for (&selector, entry) in table {
                visit(selector);
                visit(entry.method);
            }
        }
        for &(name, value) in self
            .session_constants
            .iter()
            .chain(&self.session_class_vars)
            .chain(&self.autoloads)
        {
            visit(name);
            visit(value);
        }
        for &m in self
            .session_includes
            .iter()
            .chain(&self.session_prepends)
            .chain(&self.removed_constants)
            .chain(self.constant_places.keys())
        {
            visit(m);
        }
    }

    /// Values of this session only: what the class object says is read from it again.
    fn each_mut(&mut self, change: &mut dyn FnMut(&mut Oop)) {
        let pairs = self
            .session_constants
            .iter_mut()
            .chain(&mut self.session_class_vars)
            .chain(&mut self.autoloads);
        pairs.for_each(|pair| change(&mut pair.1));
        let modules = self
            .session_includes
            .iter_mut()
            .chain(&mut self.session_prepends);
        modules.for_each(change);
    }
}

impl ClassMeta {
    /// The entry of `selector`, session methods first.
    pub fn find(&self, selector: Oop, environment: u8) -> Option<&MethodEntry> {
        let e = environment as usize & 1;
        self.session_methods[e]
            .get(&selector)
            .or_else(|| self.methods[e].get(&selector))
    }
}
