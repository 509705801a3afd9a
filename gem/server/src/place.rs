//! Where a session lives: at a running stone, on a data directory in this process, on the read-only image.

use std::path::PathBuf;
use stone_server::places;

/// See the module text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionPlace {
    /// A name, `unix:PATH` or `https://HOST:PORT`.
    Stone(String),
    /// An embedded stone on this directory.
    Data(PathBuf),
    /// A read-only `.dbf` file.
    Image(PathBuf),
    /// The read-only Ruby image, wherever it is found.
    Default,
}

/// Options that name a place.
const OPTIONS: &[&str] = &["--stone", "--data", "--image"];

impl SessionPlace {
    /// What the environment says.
    pub fn from_environment() -> SessionPlace {
        match std::env::var("MAGLEV_STONE").ok().filter(|s| !s.is_empty()) {
            Some(name) => SessionPlace::Stone(name),
            None => SessionPlace::Default,
        }
    }

    /// The place that `words[at]` names, and how many words it took; `None` when it is another option.
    ///
    /// # Errors
    /// A sentence when the value is missing.
    pub fn option(words: &[String], at: usize) -> Result<Option<(SessionPlace, usize)>, String> {
        let word = words[at].as_str();
        let (name, value, taken) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value.to_string()), 1),
            None => (word, words.get(at + 1).cloned(), 2),
        };
        if !OPTIONS.contains(&name) {
            return Ok(None);
        }
        let value = value
            .filter(|v| !v.is_empty())
            .ok_or_else(|| format!("{name} needs a value"))?;
        let place = match name {
            "--stone" => SessionPlace::Stone(value),
            "--data" => SessionPlace::Data(PathBuf::from(value)),
            _ => SessionPlace::Image(PathBuf::from(value)),
        };
        Ok(Some((place, taken)))
    }

    /// In a few words, for messages.
    pub fn describe(&self) -> String {
        match self {
            SessionPlace::Stone(name) => format!("stone {name}"),
            SessionPlace::Data(dir) => format!("the data in {}", dir.display()),
            SessionPlace::Image(file) => format!("the read-only image {}", file.display()),
            SessionPlace::Default => "the read-only image".to_string(),
        }
    }

    /// What programs see as the stone's name.
    pub fn stone_name(&self) -> String {
        match self {
            SessionPlace::Stone(name) => name.clone(),
            _ => "embedded".to_string(),
        }
    }
}

/// A stone's name becomes the address of its socket; addresses stay.
///
/// # Errors
/// A sentence for what is neither a name nor an address.
pub fn address_of(name: &str) -> Result<String, String> {
    if name.starts_with("unix:") || name.starts_with("https://") {
        return Ok(name.to_string());
    }
    if name.is_empty() || name.starts_with('.') || name.contains(['/', '\0', ':']) {
        return Err(format!(
            "{name:?} names no stone: write NAME, unix:PATH or https://HOST:PORT"
        ));
    }
    Ok(format!("unix:{}", places::socket(name).display()))
}

/// The Ruby image of this installation.
///
/// # Errors
/// A sentence when there is none.
pub fn ruby_image() -> Result<PathBuf, String> {
    places::find_seed().ok_or_else(|| {
        format!(
            "there is no image {}: make one with image-builder and say where with --image FILE or $MAGLEV_IMAGES, or use a stone with --stone NAME",
            places::SEED_NAME
        )
    })
}

/// The folder of Ruby's library files that come with this installation: `$MAGLEV_RUBY_LIB`, else `ruby-src/lib` beside the programs
/// or in a folder above them.
pub fn ruby_library() -> Option<PathBuf> {
    if let Some(dir) = std::env::var_os("MAGLEV_RUBY_LIB") {
        return Some(PathBuf::from(dir));
    }
    let program = std::env::current_exe().ok()?;
    let above = program.ancestors().skip(1).take(LEVELS_ABOVE_PROGRAM);
    above
        .map(|dir| dir.join("ruby-src/lib"))
        .find(|dir| dir.is_dir())
}

/// `target/release/gem` lies two folders below the sources.
const LEVELS_ABOVE_PROGRAM: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_name_places() {
        let words: Vec<String> = ["--data", "d", "--stone=s", "-e", "--image"]
            .map(String::from)
            .to_vec();
        assert_eq!(
            SessionPlace::option(&words, 0).unwrap(),
            Some((SessionPlace::Data("d".into()), 2))
        );
        assert_eq!(
            SessionPlace::option(&words, 2).unwrap(),
            Some((SessionPlace::Stone("s".into()), 1))
        );
        assert_eq!(SessionPlace::option(&words, 3).unwrap(), None);
        assert_eq!(
            SessionPlace::option(&words, 4).unwrap_err(),
            "--image needs a value"
        );
    }

    #[test]
    fn names_become_sockets() {
        assert!(address_of("maglev").unwrap().ends_with("/run/maglev.sock"));
        assert_eq!(address_of("unix:/x").unwrap(), "unix:/x");
        assert!(address_of("../x").is_err() && address_of("").is_err());
    }
}
