//! Which of gem's programs runs.

use crate::console::{complain, said};
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
    to_the_end(|| dispatch(&words))
}

/// A program ends with a status, whatever happens inside.
fn to_the_end(program: impl FnOnce() -> u8) -> u8 {
    gem_session::guarded(program).unwrap_or_else(|e| {
        complain(format_args!("gem: {e}"));
        1
    })
}

fn dispatch(words: &[String]) -> u8 {
    let Some((program, rest)) = words.split_first() else {
        complain(USAGE);
        return 2;
    };
    match program.as_str() {
        "ruby" => ruby_command::run(rest),
        "smalltalk" => smalltalk_command::run(rest),
        "irb" => irb::run(rest),
        "serve" => {
            complain(
                "gem: serve is not in this version; programs reach a repository with gem ruby or gem smalltalk and --stone NAME",
            );
            1
        }
        "--version" | "version" => said("gem", concat!("gem ", env!("CARGO_PKG_VERSION"))),
        "--help" | "-h" | "help" => said("gem", USAGE),
        other => {
            complain(format_args!("gem: there is no program {other}\n{USAGE}"));
            2
        }
    }
}
