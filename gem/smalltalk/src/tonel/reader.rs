//! The file as a whole: comment, definition, methods.

use super::properties::{Cursor, Value};
use super::{ClassDefinition, ClassFile, MethodSource};
use crate::error::Issue;

/// The category of methods whose properties name none.
const NO_CATEGORY: &str = "as yet unclassified";

pub(super) fn read(text: &str) -> Result<ClassFile, Issue> {
    let mut cursor = Cursor { text, at: 0 };
    let mut file = ClassFile::default();
    cursor.skip_blanks();
    if cursor.peek() == Some('"') {
        let comment = cursor.quoted('"')?;
        file.comment = trim_line_ends(&comment).to_string();
    }
    let (class, env) = definition(&mut cursor, &mut file)?;
    loop {
        cursor.skip_blanks();
        if cursor.rest().is_empty() {
            return Ok(file);
        }
        file.methods.push(method(&mut cursor, &class, env)?);
    }
}

/// The line ends after the opening and before the closing quote are the format's, not the comment's.
fn trim_line_ends(comment: &str) -> &str {
    let inner = comment
        .strip_prefix("\r\n")
        .or_else(|| comment.strip_prefix('\n'))
        .unwrap_or(comment);
    inner.trim_end_matches(['\r', '\n'])
}

/// Reads `Class { … }` or `Extension { … }`; answers the class's name and the environment of methods that name none.
fn definition(cursor: &mut Cursor<'_>, file: &mut ClassFile) -> Result<(String, u8), Issue> {
    cursor.skip_blanks();
    let start = cursor.at;
    let kind = cursor.word();
    if !matches!(kind, "Class" | "Extension") {
        let message = match kind {
            "Trait" => "traits are not supported",
            "Package" => "this file describes a package, not a class",
            _ => "\"Class\" or \"Extension\" expected",
        };
        return Err(Issue::new(start, message));
    }
    let entries = cursor.map()?;
    let fail = |message: &str| Issue::new(start, message);
    let mut definition = ClassDefinition {
        kind: "normal".to_string(),
        ..ClassDefinition::default()
    };
    let mut env = 0;
    for (key, value) in entries {
        let wrong = || fail(&format!("#{key} has a value of another form than expected"));
        match key.as_str() {
            "name" => definition.name = text(value).ok_or_else(wrong)?,
            "superclass" => definition.superclass = text(value).filter(|name| name != "nil"),
            "category" => definition.category = text(value).ok_or_else(wrong)?,
            // The category counts, when both are there.
            "package" if definition.category.is_empty() => {
                definition.category = text(value).ok_or_else(wrong)?;
            }
            "type" => definition.kind = text(value).ok_or_else(wrong)?,
            "instVars" => definition.inst_vars = texts(value).ok_or_else(wrong)?,
            "classVars" => definition.class_vars = texts(value).ok_or_else(wrong)?,
            "classInstVars" => definition.class_inst_vars = texts(value).ok_or_else(wrong)?,
            "pools" => definition.pools = texts(value).ok_or_else(wrong)?,
            "gs_options" => definition.options = texts(value).ok_or_else(wrong)?,
            "gs_reservedoop" => {
                let oop = text(value).and_then(|t| t.parse().ok());
                definition.reserved_oop = Some(oop.ok_or_else(wrong)?);
            }
            "env" => env = environment(value).ok_or_else(wrong)?,
            _ => {}
        }
    }
    if definition.name.is_empty() {
        return Err(fail("#name is missing"));
    }
    let name = definition.name.clone();
    match kind {
        "Class" => file.definition = Some(definition),
        _ => file.extends = Some(extended(&name).to_string()),
    }
    Ok((name, env))
}

/// An extension may be of `Foo class`; which side a method is on, its own header says.
fn extended(name: &str) -> &str {
    name.strip_suffix(" class").unwrap_or(name)
}

