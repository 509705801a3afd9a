//! Which of gem's programs runs.

use crate::{irb, ruby_command, smalltalk_command};

const USAGE: &str = "\
usage: gem ruby [OPTIONS OF RUBY] [FILE | -] [ARGS...]
       gem smalltalk [-e CODE | FILE] [ARGS...]
       gem irb
where the session lives:
       --stone NAME | unix:PATH | https://HOST:PORT    a running stone (also $MAGLEV_STONE)
       --data DIR                                      an embedded stone on DIR
       --image FILE                                    a read-only image
       (none)                                          the read-only Ruby image: nothing persists";

/// Runs `gem` with these words and answers its exit status.
pub fn run(words: Vec<String>) -> u8 {
    let Some((program, rest)) = words.split_first() else {
        eprintln!("{USAGE}");
        return 2;
    };
    match program.as_str() {
        "ruby" => ruby_command::run(rest),
        "smalltalk" => smalltalk_command::run(rest),
        "irb" => irb::run(rest),
        "serve" => {
            eprintln!(
                "gem: serve is not in this version; programs reach a repository with gem ruby or gem smalltalk and --stone NAME"
            );
            1
        }
        "--version" | "version" => {
            println!("gem {}", env!("CARGO_PKG_VERSION"));
            0
        }
        "--help" | "-h" | "help" => {
            println!("{USAGE}");
            0
        }
        other => {
            eprintln!("gem: there is no program {other}\n{USAGE}");
            2
        }
    }
}
