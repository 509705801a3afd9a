//! The rules over the repository's own sources: nothing may be found.

use house::{Tree, arrows, documents, kernel, places, primitives, sources, unused};

fn nothing(found: Vec<String>) {
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn the_table_of_arrows_goes_down() {
    nothing(arrows::table_mistakes(arrows::ARROWS, arrows::SIDEWAYS));
}

#[test]
fn manifests_have_the_arrows_of_the_table() {
    let tree = Tree::of_the_sources();
    nothing(arrows::manifest_mistakes(&tree, arrows::ARROWS));
}

#[test]
fn heavy_dependencies_stay_fenced() {
    let tree = Tree::of_the_sources();
    nothing(arrows::fence_mistakes(&tree, arrows::FENCES));
}

#[test]
fn crate_roots_say_what_they_are() {
    nothing(sources::headers_missing(&Tree::of_the_sources()));
}

#[test]
fn nothing_is_left_unfinished() {
    nothing(sources::unfinished(&Tree::of_the_sources()));
}

#[test]
fn unsafe_code_stays_fenced_and_says_why() {
    let tree = Tree::of_the_sources();
    nothing(sources::unsafe_mistakes(&tree, sources::UNSAFE_FILES));
}

#[test]
fn pure_crates_do_not_look_at_the_world() {
    nothing(sources::impurities(&Tree::of_the_sources(), sources::PURE));
}

#[test]
fn no_program_panics_where_nobody_reads() {
    nothing(sources::prints(&Tree::of_the_sources(), sources::SHIPPED));
}

#[test]
fn only_the_house_lies_at_the_top() {
    nothing(places::strangers_at_the_top(&Tree::of_the_sources()));
}

#[test]
fn no_file_knows_the_machine_it_was_written_on() {
    nothing(places::own_places(&Tree::of_the_sources()));
}

#[test]
fn every_dependency_is_used() {
    nothing(unused::unused_dependencies(&Tree::of_the_sources()));
}

#[test]
fn every_primitive_is_bound() {
    nothing(primitives::unbound_primitives(&Tree::of_the_sources()));
}

#[test]
fn the_ruby_kernel_is_listed_and_says_what_it_holds() {
    nothing(kernel::kernel_mistakes(&Tree::of_the_sources()));
}

#[test]
fn documents_name_what_exists() {
    nothing(documents::dead_names(&Tree::of_the_sources()));
}
