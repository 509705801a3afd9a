//! Ruby's global variables. The library guards some names: programs reach those through it.

use crate::model::Model;
use gem_heap::{Oop, References};
use hashbrown::{HashMap, HashSet};

/// The variables by name.
#[derive(Default)]
pub struct Globals {
    pub values: HashMap<Oop, Oop>,
    pub aliases: HashMap<Oop, Oop>,
    /// Variables that programs reach through the library.
    pub guards: HashSet<Oop>,
}

impl References for Globals {
    fn visit(&self, visit: &mut dyn FnMut(Oop)) {
        for (&name, &value) in self.values.iter().chain(&self.aliases) {
            visit(name);
            visit(value);
        }
        self.guards.iter().for_each(|&name| visit(name));
    }

    /// The values: names are symbols, which nothing exchanges.
    fn each_mut(&mut self, change: &mut dyn FnMut(&mut Oop)) {
        self.values.values_mut().for_each(change);
    }
}

impl Model {
    /// The name that a global variable's name stands for.
    pub fn global_target(&self, name: Oop) -> Oop {
        self.globals.aliases.get(&name).copied().unwrap_or(name)
    }

    /// Sets a Ruby global variable. Guards are not asked.
    pub fn set_global(&mut self, name: Oop, value: Oop) {
        let name = self.global_target(name);
        self.globals.values.insert(name, value);
    }

    /// From now on programs reach `name` through the library.
    pub fn guard_global(&mut self, name: Oop) {
        self.globals.guards.insert(name);
    }

    /// Whether `defined?` says that there is such a variable.
    pub fn global_exists(&self, name: Oop) -> bool {
        let target = self.global_target(name);
        let special = [
            self.sym.error_info,
            self.sym.at_match,
            self.sym.match_last_line,
        ];
        self.globals.values.contains_key(&target)
            || self.globals.guards.contains(&target)
            || special.contains(&target)
    }
}
