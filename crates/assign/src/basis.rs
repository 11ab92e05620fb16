//! The basis of a linear program whose entries are all one, kept as a sparse triangular product. Rows are those of the
//! program, places are those of the basic variables, numbers are those of the pivots in their order. Almost all of such a
//! basis is triangular as it stands: what is left after peeling off single rows and columns is small. A turn of the
//! simplex touches few rows, so what is nothing is never looked at.

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

/// A vector most of whose entries are nothing; those that may be something are listed.
#[derive(Debug, Default)]
pub(crate) struct Sparse {
    values: Vec<f64>,
    listed: Vec<bool>,
    list: Vec<u32>,
}

impl Sparse {
    pub fn new(size: usize) -> Sparse {
        Sparse { values: vec![0.0; size], listed: vec![false; size], list: Vec::new() }
    }

    pub fn get(&self, at: usize) -> f64 {
        self.values[at]
    }

    pub fn iter(&self) -> impl Iterator<Item = (usize, f64)> + '_ {
        self.list.iter().map(|at| (*at as usize, self.values[*at as usize]))
    }

    fn add(&mut self, at: usize, value: f64) {
        if !self.listed[at] {
            self.listed[at] = true;
            self.list.extend(u32::try_from(at));
        }
        self.values[at] += value;
    }

    fn clear(&mut self) {
        for at in self.list.drain(..) {
            self.values[at as usize] = 0.0;
            self.listed[at as usize] = false;
        }
    }
}

/// Numbers that wait for their turn, which comes upward or downward; who joins meanwhile is still ahead.
#[derive(Debug, Default)]
struct Queue {
    words: Vec<u64>,
}

impl Queue {
    fn join(&mut self, number: usize) {
        self.words[number / 64] |= 1 << (number % 64);
    }

    /// The lowest number; in the words before `word` there is none.
    fn lowest(&mut self, word: &mut usize) -> Option<usize> {
        while let Some(bits) = self.words.get_mut(*word) {
            if *bits != 0 {
                let number = *word * 64 + bits.trailing_zeros() as usize;
                *bits &= *bits - 1;
                return Some(number);
            }
            *word += 1;
        }
        None
    }

    /// The highest number; from `end` on there is none.
    fn highest(&mut self, end: &mut usize) -> Option<usize> {
        while *end > 0 {
            let bits = &mut self.words[*end - 1];
            if *bits != 0 {
                let bit = bits.ilog2() as usize;
                *bits ^= 1 << bit;
                return Some((*end - 1) * 64 + bit);
            }
            *end -= 1;
        }
        None
    }
}

/// Smaller pivots count as none.
const SINGULAR: f64 = 1e-9;
/// Smaller entries count as nothing.
const NOTHING: f64 = 1e-14;
const NONE: u32 = u32::MAX;

#[derive(Debug, Default)]
pub(crate) struct Basis {
    size: usize,
    /// Row, place and value of each pivot, in order.
    pivots: Vec<(u32, u32, f64)>,
    number_of_row: Vec<u32>,
    number_of_place: Vec<u32>,
    /// Below the pivots: which multiple of a row is taken off another; by either number.
    lower: [Lists; 2],
    /// Right of the pivots; by the column's number, and by the row's.
    upper: [Lists; 2],
    /// What each change of the basis since then does: its place, and the column it puts there.
    changes: Lists,
    changed: Vec<(u32, f64)>,
    room: Vec<f64>,
    front: Sparse,
    first: Queue,
    second: Queue,
    pub work: u64,
}

/// What is not yet eliminated.
struct Rest {
    columns: Vec<Vec<(u32, f64)>>,
    rows: Vec<Vec<u32>>,
    row_done: Vec<bool>,
    place_done: Vec<bool>,
}

