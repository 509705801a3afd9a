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

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    /// Set in the process that ends as a program with a bug would.
    const BUGGY: &str = "MAGLEV_TEST_BUG";

    /// This test, in a process of its own, whose main thread runs a program that panics.
    fn buggy(backtrace: &str) -> (Option<i32>, String) {
        let name = "command::tests::a_bug_inside_ends_a_program_with_one_sentence";
        let test = std::env::current_exe().expect("the path of this test");
        let output = Command::new(test)
            .args(["--exact", name, "--nocapture", "--test-threads=1"])
            .env(BUGGY, "1")
            .env("RUST_BACKTRACE", backtrace)
            .output()
            .expect("a process");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code(), said)
    }

    #[test]
    fn a_bug_inside_ends_a_program_with_one_sentence() {
        if std::env::var_os(BUGGY).is_some() {
            gem_session::quiet_panics();
            std::process::exit(to_the_end(|| panic!("on purpose")).into());
        }
        let sentence = "gem: internal error, which is a bug of MagLev: on purpose; what was not committed is dropped (RUST_BACKTRACE=1 shows where)\n";
        assert_eq!(buggy("0"), (Some(1), sentence.to_string()));
        let (status, said) = buggy("1");
        assert_eq!(status, Some(1));
        assert!(
            said.contains("command.rs") && said.ends_with(sentence),
            "{said}"
        );
    }
}
