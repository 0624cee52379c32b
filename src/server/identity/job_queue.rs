//! A bounded queue of jobs for threads of its own.

use std::{
    collections::VecDeque,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

/// How long a thread waits for a job before it counts as idle.
const IDLE_AFTER: Duration = Duration::from_millis(1100);

/// An allocator returns freed memory to the system only a while later, and when it is called.
const RESTS: usize = 2;

pub type Job = Box<dyn FnOnce() + Send>;

/// Dropping it ends the threads after the queued jobs.
pub struct JobQueue(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    capacity: usize,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    has_ended: bool,
}

/// The queue has no room for a job.
pub struct Full;

impl JobQueue {
    /// Each thread passes jobs to `run`, and calls `rest` when it gets idle, [`RESTS`] times.
    pub fn start(threads: usize, capacity: usize, run: impl Fn(Job) + Clone + Send + 'static, rest: fn()) -> Self {
        let queue = Arc::new(Shared { state: Mutex::default(), changed: Condvar::new(), capacity });
        for _ in 0..threads {
            let (queue, run) = (Arc::clone(&queue), run.clone());
            thread::spawn(move || {
                while let Some(job) = queue.next(rest) {
                    run(job);
                }
            });
        }
        Self(queue)
    }

    pub fn push(&self, job: Job) -> Result<(), Full> {
        let mut state = self.0.lock();
        if state.jobs.len() >= self.0.capacity {
            return Err(Full);
        }
        state.jobs.push_back(job);
        self.0.changed.notify_one();
        Ok(())
    }
}

impl Drop for JobQueue {
    fn drop(&mut self) {
        self.0.lock().has_ended = true;
        self.0.changed.notify_all();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self, rest: fn()) -> Option<Job> {
        let is_empty = |state: &mut State| state.jobs.is_empty() && !state.has_ended;
        let mut state = self.lock();
        for _ in 0..RESTS {
            let waited = self.changed.wait_timeout_while(state, IDLE_AFTER, is_empty);
            let (waited, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
            state = waited;
            if !timeout.timed_out() {
                return state.jobs.pop_front();
            }
            drop(state);
            rest();
            state = self.lock();
        }
        state = self.changed.wait_while(state, is_empty).unwrap_or_else(PoisonError::into_inner);
        state.jobs.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::mpsc,
        thread,
        time::{Duration, Instant},
    };

    use super::{IDLE_AFTER, JobQueue, RESTS};

    #[test]
    fn idle_thread_rests_and_works_again() {
        thread_local! {
            static RESTED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
        }
        let queue = JobQueue::start(1, 1, |job| job(), || RESTED.set(RESTED.get() + 1));
        let (told, tell) = mpsc::channel();
        let rests = || {
            let told = told.clone();
            assert!(queue.push(Box::new(move || told.send(RESTED.get()).unwrap())).is_ok());
            tell.recv().unwrap()
        };
        assert_eq!((rests(), rests()), (0, 0));
        thread::sleep(IDLE_AFTER * 7 / 2);
        assert_eq!(rests(), RESTS);
    }

    #[test]
    fn queued_jobs_run_before_the_threads_end() {
        let queue = JobQueue::start(2, 10, |job| job(), || ());
        let (done, all_done) = mpsc::channel();
        for number in 0..10 {
            let done = done.clone();
            assert!(queue.push(Box::new(move || done.send(number).unwrap())).is_ok());
        }
        drop((queue, done));
        let start = Instant::now();
        assert_eq!(all_done.iter().count(), 10);
        assert!(start.elapsed() < Duration::from_secs(20), "the threads have ended");
    }
}
