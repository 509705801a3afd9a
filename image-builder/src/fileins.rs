//! File-ins in GemStone's form (`.gs`) into a session, in the order of the manifest's `[filein]` section.

use crate::classes::finish;
use crate::progress::Progress;
use crate::sources::Sources;
use anyhow::{Context, anyhow, bail, ensure};
use gem_session::{MethodPlace, Session, SessionError, compile_method, global_at};
use gem_smalltalk::filein::{self, Expected, Item};
use gem_vm::Oop;

/// Loads files of the folder `folder`.
///
/// # Errors
/// The first mistake, with file and line.
pub fn load(
    session: &mut Session,
    sources: &Sources,
    folder: &str,
    names: &[String],
    progress: &mut Progress,
) -> anyhow::Result<()> {
    for name in names {
        let file = format!("{folder}/{name}");
        let text = std::fs::read_to_string(sources.folder(&file)).with_context(|| file.clone())?;
        let items = filein::parse(&text)
            .map_err(|e| anyhow!("{file}:{}:{}: {}", e.line, e.column, e.message))?;
        let count = items.len();
        for item in items {
            obey(session, &file, item)?;
        }
        progress.done(&format!("{file}: {count} items"));
    }
    Ok(())
}

fn obey(session: &mut Session, file: &str, item: Item) -> anyhow::Result<()> {
    match item {
        Item::Run {
            source,
            line,
            expected,
        } => {
            let place = || format!("{file}:{line}");
            let value = evaluate(session, &source, file, line).with_context(place)?;
            match expected {
                Some(expected) => check(session, value, &expected).with_context(place),
                None => Ok(()),
            }
        }
        Item::Method {
            class,
            category,
            environment,
            source,
            line,
        } => {
            let behavior =
                class_named(session, &class).with_context(|| format!("{file}:{line}"))?;
            let place = MethodPlace {
                category: &category,
                environment,
                file,
                first_line: line,
                ..MethodPlace::of(behavior)
            };
            compile_method(&mut session.vm, &source, &place)
                .with_context(|| format!("in a method of {class}"))?;
            Ok(())
        }
        Item::RemoveAllMethods {
            class,
            environment,
            line,
        } => {
            let source = format!(
                "({class} selectorsForEnvironment: {environment}) do: [ :each | {class} removeSelector: each environmentId: {environment} ]\n"
            );
            evaluate(session, &source, file, line)
                .map(drop)
                .with_context(|| format!("{file}:{line}"))
        }
    }
}

/// The value of statements that stand on `line` of a file.
fn evaluate(session: &mut Session, source: &str, file: &str, line: u32) -> anyhow::Result<Oop> {
    match session.run_smalltalk(source, file) {
        Ok(Ok(value)) => Ok(value),
        Ok(failed) => finish(session, failed).map(|()| Oop::NIL),
        // The compiler counts from the first line of the text.
        Err(SessionError::Compile {
            line: at,
            column,
            message,
            ..
        }) => bail!("{file}:{}:{column}: {message}", line + at - 1),
        Err(e) => Err(e.into()),
    }
}

fn class_named(session: &mut Session, name: &str) -> anyhow::Result<Oop> {
    let (base, class_side) = match name.strip_suffix(" class") {
        Some(base) => (base, true),
        None => (name, false),
    };
    let class = global_at(&mut session.vm, base)?.unwrap_or(Oop::NIL);
    let is_class = session.vm.model.is_module_like(class).unwrap_or(false);
    ensure!(is_class, "there is no class {base}");
    Ok(if class_side {
        session.vm.model.heap.class_of(class)?
    } else {
        class
    })
}

fn check(session: &mut Session, value: Oop, expected: &Expected) -> anyhow::Result<()> {
    let (is, text) = match expected {
        Expected::Value(text) => {
            let wanted = evaluate(session, &format!("{text}\n"), "expectvalue", 1)?;
            let selector = session.vm.model.heap.symbol("=");
            let answer = session.vm.send(value, selector, &[wanted], 0);
            (answer == Ok(Oop::TRUE), text.clone())
        }
        Expected::Class(name) => {
            let class = class_named(session, name)?;
            let is = session.vm.model.heap.class_of(value)? == class;
            (is, format!("an instance of {name}"))
        }
        Expected::Kind(name) => {
            let class = class_named(session, name)?;
            (
                session.vm.model.is_kind_of(value, class)?,
                format!("a kind of {name}"),
            )
        }
    };
    session.vm.unwind_to(0);
    if is {
        return Ok(());
    }
    let found = session.print_string(value)?;
    bail!("expected {text}, got {found}")
}
