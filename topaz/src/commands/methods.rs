//! Compiling and removing methods: method, classmethod, category, removeallmethods, removeallclassmethods.

use crate::command::Request;
use crate::errors::Complaint;
use crate::session::{Language, MethodText};
use crate::specification::is_name;
use crate::text::unquoted;
use crate::topaz::{Done, Flow, Topaz};

pub fn method(topaz: &mut Topaz, request: &Request) -> Done {
    compile(topaz, request, false)
}

pub fn class_method(topaz: &mut Topaz, request: &Request) -> Done {
    compile(topaz, request, true)
}

fn compile(topaz: &mut Topaz, request: &Request, class_side: bool) -> Done {
    let name = topaz.class_or_current(&request.rest)?;
    let (class, class_side) = match name.strip_suffix(" class") {
        Some(class) => (class.to_string(), true),
        None => (name, class_side),
    };
    let category = topaz.settings.category.clone();
    let environment = topaz.settings.compile_env;
    topaz.session()?.compile(&MethodText {
        class: &class,
        class_side,
        category: &category,
        environment,
        source: request.text.strip_suffix('\n').unwrap_or(&request.text),
    })?;
    Ok(Flow::Next)
}

pub fn category(topaz: &mut Topaz, request: &Request) -> Done {
    let name = unquoted(&request.rest);
    if name.is_empty() {
        return Err("category: NAME".into());
    }
    topaz.settings.category = name;
    Ok(Flow::Next)
}

pub fn remove_all_methods(topaz: &mut Topaz, request: &Request) -> Done {
    let class = topaz.class_or_current(&request.rest)?;
    remove_all(topaz, &class)
}

pub fn remove_all_class_methods(topaz: &mut Topaz, request: &Request) -> Done {
    let class = topaz.class_or_current(&request.rest)?;
    remove_all(topaz, &format!("{class} class"))
}

fn remove_all(topaz: &mut Topaz, class: &str) -> Done {
    let environment = topaz.settings.compile_env;
    let source = format!(
        "| all |\nall := {class} selectorsForEnvironment: {environment}.\n\
         all do: [ :each | {class} removeSelector: each environmentId: {environment} ].\n\
         all size printString\n"
    );
    let count = topaz.text_answer(&source)?;
    topaz.say(&format!("{count} methods removed from {class}"));
    Ok(Flow::Next)
}

impl Topaz {
    /// The class named, or that of `set class`. May end in ` class`.
    ///
    /// # Errors
    /// When neither is there, or the name is none.
    pub fn class_or_current(&self, name: &str) -> Result<String, Complaint> {
        let name = unquoted(name);
        let name = if name.is_empty() {
            self.settings.class.clone()
        } else {
            name.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        if name.is_empty() {
            return Err("name a class, or choose one with set class NAME".into());
        }
        if !is_name(name.strip_suffix(" class").unwrap_or(&name)) {
            return Err(format!("{name} is no class name").into());
        }
        Ok(name)
    }

    /// Runs Smalltalk that answers a String, and answers its characters. The stopped process is left alone.
    ///
    /// # Errors
    /// What the code raised; an answer that is no String.
    pub fn text_answer(&mut self, source: &str) -> Result<String, Complaint> {
        let session = self.session()?;
        let value = session.execute(Language::Smalltalk, source, false)?;
        session
            .text(value)
            .ok_or_else(|| "the session did not answer a String".into())
    }
}
