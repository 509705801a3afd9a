//! Large collections, reduced-conflict classes, identity and questions about the repository, from one gem to the next on a real stone.

use end_to_end::Home;
use std::time::{Duration, Instant};

/// How often each step is done: tables grow now and then, which costs more; what counts is what it comes to in the long run.
const ROUNDS: i64 = 20;

/// Answers an Array: objects faulted and committed objects changed by each of the `steps`, all rounds together.
fn measured(setup: &str, steps: &[&str]) -> String {
    let blocks: Vec<String> = steps
        .iter()
        .map(|s| format!("measure value: [ :i | {s} ]"))
        .collect();
    format!(
        "| faults measure | {setup}
         faults := [ System gemStatistic: #ObjectsRead ].
         measure := [ :step | | before mark | before := faults value. mark := System _replayMark. 1 to: {ROUNDS} do: [ :i | step value: i ].
            {{ faults value - before . System _replayMark - mark }} ].
         {{ {} }}",
        blocks.join(" . ")
    )
}

/// The numbers of a printed Array of Arrays.
fn numbers(printed: &str) -> Vec<i64> {
    printed
        .split(|c: char| !c.is_ascii_digit())
        .filter_map(|n| n.parse().ok())
        .collect()
}

#[test]
fn a_large_collection_is_read_and_written_by_the_bucket() {
    let home = Home::new();
    let _stone = home.start();
    home.smalltalk(
        "| d s k b |
         d := KeyValueDictionary new. s := IdentitySet new. k := IdentityDictionary new. b := Bag new.
         UserGlobals at: #bigD put: d; at: #bigS put: s; at: #bigK put: k; at: #bigB put: b.
         0 to: 3 do: [ :round |
            1 to: 25000 do: [ :i | | n object |
                n := round * 25000 + i. object := Association key: n value: nil.
                d at: n printString put: n. s add: object. k at: object put: n. b add: n printString ].
            System commit ].
         d size",
    )
    .ok()
    .prints("100000");
    // The methods come from the repository as well: the same steps on small collections bring them in first.
    let warm = "| sd ss sk sb object | sd := KeyValueDictionary new. ss := IdentitySet new. sk := IdentityDictionary new. sb := Bag new.
         1 to: 5000 do: [ :i | object := Association key: i value: nil. sd at: i printString put: i. ss add: object. sk at: object put: i. sb add: i printString ].
         sd at: 'x' otherwise: nil. sk at: object. ss includes: object. sb occurrencesOf: 'x'. bigD. bigS. bigK. bigB.";
    let steps = [
        "(bigD at: (77777 - (i * 1000)) printString) = (77777 - (i * 1000)) ifFalse: [ nil foo ]",
        "bigD at: 'new' , i printString put: 1",
        "bigS add: (Association key: 1 value: 1)",
        "bigK at: (Association key: 1 value: 1) put: 1",
        "bigB add: 'new' , i printString",
    ];
    let outcome = home.smalltalk(&measured(warm, &steps)).ok();
    let found = numbers(&outcome.stdout);
    assert_eq!(found.len(), steps.len() * 2, "{outcome}");
    for pair in found.chunks(2) {
        assert!(pair[0] <= 25 * ROUNDS, "objects read: {outcome}");
        assert!(pair[1] <= 5 * ROUNDS, "objects changed: {outcome}");
    }
}

/// Runs `first` in a gem until it waits, then `second` in another one to its end, then lets the first commit. Answers what the first one printed.
fn interleaved(home: &Home, first: &str, second: &str) -> String {
    let (ready, go) = (home.path().join("ready"), home.path().join("go"));
    let code = format!(
        "{first}. (GsFile openWrite: '{}') close.
         [ GsFile exists: '{}' ] whileFalse: [ (Delay forMilliseconds: 10) wait ].
         System commitTransaction",
        ready.display(),
        go.display()
    );
    let arguments = ["smalltalk", "--stone", "maglev", "-e", &code];
    let waiting = home
        .command("gem", &arguments)
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("a gem");
    let patience = Instant::now() + Duration::from_secs(60);
    while !ready.exists() {
        assert!(
            Instant::now() < patience,
            "the first gem never came to wait"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
    home.smalltalk(&format!("{second}. System commitTransaction"))
        .ok()
        .prints("true");
    std::fs::write(&go, "").expect("a writable home");
    let output = waiting.wait_with_output().expect("the first gem");
    for file in [ready, go] {
        std::fs::remove_file(file).expect("a file of ours");
    }
    String::from_utf8_lossy(&output.stdout).trim().to_string()
}

const REDUCED: &str = "| d q | d := RcKeyValueDictionary new. q := RcQueue new.
    UserGlobals at: #counter put: RcCounter new; at: #queue put: q; at: #bag put: RcIdentityBag new; at: #set put: RcIdentitySet new;
        at: #dictionary put: d.
    1 to: 3000 do: [ :i | d at: i put: i ]. q add: 0. System commitTransaction";

#[test]
fn two_gems_change_reduced_conflict_objects_at_the_same_time() {
    let home = Home::new();
    let _stone = home.start();
    home.smalltalk(REDUCED).ok().prints("true");
    let outcome = interleaved(
        &home,
        "counter incrementBy: 5; increment. queue add: 'a1'; add: 'a2'. bag add: #a. set add: #x; add: #y. dictionary at: 'a' put: 1; removeKey: 7",
        "counter incrementBy: 10. queue remove; add: 'b1'. bag add: #b; add: #a. set add: #x; add: #z. dictionary at: 'b' put: 2; removeKey: 8",
    );
    assert_eq!(outcome, "true");
    home.smalltalk(
        "{ counter value . queue asArray . bag size . bag occurrencesOf: #a . set size . dictionary size . dictionary at: 'a' . dictionary at: 'b' . dictionary includesKey: 7 }",
    )
    .ok()
    .prints("anArray( 16, anArray( 'b1', 'a1', 'a2'), 3, 2, 3, 3000, 1, 2, false)");
}

#[test]
fn what_cannot_be_done_again_is_a_conflict() {
    let home = Home::new();
    let _stone = home.start();
    home.smalltalk(REDUCED).ok();
    let same_key = interleaved(
        &home,
        "dictionary at: 5 put: #first",
        "dictionary at: 5 put: #second",
    );
    assert_eq!(same_key, "false");
    let same_element = interleaved(&home, "queue remove", "queue remove");
    assert_eq!(same_element, "false");
    let beside = interleaved(
        &home,
        "counter increment. UserGlobals at: #plain put: 1",
        "counter increment. UserGlobals at: #plain put: 2",
    );
    assert_eq!(beside, "false");
    home.smalltalk("{ dictionary at: 5 . queue size . counter value . plain }")
        .ok()
        .prints("anArray( #second, 0, 1, 2)");
}

#[test]
fn become_reaches_into_the_repository() {
    let home = Home::new();
    let _stone = home.start();
    home.smalltalk(
        "UserGlobals at: #one put: (Array with: 1 with: 2); at: #other put: 'text' copy.
         UserGlobals at: #holder put: (Array with: (UserGlobals at: #one) with: (UserGlobals at: #other)). System commitTransaction",
    )
    .ok();
    home.smalltalk(
        "one become: other. System commitTransaction. one become: (OrderedCollection with: 5). System commitTransaction",
    )
    .ok()
    .prints("true");
    home.smalltalk("{ one . other . holder first == one . (holder at: 2) == other }")
        .ok()
        .prints("anArray( anOrderedCollection( 5), anArray( 1, 2), true, true)");
    home.smalltalk("[ one becomeForward: other ] on: ImproperOperation do: [ :e | e messageText includesString: 'both are in the repository' ]")
        .ok()
        .prints("true");
}

#[test]
fn the_repository_tells_instances_references_and_paths() {
    let home = Home::new();
    let _stone = home.start();
    home.smalltalk(
        "| class | class := Object subclass: 'Part' instVarNames: #('next') classVars: #() classInstVars: #() poolDictionaries: #() inDictionary: UserGlobals options: #().
         class compile: 'next ^ next'. class compile: 'next: x next := x'.
         UserGlobals at: #chain put: (class new next: (class new next: class new)). System commitTransaction",
    )
    .ok();
    home.smalltalk(
        "| last path | last := chain next next. path := SystemRepository findReferencePathToObject: last.
         { SystemRepository countInstances: Part . (SystemRepository allInstances: Part) size . (path copyFrom: path size - 2 to: path size) = { chain . chain next . last } .
           ((SystemRepository listReferences: { last }) first anySatisfy: [ :x | x == chain next ]) . [ Part new. Part allInstances size >= 3 ] value . SystemRepository findReferencePathToObject: Object new }",
    )
    .ok()
    .prints("anArray( 3, 3, true, true, true, anArray( ))");
}

#[test]
fn a_thousand_dynamic_variables_come_back() {
    let home = Home::new();
    let _stone = home.start();
    home.smalltalk(
        "| o | o := Object new. 1 to: 1000 do: [ :i | o dynamicInstVarAt: ('v', i printString) asSymbol put: i ].
         UserGlobals at: #many put: o. System commitTransaction",
    )
    .ok();
    home.smalltalk(
        "many dynamicInstVarAt: #v77 put: #changed. System commitTransaction. { many dynamicInstanceVariables size . many dynamicInstVarAt: #v1000 }",
    )
    .ok()
    .prints("anArray( 1000, 1000)");
    home.smalltalk("many dynamicInstVarAt: #v77")
        .ok()
        .prints("#changed");
}

#[test]
fn a_large_hash_is_read_and_written_in_parts() {
    let home = Home::new();
    let _stone = home.start();
    home.ruby(
        "big = Maglev[:big] = {}
         4.times { |round| 5000.times { |i| n = round * 5000 + i; big[\"key#{n}\"] = n }; Maglev.commit }
         p big.size",
    )
    .ok()
    .prints("20000");
    let outcome = home
        .ruby(
            "def faults = GC.stat[:faults]
         big = Maglev[:big]
         small = {'a' => 1}
         small['b'] = 2; small.delete('a'); small['b']; faults; Maglev::System.__replay_mark
         before = faults
         raise unless big['key17777'] == 17777
         read = faults - before
         mark = Maglev::System.__replay_mark
         big['new'] = 1
         big['key5'] = 6
         changed = Maglev::System.__replay_mark - mark
         puts [read <= 12, changed <= 8, big.key?('nothing'), big.size].inspect
         p [read, changed]
         Maglev.commit",
        )
        .ok();
    assert!(
        outcome.stdout.starts_with("[true, true, false, 20001]"),
        "{outcome}"
    );
    home.ruby(
        "big = Maglev[:big]
         p big.first, big['key5'], big['new'], big.keys.last, big.size
         (0...20000).step(2) { |n| big.delete(\"key#{n}\") }
         Maglev.commit
         p big.size, big['key4'], big['key7'], big.first
         copy = big.dup
         copy['only'] = 1
         p copy.size, big.size, big.shift, big.key?('key1'), big.to_a.size, big.keys.uniq.size
         Maglev.commit",
    )
    .ok()
    .prints("[\"key0\", 0]\n6\n1\n\"new\"\n20001\n10001\nnil\n7\n[\"key1\", 1]\n10002\n10001\n[\"key1\", 1]\nfalse\n10000\n10000");
    home.ruby(
        "big = Maglev[:big]
         p big.size, big.sum { |k, v| v }, big.each_with_index.count { |(k, v), i| big[k] == v }
         big.clear
         big[:x] = 1
         p big
         Maglev.commit",
    )
    .ok()
    .prints("10000\n100000001\n10000\n{x: 1}");
}
