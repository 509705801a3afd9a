//! Suspended computations, from one gem to the next.

use end_to_end::Home;

/// A computation in the middle of nested blocks, with ensure blocks and a handler around them and a non-local return ahead.
const SUSPENDED: &str = "| p |
    p := [ | log sum |
        log := OrderedCollection new.
        sum := 0.
        [ [ #(1 2 3 4) do: [ :each |
            [ each = 3 ifTrue: [ GsProcess current suspend ].
            sum := sum + each.
            each = 4 ifTrue: [ Error signal: 'four' ] ] ensure: [ log add: each ] ] ]
            on: Error do: [ :ex | log add: ex messageText asSymbol. ex return: 5 ] ]
            ensure: [ log add: #end ].
        log add: (#(10 20 30) detect: [ :each | each > 15 ] ifNone: [ 0 ]).
        log addFirst: sum.
        log asArray ] newProcess.
    p resume.
    [ p isSuspended ] whileFalse: [ Processor yield ].
    UserGlobals at: #Suspended put: p.
    System commitTransaction.
    p isSuspended";

#[test]
fn another_gem_goes_on_in_the_middle_of_nested_blocks() {
    let home = Home::new();
    let _stone = home.start();
    home.smalltalk(SUSPENDED).ok().prints("true");
    for _ in 0..2 {
        // Not committed: each gem continues the stored state.
        home.smalltalk("| p | p := UserGlobals at: #Suspended. p resume. p join printString")
            .ok()
            .prints("'anArray( 10, 1, 2, 3, #four, 4, #end, 20)'");
    }
}

#[test]
fn a_process_is_stored_again_and_again() {
    let home = Home::new();
    let _stone = home.start();
    home.smalltalk(
        "| p |
        p := [ | sum | sum := 0. [ 1 to: 3 do: [ :i | GsProcess current suspend. sum := sum + i ]. sum ] ensure: [ sum := -1 ] ] newProcess.
        p resume.
        [ p isSuspended ] whileFalse: [ Processor yield ].
        UserGlobals at: #Suspended put: p.
        System commitTransaction",
    )
    .ok();
    for _ in 0..2 {
        home.smalltalk(
            "| p | p := UserGlobals at: #Suspended.
            p resume.
            [ p isSuspended ] whileFalse: [ Processor yield ].
            System commitTransaction. p isTerminated",
        )
        .ok()
        .prints("false");
    }
    home.smalltalk("| p | p := UserGlobals at: #Suspended. p resume. p join. System commitTransaction. p isTerminated")
        .ok()
        .prints("true");
    home.smalltalk("(UserGlobals at: #Suspended) join")
        .ok()
        .prints("6");
}

/// What only the top of a stack needs is stored; `io` is done with.
const THREAD: &str = "
    Maglev.persistent do
      class Job
        maglev_persistable
        def find(list)
          list.each do |x|
            Thread.stop if x == 2
            return x * 10 if x == 3
          end
          nil
        end
        def self.size_of(path)
          io = File.open(path)
          io.size
        ensure
          io.close
        end
      end
    end
    t = Thread.new do
      log = [Job.size_of('/etc/hostname') > 0]
      begin
        log << Job.new.find([1, 2, 3, 4])
        raise ArgumentError, 'later'
      rescue ArgumentError => e
        log << e.message
      ensure
        log << :ensured
      end
      log
    end
    Thread.pass until t.stop?
    Maglev::PERSISTENT_ROOT[:t] = t
    Maglev.commit_transaction
    p t.status";

#[test]
fn a_stopped_thread_returns_through_its_blocks_in_another_gem() {
    let home = Home::new();
    let _stone = home.start();
    home.ruby(THREAD).ok().prints("\"sleep\"");
    home.ruby("t = Maglev::PERSISTENT_ROOT[:t]\nt.run\np t.value, t.alive?")
        .ok()
        .prints("[true, 30, \"later\", :ensured]\nfalse");
    home.ruby("t = Maglev::PERSISTENT_ROOT[:t]\nt.kill\np t.value, t.alive?")
        .ok()
        .prints("nil\nfalse");
}

#[test]
fn a_fiber_goes_on_and_an_abort_takes_it_back() {
    let home = Home::new();
    let _stone = home.start();
    home.ruby(
        "f = Fiber.new { |x| loop { x += Fiber.yield(x) } }
         p f.resume(1), f.resume(2)
         Maglev::PERSISTENT_ROOT[:f] = f
         Maglev.commit_transaction
         p f.resume(10)
         Maglev.abort_transaction
         p f.resume(20)",
    )
    .ok()
    .prints("1\n3\n13\n23");
    home.ruby("f = Maglev::PERSISTENT_ROOT[:f]\np f.resume(100)\nMaglev.commit_transaction")
        .ok()
        .prints("103");
    home.ruby("p Maglev::PERSISTENT_ROOT[:f].resume(5)")
        .ok()
        .prints("108");
}

#[test]
fn what_cannot_be_stored_says_why() {
    let home = Home::new();
    let _stone = home.start();
    home.ruby(
        "def refused(object)
           Maglev::PERSISTENT_ROOT[:refused] = object
           Maglev.commit_transaction
           puts 'stored'
         rescue => e
           puts e.message[/: (.*)/, 1][/(native frame|open file|sleeps|waits for a|can run)/]
         ensure
           Maglev.abort_transaction
         end
         refused(Thread.main)
         refused(Thread.current)
         refused(Thread.new { })
         sleeper = Thread.new { sleep 100 }
         io = File.open('/etc/hostname')
         reader = Thread.new { Thread.stop; io.read }
         Thread.pass until sleeper.stop? && reader.stop?
         refused(sleeper)
         refused(reader)",
    )
    .ok()
    .prints("native frame\nnative frame\ncan run\nwaits for a\nopen file");
}
