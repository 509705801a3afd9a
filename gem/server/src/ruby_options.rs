//! Ruby's own command line: short options in bundles, values attached or apart, the script, its arguments.

use crate::place::SessionPlace;

/// What the command line asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RubyOptions {
    pub place: SessionPlace,
    /// Texts of `-e`.
    pub expressions: Vec<String>,
    /// `-c`
    pub check: bool,
    /// `-n`, `-p`
    pub loops: bool,
    pub prints: bool,
    /// `-l`
    pub line_ends: bool,
    /// `-a`, `-F`
    pub splits: bool,
    pub separator: Option<String>,
    /// `-0`: octal digits.
    pub record: Option<String>,
    /// `-i`: the suffix of backups.
    pub in_place: Option<String>,
    pub libraries: Vec<String>,
    pub load_path: Vec<String>,
    /// `-S`
    pub search: bool,
    /// `-s`
    pub switches: bool,
    /// `-C`, in order.
    pub directories: Vec<String>,
    /// `-x`: text before `#!ruby` is skipped; with a directory to change to.
    pub extract: Option<String>,
    /// nil, false, true as `$VERBOSE` has them.
    pub verbose: Option<bool>,
    pub debug: bool,
    pub version: bool,
    pub show_version: bool,
    pub help: bool,
    pub script: Option<String>,
    pub arguments: Vec<String>,
}

impl RubyOptions {
    fn new() -> RubyOptions {
        RubyOptions {
            place: SessionPlace::from_environment(),
            expressions: Vec::new(),
            check: false,
            loops: false,
            prints: false,
            line_ends: false,
            splits: false,
            separator: None,
            record: None,
            in_place: None,
            libraries: Vec::new(),
            load_path: Vec::new(),
            search: false,
            switches: false,
            directories: Vec::new(),
            extract: None,
            verbose: Some(false),
            debug: false,
            version: false,
            show_version: false,
            help: false,
            script: None,
            arguments: Vec::new(),
        }
    }

    /// Reads the words after `gem ruby`.
    ///
    /// # Errors
    /// A sentence, for usage errors.
    pub fn parse(words: &[String]) -> Result<RubyOptions, String> {
        let mut options = RubyOptions::new();
        let mut at = 0;
        while at < words.len() {
            let word = &words[at];
            if word == "--" {
                at += 1;
                break;
            }
            if word == "-" || !word.starts_with('-') {
                break;
            }
            if let Some((place, taken)) = SessionPlace::option(words, at)? {
                options.place = place;
                at += taken;
            } else if let Some(long) = word.strip_prefix("--") {
                at += options.long(long, words.get(at + 1))?;
            } else {
                at += options.short(&word[1..], words.get(at + 1))?;
            }
        }
        let mut rest = words[at..].iter().cloned();
        if options.expressions.is_empty() && !options.version && !options.help {
            options.script = rest.next();
        }
        options.arguments = rest.collect();
        Ok(options)
    }

