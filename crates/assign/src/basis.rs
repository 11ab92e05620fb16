//! The basis of a linear program whose entries are all one, kept as a sparse triangular product. Rows are those of the
//! program, places are those of the basic variables. Almost all of such a basis is triangular as it stands: what is left
//! after peeling off single rows and columns is small.

/// Entries of many short lists in one piece.
#[derive(Debug, Default)]
struct Lists {
    starts: Vec<usize>,
    at: Vec<u32>,
    values: Vec<f64>,
}

impl Lists {
    fn clear(&mut self) {
        self.starts.clear();
        self.starts.push(0);
        self.at.clear();
        self.values.clear();
    }

    fn push(&mut self, at: u32, value: f64) {
        self.at.push(at);
        self.values.push(value);
    }

    fn close(&mut self) {
        self.starts.push(self.at.len());
    }

    fn list(&self, index: usize) -> impl Iterator<Item = (usize, f64)> + '_ {
        let range = self.starts[index]..self.starts[index + 1];
        self.at[range.clone()].iter().zip(&self.values[range]).map(|(at, value)| (*at as usize, *value))
    }

    fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// Lists by the key of each of these (key, at, value).
    fn gather(&mut self, keys: usize, entries: &[(u32, u32, f64)], key: impl Fn(&(u32, u32, f64)) -> (u32, u32)) {
        self.starts.clear();
        self.starts.resize(keys + 1, 0);
        for entry in entries {
            self.starts[key(entry).0 as usize + 1] += 1;
        }
        for at in 0..keys {
            self.starts[at + 1] += self.starts[at];
        }
        self.at.clear();
        self.at.resize(entries.len(), 0);
        self.values.clear();
        self.values.resize(entries.len(), 0.0);
        let mut next = self.starts.clone();
        for entry in entries {
            let (list, at) = key(entry);
            let slot = next[list as usize];
            next[list as usize] += 1;
            self.at[slot] = at;
            self.values[slot] = entry.2;
        }
    }
}

const NONE: u32 = u32::MAX;
/// Smaller pivots count as none.
const SINGULAR: f64 = 1e-9;

#[derive(Debug, Default)]
pub(crate) struct Basis {
    size: usize,
    /// Row, place and value of each pivot, in order.
    pivots: Vec<(u32, u32, f64)>,
    /// Below the pivots: of the rows in `lower_rows`, which multiple is taken off other rows.
    lower: Lists,
    lower_rows: Vec<u32>,
    /// Right of the pivots, by the pivot's number: by column (other rows) and by row (other places).
    upper_columns: Lists,
    upper_rows: Lists,
    /// What each change of the basis since then does: its place, and the column it puts there.
    changes: Lists,
    changed: Vec<(u32, f64)>,
    room: Vec<f64>,
    pub work: u64,
}

/// What is not yet eliminated.
struct Rest {
    columns: Vec<Vec<(u32, f64)>>,
    rows: Vec<Vec<u32>>,
    row_done: Vec<bool>,
    place_done: Vec<bool>,
}

impl Basis {
    pub fn changes(&self) -> usize {
        self.changed.len()
    }

    /// Factorises the basis whose columns have ones in these rows. Where rounding leaves a column without pivot, a slack
    /// takes its place: returns (place, row of the slack).
    pub fn factor(&mut self, size: usize, columns: &[&[u32]]) -> Vec<(usize, usize)> {
        self.size = size;
        self.pivots.clear();
        self.lower.clear();
        self.lower_rows.clear();
        self.changes.clear();
        self.changed.clear();
        self.room.clear();
        self.room.resize(size, 0.0);
        let mut rows: Vec<Vec<u32>> = vec![Vec::new(); size];
        for (place, column) in (0u32..).zip(columns) {
            for row in *column {
                rows[*row as usize].push(place);
            }
        }
        let mut rest = Rest {
            columns: columns.iter().map(|column| column.iter().map(|row| (*row, 1.0)).collect()).collect(),
            rows,
            row_done: vec![false; size],
            place_done: vec![false; size],
        };
        let mut upper: Vec<(u32, u32, f64)> = Vec::new();
        self.peel(&mut rest, &mut upper);
        let replaced = self.eliminate(&mut rest, &mut upper);
        let mut number_of_row = vec![0u32; size];
        let mut number_of_place = vec![0u32; size];
        for (number, (row, place, _)) in (0u32..).zip(&self.pivots) {
            number_of_row[*row as usize] = number;
            number_of_place[*place as usize] = number;
        }
        self.work += 8 * upper.len() as u64 + 4 * size as u64;
        self.upper_columns.gather(size, &upper, |(row, place, _)| (number_of_place[*place as usize], *row));
        self.upper_rows.gather(size, &upper, |(row, place, _)| (number_of_row[*row as usize], *place));
        replaced
    }

