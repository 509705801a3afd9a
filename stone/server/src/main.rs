//! The `stone` program: starts, stops and looks after a repository.

mod cli;
mod commands;
mod start;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = match cli::Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(error.exit_code() as u8);
        }
    };
    match commands::run(arguments.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(text) => {
            stone_server::console::complain(format_args!("stone: {text}"));
            ExitCode::FAILURE
        }
    }
}
