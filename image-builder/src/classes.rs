//! A folder of Tonel classes into a session: all classes first, then all methods, then file-ins, then the initialisers.

use crate::fileins;
use crate::manifest::Manifest;
use crate::missing::Missing;
use crate::progress::Progress;
use crate::sources::Sources;
use anyhow::{Context, bail};
use format::wellknown;
use gem_session::{MethodPlace, Session, compile_method, define_class, global_at};
use gem_smalltalk::tonel::{self, ClassFile};
use gem_vm::{Oop, VmExit};

/// A file as the image names it, and what it says.
struct Source {
    file: String,
    content: ClassFile,
}

/// Loads the folder `name`.
///
/// # Errors
/// The first mistake, with file, line and column.
pub fn load(
    session: &mut Session,
    sources: &Sources,
    name: &str,
    jobs: usize,
    progress: &mut Progress,
) -> anyhow::Result<()> {
    let folder = sources.folder(name);
    let manifest = Manifest::read(&folder, name)?;
    let files = read_all(sources, name, &manifest, jobs)?;
    progress.done(&format!("{name}: read {} files", files.len()));
    declare_globals(session, &manifest)?;
    for source in &files {
        declare(session, source)?;
    }
    progress.done(&format!("{name}: declared the classes"));
    let mut methods = 0;
    let mut missing = Missing::default();
    for source in &files {
        methods += compile(session, source, &mut missing)?;
    }
    progress.done(&format!("{name}: compiled {methods} methods"));
    if let Some(line) = missing.line() {
        progress.done(&line);
    }
    fileins::load(session, sources, name, &manifest.fileins, progress)?;
    for class in &manifest.initialize {
        initialize(session, class)
            .with_context(|| format!("{name}/manifest: {class} class >> initialize"))?;
    }
    progress.done(&format!(
        "{name}: ran {} initialisers",
        manifest.initialize.len()
    ));
    Ok(())
}

fn read_all(
    sources: &Sources,
    name: &str,
    manifest: &Manifest,
    jobs: usize,
) -> anyhow::Result<Vec<Source>> {
    let part = manifest.names.len().div_ceil(jobs).max(1);
    let read = |names: &[String]| {
        names
            .iter()
            .map(|class| read_one(sources, name, class))
            .collect::<Vec<_>>()
    };
    let parts: Vec<Vec<anyhow::Result<Source>>> = std::thread::scope(|scope| {
        let threads: Vec<_> = manifest
            .names
            .chunks(part)
            .map(|names| scope.spawn(move || read(names)))
            .collect();
        threads
            .into_iter()
            .map(|t| {
                t.join()
                    .unwrap_or_else(|_| vec![Err(anyhow::anyhow!("reading sources failed"))])
            })
            .collect()
    });
    parts.into_iter().flatten().collect()
}

fn read_one(sources: &Sources, folder: &str, class: &str) -> anyhow::Result<Source> {
    let kinds = ["class", "extension"].map(|kind| format!("{folder}/{class}.{kind}.st"));
    let Some(file) = kinds.into_iter().find(|f| sources.folder(f).is_file()) else {
        bail!("{folder}/manifest: there is no {class}.class.st and no {class}.extension.st");
    };
    let text = std::fs::read_to_string(sources.folder(&file)).with_context(|| file.clone())?;
    let content = tonel::parse(&file, &text).map_err(|e| {
        let message = e
            .message
            .strip_prefix(&format!("{file}: "))
            .unwrap_or(&e.message)
            .to_string();
        anyhow::anyhow!("{file}:{}:{}: {message}", e.line, e.column)
    })?;
    Ok(Source { file, content })
}

fn declare_globals(session: &mut Session, manifest: &Manifest) -> anyhow::Result<()> {
    let globals = session.vm.model.heap.fault(wellknown::GLOBALS)?;
    for name in &manifest.globals {
        if global_at(&mut session.vm, name)?.is_none() {
            let symbol = session.vm.model.heap.symbol(name);
            session
                .vm
                .model
                .dictionary_put(globals, symbol, Oop::NIL)
                .map_err(gem_session::SessionError::from)?;
        }
    }
    Ok(())
}

fn declare(session: &mut Session, source: &Source) -> anyhow::Result<()> {
    if let Some(definition) = &source.content.definition {
        let globals = session.vm.model.heap.fault(wellknown::GLOBALS)?;
        define_class(
            &mut session.vm,
            definition,
            &source.content.comment,
            globals,
        )
        .with_context(|| format!("{}:1:1", source.file))?;
    }
    Ok(())
}

fn compile(session: &mut Session, source: &Source, missing: &mut Missing) -> anyhow::Result<usize> {
    let name = match (&source.content.definition, &source.content.extends) {
        (Some(definition), _) => &definition.name,
        (None, Some(name)) => name,
        (None, None) => bail!("{}:1:1: the file names no class", source.file),
    };
    let class = match global_at(&mut session.vm, name)? {
        Some(class) if class.is_pointer() => class,
        _ => bail!("{}:1:1: there is no class {name} to extend", source.file),
    };
    let meta = session.vm.model.heap.class_of(class)?;
    for method in &source.content.methods {
        let place = MethodPlace {
            class: if method.class_side { meta } else { class },
            category: &method.category,
            environment: method.env,
            file: &source.file,
            first_line: method.line,
            ..MethodPlace::of(class)
        };
        missing.look(session, &method.source, "<primitive: ");
        compile_method(&mut session.vm, &method.source, &place)
            .with_context(|| format!("in {name} >> {}", method.selector))?;
    }
    Ok(source.content.methods.len())
}

fn initialize(session: &mut Session, name: &str) -> anyhow::Result<()> {
    let class =
        global_at(&mut session.vm, name)?.with_context(|| format!("there is no class {name}"))?;
    let selector = session.vm.model.heap.symbol("initialize");
    let outcome = session.vm.send(class, selector, &[], 0);
    finish(session, outcome)
}

/// The error of a run that did not end well.
pub fn finish(session: &mut Session, outcome: Result<Oop, VmExit>) -> anyhow::Result<()> {
    match outcome {
        Ok(_) => Ok(()),
        Err(VmExit::Unhandled(exception)) => {
            let text = session.plain_message(exception);
            session.vm.unwind_to(0);
            bail!("{text}")
        }
        Err(VmExit::Internal(text)) => bail!("{text}"),
        Err(VmExit::Trap) => bail!("a debugger's trap, where there is no debugger"),
    }
}