    /// Takes off rows and columns with a single entry left, which change nothing else.
    fn peel(&mut self, rest: &mut Rest, upper: &mut Vec<(u32, u32, f64)>) {
        let mut row_left: Vec<usize> = rest.rows.iter().map(Vec::len).collect();
        let mut place_left: Vec<usize> = rest.columns.iter().map(Vec::len).collect();
        let mut places: Vec<u32> =
            (0u32..).zip(&place_left).filter(|(_, left)| **left == 1).map(|(at, _)| at).collect();
        let mut rows: Vec<u32> = (0u32..).zip(&row_left).filter(|(_, left)| **left == 1).map(|(at, _)| at).collect();
        loop {
            if let Some(place) = places.pop() {
                let p = place as usize;
                if rest.place_done[p] || place_left[p] != 1 {
                    continue;
                }
                let Some(&(row, value)) = rest.columns[p].iter().find(|(row, _)| !rest.row_done[*row as usize]) else {
                    continue;
                };
                rest.place_done[p] = true;
                rest.row_done[row as usize] = true;
                self.pivots.push((row, place, value));
                for other in &rest.rows[row as usize] {
                    if !rest.place_done[*other as usize] {
                        upper.push((row, *other, 1.0));
                        place_left[*other as usize] -= 1;
                        if place_left[*other as usize] == 1 {
                            places.push(*other);
                        }
                    }
                }
            } else if let Some(row) = rows.pop() {
                let r = row as usize;
                if rest.row_done[r] || row_left[r] != 1 {
                    continue;
                }
                let Some(&place) = rest.rows[r].iter().find(|place| !rest.place_done[**place as usize]) else {
                    continue;
                };
                rest.row_done[r] = true;
                rest.place_done[place as usize] = true;
                self.pivots.push((row, place, 1.0));
                let mut any = false;
                for (other, value) in &rest.columns[place as usize] {
                    if !rest.row_done[*other as usize] {
                        self.lower.push(*other, *value);
                        any = true;
                        row_left[*other as usize] -= 1;
                        if row_left[*other as usize] == 1 {
                            rows.push(*other);
                        }
                    }
                }
                if any {
                    self.lower.close();
                    self.lower_rows.push(row);
                }
                continue;
            } else {
                return;
            }
            // A column that went took its entries out of the rows.
            let Some(&(_, place, _)) = self.pivots.last() else { continue };
            for (row, _) in &rest.columns[place as usize] {
                row_left[*row as usize] = row_left[*row as usize].saturating_sub(1);
                if row_left[*row as usize] == 1 && !rest.row_done[*row as usize] {
                    rows.push(*row);
                }
            }
        }
    }

    /// Eliminates what peeling has left, few entries first.
    fn eliminate(&mut self, rest: &mut Rest, upper: &mut Vec<(u32, u32, f64)>) -> Vec<(usize, usize)> {
        let mut open: Vec<u32> =
            (0u32..).zip(&rest.place_done).filter(|(_, done)| !**done).map(|(place, _)| place).collect();
        for place in &open {
            let done = &rest.row_done;
            rest.columns[*place as usize].retain(|(row, _)| !done[*row as usize]);
        }
        for row in 0..self.size {
            if !rest.row_done[row] {
                let done = &rest.place_done;
                rest.rows[row].retain(|place| !done[*place as usize]);
            }
        }
        let mut slot = vec![NONE; self.size];
        let mut lost = Vec::new();
        while !open.is_empty() {
            let Some((at, row)) = self.choose(&open, rest) else {
                lost.append(&mut open);
                break;
            };
            let place = open.swap_remove(at);
            self.pivot(row, place, rest, upper, &mut slot);
        }
        // What has no pivot left is replaced by slacks of the rows that have none.
        let free: Vec<usize> = (0..self.size).filter(|row| !rest.row_done[*row]).collect();
        let mut replaced = Vec::new();
        for (place, row) in lost.into_iter().zip(free) {
            upper.retain(|(_, other, _)| *other != place);
            self.pivots.push((u32::try_from(row).unwrap_or(0), place, 1.0));
            replaced.push((place as usize, row));
        }
        replaced
    }

    /// A column with few entries, and of its large entries the one in the emptiest row.
    fn choose(&mut self, open: &[u32], rest: &Rest) -> Option<(usize, u32)> {
        let mut best: Option<(usize, usize, u32)> = None;
        for (at, place) in open.iter().enumerate() {
            let column = &rest.columns[*place as usize];
            self.work += 1;
            if best.is_some_and(|(cost, ..)| cost <= column.len().saturating_sub(1)) {
                continue;
            }
            let largest = column.iter().map(|(_, value)| value.abs()).fold(0.0, f64::max);
            if largest < SINGULAR {
                continue;
            }
            for (row, _) in column.iter().filter(|(_, value)| value.abs() >= 0.1 * largest) {
                let cost = (column.len() - 1) * (rest.rows[*row as usize].len().max(1) - 1);
                if best.is_none_or(|(least, ..)| cost < least) {
                    best = Some((cost, at, *row));
                }
            }
            if best.is_some_and(|(cost, ..)| cost <= 1) {
                break;
            }
        }
        best.map(|(_, at, row)| (at, row))
    }

