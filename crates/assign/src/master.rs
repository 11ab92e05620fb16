//! A linear program over sets of teams: which share of which set each unit takes, at most the whole of each village.
//! Primal simplex, steepest by reference weights (devex, Forrest and Goldfarb 1992). Nothing proven rests on its
//! accuracy: its prices go through [`crate::descent::evaluate`], which counts in whole numbers.

use std::iter::once;

use crate::{
    basis::{Basis, Sparse},
    core::Post,
};

/// A set of teams of one unit (one team, if the unit is wide).
#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub unit: usize,
    pub posts: Vec<Post>,
    /// Points and gains.
    pub worth: i64,
    pub rows: Vec<u32>,
}

/// Variables below `size` are the slacks of the rows, the others the columns in their order.
#[derive(Debug)]
pub(crate) struct Master {
    size: usize,
    pub limits: Vec<f64>,
    /// The limits a little moved apart, so that the simplex does not turn in circles.
    moved: Vec<f64>,
    pub columns: Vec<Column>,
    /// Which columns stand in a row.
    columns_of: Vec<Vec<u32>>,
    /// What each variable counts for now; a banned one counts for a loss.
    gains: Vec<f64>,
    banned: Vec<bool>,
    basic: Vec<bool>,
    /// What a variable earns beyond the prices of its rows, and its reference weight.
    surplus: Vec<f64>,
    weights: Vec<f64>,
    /// The variables that earn something, and perhaps others.
    earning: Vec<u32>,
    is_earning: Vec<bool>,
    places: Vec<usize>,
    values: Vec<f64>,
    basis: Basis,
    fresh: bool,
    pub duals: Vec<f64>,
    pub work: u64,
    alpha: Sparse,
    row: Sparse,
    pivot_row: Vec<f64>,
    touched: Vec<u32>,
}

const TINY: f64 = 1e-9;
const WORTHWHILE: f64 = 1e-7;
/// What a banned column counts for, so that the simplex drives it out.
const BANNED: f64 = -1e9;
/// The basis is factorised afresh after so many turns, and one more for every so many rows.
const FRESH_AFTER: usize = 80;
const FRESH_ROWS: usize = 80;

impl Master {
    /// Rows with these limits. Those in `loose` are moved farther than the others, so that a plan is a basis at once.
    pub fn new(limits: Vec<f64>, loose: usize) -> Master {
        let size = limits.len();
        let spread = |at: usize| ((at * 7919 + 104_729) % 1_000_003) as f64 / 1_000_003.0;
        let far = |at: usize| if at < loose { 2e-5 + 1e-5 * spread(at) } else { 1e-5 * spread(at) };
        let moved: Vec<f64> = limits.iter().enumerate().map(|(at, limit)| limit + far(at)).collect();
        Master {
            size,
            values: moved.clone(),
            limits,
            moved,
            columns: Vec::new(),
            columns_of: vec![Vec::new(); size],
            gains: vec![0.0; size],
            banned: vec![false; size],
            basic: vec![true; size],
            surplus: vec![0.0; size],
            weights: vec![1.0; size],
            earning: Vec::new(),
            is_earning: vec![false; size],
            places: (0..size).collect(),
            basis: Basis::default(),
            fresh: false,
            duals: vec![0.0; size],
            work: 0,
            alpha: Sparse::new(size),
            row: Sparse::new(size),
            pivot_row: vec![0.0; size],
            touched: Vec::new(),
        }
    }

    pub fn add(&mut self, column: Column, gain: f64) {
        let number = u32::try_from(self.columns.len()).unwrap_or(u32::MAX);
        for row in &column.rows {
            self.columns_of[*row as usize].push(number);
        }
        let variable = self.size + self.columns.len();
        self.surplus.push(self.earns(&column.rows, gain));
        self.columns.push(column);
        self.is_earning.push(false);
        self.gains.push(gain);
        self.banned.push(false);
        self.basic.push(false);
        self.weights.push(1.0);
        self.pivot_row.push(0.0);
        self.note(variable);
    }

    /// Puts a variable on the list of those that earn something, if it does.
    fn note(&mut self, variable: usize) {
        if self.surplus[variable] > WORTHWHILE && !self.is_earning[variable] {
            self.is_earning[variable] = true;
            self.earning.extend(u32::try_from(variable));
        }
    }

