//! The Maglev API from one gem to the next, on a real stone.

use end_to_end::Home;

/// A class and an object of it, committed.
const ACCOUNT: &str = "
    Maglev.persistent do
      class Account
        maglev_persistable
        attr_reader :owner, :balance
        def initialize(owner, balance)
          @owner = owner
          @balance = balance
        end
        def deposit(amount)
          @balance += amount
        end
        def self.open(owner) = new(owner, 0)
        LIMIT = 1000
      end
    end
    Maglev::PERSISTENT_ROOT['account'] = Account.open('Ada')
    Maglev.commit_transaction
";

#[test]
fn objects_of_every_kind_come_back() {
    let home = Home::new();
    let _stone = home.start();
    home.ruby(
        "root = Maglev::PERSISTENT_ROOT
         root['all'] = [1, -1, 2**70, 1.5, 1e300, nil, true, false, :symbol, 'text', 'Grüße', \"\\xff\".b,
                        {a: 1, 'b' => [2]}, 1..3, 'frozen'.freeze]
         root['loop'] = []
         root['loop'] << root['loop']
         Maglev.commit_transaction",
    )
    .ok();
    home.ruby(
        "all = Maglev::PERSISTENT_ROOT['all']
         p all
         p all[10].encoding, all[11].encoding, all[14].frozen?, all[9].frozen?
         again = Maglev::PERSISTENT_ROOT['loop']
         p again.equal?(again[0])",
    )
    .ok()
    .prints(
        "[1, -1, 1180591620717411303424, 1.5, 1.0e+300, nil, true, false, :symbol, \"text\", \"Grüße\", \"\\xFF\", \
         {a: 1, \"b\" => [2]}, 1..3, \"frozen\"]\n#<Encoding:UTF-8>\n#<Encoding:BINARY (ASCII-8BIT)>\ntrue\nfalse\ntrue",
    );
}

#[test]
fn a_persistent_class_is_there_in_the_next_gem_with_its_methods() {
    let home = Home::new();
    let _stone = home.start();
    home.ruby(ACCOUNT).ok();
    home.ruby(
        "account = Maglev::PERSISTENT_ROOT['account']
         account.deposit(5)
         p account.class, account.owner, account.balance, Account::LIMIT, Account.open('Bob').balance",
    )
    .ok()
    .prints("Account\n\"Ada\"\n5\n1000\n0");
}

#[test]
fn a_transient_method_is_gone_in_the_next_gem() {
    let home = Home::new();
    let _stone = home.start();
    home.ruby(ACCOUNT).ok();
    home.ruby(
        "class Account
           def shout = owner.upcase
         end
         Maglev.transient { class Account; def whisper = owner.downcase; end }
         account = Maglev::PERSISTENT_ROOT['account']
         p account.shout, account.whisper
         Maglev.commit_transaction",
    )
    .ok()
    .prints("\"ADA\"\n\"ada\"");
    home.ruby(
        "account = Maglev::PERSISTENT_ROOT['account']
         p account.respond_to?(:shout), account.respond_to?(:whisper), account.respond_to?(:deposit)",
    )
    .ok()
    .prints("false\nfalse\ntrue");
}

#[test]
fn what_is_not_committed_is_not_there() {
    let home = Home::new();
    let _stone = home.start();
    home.ruby(ACCOUNT).ok();
    home.ruby("Maglev::PERSISTENT_ROOT['account'].deposit(1)")
        .ok();
    home.ruby(
        "account = Maglev::PERSISTENT_ROOT['account']
         account.deposit(7)
         p account.balance
         Maglev.abort_transaction
         p account.balance",
    )
    .ok()
    .prints("7\n0");
}

#[test]
fn a_transaction_block_commits_or_aborts() {
    let home = Home::new();
    let _stone = home.start();
    home.ruby(ACCOUNT).ok();
    home.ruby(
        "account = Maglev::PERSISTENT_ROOT['account']
         p(Maglev.transaction { account.deposit(10); :value })
         begin
           Maglev.transaction { account.deposit(100); raise 'changed my mind' }
         rescue RuntimeError => e
           p e.message
         end
         p account.balance",
    )
    .ok()
    .prints(":value\n\"changed my mind\"\n10");
    home.ruby("p Maglev::PERSISTENT_ROOT['account'].balance")
        .ok()
        .prints("10");
}

