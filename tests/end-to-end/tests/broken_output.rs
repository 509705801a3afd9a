//! Standard output and standard error that are full or that nobody reads: a program ends with a status, never with a panic.

use end_to_end::{Home, gem, image_builder, images};
use std::fs::OpenOptions;
use std::process::{Command, Stdio};

/// Ways in which what a program says is lost.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Lost {
    /// A disk without room.
    Full,
    /// A pipe whose reader has left.
    Unread,
}

impl Lost {
    fn end(self) -> Stdio {
        match self {
            Lost::Full => {
                let full = OpenOptions::new().write(true).open("/dev/full");
                Stdio::from(full.expect("a device that is always full"))
            }
            Lost::Unread => {
                let (reader, writer) = std::io::pipe().expect("a pipe");
                drop(reader);
                Stdio::from(writer)
            }
        }
    }
}

const WAYS: [Lost; 2] = [Lost::Full, Lost::Unread];

/// Runs the command without standard output, without standard error, and without both.
#[track_caller]
fn orderly(make: &dyn Fn() -> Command, silent: &[i32], deaf: &[i32]) {
    for way in WAYS {
        let output = make()
            .stdin(Stdio::null())
            .stdout(way.end())
            .stderr(Stdio::piped())
            .output()
            .expect("a process");
        let said = String::from_utf8_lossy(&output.stderr);
        let status = output.status.code().unwrap_or(-1);
        assert!(
            silent.contains(&status) && !said.contains("panicked"),
            "{:?}, standard output {way:?}: {status}, {said}",
            make()
        );
        for stdout in [Stdio::null(), way.end()] {
            let status = make()
                .stdin(Stdio::null())
                .stdout(stdout)
                .stderr(way.end())
                .status()
                .expect("a process");
            let status = status.code().unwrap_or(-1);
            assert!(
                deaf.contains(&status),
                "{:?}, standard error {way:?}: {status}",
                make()
            );
        }
    }
}

#[test]
fn gem_says_what_it_can() {
    let much = "2.times { puts 'x' * 100_000 }";
    // Words, statuses without standard output, statuses without standard error.
    let cases: &[(&[&str], &[i32], &[i32])] = &[
        (&["ruby", "-h"], &[1], &[0, 1]),
        (&["ruby", "--version"], &[1], &[0, 1]),
        (&["ruby", "-c", "-e", "1"], &[1], &[0, 1]),
        (&["ruby", "-c", "-e", "1 +"], &[1], &[1]),
        (&["ruby", "-e", "raise 'lost'"], &[1], &[1]),
        (&["ruby", "-e", "warn 'lost'; puts 1"], &[0, 1], &[0, 1]),
        (&["ruby", "-e", much], &[1], &[0, 1]),
        (&["ruby", "--nonsense"], &[2], &[2]),
        (&["smalltalk", "-e", "3 + 4"], &[1], &[0, 1]),
        (&["smalltalk", "-e", "nil foo"], &[1], &[1]),
        (&["--help"], &[1], &[0, 1]),
        (&["nonsense"], &[2], &[2]),
        (&[], &[2], &[2]),
    ];
    for (words, silent, deaf) in cases {
        orderly(&|| gem(words), silent, deaf);
    }
}

#[test]
fn a_rubyist_can_rescue_the_loss() {
    let code = "begin
          puts 'x' * 100_000
          $stdout.flush
        rescue SystemCallError => e
          $stderr.puts e.class
        end";
    for (way, class) in [
        (Lost::Full, "Errno::ENOSPC"),
        (Lost::Unread, "Errno::EPIPE"),
    ] {
        let output = gem(&["ruby", "-e", code]).stdout(way.end()).output();
        let output = output.expect("a process");
        assert_eq!(String::from_utf8_lossy(&output.stderr).trim(), class);
        assert_eq!(output.status.code(), Some(0));
    }
}

#[test]
fn irb_ends_when_nobody_hears_it() {
    let home = Home::new();
    let lines = home.write("lines", "1 + 1\n2 + 2\n");
    for way in WAYS {
        let status = gem(&["irb"])
            .stdin(std::fs::File::open(&lines).expect("a file"))
            .stdout(way.end())
            .stderr(way.end())
            .status()
            .expect("a process");
        assert_eq!(status.code(), Some(1), "{way:?}");
    }
}

#[test]
fn topaz_and_image_builder_say_what_they_can() {
    let home = Home::new();
    let image = images().join("extent0.ruby.dbf");
    let image = image.to_str().expect("a path in UTF-8").to_string();
    let script = home.write("script", "login\nrun\n3 + 4\n%\nexit\n");
    let topaz = || home.command("topaz", &["-q", "-i", "--image", &image, "-S", &script]);
    orderly(&topaz, &[1], &[0, 1]);
    orderly(&|| home.command("topaz", &["--help"]), &[0], &[0]);
    orderly(&|| home.command("topaz", &["-S", "nowhere"]), &[1], &[1]);
    orderly(&|| image_builder(&["--sources", "/nowhere"]), &[1], &[1]);
}

#[test]
fn a_stone_serves_when_its_log_is_lost() {
    for way in WAYS {
        let home = Home::new();
        let mut stone = home
            .command("stone", &["start", "--foreground"])
            .stdin(Stdio::null())
            .stdout(way.end())
            .stderr(way.end())
            .spawn()
            .expect("a stone");
        let stone_says = |words: &[&str]| home.command("stone", words).output().expect("a process");
        assert!(stone_says(&["wait"]).status.success(), "{way:?}");
        home.ruby("Maglev::PERSISTENT_ROOT[:x] = 1\np Maglev.commit_transaction")
            .ok()
            .prints("true");
        for words in [
            &["status"][..],
            &["status", "--json"],
            &["sessions"],
            &["checkpoint"],
            &["audit"],
        ] {
            orderly(&|| home.command("stone", words), &[1], &[0, 1]);
        }
        orderly(&|| home.command("stone", &["status", "nobody"]), &[1], &[1]);
        assert!(stone_says(&["stop"]).status.success());
        assert_eq!(stone.wait().expect("a child").code(), Some(0), "{way:?}");
    }
}
