//! The rules over trees made to break them: each must find just that.

use house::arrows::{self, Row};
use house::manifest::{Dependency, dependencies, package_name};
use house::{Tree, documents, kernel, places, primitives, sources, unused};

const ROWS: &[Row] = &[
    Row {
        name: "low",
        floor: 0,
        uses: &[],
    },
    Row {
        name: "gem-a",
        floor: 1,
        uses: &["low"],
    },
    Row {
        name: "stone-b",
        floor: 1,
        uses: &[],
    },
];

const LOW: (&str, &str) = ("low/Cargo.toml", "[package]\nname = \"low\"\n");
const B: (&str, &str) = ("b/Cargo.toml", "[package]\nname = \"stone-b\"\n");

#[test]
fn a_manifest_is_read_as_cargo_reads_it() {
    let text = "[package]\nname = \"x\"\n[dependencies]\n# why\na.workspace = true\n\
        b = { version = \"1\", features = [\n  \"f\",\n] }\n[dev-dependencies]\nc = \"2\"\n\
        [target.'cfg(unix)'.dependencies]\nd = \"1\"\n[dependencies.e]\nversion = \"1\"\n[lints]\nworkspace = true\n";
    let names: Vec<(String, bool)> = dependencies(text)
        .into_iter()
        .map(|Dependency { name, dev }| (name, dev))
        .collect();
    let expected = [
        ("a", false),
        ("b", false),
        ("c", true),
        ("d", false),
        ("e", false),
    ];
    assert_eq!(names, expected.map(|(n, d)| (n.to_string(), d)));
    assert_eq!(package_name(text).as_deref(), Some("x"));
    assert_eq!(package_name("[workspace]\nmembers = []\n"), None);
    assert!(dependencies("[workspace.dependencies]\na = \"1\"\n").is_empty());
}

#[test]
fn an_arrow_that_is_not_in_the_table_is_found() {
    let a = "[package]\nname = \"gem-a\"\n[dependencies]\nlow.workspace = true\nstone-b.workspace = true\n";
    let tree = Tree::written(&[LOW, B, ("a/Cargo.toml", a)]);
    let found = arrows::manifest_mistakes(&tree, ROWS);
    assert_eq!(found, ["a/Cargo.toml: gem-a → stone-b is not allowed"]);
}

#[test]
fn an_arrow_nobody_uses_and_a_crate_without_a_row_are_found() {
    let stranger = ("c/Cargo.toml", "[package]\nname = \"c\"\n");
    let a = ("a/Cargo.toml", "[package]\nname = \"gem-a\"\n");
    let found = arrows::manifest_mistakes(&Tree::written(&[LOW, a, stranger]), ROWS);
    assert_eq!(
        found,
        [
            "a/Cargo.toml: gem-a does not use low any more",
            "c/Cargo.toml: c has no row in the table",
            "there is no crate stone-b"
        ]
    );
}

#[test]
fn tests_of_a_crate_may_look_down_but_not_up() {
    let a = "[package]\nname = \"gem-a\"\n[dependencies]\nlow.workspace = true\n";
    let low = "[package]\nname = \"low\"\n[dev-dependencies]\ngem-a.workspace = true\n";
    let tree = Tree::written(&[("low/Cargo.toml", low), B, ("a/Cargo.toml", a)]);
    let found = arrows::manifest_mistakes(&tree, ROWS);
    assert_eq!(found, ["low/Cargo.toml: low → gem-a is not allowed"]);
}

#[test]
fn a_table_with_an_arrow_up_along_or_between_the_halves_is_found() {
    let row = |name, floor, uses| Row { name, floor, uses };
    let rows = [
        row("low", 0, &["gem-a"]),
        row("gem-a", 1, &["gem-c", "nobody"]),
        row("gem-c", 1, &[]),
        row("stone-d", 2, &["gem-a"]),
    ];
    let found = arrows::table_mistakes(&rows, &[]);
    assert_eq!(
        found,
        [
            "low → gem-a does not go down",
            "gem-a → gem-c does not go down",
            "gem-a uses nobody, which has no row",
            "stone-d → gem-a joins the halves below the binaries"
        ]
    );
    assert_eq!(
        arrows::table_mistakes(&rows, &[("gem-a", "gem-c")]).len(),
        3
    );
}

