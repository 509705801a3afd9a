//! Where the sources are. Names of files in the image are relative to this folder, so that the image does not depend on where it was built.

use std::path::{Path, PathBuf};

/// The folder with `smalltalk-src` and `ruby-src`.
#[derive(Debug, Clone)]
pub struct Sources {
    root: PathBuf,
}

impl Sources {
    /// The given folder, else the nearest from the current one upward, else one beside the program.
    ///
    /// # Errors
    /// When there is none.
    pub fn find(given: Option<&Path>) -> anyhow::Result<Sources> {
        let is_root = |p: &Path| p.join("smalltalk-src/kernel/manifest").is_file();
        if let Some(root) = given {
            anyhow::ensure!(
                is_root(root),
                "{} holds no smalltalk-src/kernel/manifest",
                root.display()
            );
            return Ok(Sources {
                root: root.to_path_buf(),
            });
        }
        let here = std::env::current_dir()?;
        let program = std::env::current_exe()?;
        let places = here.ancestors().chain(program.ancestors().skip(1));
        let beside = program.ancestors().skip(1).map(|p| p.join("share/maglev"));
        places
            .map(Path::to_path_buf)
            .chain(beside)
            .find(|p| is_root(p))
            .map(|root| Sources { root })
            .ok_or_else(|| anyhow::anyhow!("no smalltalk-src/kernel/manifest from here upward: say where with --sources DIR"))
    }

    /// A folder by its path from the root.
    pub fn folder(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }
}
