//! A stone that is killed under its gems: every gem's handlers run to their end.

use end_to_end::{Home, Outcome};
use std::path::Path;
use std::time::{Duration, Instant};

/// Transactions until the repository is gone; then a handler that uses what the loop never did.
fn program(home: &Path, number: usize) -> String {
    let ready = home.join(format!("ready {number}"));
    format!(
        "own = Maglev::PERSISTENT_ROOT[:all][{number}]
         begin
           begin
             loop do
               own[:rounds] += 1
               Maglev.commit_transaction
               File.write({ready:?}, '') if own[:rounds] == 3
             end
           ensure
             $stdout.puts :ensured
           end
         rescue Exception => e
           puts \"#{{e.class}}|#{{e.message.empty?}}|#{{e.backtrace.size > 0}}|#{{e.full_message(highlight: false).lines.first.include?(e.message)}}\"
           list = [3, 'b', :c, 1.5, nil, 2**70].map(&:to_s).sort_by {{ |s| [-s.size, s] }}
           puts list.inspect, format('%05.2f|%-6s|%x', 3.14159, 'left', 255)
           table = Hash.new {{ |h, k| h[k] = k.to_s * 2 }}
           table[:new]
           table[[1]] = {{ deep: Struct.new(:a).new(1).a }}
           table[Object.new] = 'identity'
           puts table.values.inspect, table.key?(:new), table.min_by {{ |k, _| k.to_s.size }}.first
           puts 'a,b;c'.split(/[,;]/).zip([1, 2, 3]).to_h.sum {{ |k, v| v * k.ord }}
           puts \"Grüße\".upcase.center(9, '*').encode('UTF-16LE').bytesize, Time.at(0).utc.strftime('%F'), Rational(1, 3) + 1
           again = begin
             Integer('no')
           rescue ArgumentError => inner
             inner.message + ' ' + inner.cause.class.to_s
           ensure
             puts :inner
           end
           puts again, (1..10).each_slice(3).map(&:sum).lazy.select(&:even?).first(1).inspect
           $stderr.puts \"last: #{{e.class}}\"
         ensure
           puts 'done'
         end
         puts :after
         exit 7"
    )
}

const SAYS: &str = "ensured\nRepositoryError|false|true|true\n\
    [\"1180591620717411303424\", \"1.5\", \"3\", \"b\", \"c\", \"\"]\n03.14|left  |ff\n\
    [\"newnew\", {deep: 1}, \"identity\"]\ntrue\nnew\n590\n18\n1970-01-01\n4/3\n\
    inner\ninvalid value for Integer(): \"no\" RepositoryError\n[6]\ndone\nafter";

const GEMS: usize = 12;
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn every_gem_runs_its_handlers_to_the_end() {
    let home = Home::new();
    let stone = home.start();
    home.ruby(&format!(
        "Maglev::PERSISTENT_ROOT[:all] = Array.new({GEMS}) {{ {{ rounds: 0 }} }}\nMaglev.commit_transaction"
    ))
    .ok();
    let outcomes: Vec<Outcome> = std::thread::scope(|scope| {
        let gems: Vec<_> = (0..GEMS)
            .map(|n| {
                let home = &home;
                scope.spawn(move || home.ruby(&program(home.path(), n)))
            })
            .collect();
        let end = Instant::now() + PATIENCE;
        for (n, gem) in gems.iter().enumerate() {
            let ready = home.path().join(format!("ready {n}"));
            // A gem that ends without a word ends this wait, too.
            while !ready.exists() && !gem.is_finished() && Instant::now() < end {
                std::thread::sleep(Duration::from_millis(5));
            }
        }
        stone.kill();
        gems.into_iter()
            .map(|gem| gem.join().expect("a gem"))
            .collect()
    });
    for outcome in outcomes {
        assert_eq!(outcome.status, Some(7), "{outcome}");
        // Where the stone died between a commit and its answer, nobody can tell what became of it.
        let unknown = outcome.stdout.contains("CommitOutcomeUnknown");
        let class = match unknown {
            true => "Maglev::CommitOutcomeUnknown",
            false => "RepositoryError",
        };
        outcome
            .prints(&SAYS.replace("RepositoryError", class))
            .complains(&format!("last: {class}"));
    }
}

#[test]
fn smalltalk_handlers_run_to_the_end() {
    let home = Home::new();
    let stone = home.start();
    let ready = home.path().join("ready");
    let killed = home.path().join("killed");
    let code = format!(
        "| text | UserGlobals at: #n put: 0. System commitTransaction. (GsFile openWrite: '{}') close.
         [ GsFile exists: '{}' ] whileFalse: [ (Delay forMilliseconds: 5) wait ].
         text := WriteStream on: String new.
         [ [ UserGlobals at: #n put: 1. System commit ] ensure: [ text nextPutAll: 'ensured ' ] ]
            on: Error do: [ :ex | | sorted |
                sorted := #(3 1 2) asSortedCollection: [ :a :b | a >= b ].
                text nextPutAll: ex class name; space; print: ex messageText isEmpty; space; print: sorted asArray; space;
                    print: (Dictionary new at: #a put: 2 / 4; yourself); space;
                    nextPutAll: ((1 to: 5) inject: 0 into: [ :sum :each | sum + each ]) printString; space;
                    nextPutAll: ((Date newDay: 1 month: 2 year: 2024) printString) ].
         text contents",
        ready.display(),
        killed.display()
    );
    let outcome = std::thread::scope(|scope| {
        let gem = scope.spawn(|| home.smalltalk(&code));
        while !ready.exists() && !gem.is_finished() {
            std::thread::sleep(Duration::from_millis(5));
        }
        stone.kill();
        std::fs::write(&killed, "").expect("a file");
        gem.join().expect("a gem")
    });
    outcome.ok().prints(
        "'RepositoryError false anArray( 3, 2, 1) aDictionary( #a->1/2) 15 01/02/2024ensured '",
    );
}
