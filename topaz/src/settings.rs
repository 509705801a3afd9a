//! What `set`, `display`, `level` and `limit` change.

use crate::session::Login;

/// The parameters of `set`, once: name, what it is for. Their order decides nothing.
pub const PARAMETERS: &[(&str, &str)] = &[
    ("category", "category of methods"),
    ("class", "class of methods, and of the browsing commands"),
    (
        "compile_env",
        "environment that methods are compiled into: 0 Smalltalk, 1 Ruby",
    ),
    ("editorname", "kept for scripts; nothing uses it"),
    (
        "enableremoveallmethods",
        "kept for scripts; nothing uses it",
    ),
    ("gemnetid", "kept for scripts; nothing uses it"),
    ("gemstone", "name of the stone to log in to"),
    ("history", "command lines that are remembered"),
    ("hostpassword", "kept for scripts; nothing uses it"),
    ("hostusername", "kept for scripts; nothing uses it"),
    ("inconversion", "kept for scripts; nothing uses it"),
    (
        "listwindow",
        "lines that list shows around the current one; 0 is all",
    ),
    ("nrsdefaults", "kept for scripts; nothing uses it"),
    (
        "password",
        "kept for scripts; a stone on this machine asks the operating system who you are",
    ),
    ("session", "the session that commands go to"),
    ("sourcestringclass", "kept for scripts; nothing uses it"),
    ("stackpad", "kept for scripts; nothing uses it"),
    ("tab", "kept for scripts; nothing uses it"),
    ("transactionmode", "kept for scripts; nothing uses it"),
    ("username", "name of the user"),
];

/// The switches of `display` and `omit`, once.
pub const SWITCHES: &[(&str, &str)] = &[
    ("classoops", "ids of the classes of objects"),
    ("echo", "commands of scripts"),
    ("oops", "ids and sizes of objects"),
    (
        "pauseonerror",
        "a pause after each error, when a person is there",
    ),
    ("resultcheck", "the outcome of expectvalue and expecterror"),
];

/// The row that `word` names or begins.
///
/// # Errors
/// What is wrong with the word.
pub fn row(
    table: &'static [(&'static str, &'static str)],
    what: &str,
    word: &str,
) -> Result<&'static str, String> {
    let wanted = word.trim_end_matches(':').to_lowercase();
    if let Some((name, _)) = table.iter().find(|(name, _)| *name == wanted) {
        return Ok(name);
    }
    let begins: Vec<&'static str> = table
        .iter()
        .map(|(name, _)| *name)
        .filter(|name| !wanted.is_empty() && name.starts_with(&wanted))
        .collect();
    match begins.as_slice() {
        [one] => Ok(one),
        [] => Err(format!(
            "unknown {what}: {word}; known are {}",
            table
                .iter()
                .map(|(name, _)| *name)
                .collect::<Vec<_>>()
                .join(", ")
        )),
        several => Err(format!("{word} could be {}", several.join(", "))),
    }
}

/// What results look like.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Display {
    pub oops: bool,
    pub class_oops: bool,
    pub result_check: bool,
    pub pause_on_error: bool,
    pub echo: bool,
    pub level: usize,
    /// 0 is no limit.
    pub bytes_max: usize,
    /// 0 is no limit.
    pub oops_max: usize,
}

impl Display {
    /// The switch called `name` in `SWITCHES`.
    pub fn switch(&mut self, name: &str) -> Option<&mut bool> {
        Some(match name {
            "oops" => &mut self.oops,
            "classoops" => &mut self.class_oops,
            "resultcheck" => &mut self.result_check,
            "pauseonerror" => &mut self.pause_on_error,
            "echo" => &mut self.echo,
            _ => return None,
        })
    }
}

/// What `set` changes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    pub login: Login,
    /// Empty: none chosen.
    pub class: String,
    pub category: String,
    pub compile_env: u8,
    pub list_window: usize,
    pub history_max: usize,
    /// Parameters that scripts set and nothing uses.
    pub kept: Vec<(String, String)>,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            login: Login {
                stone: None,
                user: "DataCurator".to_string(),
            },
            class: String::new(),
            category: "as yet unclassified".to_string(),
            compile_env: 0,
            list_window: 0,
            history_max: 1000,
            kept: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_and_switches_may_be_shortened() {
        assert_eq!(row(PARAMETERS, "parameter", "user"), Ok("username"));
        assert_eq!(
            row(PARAMETERS, "parameter", "compile_env:"),
            Ok("compile_env")
        );
        assert_eq!(row(SWITCHES, "switch", "pauseone"), Ok("pauseonerror"));
        assert!(row(PARAMETERS, "parameter", "host").is_err());
        assert!(
            row(SWITCHES, "switch", "nothing")
                .unwrap_err()
                .contains("known are")
        );
    }

    #[test]
    fn every_switch_has_a_place() {
        let mut display = Display::default();
        for (name, _) in SWITCHES {
            assert!(display.switch(name).is_some(), "{name}");
        }
    }
}
