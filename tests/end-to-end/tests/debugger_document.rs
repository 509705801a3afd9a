//! The commands in `docs/debugger.md`, run as they stand.

use end_to_end::{Home, run};

const DOCUMENT: &str = include_str!("../../../docs/debugger.md");

/// The fenced blocks with this word after the fence.
fn blocks<'a>(kind: &'a str) -> impl Iterator<Item = &'static str> + 'a {
    let mut parts = DOCUMENT.split("```");
    std::iter::from_fn(move || {
        parts.next()?;
        parts.next()
    })
    .filter_map(move |block| block.strip_prefix(kind)?.strip_prefix('\n'))
}

#[test]
fn every_command_does_what_the_document_says() {
    let script: String = blocks("topaz").collect();
    assert!(script.contains("step thru") && script.contains("rubyrun"));
    let home = Home::new();
    let ran = run(&mut home.command("topaz", &["-q", "-i"]), &script);
    let mut rest = ran.stdout.as_str();
    for line in blocks("text").flat_map(str::lines) {
        let Some(at) = rest.find(line) else {
            panic!("not printed, or not in this order: {line}\n{ran}");
        };
        rest = &rest[at + line.len()..];
    }
    assert_eq!(ran.status, Some(0), "{ran}");
}
