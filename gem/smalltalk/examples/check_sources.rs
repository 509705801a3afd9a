//! Reads folders of Tonel classes by their manifests and compiles every method, without running anything.
//!
//! `cargo run --example check_sources -- smalltalk-src/kernel smalltalk-src/ruby`
//! prints mistakes, selectors that are sent but implemented nowhere in those folders, and the primitives in use
//! (`--primitives`). Later folders see the classes of earlier ones. Exit status 1 when something does not compile.

use gem_smalltalk::tonel::{self, ClassFile};
use gem_smalltalk::{MethodOptions, Scope, Variable, compile_method};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

#[derive(Default)]
struct Class {
    superclass: Option<String>,
    inst_vars: Vec<String>,
    class_vars: Vec<String>,
    class_inst_vars: Vec<String>,
}

#[derive(Default)]
struct World {
    classes: BTreeMap<String, Class>,
    globals: BTreeSet<String>,
    implemented: BTreeSet<String>,
    sent: BTreeMap<String, String>,
    primitives: BTreeMap<String, Vec<String>>,
    mistakes: usize,
}

impl World {
    /// Names of slots, inherited first.
    fn slots(&self, class: &str, class_side: bool) -> Vec<String> {
        let Some(it) = self.classes.get(class) else {
            return Vec::new();
        };
        let mut all = match &it.superclass {
            Some(s) => self.slots(s, class_side),
            None if class_side => self.slots("Class", false),
            None => Vec::new(),
        };
        all.extend(
            if class_side {
                &it.class_inst_vars
            } else {
                &it.inst_vars
            }
            .clone(),
        );
        all
    }

    fn class_var_owner(&self, class: &str, name: &str) -> Option<String> {
        let it = self.classes.get(class)?;
        if it.class_vars.iter().any(|v| v == name) {
            return Some(class.to_string());
        }
        self.class_var_owner(it.superclass.as_deref()?, name)
    }

    fn complain(&mut self, text: &str) {
        self.mistakes += 1;
        println!("{text}");
    }
}

struct Names<'w> {
    world: &'w World,
    class: &'w str,
    class_side: bool,
}

impl Scope for Names<'_> {
    fn resolve(&self, name: &str) -> Option<Variable> {
        let slots = self.world.slots(self.class, self.class_side);
        if let Some(i) = slots.iter().rposition(|s| s == name) {
            return Some(Variable::InstVar(u16::try_from(i).ok()?));
        }
        if let Some(class) = self.world.class_var_owner(self.class, name) {
            let name = name.to_string();
            return Some(Variable::ClassVar { class, name });
        }
        let known = self.world.classes.contains_key(name) || self.world.globals.contains(name);
        known.then(|| Variable::Global(name.to_string()))
    }
}

/// The names in a manifest: classes to load and predeclared globals.
fn manifest(folder: &Path) -> (Vec<String>, Vec<String>) {
    let text = std::fs::read_to_string(folder.join("manifest")).expect("a manifest");
    let (mut classes, mut globals, mut section) = (Vec::new(), Vec::new(), String::new());
    for line in text
        .lines()
        .map(str::trim)
        .filter(|l| !l.is_empty() && !l.starts_with('#'))
    {
        match (line.starts_with('['), section.as_str()) {
            (true, _) => section = line.to_string(),
            (false, "") => classes.push(line.to_string()),
            (false, "[globals]") => globals.push(line.to_string()),
            (false, _) => {}
        }
    }
    (classes, globals)
}

