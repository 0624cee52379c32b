//! Property tests: random sequences of events between a page and a server.

mod event;
mod server;
mod world;

use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner},
};

use self::{
    event::{Event, Planted, events},
    world::World,
};

/// A page that holds every list as a whole.
const WHOLE: usize = 100;

fn simulate(size: usize, events: &[Event], planted: Planted) {
    let mut world = World::new(size, planted);
    for event in events {
        world.happen(event);
    }
    world.settle();
    world.check(events);
}

proptest! {
    #![proptest_config(Config { failure_persistence: None, ..Config::default() })]

    #[test]
    fn page_and_server_end_equal_with_nothing_lost_or_sent_twice(events in events(false)) {
        simulate(WHOLE, &events, Planted::None);
    }

    #[test]
    fn nothing_is_lost_or_sent_twice_when_others_change_the_list(events in events(true)) {
        simulate(WHOLE, &events, Planted::None);
    }

    #[test]
    fn part_of_a_list_and_its_counts_end_equal(size in 1..4_usize, events in events(false)) {
        simulate(size, &events, Planted::None);
    }

    #[test]
    fn nothing_is_lost_when_others_change_a_list_of_which_a_part_is_loaded(size in 1..4_usize, events in events(true)) {
        simulate(size, &events, Planted::None);
    }
}

#[test]
fn simulation_detects_each_planted_fault() {
    for planted in [Planted::LostAnswerIsRefusal, Planted::DoubledSend, Planted::OutOfOrder] {
        let config = Config { failure_persistence: None, max_shrink_iters: 0, ..Config::default() };
        let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
        let found = runner.run(&events(false), |events| {
            simulate(WHOLE, &events, planted);
            Ok(())
        });
        assert!(matches!(found, Err(TestError::Fail(..))), "{planted:?}");
    }
}
