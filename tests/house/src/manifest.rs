//! The dependency tables of a `Cargo.toml`, as far as this repository writes them: one dependency a line.

/// One dependency as a manifest names it.
#[derive(Debug, PartialEq, Eq)]
pub struct Dependency {
    pub name: String,
    /// From `[dev-dependencies]`: only tests see it.
    pub dev: bool,
}

/// What the package of a manifest is called; `None` for a manifest of a workspace only.
pub fn package_name(manifest: &str) -> Option<String> {
    let mut section = String::new();
    for line in manifest.lines().map(str::trim) {
        if line.starts_with('[') {
            section = line.to_string();
        } else if section == "[package]"
            && let Some((key, value)) = line.split_once('=')
            && key.trim() == "name"
        {
            return Some(value.trim().trim_matches('"').to_string());
        }
    }
    None
}

/// The dependencies of a manifest, those of build scripts and of single targets included.
///
/// # Panics
/// For a line in a dependency table that is neither `name… = …` nor a comment: better than to overlook one.
pub fn dependencies(manifest: &str) -> Vec<Dependency> {
    let mut found = Vec::new();
    // Whether lines are dependencies now, and of tests only.
    let mut table: Option<bool> = None;
    for line in manifest.lines().map(str::trim) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(header) = line.strip_prefix('[') {
            let header = header.trim_end_matches(']');
            let last = header.rsplit('.').next().unwrap_or(header);
            table = match last {
                _ if header.starts_with("workspace") => None,
                "dependencies" | "build-dependencies" => Some(false),
                "dev-dependencies" => Some(true),
                _ => None,
            };
            // `[dependencies.name]`: the table of a single dependency.
            if let Some((kind, name)) = header.rsplit_once('.')
                && kind.ends_with("dependencies")
                && !header.starts_with("workspace")
            {
                let dev = kind.ends_with("dev-dependencies");
                let name = name.to_string();
                found.push(Dependency { name, dev });
            }
            continue;
        }
        let Some(dev) = table else { continue };
        let Some((key, _)) = line.split_once('=') else {
            // The rest of a list that goes over several lines.
            assert!(
                line.starts_with(['"', ']', '}']) || line.ends_with(','),
                "not understood in a dependency table: {line}"
            );
            continue;
        };
        let name = key.trim().split('.').next().unwrap_or("").to_string();
        found.push(Dependency { name, dev });
    }
    found
}