#[test]
fn an_object_that_may_not_persist_fails_the_commit_with_the_path_to_it() {
    let home = Home::new();
    let _stone = home.start();
    let outcome = home
        .ruby(
            "class Private
               def initialize = @x = 1
             end
             Maglev::PERSISTENT_ROOT['outer'] = { 'inner' => [1, Private.new] }
             begin
               Maglev.commit_transaction
             rescue Maglev::NotPersistableException => e
               puts e.message
             end
             Maglev.abort_transaction
             p Maglev::PERSISTENT_ROOT['outer']
             Maglev::PERSISTENT_ROOT['fine'] = 1
             p Maglev.commit_transaction",
        )
        .ok();
    let lines: Vec<&str> = outcome.stdout.lines().collect();
    assert_eq!(lines.len(), 3, "{outcome}");
    for part in ["Private", "outer", "inner"] {
        assert!(lines[0].contains(part), "no {part} in {outcome}");
    }
    assert_eq!(lines[1..], ["nil", "true"], "{outcome}");
}

#[test]
fn a_file_or_a_thread_does_not_persist() {
    let home = Home::new();
    let _stone = home.start();
    home.ruby(
        "['$stdout', 'Thread.new { 1 }', 'File.open(\"/dev/null\")'].each do |made|
           Maglev::PERSISTENT_ROOT['x'] = eval(made)
           begin
             Maglev.commit_transaction
             puts \"#{made} went in\"
           rescue Maglev::NotPersistableException
             puts :refused
           end
           Maglev.abort_transaction
         end",
    )
    .ok()
    .prints("refused\nrefused\nrefused");
}

/// Two gems in one test: the second runs inside the first, between its change and its commit.
#[test]
fn a_conflict_names_object_class_and_kind_and_can_be_retried() {
    let home = Home::new();
    let _stone = home.start();
    home.ruby(ACCOUNT).ok();
    let other = home.write(
        "other.rb",
        "Maglev::PERSISTENT_ROOT['account'].deposit(1)\nMaglev.commit_transaction\n",
    );
    let gem = end_to_end::program("gem");
    let code = format!(
        "account = Maglev::PERSISTENT_ROOT['account']
         account.deposit(10)
         system({gem:?}, 'ruby', '--stone', 'maglev', {other:?}) or abort 'the other gem failed'
         begin
           Maglev.commit_transaction
           puts 'no conflict'
         rescue Maglev::CommitFailedException => e
           object, class_name, kind, _winner, _path = e.conflicts[0]
           p e.conflicts.size, object.equal?(account), class_name.to_s, kind.to_s
           puts e.message.include?('Account')
         end
         Maglev.abort_transaction
         p account.balance
         account.deposit(10)
         Maglev.commit_transaction
         p account.balance"
    );
    home.ruby(&code)
        .ok()
        .prints("1\ntrue\n\"Account\"\n\"Write-Write\"\ntrue\n1\n11");
    home.ruby("p Maglev::PERSISTENT_ROOT['account'].balance")
        .ok()
        .prints("11");
}

#[test]
fn reading_what_another_changed_is_no_conflict() {
    let home = Home::new();
    let _stone = home.start();
    home.ruby("Maglev::PERSISTENT_ROOT['a'] = ['old']\nMaglev::PERSISTENT_ROOT['b'] = []\nMaglev.commit_transaction")
        .ok();
    let other = home.write(
        "other.rb",
        "Maglev::PERSISTENT_ROOT['a'][0] = 'new'\nMaglev.commit_transaction\n",
    );
    let gem = end_to_end::program("gem");
    let code = format!(
        "a = Maglev::PERSISTENT_ROOT['a']
         p a[0]
         system({gem:?}, 'ruby', '--stone', 'maglev', {other:?}) or abort 'the other gem failed'
         p a[0]
         Maglev::PERSISTENT_ROOT['b'] << 1
         p Maglev.commit_transaction
         p a[0]"
    );
    home.ruby(&code)
        .ok()
        .prints("\"old\"\n\"old\"\ntrue\n\"new\"");
}