/// What elimination gives: (row, other row, multiple) and (row, place, value).
#[derive(Default)]
struct Made {
    lower: Vec<(u32, u32, f64)>,
    upper: Vec<(u32, u32, f64)>,
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
        self.changes.clear();
        self.changed.clear();
        self.room.resize(size, 0.0);
        self.first.words.resize(size.div_ceil(64), 0);
        self.second.words.resize(size.div_ceil(64), 0);
        if self.front.values.len() != size {
            self.front = Sparse::new(size);
        }
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
        let mut made = Made::default();
        self.peel(&mut rest, &mut made);
        let replaced = self.eliminate(&mut rest, &mut made);
        self.number_of_row.resize(size, 0);
        self.number_of_place.resize(size, 0);
        for (number, (row, place, _)) in (0u32..).zip(&self.pivots) {
            self.number_of_row[*row as usize] = number;
            self.number_of_place[*place as usize] = number;
        }
        let Basis { number_of_row, number_of_place, lower, upper, .. } = self;
        let row = |row: &u32| number_of_row[*row as usize];
        let place = |place: &u32| number_of_place[*place as usize];
        lower[0].gather(size, &made.lower, |(one, other, _)| (row(one), row(other)));
        lower[1].gather(size, &made.lower, |(one, other, _)| (row(other), row(one)));
        upper[0].gather(size, &made.upper, |(one, other, _)| (place(other), row(one)));
        upper[1].gather(size, &made.upper, |(one, other, _)| (row(one), place(other)));
        self.work += 8 * (made.lower.len() + made.upper.len()) as u64 + 40 * size as u64;
        replaced
    }

    /// Takes off rows and columns with a single entry left, which change nothing else.
    fn peel(&mut self, rest: &mut Rest, made: &mut Made) {
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
                        made.upper.push((row, *other, 1.0));
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
                for (other, value) in &rest.columns[place as usize] {
                    if !rest.row_done[*other as usize] {
                        made.lower.push((row, *other, *value));
                        row_left[*other as usize] -= 1;
                        if row_left[*other as usize] == 1 {
                            rows.push(*other);
                        }
                    }
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
    fn eliminate(&mut self, rest: &mut Rest, made: &mut Made) -> Vec<(usize, usize)> {
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
            self.pivot(row, place, rest, made, &mut slot);
        }
        // What has no pivot left is replaced by slacks of the rows that have none.
        let free: Vec<usize> = (0..self.size).filter(|row| !rest.row_done[*row]).collect();
        let mut replaced = Vec::new();
        for (place, row) in lost.into_iter().zip(free) {
            made.upper.retain(|(_, other, _)| *other != place);
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

    fn pivot(&mut self, row: u32, place: u32, rest: &mut Rest, made: &mut Made, slot: &mut [u32]) {
        let column = std::mem::take(&mut rest.columns[place as usize]);
        let pivot = column.iter().find(|(other, _)| *other == row).map_or(1.0, |(_, value)| *value);
        rest.row_done[row as usize] = true;
        rest.place_done[place as usize] = true;
        self.pivots.push((row, place, pivot));
        let below: Vec<(u32, f64)> =
            column.iter().filter(|(other, _)| *other != row).map(|(other, value)| (*other, value / pivot)).collect();
        for (other, factor) in &below {
            made.lower.push((row, *other, *factor));
            rest.rows[*other as usize].retain(|one| *one != place);
        }
        for other in std::mem::take(&mut rest.rows[row as usize]) {
            if rest.place_done[other as usize] {
                continue;
            }
            let column = &mut rest.columns[other as usize];
            let Some(found) = column.iter().position(|(one, _)| *one == row) else { continue };
            let (_, value) = column.swap_remove(found);
            made.upper.push((row, other, value));
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

    /// From a column over rows to its combination of basic columns, over places.
    pub fn forward(&mut self, column: impl Iterator<Item = (usize, f64)>, places: &mut Sparse) {
        let Basis { number_of_row, lower, upper, pivots, room, first, second, .. } = self;
        let (mut word, mut end, mut steps) = (0, second.words.len(), 0);
        places.clear();
        for (row, value) in column {
            let number = number_of_row[row] as usize;
            room[number] += value;
            first.join(number);
        }
        while let Some(number) = first.lowest(&mut word) {
            second.join(number);
            let value = room[number];
            for (other, factor) in lower[0].list(number) {
                room[other] -= factor * value;
                first.join(other);
                steps += 1;
            }
        }
        while let Some(number) = second.highest(&mut end) {
            let (_, place, pivot) = pivots[number];
            let value = std::mem::take(&mut room[number]) / pivot;
            steps += 8;
            if value.abs() < NOTHING {
                continue;
            }
            for (other, factor) in upper[0].list(number) {
                room[other] -= factor * value;
                second.join(other);
                steps += 1;
            }
            places.add(place as usize, value);
        }
        for (index, (place, pivot)) in self.changed.iter().enumerate() {
            let value = places.get(*place as usize);
            if value != 0.0 {
                places.values[*place as usize] = value * pivot;
                for (other, factor) in self.changes.list(index) {
                    places.add(other, factor * value);
                    steps += 1;
                }
            }
        }
        self.work += steps + (self.size / 32 + self.changed.len()) as u64;
    }

    /// From prices of places to prices of rows.
    pub fn backward(&mut self, prices: impl Iterator<Item = (usize, f64)>, rows: &mut Sparse) {
        let Basis { number_of_place, lower, upper, pivots, room, front, first, second, .. } = self;
        let (mut word, mut end, mut steps) = (0, second.words.len(), 0);
        rows.clear();
        prices.for_each(|(place, price)| front.add(place, price));
        for (index, (place, pivot)) in self.changed.iter().enumerate().rev() {
            let old = front.get(*place as usize);
            let new =
                old * pivot + self.changes.list(index).map(|(other, factor)| factor * front.get(other)).sum::<f64>();
            if new != old {
                front.add(*place as usize, new - old);
            }
        }
        for (place, value) in front.iter() {
            let number = number_of_place[place] as usize;
            room[number] = value;
            first.join(number);
        }
        front.clear();
        while let Some(number) = first.lowest(&mut word) {
            let value = room[number] / pivots[number].2;
            room[number] = value;
            steps += 8;
            if value.abs() < NOTHING {
                room[number] = 0.0;
                continue;
            }
            for (other, factor) in upper[1].list(number) {
                room[other] -= factor * value;
                first.join(other);
                steps += 1;
            }
            second.join(number);
        }
        while let Some(number) = second.highest(&mut end) {
            let value = std::mem::take(&mut room[number]);
            for (other, factor) in lower[1].list(number) {
                room[other] -= factor * value;
                second.join(other);
                steps += 1;
            }
            rows.add(pivots[number].0 as usize, value);
        }
        self.work += steps + (self.size / 32 + self.changes.at.len()) as u64;
    }

    /// Notes that the variable whose combination of basic columns is `alpha` takes a place.
    pub fn change(&mut self, place: usize, alpha: &Sparse) {
        let pivot = alpha.get(place);
        for (at, share) in alpha.iter().filter(|(at, share)| *at != place && share.abs() > NOTHING) {
            self.changes.push(u32::try_from(at).unwrap_or(NONE), -share / pivot);
        }
        self.changes.close();
        self.changed.push((u32::try_from(place).unwrap_or(NONE), 1.0 / pivot));
    }
}
