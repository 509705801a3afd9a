//! Sessions whose memory is smaller than what they walk, or than what they change; the collector's stress modes.

use end_to_end::{Home, Outcome, run};

/// Leaves of the graph: Arrays of number, String of 200 bytes and counter, about 320 bytes of object memory each, so 100 MiB in all.
const LEAVES: usize = 320_000;
/// MiB of object memory of the sessions here.
const MIB: &str = "8";
/// Enough that changing all of them does not fit.
const FEW: usize = 60_000;

const BUILD: &str = "
    root = Maglev::PERSISTENT_ROOT['graph'] = []
    (LEAVES / 1000).times do |g|
      root << Array.new(1000) { |i| [g * 1000 + i, \"leaf #{i} \".ljust(200, '.'), 0] }
      Maglev.commit_transaction if g % 5 == 4
    end
    Maglev.commit_transaction";

const WALK: &str = "
    sum = changed = 0
    Maglev::PERSISTENT_ROOT['graph'].each do |group|
      group.each do |leaf|
        if leaf[0] % 10 == 0
          leaf[2] += 1
          leaf[1].setbyte(0, 76)
          changed += 1
          Maglev.commit_transaction if changed % 5000 == 0
        end
        sum += leaf[2] + leaf[1].size
      end
    end
    Maglev.commit_transaction
    f = GC.stat
    puts sum
    puts f[:heap_limit_bytes] >> 20, f[:heap_allocated_bytes] <= f[:heap_limit_bytes] * 5 / 4
    puts f[:dropped_objects] > LEAVES / 2, f[:stubs] > 0";

/// Runs Ruby in a gem with little object memory.
#[track_caller]
fn ruby_with(home: &Home, leaves: usize, code: &str) -> Outcome {
    let mut command = home.command("gem", &["ruby", "--stone", "maglev", "-"]);
    command.env("MAGLEV_MEMORY", MIB);
    run(&mut command, &format!("LEAVES = {leaves}\n{code}"))
}

#[test]
fn a_small_session_walks_and_changes_a_large_graph() {
    let home = Home::new();
    let _stone = home.start();
    ruby_with(&home, LEAVES, BUILD).ok();
    let sum = LEAVES * 200 + LEAVES / 10;
    ruby_with(&home, LEAVES, WALK)
        .ok()
        .prints(&format!("{sum}\n{MIB}\ntrue\ntrue\ntrue"));
}

#[test]
fn a_ruby_transaction_that_does_not_fit_is_told_so_and_the_session_goes_on() {
    let home = Home::new();
    let _stone = home.start();
    ruby_with(&home, FEW, BUILD).ok();
    ruby_with(
        &home,
        FEW,
        "root = Maglev::PERSISTENT_ROOT
         root['small'] = 'before'
         Maglev.commit_transaction
         tell = ->(&block) do
           block.call
           puts 'no error'
         rescue NoMemoryError => e
           puts e.message[/commit or abort/], e.message[/MAGLEV_MEMORY/]
         end
         2.times do
           tell.call { root['small'] << ' never'; root['new'] = []; loop { root['new'] << 'text' * 5 } }
           Maglev.abort_transaction
           p root['small'], root['new']
         end
         tell.call { root['graph'].each { |g| g.each { |l| l[1] << 'x' } } }
         Maglev.abort_transaction
         puts root['graph'].sum { |g| g.sum { |l| l[1].size } } == LEAVES * 200
         kept = []
         tell.call { loop { kept << 'text' * 5 } }
         kept = nil
         root['small'] << ' after'
         Maglev.commit_transaction
         puts root['small']",
    )
    .ok()
    .prints(
        "commit or abort\nMAGLEV_MEMORY\n\"before\"\nnil\ncommit or abort\nMAGLEV_MEMORY\n\"before\"\nnil\n\
         commit or abort\nMAGLEV_MEMORY\ntrue\ncommit or abort\nMAGLEV_MEMORY\nbefore after",
    );
}

#[test]
fn a_smalltalk_transaction_that_does_not_fit_is_told_so_and_the_session_goes_on() {
    let home = Home::new();
    let _stone = home.start();
    let code = "| told |
        told := [ | all |
            all := OrderedCollection new.
            UserGlobals at: #Big put: all.
            [ all add: all size printString ] repeat ]
                on: AlmostOutOfMemory
                do: [ :e | e return: (e messageText includesString: 'commit or abort') ].
        System abortTransaction.
        UserGlobals at: #Small put: told printString.
        System commitTransaction.
        Array with: told with: (UserGlobals includesKey: #Big) with: (System gemStatistics at: #NumberOfMarkSweeps) > 0";
    let arguments = ["smalltalk", "--stone", "maglev", "-e", code];
    let mut command = home.command("gem", &arguments);
    command.env("MAGLEV_MEMORY", MIB);
    run(&mut command, "")
        .ok()
        .prints("anArray( true, false, true)");
    home.smalltalk("UserGlobals at: #Small")
        .ok()
        .prints("'true'");
}

#[test]
fn collections_and_stubbing_at_every_safepoint_change_nothing() {
    let home = Home::new();
    let _stone = home.start();
    let code = "class Node
           attr_reader :name
           def initialize(name, rest) = (@name, @rest = name, rest)
           def each(&block) = (block.call(@name); @rest&.each(&block))
         end
         list = nil
         30.times { |i| list = Node.new(\"n#{i}\", list) }
         names = []
         list.each { |n| names << n.upcase }
         h = {}
         names.each_with_index { |n, i| h[n] = [i, n.reverse] }
         p h.size, h['N7'], names.sort.first(3)
         begin; Integer('x'); rescue ArgumentError => e; puts e.message; end
         Maglev::PERSISTENT_ROOT['h'] = h
         Maglev.commit_transaction
         p Maglev::PERSISTENT_ROOT['h'].sum { |_, v| v[0] }";
    let expected =
        "30\n[22, \"7N\"]\n[\"N0\", \"N1\", \"N10\"]\ninvalid value for Integer(): \"x\"\n435";
    for (stress, verify) in [("1", false), ("stub", false), ("stub:40", true)] {
        let mut command = home.command("gem", &["ruby", "--stone", "maglev", "-"]);
        command.env("MAGLEV_GC_STRESS", stress);
        if verify {
            command.env("MAGLEV_GC_VERIFY", "1");
        }
        run(&mut command, code).ok().prints(expected);
    }
}

#[test]
fn a_program_asks_for_figures_sizes_and_stress() {
    let home = Home::new();
    let _stone = home.start();
    home.ruby(
        "before = GC.count
         GC.start
         p GC.count - before, GC.stat(:major_gc_count), GC.stat[:heap_live_bytes] > 0
         begin; GC.stat(:nothing); rescue ArgumentError => e; puts e.message; end
         p ObjectSpace.memsize_of('x' * 1000) > 1000, ObjectSpace.memsize_of(1)
         class Rare; end
         kept = Array.new(5) { Rare.new }
         p ObjectSpace.each_object(Rare) {}, ObjectSpace.memsize_of_all(Rare) >= 5 * 16
         counts = ObjectSpace.count_objects
         p counts[:TOTAL] > counts[:T_STRING], counts[:T_STRING] > 0
         GC.stress = true
         before = GC.count
         texts = Array.new(50) { |i| i.to_s }
         GC.stress = false
         p texts.size, GC.count - before > 50",
    )
    .ok()
    .prints("1\n1\ntrue\nunknown key: nothing\ntrue\n0\n5\ntrue\ntrue\ntrue\n50\ntrue");
}