#[test]
fn a_fenced_dependency_elsewhere_is_found() {
    let text = "[package]\nname = \"gem-vm\"\n[dependencies]\nruby-prism.workspace = true\n";
    let tree = Tree::written(&[("gem/vm/Cargo.toml", text)]);
    let found = arrows::fence_mistakes(&tree, arrows::FENCES);
    assert_eq!(found, ["gem/vm/Cargo.toml: gem-vm uses ruby-prism"]);
}

#[test]
fn a_root_without_a_header_is_found() {
    let tree = Tree::written(&[
        ("a/src/lib.rs", "//! a\nfn f() {}\n"),
        ("b/src/main.rs", "fn main() {}\n"),
        ("c/src/lib.rs", "//! The one noun this crate is about.\n"),
        ("c/src/noun.rs", "fn f() {}\n"),
    ]);
    let found = sources::headers_missing(&tree);
    assert_eq!(
        found,
        [
            "a/src/lib.rs does not say what it is",
            "b/src/main.rs does not say what it is"
        ]
    );
}

#[test]
fn unfinished_work_is_found() {
    let text = concat!("fn f() { todo", "!() }\n#[", "ignore]\nfn g() {}\n");
    let found = sources::unfinished(&Tree::written(&[("a/src/x.rs", text)]));
    assert_eq!(found.len(), 2);
}

#[test]
fn unsafe_code_outside_the_fence_or_without_a_reason_is_found() {
    let bare = concat!("fn f() { unsafe", " { g() } }\n");
    let reasoned = concat!("// SAFETY: g is.\nlet x = unsafe", " { g() };\n");
    let tree = Tree::written(&[("a/src/x.rs", reasoned), ("gem/heap/src/y.rs", bare)]);
    assert_eq!(
        sources::unsafe_mistakes(&tree, &[]),
        [
            "a/src/x.rs:2: unsafe code outside the fence",
            "gem/heap/src/y.rs:1: unsafe without SAFETY"
        ]
    );
    assert_eq!(sources::unsafe_mistakes(&tree, &["a/src/x.rs"]).len(), 1);
}

#[test]
fn a_clock_in_a_pure_crate_is_found() {
    let text = "fn f() { let t = Instant::now(); }\n#[cfg(test)]\nmod tests { fn g() { thread::sleep(d) } }\n";
    let tree = Tree::written(&[("pure/src/x.rs", text), ("other/src/x.rs", text)]);
    assert_eq!(
        sources::impurities(&tree, &["pure/src/"]),
        ["pure/src/x.rs:1: Instant::now"]
    );
}

#[test]
fn a_print_that_may_panic_is_found() {
    let text = "// println!(1)\nfn f() { eprintln!(\"x\") }\n#[cfg(test)]\nmod tests { fn g() { println!(\"y\") } }\n";
    let tree = Tree::written(&[
        ("a/src/x.rs", text),
        ("a/examples/x.rs", text),
        ("b/x.rs", text),
    ]);
    assert_eq!(
        sources::prints(&tree, &["a/"]),
        ["a/src/x.rs:2: fn f() { eprintln!(\"x\") }"]
    );
}

#[test]
fn a_stranger_at_the_top_is_found() {
    let mut files: Vec<(String, &str)> = Vec::new();
    for name in places::TOP.iter().filter(|n| **n != "docker") {
        files.push(((*name).to_string(), ""));
    }
    files.push(("notes.txt".into(), ""));
    files.push((".gitignore".into(), ""));
    let files: Vec<(&str, &str)> = files.iter().map(|(n, t)| (n.as_str(), *t)).collect();
    let found = places::strangers_at_the_top(&Tree::written(&files));
    assert_eq!(
        found,
        ["notes.txt does not belong at the top", "docker is missing"]
    );
}

