//! Stones that die under gems which go on: a commit is done once or never, and the program hears which.

use end_to_end::{Home, run};
use std::time::{Duration, Instant};

/// Adds one, some hundred times over; prints how often that went well, and what else it heard.
const COUNT: &str = r#"
done = 0
heard = Hash.new(0)
until done == 300
  begin
    Maglev.abort_transaction
    Maglev::PERSISTENT_ROOT[:n] += 1
    # New objects keep the ids that they have, whoever the stone is.
    Maglev::PERSISTENT_ROOT[:last] = ["new", {done => Object.new.object_id}]
    Maglev.commit_transaction
    done += 1
    File.write("begun", "") if done == 20
  rescue RepositoryError, TransactionRevoked, Maglev::CommitFailedException => e
    heard[e.class] += 1
    sleep 0.02
  end
end
p done == Maglev::PERSISTENT_ROOT[:n], Maglev::PERSISTENT_ROOT[:last][1].keys
"#;

#[test]
fn what_was_acknowledged_is_there_once_when_the_stone_dies_and_comes_back() {
    let home = Home::new();
    let mut stone = Some(home.start());
    home.ruby("Maglev::PERSISTENT_ROOT[:n] = 0; Maglev.commit_transaction")
        .ok();
    let outcome = std::thread::scope(|scope| {
        let gem = scope.spawn(|| {
            let mut command = home.command("gem", &["ruby", "--stone", "maglev", "-"]);
            run(command.env("MAGLEV_COMMIT_WAIT", "60"), COUNT)
        });
        let end = Instant::now() + Duration::from_secs(60);
        let begun = home.path().join("begun");
        while !begun.exists() && !gem.is_finished() && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(2));
        }
        for _ in 0..3 {
            if let Some(stone) = stone.take() {
                stone.kill();
            }
            stone = Some(home.start());
        }
        gem.join().expect("a gem")
    });
    outcome.ok().prints("true\n[299]");
    drop(stone);
    let _stone = home.start();
    home.ruby("p Maglev::PERSISTENT_ROOT[:n]")
        .ok()
        .prints("300");
}

#[test]
fn a_program_is_told_when_nobody_knows_and_can_ask_later() {
    let home = Home::new();
    let stone = home.start();
    let code = r#"
Maglev::PERSISTENT_ROOT[:n] = 0
Maglev.commit_transaction
File.write("ready", "")
sleep 0.01 until File.exist?("killed")
Maglev::PERSISTENT_ROOT[:n] = 1
begin
  Maglev.commit_transaction
rescue Maglev::CommitOutcomeUnknown => e
  puts e.token.size > 32, Maglev::CommitFailedException === e, e.message.include?(e.token)
  File.write("token", e.token)
end
"#;
    let outcome = std::thread::scope(|scope| {
        let gem = scope.spawn(|| home.ruby(code));
        let ready = home.path().join("ready");
        while !ready.exists() && !gem.is_finished() {
            std::thread::sleep(Duration::from_millis(2));
        }
        stone.kill();
        std::fs::write(home.path().join("killed"), "").expect("a file");
        gem.join().expect("a gem")
    });
    outcome.ok().prints("true\nfalse\ntrue");
    let _stone = home.start();
    let token = std::fs::read_to_string(home.path().join("token")).expect("a token");
    home.ruby(&format!(
        "p Maglev.fate({token:?}), Maglev.fate({token:?}), Maglev::PERSISTENT_ROOT[:n]"
    ))
    .ok()
    .prints(":never_happened\n:never_happened\n0");
    home.smalltalk(&format!("System commitFate: '{token}'"))
        .ok()
        .prints("#never_happened");
}
