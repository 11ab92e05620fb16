//! A small linear program over sets of teams: which share of which set each unit takes, at most the whole of each
//! village. Primal simplex with a dense inverse. Nothing proven rests on its accuracy: its prices go through
//! [`crate::descent::evaluate`], which counts in whole numbers.

use crate::core::Post;

/// A set of teams of one unit (one team, if the unit is wide).
#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub unit: usize,
    pub posts: Vec<Post>,
    /// Points and gains.
    pub worth: i64,
    pub rows: Vec<u32>,
}

#[derive(Debug)]
pub(crate) struct Master {
    size: usize,
    limits: Vec<f64>,
    /// The limits a little moved apart, so that the simplex does not turn in circles.
    moved: Vec<f64>,
    pub columns: Vec<Column>,
    /// What each column counts for now; a banned one counts for a loss.
    pub gains: Vec<f64>,
    pub banned: Vec<bool>,
    /// The variable at each place of the basis: a slack below `size`, else a column.
    basis: Vec<usize>,
    in_basis: Vec<bool>,
    /// Column after column of the inverse.
    inverse: Vec<f64>,
    values: Vec<f64>,
    pub duals: Vec<f64>,
    pub work: u64,
    since_fresh: usize,
    alpha: Vec<f64>,
}

const TINY: f64 = 1e-9;
const WORTHWHILE: f64 = 1e-7;
/// After so many turns values are computed afresh from the inverse, after more the inverse itself.
const FRESH_AFTER: usize = 400;

impl Master {
    pub fn new(limits: Vec<f64>) -> Master {
        let size = limits.len();
        let mut inverse = vec![0.0_f64; size * size];
        for at in 0..size {
            inverse[at * size + at] = 1.0;
        }
        let spread = |at: usize| ((at * 7919 + 104_729) % 1_000_003) as f64 / 1_000_003.0;
        let moved: Vec<f64> = limits.iter().enumerate().map(|(at, limit)| limit + 1e-5 * (0.2 + spread(at))).collect();
        Master {
            size,
            values: moved.clone(),
            limits,
            moved,
            columns: Vec::new(),
            gains: Vec::new(),
            banned: Vec::new(),
            basis: (0..size).collect(),
            in_basis: Vec::new(),
            inverse,
            duals: vec![0.0; size],
            work: 0,
            since_fresh: 0,
            alpha: vec![0.0; size],
        }
    }

    pub fn add(&mut self, column: Column, gain: f64) {
        self.columns.push(column);
        self.gains.push(gain);
        self.banned.push(false);
        self.in_basis.push(false);
    }

    /// What a column earns beyond the prices of its rows.
    pub fn surplus(&self, rows: &[u32], gain: f64) -> f64 {
        gain - rows.iter().map(|row| self.duals[*row as usize]).sum::<f64>()
    }

    fn gain_of(&self, variable: usize) -> f64 {
        if variable < self.size { 0.0 } else { self.gains[variable - self.size] }
    }

    /// After gains have changed: the duals of the basis as it stands.
    pub fn reprice(&mut self) {
        let gains: Vec<f64> = self.basis.iter().map(|variable| self.gain_of(*variable)).collect();
        for (at, dual) in self.duals.iter_mut().enumerate() {
            let column = &self.inverse[at * self.size..(at + 1) * self.size];
            *dual = column.iter().zip(&gains).map(|(one, gain)| one * gain).sum();
        }
        self.work += (self.size * self.size) as u64;
    }

    /// Turns until no column earns more than its prices, or `most` turns are done. Returns the value reached.
    pub fn optimise(&mut self, most: usize) -> f64 {
        self.reprice();
        for _ in 0..most {
            let Some((entering, surplus)) = self.entering() else { break };
            if !self.turn(entering, surplus) {
                break;
            }
            self.since_fresh += 1;
            if self.since_fresh >= FRESH_AFTER {
                self.freshen();
            }
        }
        self.basis.iter().zip(&self.values).map(|(variable, value)| self.gain_of(*variable) * value).sum()
    }

    fn entering(&mut self) -> Option<(usize, f64)> {
        let mut best = (usize::MAX, WORTHWHILE);
        for (at, column) in self.columns.iter().enumerate() {
            if !self.banned[at] && !self.in_basis[at] {
                let surplus = self.surplus(&column.rows, self.gains[at]);
                if surplus > best.1 {
                    best = (at + self.size, surplus);
                }
            }
        }
        for (row, dual) in self.duals.iter().enumerate() {
            if -dual > best.1 {
                best = (row, -dual);
            }
        }
        self.work += 4 * self.columns.len() as u64;
        (best.0 != usize::MAX).then_some(best)
    }