    /// What a column counts for from now on.
    pub fn set(&mut self, column: usize, gain: f64, banned: bool) {
        self.gains[self.size + column] = if banned { BANNED } else { gain };
        self.banned[self.size + column] = banned;
        self.fresh = false;
    }

    /// Puts a column in the place of the slack of a row, before the first turn.
    pub fn start_with(&mut self, column: usize, row: usize) {
        self.basic[self.places[row]] = false;
        self.places[row] = self.size + column;
        self.basic[self.size + column] = true;
        self.fresh = false;
    }

    /// Begins with these variables as its basis, if they are as many as it has rows.
    pub fn start_from(&mut self, basis: &[usize]) {
        if basis.len() == self.size {
            self.basic.fill(false);
            basis.iter().for_each(|variable| self.basic[*variable] = true);
            self.places.copy_from_slice(basis);
            self.fresh = false;
        }
    }

    /// The variables in the basis.
    pub fn basis(&self) -> &[usize] {
        &self.places
    }

    /// The columns that miss no more than so much of their prices.
    pub fn near(&self, missing: f64) -> Vec<usize> {
        let near = |at: &usize| {
            let variable = self.size + at;
            self.basic[variable] || (!self.banned[variable] && self.surplus[variable] >= -missing)
        };
        (0..self.columns.len()).filter(near).collect()
    }

    /// What a column of these rows earns beyond their prices.
    pub fn earns(&self, rows: &[u32], gain: f64) -> f64 {
        gain - rows.iter().map(|row| self.duals[*row as usize]).sum::<f64>()
    }

    /// Turns until no column earns more than its prices, `most` turns are done, or the work done is told to stop. Returns the
    /// value reached.
    pub fn optimise(&mut self, most: usize, stop: &dyn Fn(u64) -> bool) -> f64 {
        if !self.fresh {
            self.freshen();
        }
        for turn in 0..most {
            if turn % 64 == 63 && stop(self.work) {
                break;
            }
            let Some(entering) = self.entering() else {
                if self.basis.changes() == 0 {
                    break;
                }
                // Rounding may hide something: look once more with a fresh basis.
                self.freshen();
                if self.entering().is_none() {
                    break;
                }
                continue;
            };
            if !self.turn(entering) {
                if self.basis.changes() == 0 {
                    self.surplus[entering] = 0.0;
                } else {
                    self.freshen();
                }
            } else if self.basis.changes() >= FRESH_AFTER + self.size / FRESH_ROWS {
                self.freshen();
            }
        }
        self.duals.iter().zip(&self.limits).map(|(price, limit)| price * limit).sum()
    }

    fn entering(&mut self) -> Option<usize> {
        let mut best: Option<(f64, usize)> = None;
        self.work += self.earning.len() as u64;
        let Master { earning, is_earning, surplus, weights, basic, banned, .. } = self;
        earning.retain(|variable| {
            let variable = *variable as usize;
            let earned = surplus[variable];
            if earned <= WORTHWHILE || basic[variable] || banned[variable] {
                is_earning[variable] = false;
                return false;
            }
            let steep = earned * earned / weights[variable];
            if best.is_none_or(|(most, first)| steep > most || (steep == most && variable < first)) {
                best = Some((steep, variable));
            }
            true
        });
        best.map(|(_, variable)| variable)
    }

    /// Brings a variable into the basis. False where rounding leaves nothing that limits it.
    fn turn(&mut self, entering: usize) -> bool {
        let mut alpha = std::mem::take(&mut self.alpha);
        match entering.checked_sub(self.size) {
            None => self.basis.forward(once((entering, 1.0)), &mut alpha),
            Some(column) => {
                let rows = &self.columns[column].rows;
                self.basis.forward(rows.iter().map(|row| (*row as usize, 1.0)), &mut alpha);
            }
        }
        let leaving = self.leaving(&alpha);
        if let Some((out, ratio)) = leaving {
            for (at, share) in alpha.iter() {
                self.values[at] -= ratio * share;
            }
            self.values[out] = ratio;
            self.price_turn(entering, out, alpha.get(out));
            let old = std::mem::replace(&mut self.places[out], entering);
            self.basic[old] = false;
            self.basic[entering] = true;
            self.basis.change(out, &alpha);
        }
        self.alpha = alpha;
        leaving.is_some()
    }

