//! Turns: tests that start parties run beside one another, and a test that measures runs alone.
//!
//! A test holds its turn until its thread ends. It takes one when it makes its first party; a test
//! that measures says so first.

use std::cell::RefCell;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// The turns of this binary.
static TURNS: Turns = Turns::new();

thread_local! {
    static OWN: RefCell<Option<Turn>> = const { RefCell::new(None) };
}

/// Lets the test of this thread run beside others, once nobody measures or waits to measure.
pub(crate) fn beside() {
    OWN.with_borrow_mut(|own| {
        own.get_or_insert_with(|| TURNS.beside());
    });
}

/// Lets the test of this thread run alone, once all others that have a turn are over.
pub(crate) fn alone() {
    OWN.with_borrow_mut(|own| {
        // Whoever waits for itself waits for ever.
        *own = None;
        *own = Some(TURNS.alone());
    });
}

/// Who has a turn.
struct Turns {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    beside: usize,
    alone: bool,
    /// How many wait to be alone; nobody begins before them.
    waiting: usize,
}

/// A turn, which is given back when it is dropped.
struct Turn {
    turns: &'static Turns,
    alone: bool,
}

impl Turns {
    const fn new() -> Self {
        let state = State { beside: 0, alone: false, waiting: 0 };
        Self { state: Mutex::new(state), changed: Condvar::new() }
    }

    fn beside(&'static self) -> Turn {
        let is_closed = |state: &mut State| state.alone || state.waiting > 0;
        let state = self.changed.wait_while(self.state(), is_closed);
        state.unwrap_or_else(PoisonError::into_inner).beside += 1;
        Turn { turns: self, alone: false }
    }

    fn alone(&'static self) -> Turn {
        let mut state = self.state();
        state.waiting += 1;
        let is_taken = |state: &mut State| state.alone || state.beside > 0;
        let state = self.changed.wait_while(state, is_taken);
        let mut state = state.unwrap_or_else(PoisonError::into_inner);
        state.waiting -= 1;
        state.alone = true;
        Turn { turns: self, alone: true }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A test that has failed changes nothing here.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut state = self.turns.state();
        if self.alone {
            state.alone = false;
        } else {
            state.beside -= 1;
        }
        self.turns.changed.notify_all();
    }
}

mod tests {
    use std::sync::mpsc;
    use std::thread;
    use std::time::Duration;

    use super::Turns;

    /// Long enough for a thread that could go on to go on.
    const MOMENT: Duration = Duration::from_millis(100);

    #[test]
    fn who_measures_waits_for_all_others_and_they_for_it() {
        static TURNS: Turns = Turns::new();
        let (say, heard) = mpsc::channel();
        let (first, second) = (TURNS.beside(), TURNS.beside());
        let told = say.clone();
        let measuring = thread::spawn(move || {
            let turn = TURNS.alone();
            told.send("alone").expect("it is listened to");
            thread::sleep(MOMENT);
            told.send("measured").expect("it is listened to");
            drop(turn);
        });
        while TURNS.state().waiting == 0 {
            thread::yield_now();
        }
        let late = thread::spawn(move || {
            let turn = TURNS.beside();
            say.send("late").expect("it is listened to");
            drop(turn);
        });
        drop(first);
        assert!(heard.recv_timeout(MOMENT).is_err(), "one other is not over");
        drop(second);
        assert_eq!(heard.iter().collect::<Vec<_>>(), ["alone", "measured", "late"]);
        measuring.join().expect("it measured");
        late.join().expect("it had its turn");
        assert!(!TURNS.state().alone && TURNS.state().beside == 0);
    }
}
