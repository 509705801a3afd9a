//! Ruby's threads: what they do to each other, how they wait, how deep they go.

use end_to_end::{Outcome, gem, repository, run};

#[track_caller]
fn ruby(code: &str) -> Outcome {
    let mut command = gem(&["ruby", "-"]);
    command.env("MAGLEV_RUBY_LIB", repository().join("ruby-src/lib"));
    run(&mut command, code)
}

#[test]
fn an_exception_reaches_a_thread_where_it_waits_or_runs() {
    ruby(
        "t = Thread.new { begin; sleep; rescue => e; e.message; end }
         Thread.pass until t.stop?
         t.raise('sleeping')
         p t.value
         t = Thread.new { begin; loop { }; rescue ArgumentError => e; e.class; end }
         Thread.pass
         t.raise(ArgumentError)
         p t.value
         q = Queue.new
         t = Thread.new { begin; q.pop; rescue IOError; :popped; end }
         Thread.pass until t.stop?
         t.raise(IOError)
         p t.value, q.num_waiting",
    )
    .ok()
    .prints("\"sleeping\"\nArgumentError\n:popped\n0");
}

#[test]
fn a_killed_thread_runs_its_ensure_clauses_itself() {
    ruby(
        "log = []
         t = Thread.new do
           begin
             begin
               sleep
             ensure
               log << (Thread.current.equal?(t) ? :inside : :outside)
             end
           rescue Exception
             log << :never
           ensure
             log << :outer
           end
         end
         Thread.pass until t.stop?
         t.kill
         p log, t.alive?, t.value, t.status
         t = Thread.new { loop { } }
         t.kill
         p t.alive?
         t = Thread.new { Thread.current.kill; 1 }
         p t.value
         f = Fiber.new { begin; Fiber.yield 1; ensure; log << :fiber; end }
         f.resume
         f.kill
         p log.last, f.alive?",
    )
    .ok()
    .prints("[:inside, :outer]\nfalse\nnil\nfalse\nfalse\nnil\n:fiber\nfalse");
}

#[test]
fn timeouts_end_loops_and_sleeps() {
    ruby(
        "require 'timeout'
         p((Timeout.timeout(0.05) { loop { } } rescue $!.class))
         p((Timeout.timeout(0.05) { sleep } rescue $!.message))
         p Timeout.timeout(5) { 42 }
         p Queue.new.pop(timeout: 0.01)
         p Thread.new { sleep 5 }.join(0.01)",
    )
    .ok()
    .prints("Timeout::Error\n\"execution expired\"\n42\nnil\nnil");
}

#[test]
fn locks_and_queues_hold_under_preemption() {
    ruby(
        "m = Mutex.new
         n = 0
         10.times.map { Thread.new { 50.times { m.synchronize { x = n; Thread.pass; n = x + 1 } } } }.each(&:join)
         p n
         q = SizedQueue.new(2)
         Thread.new { 10.times { |i| q << i }; q.close }
         got = []
         while x = q.pop
           got << x
         end
         p got
         ready = false
         cv = ConditionVariable.new
         t = Thread.new { m.synchronize { cv.wait(m) until ready; :go } }
         Thread.pass until t.stop?
         m.synchronize { ready = true; cv.signal }
         p t.value
         waiters = 3.times.map { |i| Thread.new { m.synchronize { i } } }
         m.lock
         waiters.each { |w| Thread.pass until w.stop? || !w.alive? }
         m.unlock
         p waiters.map(&:value)",
    )
    .ok()
    .prints("500\n[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]\n:go\n[0, 1, 2]");
}

#[test]
fn masked_exceptions_wait_and_reports_can_be_turned_off() {
    ruby(
        "log = []
         t = Thread.new do
           Thread.current.report_on_exception = false
           Thread.handle_interrupt(RuntimeError => :never) do
             Thread.pass until t.pending_interrupt?
             log << :inside
           end
           log << :never
         end
         Thread.pass
         t.raise('later')
         begin
           t.join
         rescue => e
           p e.message, log
         end
         p t.status
         t = Thread.new { Thread.current[:a] = 1; Thread.current.thread_variable_set(:b, 2); Thread.stop; 5 }
         Thread.pass until t.stop?
         p t[:a], t.thread_variable_get(:b), Thread.current[:a], t.backtrace.empty?
         t.run
         p t.value",
    )
    .ok()
    .prints("\"later\"\n[:inside]\nnil\n1\n2\nnil\nfalse\n5");
}

#[test]
fn a_deadlock_says_who_waits() {
    ruby(
        "m = Mutex.new
         m.lock
         begin
           Thread.new { m.lock }.join
         rescue StandardError
           puts 'no'
         rescue Exception => e
           puts e.class, e.message
         end",
    )
    .ok()
    .prints(
        "fatal\nNo live threads left. Deadlock? every process waits for another one: the main process waits for the end of process 1; \
         process 1 stopped until it is woken. Something must signal, resume or terminate one of them before all wait",
    );
}

#[test]
fn a_million_frames_are_no_problem() {
    ruby(
        "def deep(n) = n == 0 ? 0 : 1 + deep(n - 1)
         p deep(1_000_000)
         p Thread.new { deep(1_000_000) }.value",
    )
    .ok()
    .prints("1000000\n1000000");
}
