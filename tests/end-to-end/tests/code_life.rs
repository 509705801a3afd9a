//! Code made by evals and doits: it lives while something names it, and goes when nothing does.

use end_to_end::{Home, Outcome, gem, run};

/// Everything that can name code, made by evals, then asked again after as much garbage and as many collections as it takes to
/// give freed numbers and places to other code.
const NAMED: &str = r#"
class Holder; end
trouble = -> do
  60.times { |i| eval("[#{i}].each { |q| [q].map { |r| r } }; -> { #{i} }") }
  GC.start
end
counter = eval("n = 40; -> { n += 1 }")
eval("def self.given(n) = [n].map { |x| x * 2 }[0]")
bound_method = method(:given)
Holder.define_method(:defined, &eval("proc { |a| [a].sum + 1 }"))
eval("class Holder; def written = [1, 2].map { |n| n * n }; def gone = [3].map { |n| n + 1 }; end")
unbound = Holder.instance_method(:gone)
Holder.remove_method(:gone)
scope = eval("secret = 7; binding")
fiber = Fiber.new { eval("a = 1; Fiber.yield a; [a].each { |n| Fiber.yield n + 1 }; :done") }
thread = Thread.new { eval("Thread.stop; [3].map { |n| n + 1 }") }
Thread.pass until thread.stop?
list = eval("Enumerator.new { |y| y << 1; y << 2; y << 3 }")
compare = eval("Class.new { include Comparable; attr_reader :v; def initialize(v) = @v = v; def <=>(o) = v <=> o.v }")
error = begin; eval("
 raise 'text'", nil, 'made.rb', 76); rescue => e; e; end
loaded = bound_method.to_proc
at_exit(&eval("-> { puts [:bye].map { |s| s.to_s }[0] }"))
at_exit { trouble.call }
out = []
2.times do
  trouble.call
  out << counter.call << bound_method.call(4) << Holder.new.defined(5) << Holder.new.written << unbound.bind_call(Holder.new)
  out << scope.eval("secret += 1") << scope.local_variables.include?(:secret) << loaded.call(1)
  out << fiber.resume << list.take(2) << list.next << (compare.new(1) < compare.new(2)) << error.backtrace.first
end
thread.run
out << thread.value << fiber.resume
out << eval("GC.start; [1].each { GC.start; eval('GC.start; trouble.call') }; [5].map { |n| n + 1 }")
p out
"#;

const ANSWERED: &str = "[41, 8, 6, [1, 4], [4], 8, true, 2, 1, [1, 2], 1, true, \"made.rb:77:in '<main>'\", \
    42, 8, 6, [1, 4], [4], 9, true, 2, 2, [1, 2], 2, true, \"made.rb:77:in '<main>'\", [4], :done, [6]]\nbye";

#[track_caller]
fn ruby_under(stress: Option<&str>, verify: bool, code: &str) -> Outcome {
    let mut command = gem(&["ruby", "-"]);
    if let Some(stress) = stress {
        command.env("MAGLEV_GC_STRESS", stress);
    }
    if verify {
        command.env("MAGLEV_GC_VERIFY", "1");
    }
    run(&mut command, code).ok()
}

#[test]
fn what_is_named_survives() {
    ruby_under(None, true, NAMED).prints(ANSWERED);
}

#[test]
fn what_is_named_survives_when_every_safepoint_may_end_code() {
    ruby_under(Some("stub:7"), false, NAMED).prints(ANSWERED);
    ruby_under(Some("stub:501"), true, NAMED).prints(ANSWERED);
    ruby_under(Some("1"), false, NAMED).prints(ANSWERED);
}

#[test]
fn twenty_thousand_evals_leave_no_code() {
    let code = "before = GC.stat[:loaded_codes]
        20_000.times { |i| eval(\"1 + #{i}\") }
        5_000.times { |i| eval(\"[#{i}].each { |q| q }\", nil, \"file #{i}\") }
        p GC.stat[:loaded_codes] < before + 20_000
        GC.start
        p GC.stat[:loaded_codes] - before < 500";
    ruby_under(None, false, code).prints("true\ntrue");
}

/// Symbols that only tables of the machine name beside the program, and those that nothing names.
#[test]
fn symbols_of_evals_go_and_those_in_use_stay() {
    let code = "held = Array.new(50) { |i| :\"held_#{i}\" }
        table = 50.times.to_h { |i| [:\"key_#{i}\", i] }
        object = Object.new
        50.times do |i|
          object.instance_variable_set(:\"@own_#{i}\", i)
          Object.const_set(\"Own#{i}\", i)
          eval(\"$own_#{i} = #{i}\")
          eval(\"def object.own_#{i} = [@own_#{i}].first\")
        end
        before = Symbol.all_symbols.size
        20_000.times { |i| eval(\"name_#{i} = :text_#{i}\") }
        GC.start
        p Symbol.all_symbols.size - before < 1000
        50.times { |i| eval(\"other_#{i} = :more_#{i}\") }
        p held.each_index.all? { |i| held[i].equal?(:\"held_#{i}\") && held[i].to_s == \"held_#{i}\" }
        p table.all? { |key, i| table[:\"key_#{i}\"] == i && key.to_s == \"key_#{i}\" }
        p 50.times.all? { |i| object.send(\"own_#{i}\") == i && object.instance_variable_get(\"@own_#{i}\") == i }
        p 50.times.all? { |i| Object.const_get(\"Own#{i}\") == i && eval(\"$own_#{i}\") == i }";
    let expected = ["true"; 5].join("\n");
    ruby_under(None, true, code).prints(&expected);
    let fewer = code.replace("20_000", "200");
    ruby_under(Some("stub:13"), false, &fewer).prints(&expected);
    ruby_under(Some("stub:1009"), true, &fewer).prints(&expected);
}

#[test]
fn twenty_thousand_doits_leave_no_code() {
    let code = "| before |
        before := System gemStatistics at: #LoadedCodes.
        1 to: 20000 do: [ :i | ('3 + ' , i printString) evaluate ].
        1 to: 20000 do: [ :i | ('#(1) do: [ :each | each + ' , i printString , ' ]') evaluate ].
        System collectGarbage.
        (System gemStatistics at: #LoadedCodes) - before < 500";
    run(&mut gem(&["smalltalk", "-e", code]), "")
        .ok()
        .prints("true");
}

#[test]
fn requests_one_after_the_other_leave_no_code() {
    let requests = "run\n3 + 4\n%\n".repeat(20_000);
    let script = format!(
        "{requests}expectvalue true\nrun\n(System gemStatistics at: #LoadedCodes) < 20000\n%\n"
    );
    let home = Home::new();
    let _stone = home.start();
    let mut command = home.command("topaz", &["-q", "-i", "--stone", "maglev"]);
    run(&mut command, &format!("login\n{script}")).ok();
}

#[test]
fn a_thread_made_by_an_eval_goes_on_in_another_gem() {
    let home = Home::new();
    let _stone = home.start();
    home.ruby(
        "t = eval('Thread.new { x = 1; [2].each { |n| x += n; Thread.stop }; x + [40].map { |n| n }[0] }')
         Thread.pass until t.stop?
         50.times { |i| eval(\"[#{i}].each { |q| q }\") }
         GC.start
         Maglev::PERSISTENT_ROOT[:t] = t
         Maglev.commit_transaction
         50.times { |i| eval(\"[#{i}].each { |q| q }\") }
         GC.start
         p t.stop?",
    )
    .ok()
    .prints("true");
    home.ruby(
        "t = Maglev::PERSISTENT_ROOT[:t]
         t.run
         GC.start
         p t.value",
    )
    .ok()
    .prints("43");
}
