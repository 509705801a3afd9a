//! Time slices. A thread of the operating system ticks while there is more than one process to run, and each tick makes the next
//! safepoint look around: nothing is counted on the way. For tests that have to be repeatable a slice can be a number of
//! safepoints instead.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// Time between two ticks.
const TICK: Duration = Duration::from_millis(10);
/// Ticks of a slice. The first one can come at once, so that a slice is one to two of these times long.
const TICKS: u8 = 2;

/// What the ticking thread shares with the machine.
struct Shared {
    /// Somebody waits for a turn, or for a time.
    wanted: AtomicBool,
    /// The machine is gone.
    over: AtomicBool,
    ticked: AtomicBool,
    attention: Arc<AtomicBool>,
}

/// See the module text.
pub(crate) struct Slice {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
    /// Safepoints of a slice, when slices are counted, and how many are left of this one.
    counted: Option<(u32, u32)>,
    /// Ticks since the running process was switched to.
    ticks: u8,
}

impl Slice {
    /// Slices of time that set `attention` when they are over.
    pub fn new(attention: Arc<AtomicBool>) -> Slice {
        Slice {
            shared: Arc::new(Shared {
                wanted: AtomicBool::new(false),
                over: AtomicBool::new(false),
                ticked: AtomicBool::new(false),
                attention,
            }),
            thread: None,
            counted: None,
            ticks: 0,
        }
    }

    /// Somebody waits for a turn: from now on time is kept.
    #[inline]
    pub fn start(&mut self) {
        if !self.shared.wanted.load(Ordering::Relaxed) {
            self.start_ticking();
        }
    }

    #[cold]
    fn start_ticking(&mut self) {
        self.shared.wanted.store(true, Ordering::Relaxed);
        if let Some(thread) = &self.thread {
            thread.thread().unpark();
            return;
        }
        let shared = self.shared.clone();
        // Without the thread processes still take turns where they wait or yield.
        self.thread = std::thread::Builder::new()
            .name("slices".to_string())
            .spawn(move || tick(&shared))
            .ok();
    }

    /// Nobody waits for a turn.
    pub fn pause(&mut self) {
        self.shared.wanted.store(false, Ordering::Relaxed);
    }

    /// Slices of `safepoints` safepoints, or of time again.
    pub fn count(&mut self, safepoints: Option<u32>) {
        self.counted = safepoints.map(|n| (n.max(1), n.max(1)));
        self.shared.attention.store(true, Ordering::Relaxed);
    }

    /// A process was switched to: its slice begins.
    #[inline]
    pub fn begin(&mut self) {
        self.ticks = 0;
        if let Some((full, left)) = &mut self.counted {
            *left = *full;
        }
    }

    /// Asks at a safepoint, whose look around has begun: is the slice over?
    pub fn is_over(&mut self) -> bool {
        match &mut self.counted {
            None => {
                self.ticks += self.shared.ticked.swap(false, Ordering::Relaxed) as u8;
                self.ticks >= TICKS
            }
            Some((full, left)) => {
                self.shared.attention.store(true, Ordering::Relaxed);
                *left -= 1;
                let over = *left == 0;
                if over {
                    *left = *full;
                }
                over
            }
        }
    }

    /// The slice is over but could not end here: the next safepoint looks again.
    pub fn retry(&mut self) {
        match &mut self.counted {
            None => {
                self.ticks = TICKS;
                self.shared.attention.store(true, Ordering::Relaxed);
            }
            Some((_, left)) => *left = 1,
        }
    }
}

impl Drop for Slice {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // A panic of the ticking thread has nothing to say to whoever drops the machine.
            let _ = thread.join();
        }
    }
}

fn tick(shared: &Shared) {
    while !shared.over.load(Ordering::Relaxed) {
        if shared.wanted.load(Ordering::Relaxed) {
            std::thread::park_timeout(TICK);
            shared.ticked.store(true, Ordering::Relaxed);
            shared.attention.store(true, Ordering::Relaxed);
        } else {
            std::thread::park();
        }
    }
}