    /// The place whose variable falls to nothing first, and how far the entering one then rises.
    fn leaving(&self, alpha: &Sparse) -> Option<(usize, f64)> {
        let ratios = || {
            let falling = alpha.iter().filter(|(_, share)| *share > 1e-7);
            falling.map(|(at, share)| (at, share, self.values[at].max(0.0)))
        };
        let limit = ratios().map(|(_, share, value)| (value + 1e-9) / share).min_by(f64::total_cmp)?;
        let within = ratios().filter(|(_, share, value)| value / share <= limit);
        let (out, share, value) = within.max_by(|one, other| one.1.total_cmp(&other.1).then(other.0.cmp(&one.0)))?;
        Some((out, value / share))
    }

    /// What a turn does to the prices of rows, and to what the variables earn.
    fn price_turn(&mut self, entering: usize, out: usize, pivot: f64) {
        let size = self.size;
        let step = self.surplus[entering] / pivot;
        let mut row = std::mem::take(&mut self.row);
        let mut touched = std::mem::take(&mut self.touched);
        self.basis.backward(once((out, 1.0)), &mut row);
        for (at, share) in row.iter().filter(|(_, share)| share.abs() > TINY) {
            self.duals[at] += step * share;
            self.pivot_row[at] = share;
            touched.extend(u32::try_from(at));
            for column in &self.columns_of[at] {
                let variable = size + *column as usize;
                if self.pivot_row[variable] == 0.0 {
                    touched.extend(u32::try_from(variable));
                }
                self.pivot_row[variable] += share;
            }
            self.work += 2 * self.columns_of[at].len() as u64;
        }
        let weight = self.weights[entering];
        for variable in touched.drain(..).map(|one| one as usize) {
            let share = std::mem::take(&mut self.pivot_row[variable]);
            if !self.basic[variable] {
                self.surplus[variable] -= step * share;
                let relative = share / pivot;
                self.weights[variable] = self.weights[variable].max(relative * relative * weight);
                self.note(variable);
            }
        }
        let old = self.places[out];
        self.surplus[old] = -step;
        self.surplus[entering] = 0.0;
        self.weights[old] = (weight / (pivot * pivot)).max(1.0);
        self.row = row;
        self.touched = touched;
    }

    /// Factorises the basis anew; values, prices and surpluses from it.
    fn freshen(&mut self) {
        self.fresh = true;
        let slacks: Vec<u32> = (0..self.size).filter_map(|row| u32::try_from(row).ok()).collect();
        let columns: Vec<&[u32]> = self
            .places
            .iter()
            .map(|variable| match variable.checked_sub(self.size) {
                None => &slacks[*variable..=*variable],
                Some(column) => self.columns[column].rows.as_slice(),
            })
            .collect();
        let replaced = self.basis.factor(self.size, &columns);
        for (place, row) in replaced {
            self.basic[self.places[place]] = false;
            self.places[place] = row;
            self.basic[row] = true;
        }
        self.basis.forward(self.moved.iter().copied().enumerate(), &mut self.alpha);
        self.values.fill(0.0);
        self.alpha.iter().for_each(|(at, value)| self.values[at] = value);
        let gains = self.places.iter().map(|variable| self.gains[*variable]).enumerate();
        self.basis.backward(gains.filter(|(_, gain)| *gain != 0.0), &mut self.row);
        self.duals.fill(0.0);
        self.row.iter().for_each(|(at, price)| self.duals[at] = price);
        for row in 0..self.size {
            self.surplus[row] = -self.duals[row];
            self.note(row);
        }
        for column in 0..self.columns.len() {
            let at = self.size + column;
            self.surplus[at] = self.earns(&self.columns[column].rows, self.gains[at]);
            self.note(at);
        }
        self.work += 6 * self.surplus.len() as u64 + std::mem::take(&mut self.basis.work);
    }

    /// The share of each column in the solution, those above nothing.
    pub fn shares(&mut self) -> Vec<(usize, f64)> {
        if !self.fresh {
            self.freshen();
        }
        self.basis.forward(self.limits.iter().copied().enumerate(), &mut self.alpha);
        let values = self.alpha.iter().map(|(place, value)| (self.places[place], value));
        let pairs = values.filter(|(variable, value)| *variable >= self.size && *value > 1e-6);
        let mut shares: Vec<(usize, f64)> = pairs.map(|(variable, value)| (variable - self.size, value)).collect();
        shares.sort_by_key(|(at, _)| *at);
        shares
    }
}