#[test]
fn a_path_of_somebodys_machine_is_found() {
    let text = concat!("cd /wo", "rk/x\n");
    let found = places::own_places(&Tree::written(&[("docs/a.md", text)]));
    assert_eq!(found.len(), 1);
}

#[test]
fn a_dependency_that_nothing_names_is_found() {
    let manifest = "[package]\nname = \"a\"\n[dependencies]\nused-one.workspace = true\nidle.workspace = true\n";
    let tree = Tree::written(&[
        ("a/Cargo.toml", manifest),
        ("a/src/lib.rs", "use used_one::Thing;\nlet idler = 1;\n"),
        ("b/src/lib.rs", "use idle::Thing;\n"),
    ]);
    assert_eq!(
        unused::unused_dependencies(&tree),
        ["a/Cargo.toml: nothing names idle"]
    );
}

#[test]
fn a_primitive_that_nobody_binds_is_found() {
    let rows = "\nprimitives! {\n    byRuby => by_ruby, \"why\";\n    bySmalltalk => by_smalltalk, \"why\";\n    byRust => by_rust, \"why\";\n    \
                byNobody => by_nobody, \"why\";\n}\n";
    let tree = Tree::written(&[
        ("gem/primitives/src/some.rs", rows),
        ("gem/primitives/src/other.rs", "bind(\"byRust\");\n"),
        ("ruby-src/kernel/some.rb", "def a = Primitive.by_ruby\n"),
        (
            "smalltalk-src/kernel/Some.class.st",
            "<primitive: bySmalltalk>\n",
        ),
    ]);
    assert_eq!(
        primitives::unbound_primitives(&tree),
        ["gem/primitives/src/some.rs: no method binds the primitive byNobody"]
    );
}

#[test]
fn an_unlisted_file_of_the_ruby_kernel_and_one_without_a_head_are_found() {
    let tree = Tree::written(&[
        ("ruby-src/kernel/manifest", "# head\ntext/a\nio/c\n"),
        (
            "ruby-src/kernel/text/a.rb",
            "# A: a letter.\nclass A\nend\n",
        ),
        (
            "ruby-src/kernel/text/b.rb",
            "# B: a letter.\nclass B\nend\n",
        ),
        ("ruby-src/kernel/io/c.rb", "class C\nend\n"),
        ("ruby-src/lib/d.rb", "class D\nend\n"),
    ]);
    assert_eq!(
        kernel::kernel_mistakes(&tree),
        [
            "ruby-src/kernel/text/b.rb is not in the manifest",
            "ruby-src/kernel/io/c.rb does not say what it holds"
        ]
    );
}

#[test]
fn dead_names_in_documents_are_found() {
    let document = "`gem/vm/src/exec/sends.rs::send` `gem/vm/src/exec/sends.rs::gone` `gem/vm/src/none.rs`\n\
        `sends::send` `sends::gone` `Vm::step` `Vm::gone` [a](docs/b.md) [c](architecture.md)\n\
        `cargo test` `1.5` `Foo`\n```\n`gem/vm/none.rs`\n```\n";
    let tree = Tree::written(&[
        ("docs/architecture.md", document),
        ("gem/vm/src/exec/sends.rs", "pub fn send() {}\n"),
        (
            "gem/vm/src/machine.rs",
            "pub struct Vm;\nimpl Vm { fn step() {} }\n",
        ),
    ]);
    let found: Vec<String> = documents::dead_names(&tree)
        .iter()
        .map(|f| f.split('`').nth(1).unwrap_or("").to_string())
        .collect();
    assert_eq!(
        found,
        [
            "gem/vm/src/exec/sends.rs::gone",
            "gem/vm/src/none.rs",
            "sends::gone",
            "Vm::gone",
            "docs/b.md"
        ]
    );
}