#[test]
fn a_transaction_with_retries_wins_in_the_end() {
    let home = Home::new();
    let _stone = home.start();
    home.ruby(ACCOUNT).ok();
    let other = home.write(
        "other.rb",
        "Maglev::PERSISTENT_ROOT['account'].deposit(1)\nMaglev.commit_transaction\n",
    );
    let gem = end_to_end::program("gem");
    let code = format!(
        "rounds = 0
         Maglev.transaction(retries: 3) do
           rounds += 1
           Maglev::PERSISTENT_ROOT['account'].deposit(10)
           system({gem:?}, 'ruby', '--stone', 'maglev', {other:?}) if rounds < 3
         end
         p rounds, Maglev::PERSISTENT_ROOT['account'].balance"
    );
    home.ruby(&code).ok().prints("3\n12");
}

#[test]
fn smalltalk_sees_what_ruby_committed_and_the_other_way_round() {
    let home = Home::new();
    let _stone = home.start();
    home.ruby(
        "Maglev::PERSISTENT_ROOT['list'] = [1, 2, 'three', :four]\nMaglev.commit_transaction",
    )
    .ok();
    home.smalltalk("(PersistentRoot at: 'list') size")
        .ok()
        .prints("4");
    home.smalltalk("(PersistentRoot at: 'list') last")
        .ok()
        .prints("#four");
    home.smalltalk("PersistentRoot at: 'from Smalltalk' put: (Array with: 5 with: 'six'). System commitTransaction")
        .ok()
        .prints("true");
    home.ruby("p Maglev::PERSISTENT_ROOT['from Smalltalk']")
        .ok()
        .prints("[5, \"six\"]");
}

#[test]
fn a_killed_stone_loses_nothing_that_was_acknowledged() {
    let home = Home::new();
    for round in 0..3 {
        let stone = home.start();
        home.ruby(&format!(
            "(Maglev::PERSISTENT_ROOT['rounds'] ||= []) << {round}\nMaglev.commit_transaction"
        ))
        .ok();
        stone.kill();
    }
    let _stone = home.start();
    home.ruby("p Maglev::PERSISTENT_ROOT['rounds']")
        .ok()
        .prints("[0, 1, 2]");
}

#[test]
fn a_stone_that_dies_under_a_gem_is_an_error_the_program_can_rescue() {
    let home = Home::new();
    let stone = home.start();
    let ready = home.path().join("ready");
    let killed = home.path().join("killed");
    let code = format!(
        "puts :ready
         $stdout.flush
         File.write({ready:?}, '')
         begin
           sleep 0.01 until File.exist?({killed:?})
           Maglev::PERSISTENT_ROOT['x'] = 1
           Maglev.commit_transaction
           puts 'committed without a stone'
         rescue Maglev::RepositoryError
           puts :rescued
         end
         puts 1 + 1"
    );
    let gem = std::thread::scope(|scope| {
        let gem = scope.spawn(|| home.ruby(&code));
        // A gem that ends without a word ends this wait, too.
        while !ready.exists() && !gem.is_finished() {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        stone.kill();
        std::fs::write(&killed, "").expect("a file");
        gem.join().expect("a gem")
    });
    gem.ok().prints("ready\nrescued\n2");
}

#[test]
fn an_embedded_stone_keeps_its_data_in_a_directory() {
    let home = Home::new();
    let run = |code: &str| {
        let mut command = home.command("gem", &["ruby", "--data", "own", "-e", code]);
        end_to_end::run(&mut command, "")
    };
    run("Maglev::PERSISTENT_ROOT['x'] = [1, 2]; p Maglev.commit_transaction")
        .ok()
        .prints("true");
    run("p Maglev::PERSISTENT_ROOT['x']").ok().prints("[1, 2]");
}

#[test]
fn an_unchanged_session_has_nothing_to_commit() {
    let home = Home::new();
    let _stone = home.start();
    home.ruby(ACCOUNT).ok();
    home.ruby(
        "account = Maglev::PERSISTENT_ROOT['account']
         100.times { account.balance; account.owner.size; [3, 1].sort; account.respond_to?(:x) }
         p Maglev::System.needs_commit",
    )
    .ok()
    .prints("false");
}
