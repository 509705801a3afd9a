//! `gem`: one session of a repository, for Ruby and Smalltalk programs.

use gem_server::console::complain;
use std::process::ExitCode;

fn main() -> ExitCode {
    gem_session::quiet_panics();
    let mut words = Vec::new();
    for word in std::env::args_os().skip(1) {
        match word.into_string() {
            Ok(word) => words.push(word),
            Err(word) => {
                complain(format_args!(
                    "gem: the argument {} is no UTF-8",
                    word.to_string_lossy()
                ));
                return ExitCode::from(2);
            }
        }
    }
    ExitCode::from(gem_server::run(words))
}