fn read(world: &mut World, folder: &Path) -> Vec<(String, ClassFile)> {
    let (names, globals) = manifest(folder);
    world.globals.extend(globals);
    let mut files = Vec::new();
    for name in names {
        let path = ["class", "extension"]
            .map(|kind| folder.join(format!("{name}.{kind}.st")))
            .into_iter()
            .find(|p| p.exists());
        let Some(path) = path else {
            world.complain(&format!("{}: no file of {name}", folder.display()));
            continue;
        };
        let text = std::fs::read_to_string(&path).expect("readable");
        match tonel::parse(&path.display().to_string(), &text) {
            Ok(file) => files.push((path.display().to_string(), file)),
            Err(e) => world.complain(&format!("{}: {e}", path.display())),
        }
    }
    let on_disk = std::fs::read_dir(folder).expect("a folder").count() - 1;
    if on_disk != files.len() {
        println!(
            "{}: {} files, {on_disk} on disk",
            folder.display(),
            files.len()
        );
    }
    files
}

fn declare(world: &mut World, file: &ClassFile) {
    if let Some(d) = &file.definition {
        if d.superclass
            .as_ref()
            .is_some_and(|s| !world.classes.contains_key(s))
        {
            world.complain(&format!("{}: superclass comes later", d.name));
        }
        if file.comment.is_empty() {
            world.complain(&format!("{}: no comment", d.name));
        }
        let class = Class {
            superclass: d.superclass.clone(),
            inst_vars: d.inst_vars.clone(),
            class_vars: d.class_vars.clone(),
            class_inst_vars: d.class_inst_vars.clone(),
        };
        world.classes.insert(d.name.clone(), class);
    }
    for m in &file.methods {
        world.implemented.insert(m.selector.clone());
    }
}

fn compile(world: &mut World, path: &str, file: &ClassFile) {
    let class = match (&file.definition, &file.extends) {
        (Some(d), _) => d.name.clone(),
        (None, Some(name)) => name.clone(),
        (None, None) => return world.complain(&format!("{path}: names no class")),
    };
    for m in &file.methods {
        let options = MethodOptions {
            environment: m.env,
            file: path.to_string(),
            first_line: m.line,
        };
        let names = Names {
            world,
            class: &class,
            class_side: m.class_side,
        };
        match compile_method(&m.source, &names, &options) {
            Ok(method) => {
                let place = format!("{class} >> {}", m.selector);
                if let Some(p) = &method.code.primitive {
                    world
                        .primitives
                        .entry(p.to_string())
                        .or_default()
                        .push(place.clone());
                }
                note_sends(world, &method.code, &place);
            }
            Err(e) => world.complain(&format!("{path}: {e}")),
        }
    }
}

fn note_sends(world: &mut World, code: &gem_bytecode::Code, place: &str) {
    for site in &code.sites {
        let Some(gem_bytecode::Literal::Symbol(selector)) =
            code.literals.get(usize::from(site.selector))
        else {
            continue;
        };
        world
            .sent
            .entry(selector.clone())
            .or_insert_with(|| place.to_string());
    }
    for literal in &code.literals {
        if let gem_bytecode::Literal::Code(inner) = literal {
            note_sends(world, inner, place);
        }
    }
}

fn main() {
    let mut world = World::default();
    let (options, folders): (Vec<String>, Vec<String>) = std::env::args()
        .skip(1)
        .partition(|argument| argument.starts_with("--"));
    let mut files = Vec::new();
    for folder in &folders {
        let read = read(&mut world, Path::new(folder));
        for (_, file) in &read {
            declare(&mut world, file);
        }
        files.extend(read);
    }
    for (path, file) in &files {
        compile(&mut world, path, file);
    }
    for (selector, place) in &world.sent {
        if !world.implemented.contains(selector) {
            println!("{place} sends {selector}, which nobody implements");
        }
    }
    if options.iter().any(|o| o == "--primitives") {
        for (name, places) in &world.primitives {
            println!("{name}: {}", places.join(", "));
        }
    }
    let methods: usize = files.iter().map(|(_, f)| f.methods.len()).sum();
    println!(
        "{} files, {methods} methods, {} primitives, {} mistakes",
        files.len(),
        world.primitives.len(),
        world.mistakes
    );
    std::process::exit(i32::from(world.mistakes > 0));
}
