//! The command line of `stone`.

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

#[derive(Parser)]
#[command(name = "stone", version, about = "Serves a MagLev repository")]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Starts a stone; returns when it serves
    Start(Start),
    /// Stops a stone in order
    Stop {
        #[command(flatten)]
        stone: Name,
        /// Although sessions are logged in
        #[arg(long)]
        force: bool,
    },
    /// Says how a stone is
    Status {
        #[command(flatten)]
        stone: Name,
        #[arg(long)]
        json: bool,
    },
    /// Lists the sessions of a stone
    Sessions {
        #[command(flatten)]
        stone: Name,
        #[arg(long)]
        json: bool,
    },
    /// Waits until a stone serves
    Wait {
        #[command(flatten)]
        stone: Name,
        #[arg(long, default_value_t = 60)]
        seconds: u64,
    },
    /// Packs recent commits into pages of the extent
    Checkpoint {
        #[command(flatten)]
        stone: Name,
    },
    /// Collects garbage of the repository
    Gc {
        #[command(flatten)]
        stone: Name,
    },
    /// Writes a .dbf of the newest commit
    Backup {
        /// [NAME] FILE.dbf
        #[arg(num_args = 1..=2, required = true, value_names = ["NAME", "FILE.dbf"])]
        words: Vec<String>,
    },
    /// Makes a data directory from a .dbf and tranlogs
    Restore {
        file: PathBuf,
        #[arg(long)]
        data: PathBuf,
        /// Directory of the tranlogs to replay
        #[arg(long)]
        tranlogs: Option<PathBuf>,
        /// Commit number, or a time as unix seconds with a leading @
        #[arg(long, requires = "tranlogs")]
        until: Option<String>,
    },
    /// Reads everything and says what is wrong
    Audit {
        /// NAME of a running stone, or a FILE.dbf
        target: Option<String>,
        /// Data directory of a stopped stone
        #[arg(long, conflicts_with = "target")]
        data: Option<PathBuf>,
    },
}

#[derive(Args)]
pub struct Name {
    #[arg(default_value = "maglev")]
    pub name: String,
}

#[derive(Args)]
pub struct Start {
    #[command(flatten)]
    pub stone: Name,
    /// Data directory [default: $MAGLEV_HOME/data/NAME]
    #[arg(long)]
    pub data: Option<PathBuf>,
    /// What an empty data directory begins with [default: the Ruby image]
    #[arg(long)]
    pub seed: Option<PathBuf>,
    /// unix:PATH [default: unix:$MAGLEV_HOME/run/NAME.sock]
    #[arg(long)]
    pub listen: Vec<String>,
    /// Serves in this process
    #[arg(long)]
    pub foreground: bool,
    /// Says on standard output when it serves, for the process that started it
    #[arg(long, hide = true)]
    pub announce: bool,
}