    fn pivot(&mut self, row: u32, place: u32, rest: &mut Rest, upper: &mut Vec<(u32, u32, f64)>, slot: &mut [u32]) {
        let column = std::mem::take(&mut rest.columns[place as usize]);
        let pivot = column.iter().find(|(other, _)| *other == row).map_or(1.0, |(_, value)| *value);
        rest.row_done[row as usize] = true;
        rest.place_done[place as usize] = true;
        self.pivots.push((row, place, pivot));
        let below: Vec<(u32, f64)> =
            column.iter().filter(|(other, _)| *other != row).map(|(other, value)| (*other, value / pivot)).collect();
        for (other, factor) in &below {
            self.lower.push(*other, *factor);
            rest.rows[*other as usize].retain(|one| *one != place);
        }
        if !below.is_empty() {
            self.lower.close();
            self.lower_rows.push(row);
        }
        for other in std::mem::take(&mut rest.rows[row as usize]) {
            if rest.place_done[other as usize] {
                continue;
            }
            let column = &mut rest.columns[other as usize];
            let Some(found) = column.iter().position(|(one, _)| *one == row) else { continue };
            let (_, value) = column.swap_remove(found);
            upper.push((row, other, value));
            for (at, (one, _)) in (0u32..).zip(column.iter()) {
                slot[*one as usize] = at;
            }
            for (one, factor) in &below {
                match slot[*one as usize] {
                    NONE => {
                        column.push((*one, -factor * value));
                        rest.rows[*one as usize].push(other);
                    }
                    at => column[at as usize].1 -= factor * value,
                }
            }
            for (one, _) in column.iter() {
                slot[*one as usize] = NONE;
            }
            self.work += (column.len() + below.len()) as u64;
        }
    }

    /// From a column over rows (emptied) to its combination of basic columns, over places.
    pub fn forward(&mut self, rows: &mut [f64], places: &mut [f64]) {
        for (index, row) in self.lower_rows.iter().enumerate() {
            let value = rows[*row as usize];
            if value != 0.0 {
                for (other, factor) in self.lower.list(index) {
                    rows[other] -= factor * value;
                }
            }
        }
        for (number, (row, place, pivot)) in self.pivots.iter().enumerate().rev() {
            let mut value = rows[*row as usize];
            if value != 0.0 {
                rows[*row as usize] = 0.0;
                value /= pivot;
                for (other, factor) in self.upper_columns.list(number) {
                    rows[other] -= factor * value;
                }
            }
            places[*place as usize] = value;
        }
        for (index, (place, pivot)) in self.changed.iter().enumerate() {
            let value = places[*place as usize];
            if value != 0.0 {
                places[*place as usize] = value * pivot;
                for (other, factor) in self.changes.list(index) {
                    places[other] += factor * value;
                }
            }
        }
        self.work += (2 * self.size + self.changes.at.len()) as u64;
    }

    /// From prices of places (used up) to prices of rows.
    pub fn backward(&mut self, places: &mut [f64], rows: &mut [f64]) {
        for (index, (place, pivot)) in self.changed.iter().enumerate().rev() {
            let mut sum = places[*place as usize] * pivot;
            for (other, factor) in self.changes.list(index) {
                sum += factor * places[other];
            }
            places[*place as usize] = sum;
        }
        for (number, (row, place, pivot)) in self.pivots.iter().enumerate() {
            let mut value = places[*place as usize];
            if value != 0.0 {
                places[*place as usize] = 0.0;
                value /= pivot;
                for (other, factor) in self.upper_rows.list(number) {
                    places[other] -= factor * value;
                }
            }
            rows[*row as usize] = value;
        }
        for (index, row) in self.lower_rows.iter().enumerate().rev() {
            let sum: f64 = self.lower.list(index).map(|(other, factor)| factor * rows[other]).sum();
            rows[*row as usize] -= sum;
        }
        self.work += (2 * self.size + self.changes.at.len()) as u64;
    }

    /// Notes that the variable whose combination of basic columns is `alpha` (at the places of `support`) takes a place.
    pub fn change(&mut self, place: usize, alpha: &[f64], support: &[usize]) {
        let pivot = alpha[place];
        for at in support.iter().filter(|at| **at != place) {
            self.changes.push(u32::try_from(*at).unwrap_or(NONE), -alpha[*at] / pivot);
        }
        self.changes.close();
        self.changed.push((u32::try_from(place).unwrap_or(NONE), 1.0 / pivot));
        debug_assert_eq!(self.changes.len(), self.changed.len());
    }
}