fn method(cursor: &mut Cursor<'_>, class: &str, env: u8) -> Result<MethodSource, Issue> {
    let mut method = MethodSource {
        category: NO_CATEGORY.to_string(),
        env,
        ..MethodSource::default()
    };
    skip_comments(cursor)?;
    if cursor.peek() == Some('{') {
        let start = cursor.at;
        for (key, value) in cursor.map()? {
            let wrong = || Issue::new(start, format!("#{key} has a value of another form"));
            match key.as_str() {
                "category" => method.category = text(value).ok_or_else(wrong)?,
                "env" => method.env = environment(value).ok_or_else(wrong)?,
                _ => {}
            }
        }
    }
    method.class_side = owner(cursor, class)?;
    header_and_body(cursor, &mut method)?;
    Ok(method)
}

/// Comments between methods belong to nobody.
fn skip_comments(cursor: &mut Cursor<'_>) -> Result<(), Issue> {
    loop {
        cursor.skip_blanks();
        if cursor.peek() != Some('"') {
            return Ok(());
        }
        cursor.quoted('"')?;
    }
}

/// `Name >>` or `Name class >>`; whether it is the class side.
fn owner(cursor: &mut Cursor<'_>, class: &str) -> Result<bool, Issue> {
    cursor.skip_blanks();
    let start = cursor.at;
    let name = cursor.word();
    if name.is_empty() {
        return Err(cursor.issue("a method expected: ClassName >> selector [ body ]"));
    }
    if name != extended(class) {
        let message = format!("a method of {name} in the file of {class}");
        return Err(Issue::new(start, message));
    }
    cursor.skip_blanks();
    let class_side = cursor.rest().starts_with("class") && {
        let after = &cursor.rest()["class".len()..];
        after.starts_with(char::is_whitespace) || after.starts_with(">>")
    };
    if class_side {
        cursor.at += "class".len();
        cursor.skip_blanks();
    }
    if !cursor.rest().starts_with(">>") {
        return Err(cursor.issue("\">>\" expected"));
    }
    cursor.at += 2;
    Ok(class_side)
}

fn header_and_body(cursor: &mut Cursor<'_>, method: &mut MethodSource) -> Result<(), Issue> {
    cursor.skip_blanks();
    let start = cursor.at;
    // No selector and no argument's name has a bracket in it.
    let Some(length) = cursor.rest().find('[') else {
        return Err(cursor.issue("\"[\" expected after the method's pattern"));
    };
    let pattern = cursor.rest()[..length].trim_end();
    cursor.at += length + 1;
    let body_start = cursor.at;
    let end = body_end(cursor.text, body_start)
        .ok_or_else(|| Issue::new(body_start - 1, "this method's bracket is not closed"))?;
    let body = &cursor.text[body_start..end];
    cursor.at = end + 1;
    method.selector = crate::parser::parse_selector(pattern)
        .map_err(|issue| Issue::new(start + issue.position, issue.message))?;
    method.line = cursor.text[..start].matches('\n').count() as u32 + 1;
    // The body's line ends stay, so that lines of the source are lines of the file.
    let gap = match body.starts_with(char::is_whitespace) {
        true => "",
        false => " ",
    };
    method.source = format!("{pattern}{gap}{}", body.trim_end());
    Ok(())
}

/// Position of the bracket that closes the one before `start`. Brackets in strings, comments and characters do not count.
fn body_end(text: &str, start: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut depth = 0usize;
    let mut at = start;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'[' => depth += 1,
            b']' if depth == 0 => return Some(at),
            b']' => depth -= 1,
            // A doubled quote ends one string and begins the next, which comes to the same.
            b'\'' | b'"' => at += 1 + bytes[at + 1..].iter().position(|&b| b == byte)?,
            // All bytes of a longer character are above the ASCII ones.
            b'$' => at += 1,
            _ => {}
        }
        at += 1;
    }
    None
}

fn text(value: Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

fn texts(value: Value) -> Option<Vec<String>> {
    match value {
        Value::List(values) => values.into_iter().map(text).collect(),
        Value::Text(names) => Some(names.split_whitespace().map(str::to_string).collect()),
        Value::Nil => Some(Vec::new()),
        Value::Map(_) => None,
    }
}

fn environment(value: Value) -> Option<u8> {
    match text(value)?.as_str() {
        "0" => Some(0),
        "1" => Some(1),
        _ => None,
    }
}