    /// Brings a variable into the basis. False where nothing limits it, which only rounding can make so.
    fn turn(&mut self, entering: usize, surplus: f64) -> bool {
        let size = self.size;
        let mut alpha = std::mem::take(&mut self.alpha);
        alpha.fill(0.0);
        let slack = [u32::try_from(entering).unwrap_or(0)];
        let rows: &[u32] = if entering < size { &slack } else { &self.columns[entering - size].rows };
        for row in rows {
            let start = *row as usize * size;
            for (sum, one) in alpha.iter_mut().zip(&self.inverse[start..start + size]) {
                *sum += one;
            }
        }
        let support: Vec<usize> = (0..size).filter(|at| alpha[*at].abs() > TINY).collect();
        let mut leaving: Option<(usize, f64)> = None;
        for at in support.iter().copied().filter(|at| alpha[*at] > 1e-7) {
            let ratio = self.values[at].max(0.0) / alpha[at];
            let better = leaving.is_none_or(|(best, least)| {
                ratio < least - 1e-12 || (ratio < least + 1e-12 && alpha[at] > alpha[best])
            });
            if better {
                leaving = Some((at, ratio));
            }
        }
        let Some((out, ratio)) = leaving else {
            self.alpha = alpha;
            return false;
        };
        for at in &support {
            self.values[*at] -= ratio * alpha[*at];
        }
        self.values[out] = ratio;
        let pivot = alpha[out];
        for column in 0..size {
            let column_start = column * size;
            let share = self.inverse[column_start + out] / pivot;
            if share == 0.0 {
                continue;
            }
            let part = &mut self.inverse[column_start..column_start + size];
            for at in &support {
                part[*at] -= alpha[*at] * share;
            }
            part[out] = share;
            self.duals[column] += surplus * share;
            self.work += support.len() as u64;
        }
        self.work += 2 * size as u64;
        let old = std::mem::replace(&mut self.basis[out], entering);
        if old >= size {
            self.in_basis[old - size] = false;
        }
        if entering >= size {
            self.in_basis[entering - size] = true;
        }
        self.alpha = alpha;
        true
    }

    /// Computes the inverse, values and duals anew from the basis.
    fn freshen(&mut self) {
        self.since_fresh = 0;
        if let Some(inverse) = self.invert() {
            self.inverse = inverse;
        }
        self.values = self.at_limits(&self.moved);
        self.reprice();
    }

    /// The inverse of the basis by elimination; None where rounding has made it singular.
    fn invert(&mut self) -> Option<Vec<f64>> {
        let size = self.size;
        // Row-wise: `matrix` is eliminated to the unit matrix while `inverse` becomes what undoes it.
        let mut matrix = vec![0.0_f64; size * size];
        for (at, variable) in self.basis.iter().enumerate() {
            if *variable < size {
                matrix[variable * size + at] = 1.0;
            } else {
                for row in &self.columns[variable - size].rows {
                    matrix[*row as usize * size + at] += 1.0;
                }
            }
        }
        let mut inverse = vec![0.0_f64; size * size];
        for at in 0..size {
            inverse[at * size + at] = 1.0;
        }
        let mut row_of = vec![usize::MAX; size];
        let mut used = vec![false; size];
        // Slacks first: their columns are unit vectors and cost nothing.
        let mut order: Vec<usize> = (0..size).collect();
        order.sort_by_key(|at| (self.basis[*at] >= size, *at));
        for at in order {
            let pick = (0..size).filter(|row| !used[*row]).max_by(|one, other| {
                matrix[one * size + at].abs().total_cmp(&matrix[other * size + at].abs()).then(other.cmp(one))
            })?;
            let pivot = matrix[pick * size + at];
            if pivot.abs() < 1e-8 {
                return None;
            }
            used[pick] = true;
            row_of[at] = pick;
            let left: Vec<(usize, f64)> = nonzero(&matrix[pick * size..(pick + 1) * size], pivot);
            let right: Vec<(usize, f64)> = nonzero(&inverse[pick * size..(pick + 1) * size], pivot);
            for row in 0..size {
                let factor = matrix[row * size + at];
                if row == pick || factor == 0.0 {
                    continue;
                }
                for (column, value) in &left {
                    matrix[row * size + column] -= factor * value;
                }
                for (column, value) in &right {
                    inverse[row * size + column] -= factor * value;
                }
                self.work += (left.len() + right.len()) as u64;
            }
            for (column, value) in left {
                matrix[pick * size + column] = value;
            }
            for (column, value) in right {
                inverse[pick * size + column] = value;
            }
        }
        let mut columns = vec![0.0; size * size];
        for (at, row) in row_of.iter().enumerate() {
            for column in 0..size {
                columns[column * size + at] = inverse[row * size + column];
            }
        }
        Some(columns)
    }

    fn at_limits(&self, limits: &[f64]) -> Vec<f64> {
        let mut values = vec![0.0; self.size];
        for (column, limit) in limits.iter().enumerate() {
            let part = &self.inverse[column * self.size..(column + 1) * self.size];
            for (value, one) in values.iter_mut().zip(part) {
                *value += one * limit;
            }
        }
        values
    }

    /// The share of each column in the solution, those above nothing.
    pub fn shares(&self) -> Vec<(usize, f64)> {
        let values = self.at_limits(&self.limits);
        let pairs = self.basis.iter().zip(values).filter(|(variable, value)| **variable >= self.size && *value > 1e-6);
        let mut shares: Vec<(usize, f64)> = pairs.map(|(variable, value)| (variable - self.size, value)).collect();
        shares.sort_by_key(|(at, _)| *at);
        shares
    }
}

fn nonzero(row: &[f64], pivot: f64) -> Vec<(usize, f64)> {
    row.iter().enumerate().filter(|(_, value)| **value != 0.0).map(|(at, value)| (at, value / pivot)).collect()
}