    /// A long option; answers the number of words it took.
    fn long(&mut self, option: &str, next: Option<&String>) -> Result<usize, String> {
        let (name, attached) = match option.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (option, None),
        };
        match name {
            "version" => self.version = true,
            "help" => self.help = true,
            "verbose" => self.verbose = Some(true),
            "debug" => self.debug = true,
            "copyright" => self.version = true,
            "disable" | "enable" | "encoding" | "external-encoding" | "internal-encoding"
            | "parser" | "dump" | "backtrace-limit" => {
                if attached.is_none() {
                    next.ok_or_else(|| format!("missing argument for --{name}"))?;
                    return Ok(2);
                }
            }
            "yjit"
            | "jit"
            | "rjit"
            | "disable-gems"
            | "enable-frozen-string-literal"
            | "disable-frozen-string-literal"
            | "disable-all"
            | "yydebug" => {}
            _ if name.starts_with("disable-")
                || name.starts_with("enable-")
                || name.starts_with("yjit-") => {}
            _ => {
                return Err(format!(
                    "invalid option --{option}  (-h will show valid options)"
                ));
            }
        }
        Ok(1)
    }

    /// A bundle of short options without its dash; answers the number of words it took.
    fn short(&mut self, bundle: &str, next: Option<&String>) -> Result<usize, String> {
        let mut rest = bundle;
        while let Some(c) = rest.chars().next() {
            rest = &rest[c.len_utf8()..];
            match c {
                'c' => self.check = true,
                'n' => self.loops = true,
                'p' => (self.loops, self.prints) = (true, true),
                'l' => self.line_ends = true,
                'a' => self.splits = true,
                's' => self.switches = true,
                'S' => self.search = true,
                'd' => self.debug = true,
                'w' => self.verbose = Some(true),
                'v' => (self.show_version, self.verbose) = (true, Some(true)),
                'h' => self.help = true,
                'U' | 'y' => {}
                'W' => {
                    rest = self.warnings(rest)?;
                }
                '0' => {
                    let digits = rest.find(|c: char| !c.is_digit(8)).unwrap_or(rest.len());
                    self.record = Some(rest[..digits].to_string());
                    rest = &rest[digits..];
                }
                'i' => {
                    self.in_place = Some(rest.to_string());
                    return Ok(1);
                }
                'x' => {
                    self.extract = Some(rest.to_string());
                    return Ok(1);
                }
                'F' => {
                    self.separator = Some(rest.to_string());
                    return Ok(1);
                }
                'K' | 'T' => return Ok(1),
                'e' | 'I' | 'r' | 'C' | 'X' | 'E' => {
                    let (value, taken) = match (rest.is_empty(), next) {
                        (false, _) => (rest.to_string(), 1),
                        (true, Some(next)) => (next.clone(), 2),
                        (true, None) if c == 'e' => {
                            return Err("no code specified for -e".to_string());
                        }
                        (true, None) => return Err(format!("missing argument for -{c}")),
                    };
                    match c {
                        'e' => self.expressions.push(value),
                        'I' => self.load_path.extend(value.split(':').map(String::from)),
                        'r' => self.libraries.push(value),
                        'E' => {}
                        _ => self.directories.push(value),
                    }
                    return Ok(taken);
                }
                '\r' => {}
                _ => return Err(format!("invalid option -{c}  (-h will show valid options)")),
            }
        }
        Ok(1)
    }

    /// `-W`, `-W0` to `-W2`, `-W:no-category`; answers what is left of the bundle.
    fn warnings<'b>(&mut self, rest: &'b str) -> Result<&'b str, String> {
        if rest.starts_with(':') {
            return Ok("");
        }
        let level = rest.chars().next().and_then(|c| c.to_digit(10));
        self.verbose = match level {
            Some(0) => None,
            Some(1) => Some(false),
            _ => Some(true),
        };
        Ok(&rest[level.is_some() as usize..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<RubyOptions, String> {
        let words: Vec<String> = line.split(' ').map(String::from).collect();
        RubyOptions::parse(&words)
    }

    #[test]
    fn bundles_and_values() {
        let o = parse("-ne puts -I a:b -rset -W0 -Cdir x y").unwrap();
        assert!(o.loops && !o.prints);
        assert_eq!(
            (o.expressions, o.load_path, o.libraries),
            (
                vec!["puts".into()],
                vec!["a".to_string(), "b".into()],
                vec!["set".to_string()]
            )
        );
        assert_eq!(
            (o.verbose, o.directories, o.script),
            (None, vec!["dir".to_string()], None)
        );
        assert_eq!(o.arguments, ["x", "y"]);
        let o = parse("-pi.bak -c --stone s file -v").unwrap();
        assert!(o.prints && o.check && o.in_place.as_deref() == Some(".bak"));
        assert_eq!(
            (o.script.as_deref(), o.place),
            (Some("file"), SessionPlace::Stone("s".into()))
        );
        assert_eq!(o.arguments, ["-v"]);
        assert_eq!(parse("-w -- -odd").unwrap().script.as_deref(), Some("-odd"));
        assert_eq!(parse("- a").unwrap().script.as_deref(), Some("-"));
        assert_eq!(
            parse("-0777 -ane x").unwrap().record.as_deref(),
            Some("777")
        );
    }

    #[test]
    fn mistakes_are_told() {
        assert_eq!(parse("-e").unwrap_err(), "no code specified for -e");
        assert_eq!(
            parse("-Q").unwrap_err(),
            "invalid option -Q  (-h will show valid options)"
        );
        assert!(parse("--nonsense").unwrap_err().contains("--nonsense"));
        assert!(parse("--data").is_err());
    }
}
