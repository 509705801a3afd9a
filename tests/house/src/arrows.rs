//! Floors are crates: who may use whom, and which heavy dependencies live behind which fence.

use crate::Tree;
use crate::manifest::{dependencies, package_name};

/// A crate, its floor, and every crate of the house it uses. The list is exact: an arrow that is missing
/// here is forbidden, one that nobody uses any more has to go.
pub struct Row {
    pub name: &'static str,
    pub floor: u32,
    pub uses: &'static [&'static str],
}

macro_rules! arrows {
    ($( $name:literal $floor:literal : $( $uses:literal )* ; )+) => {
        pub const ARROWS: &[Row] = &[ $( Row { name: $name, floor: $floor, uses: &[ $( $uses ),* ] } ),+ ];
    };
}

arrows! {
    "format" 0:;
    "proto" 1: "format";
    "gem-bytecode" 1:;
    "gem-heap" 1: "format";
    "stone-store" 1: "format";
    "gem-model" 1: "format" "gem-heap" "gem-bytecode";
    "gem-vm" 1: "format" "gem-heap" "gem-model" "gem-bytecode";
    "gem-smalltalk" 2: "gem-bytecode";
    "gem-ruby" 2: "gem-bytecode";
    "gem-primitives" 2: "format" "gem-heap" "gem-model" "gem-bytecode" "gem-vm";
    "gem-debug" 2: "format" "gem-bytecode" "gem-vm";
    "gem-session" 2: "format" "proto" "gem-heap" "gem-model" "gem-bytecode" "gem-vm" "gem-smalltalk" "gem-ruby" "gem-primitives";
    "stone-txn" 2: "format" "proto" "stone-store";
    "stone-server" 3: "format" "proto" "stone-store" "stone-txn";
    "gem-server" 3: "proto" "gem-session" "stone-server";
    "topaz" 4: "format" "proto" "gem-heap" "gem-vm" "gem-server" "gem-session" "gem-debug";
    "image-builder" 4: "format" "proto" "gem-vm" "gem-smalltalk" "gem-session" "stone-server";
    "house" 5:;
    "simulation" 5: "format" "proto" "stone-store" "stone-txn";
    "reference" 5: "gem-bytecode";
    "world" 5: "format" "gem-heap" "gem-model" "gem-bytecode" "gem-vm";
    "end-to-end" 5:;
    "bench" 5:;
}

/// Arrows along a floor instead of down. `docs/architecture.md` says why each is there.
pub const SIDEWAYS: &[(&str, &str)] = &[
    ("gem-model", "gem-heap"),
    ("gem-model", "gem-bytecode"),
    ("gem-vm", "gem-model"),
    ("gem-vm", "gem-heap"),
    ("gem-vm", "gem-bytecode"),
    ("gem-session", "gem-smalltalk"),
    ("gem-session", "gem-ruby"),
    ("gem-session", "gem-primitives"),
    ("gem-server", "stone-server"),
];

/// Crates made for tests, which the tests of others may stand on, also of those that they use.
pub const TEST_BEDS: &[&str] = &["simulation", "reference", "world"];

/// A dependency from outside, and the only crates that may name it.
pub const FENCES: &[(&str, &[&str])] = &[
    ("ruby-prism", &["gem-ruby"]),
    ("ruby-prism-sys", &["gem-ruby"]),
    ("cranelift", &["gem-jit"]),
    ("sled", &["stone-store"]),
    ("rustyline", &["topaz", "gem-server"]),
    // The wire and its runtime: what stands on `format` alone compiles without them.
    ("tonic", &["proto", "stone-server"]),
    ("prost", &["proto"]),
    ("tokio", &["proto", "stone-server"]),
];

/// The table itself: arrows go down, or stand in the list of those along a floor; none between the
/// two halves below the binaries.
pub fn table_mistakes(rows: &[Row], sideways: &[(&str, &str)]) -> Vec<String> {
    let mut mistakes = Vec::new();
    for row in rows {
        for used in row.uses {
            let Some(target) = rows.iter().find(|r| r.name == *used) else {
                mistakes.push(format!("{} uses {used}, which has no row", row.name));
                continue;
            };
            let listed = sideways.contains(&(row.name, used));
            if target.floor > row.floor || (target.floor == row.floor && !listed) {
                mistakes.push(format!("{} → {used} does not go down", row.name));
            }
            let half = |name: &str| name.split('-').next().unwrap_or("").to_string();
            let halves = (half(row.name), half(used));
            if row.floor < 3
                && (halves == ("gem".into(), "stone".into())
                    || halves == ("stone".into(), "gem".into()))
            {
                mistakes.push(format!(
                    "{} → {used} joins the halves below the binaries",
                    row.name
                ));
            }
        }
    }
    mistakes
}

/// The manifests against the table. Tests of a crate may use anything below them, and what is made for tests.
pub fn manifest_mistakes(tree: &Tree, rows: &[Row]) -> Vec<String> {
    let mut mistakes = Vec::new();
    let mut seen = Vec::new();
    for (path, text) in tree.ending("Cargo.toml") {
        let Some(name) = package_name(text) else {
            continue;
        };
        seen.push(name.clone());
        let Some(row) = rows.iter().find(|r| r.name == name) else {
            mistakes.push(format!("{path}: {name} has no row in the table"));
            continue;
        };
        let found = dependencies(text);
        for used in &found {
            let Some(target) = rows.iter().find(|r| r.name == used.name) else {
                continue;
            };
            let for_tests = target.floor < row.floor || TEST_BEDS.contains(&target.name);
            let allowed = row.uses.contains(&target.name) || (used.dev && for_tests);
            if !allowed {
                mistakes.push(format!("{path}: {name} → {} is not allowed", used.name));
            }
        }
        for used in row.uses {
            if !found.iter().any(|d| d.name == *used && !d.dev) {
                mistakes.push(format!("{path}: {name} does not use {used} any more"));
            }
        }
    }
    for row in rows {
        if !seen.iter().any(|s| s == row.name) {
            mistakes.push(format!("there is no crate {}", row.name));
        }
    }
    mistakes
}

/// Dependencies from outside that stand on the wrong side of a fence.
pub fn fence_mistakes(tree: &Tree, fences: &[(&str, &[&str])]) -> Vec<String> {
    let mut mistakes = Vec::new();
    for (path, text) in tree.ending("Cargo.toml") {
        let Some(name) = package_name(text) else {
            continue;
        };
        for used in dependencies(text) {
            for (fenced, inside) in fences {
                let hit =
                    used.name == *fenced || used.name.starts_with(&format!("{fenced}-codegen"));
                if hit && !inside.contains(&name.as_str()) {
                    mistakes.push(format!("{path}: {name} uses {}", used.name));
                }
            }
        }
    }
    mistakes
}
