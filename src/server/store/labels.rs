//! List labelling: chooses the orders of todos so that a move changes few others.

use crate::domain::TodoOrder;

/// The distance to the last todo, or to the first.
pub const GAP: i64 = 1024;
/// The orders and -2^53, which is none, are 2^54 numbers.
const BITS: u32 = 54;

/// New orders for the todos around a gap and for one in the gap, at equal distances.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spread {
    /// The todos from this order to `high`, inclusive, get new ones.
    pub low: i64,
    pub high: i64,
    /// How many of them are before the gap.
    pub before: i64,
    /// The first new order.
    pub first: i64,
    pub step: i64,
}

impl Spread {
    /// The order of the todo in the gap.
    pub fn gap(&self) -> i64 {
        self.first + self.before * self.step
    }
}

/// The order of a new todo at the end. At the largest order, ties are sorted by id.
pub fn append(last: Option<i64>) -> i64 {
    last.map_or(GAP, |last| last.saturating_add(GAP).min(TodoOrder::MAX))
}

/// An order between two neighbours, or beyond the only one. `None` if there is no room.
pub fn between(before: Option<i64>, after: Option<i64>) -> Option<i64> {
    let (low, high) = (before.map_or(-TodoOrder::MAX - 1, clamp), after.map_or(TodoOrder::MAX + 1, clamp));
    let middle = low + (high - low) / 2;
    let order = match (before, after) {
        (Some(_), None) => middle.min(low + GAP),
        (None, Some(_)) => middle.max(high - GAP),
        _ => middle,
    };
    (low < order && order < high).then_some(order)
}

/// Makes room in a gap by the algorithm of Bender, Cole, Demaine, Farach-Colton and Zito ("Two simplified algorithms for maintaining
/// order in a list", 2002): of the aligned ranges of 2^i numbers at the gap, spreads the smallest with a density below a threshold
/// that falls with i. So a move changes O(log n) todos, amortised.
///
/// `before` and `after` are the orders of the `reach` todos nearest to the gap on each side, nearest first, or of all on that side.
/// `None` if the choice depends on further ones.
pub fn spread(before: &[i64], after: &[i64], reach: usize) -> Option<Spread> {
    let nearest = before.first().or(after.first()).map_or(0, |order| clamp(*order));
    // With 8/5 a list in steps of `GAP` is below the threshold, up to 300,000 todos.
    let (mut bits, mut capacity) = (4, 4);
    loop {
        let start = ((nearest + TodoOrder::MAX + 1) >> bits << bits) - TodoOrder::MAX - 1;
        let size = 1_i64 << bits;
        let end = start + size - 1;
        // A range at an end includes the orders beyond it, which other rules may have stored.
        let low = if start < -TodoOrder::MAX { i64::MIN } else { start };
        let high = if end == TodoOrder::MAX { i64::MAX } else { end };
        let in_range_before = before.iter().take_while(|order| **order >= low).count();
        let in_range_after = after.iter().take_while(|order| **order <= high).count();
        if in_range_before >= reach || in_range_after >= reach {
            return None;
        }
        let todos = to_i64(in_range_before + in_range_after + 1);
        if todos <= capacity || bits == BITS {
            let step = size / todos;
            return Some(Spread { low, high, before: to_i64(in_range_before), first: start + step / 2, step });
        }
        (bits, capacity) = (bits + 1, capacity * 8 / 5);
    }
}

fn clamp(order: i64) -> i64 {
    order.clamp(-TodoOrder::MAX, TodoOrder::MAX)
}

