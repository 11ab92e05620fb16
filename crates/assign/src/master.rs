//! A linear program over sets of teams: which share of which set each unit takes, at most the whole of each village.
//! Primal simplex, steepest by reference weights (devex, Forrest and Goldfarb 1992). Nothing proven rests on its
//! accuracy: its prices go through [`crate::descent::evaluate`], which counts in whole numbers.

use crate::{basis::Basis, core::Post};

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
    places: Vec<usize>,
    values: Vec<f64>,
    basis: Basis,
    fresh: bool,
    pub duals: Vec<f64>,
    pub work: u64,
    alpha: Vec<f64>,
    row: Vec<f64>,
    room: Vec<f64>,
    pivot_row: Vec<f64>,
}

const TINY: f64 = 1e-9;
const WORTHWHILE: f64 = 1e-7;
/// What a banned column counts for, so that the simplex drives it out.
const BANNED: f64 = -1e9;
/// The basis is factorised afresh after so many turns.
const FRESH_AFTER: usize = 80;

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
            places: (0..size).collect(),
            basis: Basis::default(),
            fresh: false,
            duals: vec![0.0; size],
            work: 0,
            alpha: vec![0.0; size],
            row: vec![0.0; size],
            room: vec![0.0; size],
            pivot_row: vec![0.0; size],
        }
    }

    pub fn add(&mut self, column: Column, gain: f64) {
        let number = u32::try_from(self.columns.len()).unwrap_or(u32::MAX);
        for row in &column.rows {
            self.columns_of[*row as usize].push(number);
        }
        self.surplus.push(self.earns(&column.rows, gain));
        self.columns.push(column);
        self.gains.push(gain);
        self.banned.push(false);
        self.basic.push(false);
        self.weights.push(1.0);
        self.pivot_row.push(0.0);
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

    /// What a column of these rows earns beyond their prices.
    pub fn earns(&self, rows: &[u32], gain: f64) -> f64 {
        gain - rows.iter().map(|row| self.duals[*row as usize]).sum::<f64>()
    }

    /// Turns until no column earns more than its prices, or `most` turns are done. Returns the value reached.
    pub fn optimise(&mut self, most: usize, stop: &dyn Fn() -> bool) -> f64 {
        if !self.fresh {
            self.freshen();
        }
        for turn in 0..most {
            if turn % 256 == 255 && stop() {
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
            } else if self.basis.changes() >= FRESH_AFTER {
                self.freshen();
            }
        }
        self.duals.iter().zip(&self.limits).map(|(price, limit)| price * limit).sum()
    }

    fn entering(&mut self) -> Option<usize> {
        let mut best: Option<(usize, f64)> = None;
        for (variable, surplus) in self.surplus.iter().enumerate() {
            if *surplus > WORTHWHILE && !self.basic[variable] && !self.banned[variable] {
                let steep = surplus * surplus / self.weights[variable];
                if best.is_none_or(|(_, most)| steep > most) {
                    best = Some((variable, steep));
                }
            }
        }
        self.work += self.surplus.len() as u64 / 2;
        best.map(|(variable, _)| variable)
    }

    /// Brings a variable into the basis. False where rounding leaves nothing that limits it.
    fn turn(&mut self, entering: usize) -> bool {
        let size = self.size;
        let mut alpha = std::mem::take(&mut self.alpha);
        if entering < size {
            self.room[entering] = 1.0;
        } else {
            for row in &self.columns[entering - size].rows {
                self.room[*row as usize] += 1.0;
            }
        }
        self.basis.forward(&mut self.room, &mut alpha);
        let support: Vec<usize> = (0..size).filter(|at| alpha[*at].abs() > TINY).collect();
        let leaving = self.leaving(&alpha, &support);
        let Some((out, ratio)) = leaving else {
            self.alpha = alpha;
            return false;
        };
        for at in &support {
            self.values[*at] -= ratio * alpha[*at];
        }
        self.values[out] = ratio;
        self.price_turn(entering, out, alpha[out]);
        let old = std::mem::replace(&mut self.places[out], entering);
        self.basic[old] = false;
        self.basic[entering] = true;
        self.basis.change(out, &alpha, &support);
        self.alpha = alpha;
        true
    }

    /// The place whose variable falls to nothing first, and how far the entering one then rises.
    fn leaving(&self, alpha: &[f64], support: &[usize]) -> Option<(usize, f64)> {
        let limit = support
            .iter()
            .filter(|at| alpha[**at] > 1e-7)
            .map(|at| (self.values[*at].max(0.0) + 1e-9) / alpha[*at])
            .min_by(f64::total_cmp)?;
        let within = |at: &&usize| alpha[**at] > 1e-7 && self.values[**at].max(0.0) / alpha[**at] <= limit;
        let out = support.iter().filter(within).max_by(|one, other| alpha[**one].total_cmp(&alpha[**other]))?;
        Some((*out, self.values[*out].max(0.0) / alpha[*out]))
    }

    /// What a turn does to the prices of rows, and to what the variables earn.
    fn price_turn(&mut self, entering: usize, out: usize, pivot: f64) {
        let size = self.size;
        let step = self.surplus[entering] / pivot;
        self.room[out] = 1.0;
        self.basis.backward(&mut self.room, &mut self.row);
        let mut touched: Vec<u32> = Vec::new();
        for at in 0..size {
            let share = self.row[at];
            if share.abs() <= TINY {
                continue;
            }
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
            self.work += self.columns_of[at].len() as u64;
        }
        let weight = self.weights[entering];
        for variable in touched.into_iter().map(|one| one as usize) {
            let share = std::mem::take(&mut self.pivot_row[variable]);
            if !self.basic[variable] {
                self.surplus[variable] -= step * share;
                let relative = share / pivot;
                self.weights[variable] = self.weights[variable].max(relative * relative * weight);
            }
        }
        let old = self.places[out];
        self.surplus[old] = -step;
        self.surplus[entering] = 0.0;
        self.weights[old] = (weight / (pivot * pivot)).max(1.0);
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
        let mut values = std::mem::take(&mut self.values);
        self.room.copy_from_slice(&self.moved);
        self.basis.forward(&mut self.room, &mut values);
        self.values = values;
        for (price, variable) in self.room.iter_mut().zip(&self.places) {
            *price = self.gains[*variable];
        }
        self.basis.backward(&mut self.room, &mut self.duals);
        for row in 0..self.size {
            self.surplus[row] = -self.duals[row];
        }
        for column in 0..self.columns.len() {
            let at = self.size + column;
            self.surplus[at] = self.earns(&self.columns[column].rows, self.gains[at]);
        }
        self.work += 4 * self.surplus.len() as u64 + std::mem::take(&mut self.basis.work);
    }

    /// The share of each column in the solution, those above nothing.
    pub fn shares(&mut self) -> Vec<(usize, f64)> {
        let mut values = vec![0.0; self.size];
        self.room.copy_from_slice(&self.limits);
        self.basis.forward(&mut self.room, &mut values);
        let pairs = self.places.iter().zip(values).filter(|(variable, value)| **variable >= self.size && *value > 1e-6);
        let mut shares: Vec<(usize, f64)> = pairs.map(|(variable, value)| (variable - self.size, value)).collect();
        shares.sort_by_key(|(at, _)| *at);
        shares
    }
}
