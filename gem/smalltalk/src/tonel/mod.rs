//! Tonel v3, the format of Smalltalk source files: one class, or extensions of one class, per file.
//!
//! A file is an optional comment in double quotes, a definition (`Class { … }` or `Extension { … }`), then methods, each with
//! its properties before it and its body in brackets. Older files that write names as symbols are read too.
//!
//! Must not know: what the source of a method means beyond where it ends.

mod properties;
mod reader;

use crate::error::CompileError;

/// What one file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClassFile {
    /// For a class file.
    pub definition: Option<ClassDefinition>,
    /// For an extension file: the class that the methods go to.
    pub extends: Option<String>,
    /// Empty when there is none.
    pub comment: String,
    pub methods: Vec<MethodSource>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClassDefinition {
    pub name: String,
    /// None for a root class (`nil`).
    pub superclass: Option<String>,
    pub category: String,
    /// `normal`, `variable`, `bytes`, `words`, `weak`, `immediate` and whatever else the file says.
    pub kind: String,
    pub inst_vars: Vec<String>,
    pub class_vars: Vec<String>,
    pub class_inst_vars: Vec<String>,
    pub pools: Vec<String>,
    /// `#gs_options`
    pub options: Vec<String>,
    /// `#gs_reservedoop`
    pub reserved_oop: Option<u64>,
}

/// One method, ready for `compile_method`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MethodSource {
    pub class_side: bool,
    pub selector: String,
    pub category: String,
    /// 0 Smalltalk, 1 Ruby.
    pub env: u8,
    /// Pattern and body; its lines are the file's.
    pub source: String,
    /// Line of the file on which the source begins.
    pub line: u32,
}

/// Reads a file. `file_name` only appears in messages.
///
/// # Errors
/// The first place that is no Tonel, or that says something impossible.
pub fn parse(file_name: &str, text: &str) -> Result<ClassFile, CompileError> {
    let lines = crate::error::Lines::new(text, 1);
    reader::read(text).map_err(|issue| {
        let mut error = lines.error(text, issue);
        error.message = format!("{file_name}: {}", error.message);
        error
    })
}

#[cfg(test)]
mod tests;