fn to_i64(count: usize) -> i64 {
    count.try_into().unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Spread, append, between, spread};
    use crate::domain::TodoOrder;

    const MAX: i64 = TodoOrder::MAX;

    /// A list as the database has it: sorted by order, then id.
    struct List {
        todos: Vec<(i64, usize)>,
        /// How many todos have got another order.
        changed: usize,
    }

    impl List {
        fn new(orders: impl IntoIterator<Item = i64>) -> Self {
            let mut todos: Vec<_> = orders.into_iter().zip(0..).collect();
            todos.sort_unstable();
            Self { todos, changed: 0 }
        }

        fn in_steps(length: i64) -> Self {
            Self::new((1..=length).map(|nth| nth * 1024))
        }

        fn ids(&self) -> Vec<usize> {
            self.todos.iter().map(|(_, id)| *id).collect()
        }

        /// Moves the todo at one index to another.
        fn shift(&mut self, from: usize, to: usize) {
            let (_, id) = self.todos.remove(from);
            let order = |todo: &(i64, usize)| todo.0;
            let nearest = |reach| -> [Vec<i64>; 2] {
                let (before, after) = self.todos.split_at(to);
                [before.iter().rev().take(reach).map(order).collect(), after.iter().take(reach).map(order).collect()]
            };
            let [before, after] = nearest(1);
            let order = if let Some(order) = between(before.first().copied(), after.first().copied()) {
                order
            } else {
                let spread = (0..).map(|power| 4_usize.pow(power)).find_map(|reach| {
                    let [before, after] = nearest(reach);
                    spread(&before, &after, reach)
                });
                self.spread(spread.unwrap(), to)
            };
            self.todos.insert(to, (order, id));
            assert!(self.todos.is_sorted());
            self.changed += 1;
        }

        fn spread(&mut self, spread: Spread, gap: usize) -> i64 {
            let in_range = self.todos.iter_mut().enumerate().filter(|(_, (order, _))| (spread.low..=spread.high).contains(order));
            for (nth, (index, (order, _))) in (0..).zip(in_range) {
                assert_eq!(index < gap, nth < spread.before);
                let new = spread.first + spread.step * (nth + i64::from(nth >= spread.before));
                self.changed += usize::from(*order != new);
                *order = new;
            }
            spread.gap()
        }
    }

    #[test]
    fn new_todo_at_an_end_has_the_usual_distance_if_there_is_room() {
        for (last, order) in [(None, 1024), (Some(7), 1031), (Some(MAX - 1000), MAX), (Some(MAX), MAX), (Some(i64::MAX), MAX)] {
            assert_eq!(append(last), order, "{last:?}");
        }
        assert_eq!([between(Some(7), None), between(None, Some(7))], [Some(1031), Some(-1017)]);
    }

    #[test]
    fn order_is_strictly_between_its_neighbours() {
        for (before, after, order) in [
            (Some(0), Some(1024), Some(512)),
            (Some(-3), Some(-1), Some(-2)),
            (Some(-1), Some(1), Some(0)),
            (Some(5), Some(6), None),
            (Some(5), Some(5), None),
            (Some(-MAX), Some(MAX), Some(0)),
            (Some(MAX - 1), None, Some(MAX)),
            (Some(MAX), None, None),
            (None, Some(1 - MAX), Some(-MAX)),
            (None, Some(-MAX), None),
            // Stored under other rules.
            (Some(i64::MAX), None, None),
            (None, Some(i64::MIN), None),
            (Some(MAX - 2), Some(i64::MAX), Some(MAX - 1)),
            (Some(i64::MIN), Some(i64::MIN), None),
        ] {
            assert_eq!(between(before, after), order, "{before:?} {after:?}");
        }
    }

    #[test]
    fn smallest_sparse_range_is_spread() {
        let sixteen = Spread { low: 32, high: 47, before: 1, first: 34, step: 5 };
        assert_eq!(spread(&[40, 20], &[41, 99], 9), Some(sixteen));
        assert_eq!(sixteen.gap(), 39);
        // Four with the one in the gap are the most among 16 numbers; the next range has 32.
        assert_eq!(spread(&[40, 39], &[41], 9).map(|spread| (spread.low, spread.high)), Some((32, 47)));
        assert_eq!(spread(&[40, 39, 38], &[41], 9).map(|spread| (spread.low, spread.high)), Some((32, 63)));
    }

    #[test]
    fn todos_out_of_reach_can_matter() {
        assert_eq!(spread(&[40], &[41], 1), None);
        assert_eq!(spread(&[40, 39], &[41], 2), None);
        assert!(spread(&[40, 31], &[41], 2).is_some(), "the second one is out of range");
    }

    /// Orders with many ties, at the extremes and, as other rules may have stored them, beyond.
    fn orders() -> impl Strategy<Value = Vec<i64>> {
        let order = prop_oneof![-2..3_i64, MAX - 2..=MAX, -MAX..=2 - MAX, -MAX..=MAX, any::<i64>()];
        prop_oneof![prop::collection::vec(order, 2..40), prop::collection::vec(Just(7), 2..40)]
    }

    proptest! {
        #[test]
        fn any_sequence_of_moves_gives_the_order_that_it_says(
            orders in orders(),
            moves in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 1..60),
        ) {
            let mut list = List::new(orders);
            let mut expected = list.ids();
            for (from, to) in moves {
                let (from, to) = (from.index(expected.len()), to.index(expected.len()));
                let id = expected.remove(from);
                expected.insert(to, id);
                let before = list.todos.clone();
                list.shift(from, to);
                prop_assert_eq!(list.ids(), expected.as_slice());
                for todo in &list.todos {
                    prop_assert!(before.contains(todo) || (-MAX..=MAX).contains(&todo.0), "{todo:?}");
                }
            }
        }
    }

    #[test]
    fn ten_thousand_moves_into_one_gap_change_few_todos() {
        for (length, most) in [(10, 4), (100, 9), (1000, 14)] {
            let mut list = List::in_steps(length);
            let mut expected = list.ids();
            for _ in 0..10_000 {
                list.shift(expected.len() - 1, 1);
                expected[1..].rotate_right(1);
            }
            assert_eq!(list.ids(), expected);
            assert!(list.changed <= most * 10_000, "{} of {length}", list.changed);
        }
    }

    #[test]
    fn first_moves_change_the_nearest_todos_of_a_long_list() {
        let mut list = List::in_steps(10_000);
        for nth in 1..=100 {
            list.shift(9_999, 5_000);
            assert!(list.changed <= 10 * nth, "{} in {nth}", list.changed);
        }
    }

    #[test]
    fn equal_orders_become_distinct_once() {
        let mut list = List::new([0; 1000]);
        list.shift(999, 500);
        assert_eq!(list.changed, 1000);
        list.shift(999, 500);
        assert_eq!(list.changed, 1001);
    }
}
