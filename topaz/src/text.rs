//! Pieces of command lines: words, quotes, environment variables.

/// Where `$NAME` gets its value.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The first word of `text` and what follows it, blanks removed.
pub fn first_word(text: &str) -> (&str, &str) {
    let text = text.trim();
    match text.find(char::is_whitespace) {
        Some(at) => (&text[..at], text[at..].trim_start()),
        None => (text, ""),
    }
}

/// The words of `text`. A word in single or double quotes may hold blanks and keeps its quotes.
pub fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let end = word_end(rest);
        words.push(&rest[..end]);
        rest = rest[end..].trim_start();
    }
    words
}

fn word_end(text: &str) -> usize {
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match quote {
            Some(q) if c == q => quote = None,
            Some(_) => {}
            None if c == '\'' || c == '"' => quote = Some(c),
            None if c.is_whitespace() => return at,
            None => {}
        }
    }
    text.len()
}

/// `text` without the quotes around it, doubled quotes inside made single.
pub fn unquoted(text: &str) -> String {
    let text = text.trim();
    for quote in ['\'', '"'] {
        let inner = text
            .strip_prefix(quote)
            .and_then(|t| t.strip_suffix(quote))
            .filter(|_| text.len() >= 2);
        if let Some(inner) = inner {
            let double: String = [quote, quote].iter().collect();
            return inner.replace(&double, &quote.to_string());
        }
    }
    text.to_string()
}

/// `text` as a Smalltalk String literal.
pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// `text` as a Smalltalk Symbol literal.
pub fn symbol(text: &str) -> String {
    format!("#{}", quoted(text.trim().trim_start_matches('#')))
}

/// `text` with `$NAME` and `${NAME}` replaced.
///
/// # Errors
/// When a variable is not set, or a brace is not closed.
pub fn expanded(text: &str, environment: Environment<'_>) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let (name, next) = if let Some(inner) = after.strip_prefix('{') {
            let end = inner
                .find('}')
                .ok_or_else(|| format!("the brace in {text} is not closed"))?;
            (&inner[..end], &inner[end + 1..])
        } else {
            let end = after
                .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .unwrap_or(after.len());
            (&after[..end], &after[end..])
        };
        if name.is_empty() {
            out.push('$');
        } else {
            let value = environment(name).ok_or_else(|| {
                format!("the environment variable {name} is not set; export it before topaz starts")
            })?;
            out.push_str(&value);
        }
        rest = next;
    }
    out.push_str(rest);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_keep_quoted_blanks_together() {
        assert_eq!(
            words("user 'Data Curator'  pass x"),
            ["user", "'Data Curator'", "pass", "x"]
        );
        assert_eq!(words("  "), Vec::<&str>::new());
        assert_eq!(words("'open quote"), ["'open quote"]);
    }

    #[test]
    fn quotes_come_off_and_go_on() {
        assert_eq!(unquoted("'it''s'"), "it's");
        assert_eq!(unquoted("\"a b\""), "a b");
        assert_eq!(unquoted("'"), "'");
        assert_eq!(unquoted("plain"), "plain");
        assert_eq!(quoted("it's"), "'it''s'");
        assert_eq!(symbol("#at:put:"), "#'at:put:'");
    }

    #[test]
    fn variables_expand() {
        let environment = |name: &str| (name == "HOME").then(|| "/h".to_string());
        assert_eq!(
            expanded("$HOME/x${HOME}y", &environment).unwrap(),
            "/h/x/hy"
        );
        assert_eq!(expanded("a$ b$", &environment).unwrap(), "a$ b$");
        assert!(
            expanded("$NOPE/x", &environment)
                .unwrap_err()
                .contains("NOPE")
        );
        assert!(expanded("${HOME", &environment).is_err());
    }
}
