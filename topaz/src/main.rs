//! The program `topaz`.

use clap::Parser;
use gem_server::SessionPlace;
use gem_server::console::complain;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use topaz::gem::Doors;
use topaz::input::{Inputs, Lines, Source, Terminal};
use topaz::output::Output;
use topaz::topaz::Topaz;

/// Command line and debugger for a MagLev repository.
#[derive(Parser)]
#[command(name = "topaz", version, disable_help_subcommand = true)]
struct Arguments {
    /// No banner.
    #[arg(short = 'q')]
    quiet: bool,
    /// Do not read .topazini.
    #[arg(short = 'i', conflicts_with = "init")]
    ignore_init: bool,
    /// Commands to run first, in place of .topazini.
    #[arg(short = 'I', value_name = "INIT")]
    init: Option<PathBuf>,
    /// Run this script, then leave.
    #[arg(short = 'S', value_name = "SCRIPT")]
    script: Option<PathBuf>,
    /// A running stone: NAME, unix:PATH, or https://HOST:PORT; $MAGLEV_STONE is the default.
    #[arg(long, conflicts_with = "data")]
    stone: Option<String>,
    /// An embedded stone on this directory.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// A read-only image.
    #[arg(long, value_name = "FILE.dbf", conflicts_with_all = ["stone", "data"])]
    image: Option<PathBuf>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    gem_session::quiet_panics();
    gem_session::guarded(|| run(&arguments)).unwrap_or_else(|e| {
        complain(format_args!("topaz: {e}"));
        ExitCode::from(1)
    })
}

fn run(arguments: &Arguments) -> ExitCode {
    let variables = |name: &str| std::env::var(name).ok();
    let source = match source(arguments.script.as_deref()) {
        Ok(source) => source,
        Err(text) => {
            complain(format_args!("topaz: {text}"));
            return ExitCode::from(1);
        }
    };
    let name = arguments
        .script
        .as_deref()
        .map_or_else(|| "standard input".to_string(), |p| p.display().to_string());
    let mut inputs = Inputs::new(source, &name);
    let interactive = inputs.is_interactive();
    if let Some(init) = init_file(arguments)
        && let Err(text) = inputs.push(&init)
    {
        complain(format_args!("topaz: {text}"));
        return ExitCode::from(1);
    }
    let place = place(arguments);
    let mut topaz = Topaz::new(
        Box::new(Doors::new(place)),
        inputs,
        Output::new(Box::new(std::io::stdout())),
        Box::new(variables),
    );
    if !arguments.quiet && interactive {
        topaz.say(&format!(
            "MagLev topaz {}: help lists the commands, login opens a session.",
            env!("CARGO_PKG_VERSION")
        ));
    }
    let status = topaz.run();
    topaz.close_all();
    ExitCode::from(status.clamp(0, 255) as u8)
}

fn place(arguments: &Arguments) -> SessionPlace {
    if let Some(directory) = &arguments.data {
        return SessionPlace::Data(directory.clone());
    }
    if let Some(file) = &arguments.image {
        return SessionPlace::Image(file.clone());
    }
    match &arguments.stone {
        Some(stone) => SessionPlace::Stone(stone.clone()),
        None => SessionPlace::from_environment(),
    }
}

/// The script, a terminal, or whatever standard input is.
fn source(script: Option<&Path>) -> Result<Box<dyn Source>, String> {
    use std::io::IsTerminal;
    if let Some(path) = script {
        let file = std::fs::File::open(path)
            .map_err(|e| format!("cannot read the script {}: {e}", path.display()))?;
        return Ok(Box::new(Lines(std::io::BufReader::new(file))));
    }
    if std::io::stdin().is_terminal() {
        let history = home().map(|home| home.join("topaz_history"));
        let terminal = Terminal::open(history).map_err(|e| {
            format!("cannot use the terminal: {e}; input from a pipe works without")
        })?;
        return Ok(Box::new(terminal));
    }
    Ok(Box::new(Lines(std::io::BufReader::new(std::io::stdin()))))
}

/// `$MAGLEV_HOME`, else `~/.maglev`.
fn home() -> Option<PathBuf> {
    std::env::var_os("MAGLEV_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::home_dir().map(|home| home.join(".maglev")))
}

/// The file given with -I; without it `.topazini` here, then in the home directory.
fn init_file(arguments: &Arguments) -> Option<PathBuf> {
    if arguments.ignore_init {
        return None;
    }
    if let Some(init) = &arguments.init {
        return Some(init.clone());
    }
    let here = PathBuf::from(".topazini");
    let candidates = [
        Some(here),
        std::env::home_dir().map(|home| home.join(".topazini")),
    ];
    candidates.into_iter().flatten().find(|path| path.is_file())
}
