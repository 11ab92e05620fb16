//! Randomness with a name: each part of the world throws its own dice, so that more of one leaves the others as they were.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The parts of the world that draw apart from each other.
#[derive(Clone, Copy)]
pub enum Stream {
    Places = 1,
    People = 2,
    Postings = 3,
    Story = 4,
    Scale = 5,
    Log = 6,
    Visits = 7,
    Homes = 8,
    Presence = 9,
    Counties = 10,
    Steady = 11,
    Express = 12,
    Matters = 21,
    Burden = 31,
}

pub struct Dice(ChaCha8Rng);

impl Dice {
    #[must_use]
    pub fn new(seed: u64, stream: Stream) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(stream as u64);
        Self(rng)
    }

    /// 0 … `bound` − 1; 0 when `bound` is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        // Drawn as u32, so that machines of any word size agree.
        let bound = u32::try_from(bound).unwrap_or(u32::MAX).max(1);
        self.0.random_range(0..bound) as usize
    }

    /// `low` … `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        self.0.random_range(low..=high.max(low))
    }

    /// True `percent` times of a hundred.
    pub fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of a list that is not empty.
    pub fn one<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }

    /// Some of a list, each at most once, in the list's order.
    pub fn some<T: Copy>(&mut self, list: &[T], count: usize) -> Vec<T> {
        let mut places: Vec<usize> = (0..list.len()).collect();
        self.shuffle(&mut places);
        places.truncate(count);
        places.sort_unstable();
        places.into_iter().map(|place| list[place]).collect()
    }

    /// An index, drawn by weight.
    pub fn weighted(&mut self, running_totals: &[u32]) -> usize {
        let total = running_totals.last().copied().unwrap_or(1);
        let thrown = self.0.random_range(0..total.max(1));
        running_totals.partition_point(|&sum| sum <= thrown)
    }

    /// Fisher–Yates, written out so that a new version of the library does not change the world.
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for last in (1..list.len()).rev() {
            let other = self.below(last + 1);
            list.swap(last, other);
        }
    }
}
