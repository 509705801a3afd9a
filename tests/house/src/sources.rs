//! What every source file keeps: a header, no unfinished work, unsafe code behind its fence.

use crate::Tree;

/// Crate roots (`lib.rs`, `main.rs`, binaries) that do not begin with a text that says what they are.
pub fn headers_missing(tree: &Tree) -> Vec<String> {
    let root = |path: &str| {
        path.ends_with("src/lib.rs") || path.ends_with("src/main.rs") || path.contains("/src/bin/")
    };
    let mut missing = Vec::new();
    for (path, text) in tree.ending(".rs").filter(|(path, _)| root(path)) {
        let header: Vec<&str> = text
            .lines()
            .map_while(|line| line.strip_prefix("//!"))
            .collect();
        // The crate's bare name is no header: a sentence has several words.
        if header.join(" ").split_whitespace().count() < 3 {
            missing.push(format!("{path} does not say what it is"));
        }
    }
    missing
}

/// Marks of unfinished work and of tests that do not run.
pub fn unfinished(tree: &Tree) -> Vec<String> {
    // In pieces, so that this file does not find itself.
    let marks = [
        concat!("todo", "!("),
        concat!("unimplemented", "!("),
        concat!("#[", "ignore"),
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
    ];
    let mut found = Vec::new();
    for (path, text) in tree.ending(".rs") {
        for (number, line) in text.lines().enumerate() {
            for mark in marks {
                if line.contains(mark) {
                    found.push(format!("{path}:{}: {mark}", number + 1));
                }
            }
        }
    }
    found
}

/// Files that switch the workspace's denial of unsafe code off, and the one crate that may as a whole.
pub const UNSAFE_FILES: &[&str] = &[
    // Says what an oop made from bits must keep.
    "format/src/oop.rs",
    "gem/vm/src/codes.rs",
    "gem/vm/src/exec/interp.rs",
    "gem/vm/src/exec/ops/calls.rs",
    "gem/vm/src/exec/registers.rs",
    // Maps a file.
    "stone/store/src/map.rs",
];
pub const UNSAFE_CRATE: &str = "gem/heap/";

/// Unsafe code outside the fence, and unsafe blocks without a `SAFETY` text near above them.
pub fn unsafe_mistakes(tree: &Tree, files: &[&str]) -> Vec<String> {
    let mut mistakes = Vec::new();
    for (path, text) in tree.ending(".rs") {
        let lines: Vec<&str> = text.lines().collect();
        for (i, line) in lines.iter().enumerate() {
            let code = line.trim_start();
            if code.starts_with("//") {
                continue;
            }
            let allows = code.starts_with("#") && code.contains(concat!("allow(", "unsafe_code"));
            let block = code.contains(concat!("unsafe", " {"))
                || code.starts_with(concat!("unsafe", " impl"));
            if (allows || block) && !path.starts_with(UNSAFE_CRATE) && !files.contains(&path) {
                mistakes.push(format!("{path}:{}: unsafe code outside the fence", i + 1));
            }
            let from = i.saturating_sub(12);
            if block && !lines[from..=i].iter().any(|l| l.contains("SAFETY")) {
                mistakes.push(format!("{path}:{}: unsafe without SAFETY", i + 1));
            }
        }
    }
    mistakes
}

/// Crates that a simulation must own, so nothing in them may look at the world by itself.
pub const PURE: &[&str] = &[
    "format/src/",
    "stone/store/src/",
    "stone/txn/src/",
    "gem/bytecode/src/",
    "gem/smalltalk/src/",
    "gem/ruby/src/",
];

/// Clocks, threads, sockets and randomness in pure crates. Tests in files of their own are free.
pub fn impurities(tree: &Tree, pure: &[&str]) -> Vec<String> {
    let world = [
        "SystemTime::now",
        "Instant::now",
        "thread::spawn",
        "thread::sleep",
        "TcpListener",
        "TcpStream",
        "UnixListener",
        "UnixStream",
        "thread_local!",
        "static mut ",
    ];
    let mut found = Vec::new();
    for (path, text) in tree.ending(".rs") {
        if !pure.iter().any(|p| path.starts_with(p)) || path.contains("tests") {
            continue;
        }
        let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or(text);
        for (number, line) in code.lines().enumerate() {
            for word in world {
                if line.contains(word) && !line.trim_start().starts_with("//") {
                    found.push(format!("{path}:{}: {word}", number + 1));
                }
            }
        }
    }
    found
}

/// Where the programs' own code lies; their examples and tests may print as they like.
pub const SHIPPED: &[&str] = &[
    "stone/server/src/",
    "stone/store/src/",
    "stone/txn/src/",
    "gem/",
    "topaz/src/",
    "image-builder/src/",
    "format/src/",
    "proto/src/",
];

/// The standard library's print macros, which panic when standard output or standard error cannot be written: `console` has others.
pub fn prints(tree: &Tree, shipped: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for (path, text) in tree.ending(".rs") {
        let aside = ["/tests", "/examples/", "build.rs"];
        if !shipped.iter().any(|p| path.starts_with(p)) || aside.iter().any(|a| path.contains(a)) {
            continue;
        }
        let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or(text);
        for (number, line) in code.lines().enumerate() {
            let line = line.trim_start();
            // `print!` is the end of `eprint!`, too.
            if !line.starts_with("//") && ["print!(", "println!("].iter().any(|m| line.contains(m))
            {
                found.push(format!("{path}:{}: {line}", number + 1));
            }
        }
    }
    found
}
