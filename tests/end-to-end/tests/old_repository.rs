//! A repository that an earlier release wrote, whose stone was killed: this release opens it, finds everything, and goes on with it.
//!
//! `fixtures/0.1.0/README.md` says what it holds and how it was made.

use end_to_end::{Home, Outcome, repository, run};
use std::path::PathBuf;
use std::process::Command;

/// The folder of the repository of that release.
fn fixture(release: &str) -> PathBuf {
    repository().join("tests/end-to-end/fixtures").join(release)
}

/// A home whose stone `maglev` has that release's data.
fn home() -> Home {
    let home = Home::new();
    let data = home.path().join("data");
    std::fs::create_dir(&data).expect("a folder");
    let mut unpack = Command::new("tar");
    unpack
        .arg("-xzf")
        .arg(fixture("0.1.0").join("repository.tar.gz"))
        .arg("-C")
        .arg(&data);
    run(&mut unpack, "").ok();
    assert!(
        !data.join("maglev/extent").exists(),
        "the extent has to be made from base and log"
    );
    home
}

/// `gem ruby FILE` or `gem smalltalk FILE` with a text of the fixture; `place`: where the session lives.
#[track_caller]
fn look(home: &Home, place: [&str; 2], language: &str, file: &str) -> Outcome {
    let file = fixture("0.1.0").join(file);
    let file = file.to_str().expect("a path in UTF-8");
    run(
        &mut home.command("gem", &[language, place[0], place[1], file]),
        "",
    )
}

/// Everything is there.
#[track_caller]
fn whole(home: &Home, place: [&str; 2]) {
    look(home, place, "ruby", "check.rb")
        .ok()
        .prints("6144 compared");
    look(home, place, "smalltalk", "check.st")
        .ok()
        .prints("nothing differs");
}

/// The computations that were suspended go on and end as they should; nothing is committed.
#[track_caller]
fn goes_on(home: &Home, place: [&str; 2]) {
    let ruby = "root = Maglev::PERSISTENT_ROOT
        thread, fiber = root[:thread], root[:fiber]
        2.times { thread.run; Thread.pass until thread.stop? || !thread.alive? }
        p thread.value, thread.alive?, fiber.resume(10), fiber.resume(1)";
    run(
        &mut home.command("gem", &["ruby", place[0], place[1], "-"]),
        ruby,
    )
    .ok()
    .prints(
        "[[[1, 3], [2, 6]], [30, \"later\", :ensured, 30, \"later\", :ensured]]\nfalse\n13\n14",
    );
    let smalltalk = "process resume. process join printString";
    let words = ["smalltalk", place[0], place[1], "-e", smalltalk];
    run(&mut home.command("gem", &words), "")
        .ok()
        .prints("'anArray( 10, 1, 2, 3, #four, 4, #end, 20)'");
}

/// A change in every kind of object, in Ruby and in Smalltalk.
const CHANGES: &str = "
    root = Maglev::PERSISTENT_ROOT
    table = root[:big]
    table.delete(:added)
    4000.times { |i| table[\"later #{i}\"] = [i] }
    1000.times { |i| table.delete(\"key #{i * 2}\") }
    root[:values][:long_array] << :end
    root[:values][:long_string] << '!'
    root[:values].delete(:floats)
    root[:set] << :later
    root[:loop][0] << 'again'
    square = root[:figures][0]
    square.note(:later)
    Maglev.persistent do
      class Figure
        maglev_persistable
        def added = \"added to #{name}\"
      end
      class Triangle < Figure
        maglev_persistable
        def area = 1
      end
    end
    Figure.registry['triangle'] = Triangle.make('triangle')
    root[:thread].run
    Thread.pass until root[:thread].stop?
    p Maglev.commit_transaction";

/// What they come to.
const CHANGED: &str = "
    root = Maglev::PERSISTENT_ROOT
    table = root[:big]
    p table.size, table['later 3999'], table['key 0'], table['key 2000'], table[5], table.keys.last
    values = root[:values]
    p values[:long_array].last, values[:long_array].size, values[:long_string].size, values.key?(:floats)
    p root[:set].size, root[:table][:array][1]
    figures = Figure.registry
    p figures.map { |name, figure| [name, figure.class, figure.added] }, Figure.made, figures['square'].history.last
    thread = root[:thread]
    thread.run
    p thread.value.last.size";

const CHANGED_PRINTS: &str = "9000\n[3999]\nnil\n4000000\n[5, \"5\"]\n\"later 3999\"\n:end\n20001\n30001\nfalse\n5\n[\"shared\", \"again\"]\n\
    [[\"square\", Square, \"added to square\"], [\"circle\", Circle, \"added to circle\"], [\"triangle\", Triangle, \"added to triangle\"]]\n\
    3\n[:later, nil]\n6";

const SMALLTALK_CHANGES: &str = "counter increment. queue add: #later; remove. bag add: #z. set add: #z. rc at: 3000 put: 1; removeKey: 1.
    ledger add: 10. sorted add: 7. Ledger compile: 'twice ^ self total * 2'. System commitTransaction";

const SMALLTALK_CHANGED: &str = "{ counter value . queue asArray . bag size . set size . rc size . rc at: 3000 . sorted asArray . ledger twice - (ledger total * 2) }";

const SMALLTALK_CHANGED_PRINTS: &str =
    "anArray( 43, anArray( anArray( 1, 2), #later), 4, 2, 2000, 1, anArray( 9, 7, 5, 2), 0.0)";

#[test]
fn a_stone_finds_everything_and_goes_on() {
    const STONE: [&str; 2] = ["--stone", "maglev"];
    let home = home();
    let command = |words: &[&str]| run(&mut home.command("stone", words), "");
    let stone = home.start();
    whole(&home, STONE);
    command(&["audit"]).ok();
    goes_on(&home, STONE);
    home.ruby(CHANGES).ok().prints("true");
    home.smalltalk(SMALLTALK_CHANGES).ok().prints("true");
    stone.kill();
    let stone = home.start();
    home.ruby(CHANGED).ok().prints(CHANGED_PRINTS);
    home.smalltalk(SMALLTALK_CHANGED)
        .ok()
        .prints(SMALLTALK_CHANGED_PRINTS);
    command(&["checkpoint"]).ok();
    command(&["audit"]).ok();
    command(&["stop"]).ok();
    drop(stone);
    let data = home.path().join("data/maglev");
    command(&["audit", "--data", data.to_str().expect("a path in UTF-8")]).ok();
    let _stone = home.start();
    home.ruby(CHANGED).ok().prints(CHANGED_PRINTS);
    command(&["audit"]).ok();
}

#[test]
fn so_does_a_gem_with_the_data_in_its_own_process() {
    const DATA: [&str; 2] = ["--data", "data/maglev"];
    let home = home();
    whole(&home, DATA);
    goes_on(&home, DATA);
    let gem = |language, place: [&str; 2], code| {
        run(
            &mut home.command("gem", &[language, place[0], place[1], "-e", code]),
            "",
        )
    };
    gem("ruby", DATA, CHANGES).ok().prints("true");
    gem("smalltalk", DATA, SMALLTALK_CHANGES)
        .ok()
        .prints("true");
    gem("ruby", DATA, CHANGED).ok().prints(CHANGED_PRINTS);
    gem("smalltalk", DATA, SMALLTALK_CHANGED)
        .ok()
        .prints(SMALLTALK_CHANGED_PRINTS);
    run(
        &mut home.command("stone", &["audit", "--data", "data/maglev"]),
        "",
    )
    .ok();
}
