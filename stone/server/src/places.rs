//! Where things are: `$MAGLEV_HOME`, data directories, sockets, the seed image.

use std::path::{Path, PathBuf};

/// `$MAGLEV_HOME`, else `~/.maglev`.
pub fn maglev_home() -> PathBuf {
    match std::env::var_os("MAGLEV_HOME").filter(|home| !home.is_empty()) {
        Some(home) => PathBuf::from(home),
        None => {
            PathBuf::from(std::env::var_os("HOME").unwrap_or_else(|| ".".into())).join(".maglev")
        }
    }
}

/// `$MAGLEV_HOME/data/NAME`.
pub fn data_dir(name: &str) -> PathBuf {
    maglev_home().join("data").join(name)
}

/// `$MAGLEV_HOME/run/NAME.sock`.
pub fn socket(name: &str) -> PathBuf {
    maglev_home().join("run").join(format!("{name}.sock"))
}

/// `$MAGLEV_HOME/run/NAME.pid`.
pub fn pid_file(name: &str) -> PathBuf {
    maglev_home().join("run").join(format!("{name}.pid"))
}

/// The Ruby image that a new stone begins with.
pub const SEED_NAME: &str = "extent0.ruby.dbf";

/// The seed image: in `$MAGLEV_IMAGES`, beside the executable (or in `../images`,
/// `../share/maglev` from there), in `$MAGLEV_HOME/images`.
pub fn find_seed() -> Option<PathBuf> {
    let mut dirs: Vec<PathBuf> = Vec::new();
    dirs.extend(std::env::var_os("MAGLEV_IMAGES").map(PathBuf::from));
    let exe = std::env::current_exe().ok();
    if let Some(dir) = exe.as_deref().and_then(Path::parent) {
        dirs.extend([
            dir.to_path_buf(),
            dir.join("../images"),
            dir.join("../share/maglev"),
        ]);
    }
    dirs.push(maglev_home().join("images"));
    dirs.into_iter()
        .map(|dir| dir.join(SEED_NAME))
        .find(|path| path.is_file())
}
