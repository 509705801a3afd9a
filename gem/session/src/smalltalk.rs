//! Smalltalk's entry points: a method into a class, a doit.

use crate::error::SessionError;
use crate::install::Installer;
use crate::scope::ClassScope;
use gem_bytecode::Code;
use gem_model::Visibility;
use gem_smalltalk::MethodOptions;
use gem_vm::{Oop, Vm};

/// Where a method comes from and where it goes.
#[derive(Clone, Debug)]
pub struct MethodPlace<'a> {
    pub class: Oop,
    pub category: &'a str,
    pub environment: u8,
    pub file: &'a str,
    /// Line of the file on which the source begins.
    pub first_line: u32,
    /// SymbolDictionaries whose names come before those of the session.
    pub dictionaries: Vec<Oop>,
}

impl<'a> MethodPlace<'a> {
    /// A method that comes from no file.
    pub fn of(class: Oop) -> MethodPlace<'a> {
        MethodPlace {
            class,
            category: "as yet unclassified",
            environment: 0,
            file: "(method)",
            first_line: 1,
            dictionaries: Vec::new(),
        }
    }
}

/// Compiles a method and installs it: persistently in persistent mode, else for the session. Answers the method.
///
/// # Errors
/// `Compile`, or what installing runs into.
pub fn compile_method(vm: &mut Vm, source: &str, place: &MethodPlace) -> Result<Oop, SessionError> {
    Ok(compile_method_named(vm, source, place)?.1)
}

/// The same; answers selector and method.
///
/// # Errors
/// As `compile_method`.
pub fn compile_method_named(
    vm: &mut Vm,
    source: &str,
    place: &MethodPlace,
) -> Result<(String, Oop), SessionError> {
    let options = MethodOptions {
        environment: place.environment,
        file: place.file.to_string(),
        first_line: place.first_line,
    };
    let scope = ClassScope::new(vm, place.class)?.with_dictionaries(place.dictionaries.clone());
    let compiled = gem_smalltalk::compile_method(source, &scope, &options)
        .map_err(|e| SessionError::smalltalk(place.file, &e))?;
    let links = scope.into_links();
    let category = compiled.category.as_deref().unwrap_or(place.category);
    let mut installer = Installer {
        vm,
        links: &links,
        in_class: place.class,
        lexical: Oop::NIL,
        category: Oop::NIL,
    };
    installer.category = installer.shared_string(category)?;
    let method = installer.method(&compiled.code)?;
    let selector = vm.model.heap.symbol(&compiled.selector);
    vm.add_method(
        place.class,
        selector,
        method,
        place.environment,
        Visibility::Public,
    )?;
    Ok((compiled.selector, method))
}

/// Compiles statements into a method without class, ready to be called with any receiver.
///
/// # Errors
/// `Compile`.
pub fn compile_doit(vm: &mut Vm, source: &str, file: &str) -> Result<Oop, SessionError> {
    let scope = ClassScope::new(vm, Oop::NIL)?;
    let code: Code = gem_smalltalk::compile_doit(source, &scope, file)
        .map_err(|e| SessionError::smalltalk(file, &e))?;
    let links = scope.into_links();
    let mut installer = Installer {
        vm,
        links: &links,
        in_class: Oop::NIL,
        lexical: Oop::NIL,
        category: Oop::NIL,
    };
    installer.method(&code)
}
