//! What names mean in a Smalltalk method or doit, and the associations behind them, which the installer then takes as literals.

use crate::symbol_list::{association_in, global_association};
use format::wellknown::slots::{association, behavior};
use gem_smalltalk::{Scope, Variable};
use gem_vm::{Oop, Vm};
use hashbrown::HashMap;
use std::cell::RefCell;

/// Associations that compiled code refers to, by what the compiler calls them.
#[derive(Default)]
pub struct Links {
    pub globals: HashMap<String, Oop>,
    /// By owner and name.
    pub class_vars: HashMap<(String, String), Oop>,
}

/// Names as a class sees them; no class for a doit.
pub struct ClassScope<'v> {
    vm: RefCell<&'v mut Vm>,
    class: Oop,
    /// Names of all slots, inherited ones first.
    slots: Vec<String>,
    /// Searched before the dictionaries of the session.
    dictionaries: Vec<Oop>,
    links: RefCell<Links>,
}

impl<'v> ClassScope<'v> {
    /// The scope of methods of `class` (nil for a doit).
    ///
    /// # Errors
    /// As `slot_names`.
    pub fn new(vm: &'v mut Vm, class: Oop) -> Result<ClassScope<'v>, crate::SessionError> {
        let slots = slot_names(vm, class)?;
        Ok(ClassScope {
            vm: RefCell::new(vm),
            class,
            slots,
            dictionaries: Vec::new(),
            links: RefCell::default(),
        })
    }

    /// The same, with dictionaries whose names come before those of the session.
    pub fn with_dictionaries(mut self, dictionaries: Vec<Oop>) -> ClassScope<'v> {
        self.dictionaries = dictionaries;
        self
    }

    /// What was found.
    pub fn into_links(self) -> Links {
        self.links.into_inner()
    }

    fn shared(&self, name: &str) -> Option<Variable> {
        let mut vm = self.vm.borrow_mut();
        let vm: &mut Vm = &mut vm;
        // Class variables belong to the class, also for class-side methods.
        let attached = if self.class.is_pointer() {
            vm.model.heap.slot(self.class, behavior::ATTACHED).ok()?
        } else {
            Oop::NIL
        };
        let mut at = if attached.is_pointer() {
            attached
        } else {
            self.class
        };
        let mut levels = 0;
        while at.is_pointer() {
            for slot in [behavior::CLASS_VARS, behavior::POOLS] {
                let holder = vm.model.heap.slot(at, slot).ok()?;
                let dictionaries = if slot == behavior::POOLS && holder.is_pointer() {
                    vm.model.heap.elements(holder).ok()?
                } else {
                    vec![holder]
                };
                for dictionary in dictionaries {
                    if let Some(entry) = association_in(vm, dictionary, name).ok()? {
                        let class = format!("{}#{levels}", vm.model.class_name(at));
                        let name = name.to_string();
                        self.links
                            .borrow_mut()
                            .class_vars
                            .insert((class.clone(), name.clone()), entry);
                        return Some(Variable::ClassVar { class, name });
                    }
                }
            }
            at = vm.model.heap.slot(at, behavior::SUPERCLASS).ok()?;
            levels += 1;
        }
        let given = self
            .dictionaries
            .iter()
            .find_map(|&dictionary| association_in(vm, dictionary, name).ok()?);
        let entry = match given {
            Some(entry) => entry,
            None => global_association(vm, name).ok()??,
        };
        debug_assert!(vm.model.heap.inline_slots(entry) > association::VALUE);
        self.links
            .borrow_mut()
            .globals
            .insert(name.to_string(), entry);
        Some(Variable::Global(name.to_string()))
    }
}

impl Scope for ClassScope<'_> {
    fn resolve(&self, name: &str) -> Option<Variable> {
        if let Some(i) = self.slots.iter().rposition(|s| s == name) {
            return u16::try_from(i).ok().map(Variable::InstVar);
        }
        self.shared(name)
    }
}

/// Names of the declared slots of a class's instances, inherited ones first.
///
/// # Errors
/// `Heap`: those of [`Heap::fault`](gem_heap::Heap::fault), when a class above or the names of its slots are not in memory yet; `Bounds` when `class` is
/// neither nil nor a class.
pub fn slot_names(vm: &mut Vm, class: Oop) -> Result<Vec<String>, crate::SessionError> {
    let mut names: Vec<String> = Vec::new();
    let mut at = class;
    while at.is_pointer() {
        let list = vm.model.heap.slot(at, behavior::INST_VAR_NAMES)?;
        if list.is_pointer() {
            let own = vm.model.heap.elements(list)?;
            names.splice(0..0, own.into_iter().map(|n| vm.model.heap.text(n)));
        }
        at = vm.model.heap.slot(at, behavior::SUPERCLASS)?;
    }
    Ok(names)
}
