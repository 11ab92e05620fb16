//! What a table may not show: sealed figures below the county, small ones, and those by which small ones could be worked
//! out. Pure.

use base::kernel::Level;

use super::{
    grid::{At, Data, Grid, Shown, Where, Whose},
    rules::{Aspect, Dim, View},
};

/// Hides what may not be shown of sealed indicators.
pub fn hide(grid: &mut Grid, data: &Data, view: &View, floor: i64) {
    let sealed = |number: usize| data.indicators.get(number).is_some_and(|indicator| indicator.sealed);
    let deep = view.place.level() > Level::County;
    // Batches begin and end on any day.
    let by_days = !view.months || view.dims().any(|dim| dim == Dim::Batch);
    for line in grid.lines_mut() {
        for (shown, at) in &mut line.cells {
            let below = deep || (at.place != Where::Whole && view.level > Level::County);
            let by_unit = at.unit != Whose::All || view.unit.is_some();
            if sealed(at.indicator) && (below || by_unit || by_days) {
                *shown = Shown::Hidden;
            }
        }
    }
    if view.by(Aspect::Indicator) {
        // Different indicators are never added: each is hidden along its own line.
        let count = data.indicators.len();
        for number in (0..count).filter(|number| sealed(*number)) {
            let mut line: Vec<&mut Shown> = Vec::new();
            for cells in grid.lines_mut() {
                line.extend(cells.cells.iter_mut().filter(|(_, at)| at.indicator == number).map(|cell| &mut cell.0));
            }
            hide_line(&mut line, floor);
        }
        return;
    }
    if !sealed(0) {
        return;
    }
    // A cell hidden along a row may be the only one of its column, and the other way round.
    loop {
        let (rows, columns) = (hide_rows(grid, floor), hide_columns(grid, floor));
        if !rows && !columns {
            return;
        }
    }
}

fn hide_rows(grid: &mut Grid, floor: i64) -> bool {
    let mut changed = false;
    for line in grid.lines_mut() {
        changed |= hide_line(&mut line.cells.iter_mut().map(|cell| &mut cell.0).collect::<Vec<_>>(), floor);
    }
    changed
}

fn hide_columns(grid: &mut Grid, floor: i64) -> bool {
    let width = grid.cols.len() + usize::from(grid.whole_col.is_some());
    let mut changed = false;
    for column in 0..width {
        let mut line: Vec<&mut Shown> =
            grid.lines_mut().filter_map(|line| line.cells.get_mut(column)).map(|cell| &mut cell.0).collect();
        changed |= hide_line(&mut line, floor);
    }
    changed
}

/// Hides what is small, and where that leaves one alone, the smallest beside it. Nought tells of nobody and stays.
pub fn hide_line(line: &mut [&mut Shown], floor: i64) -> bool {
    let mut changed = false;
    for shown in line.iter_mut() {
        if matches!(**shown, Shown::Figure(amount) if amount != 0 && amount.abs() < floor) {
            **shown = Shown::Hidden;
            changed = true;
        }
    }
    if line.iter().filter(|shown| ***shown == Shown::Hidden).count() != 1 || line.len() < 2 {
        return changed;
    }
    let size = |shown: &Shown| match shown {
        Shown::Figure(0) | Shown::Hidden | Shown::Nothing => i64::MAX,
        Shown::Figure(amount) => amount.abs(),
    };
    if let Some(sibling) = line.iter_mut().min_by_key(|shown| size(shown)).filter(|shown| size(shown) < i64::MAX) {
        **sibling = Shown::Hidden;
        changed = true;
    }
    changed
}

/// Whether anything is hidden, for the words beside a table.
#[must_use]
pub fn any_hidden(grid: &Grid) -> bool {
    let hidden = |cells: &[(Shown, At)]| cells.iter().any(|(shown, _)| *shown == Shown::Hidden);
    grid.rows.iter().any(|line| hidden(&line.cells)) || grid.foot.as_ref().is_some_and(|foot| hidden(&foot.2.cells))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hidden(figures: &[i64]) -> Vec<bool> {
        let mut shown: Vec<Shown> = figures.iter().map(|amount| Shown::Figure(*amount)).collect();
        hide_line(&mut shown.iter_mut().collect::<Vec<_>>(), 5);
        shown.iter().map(|shown| *shown == Shown::Hidden).collect()
    }

    #[test]
    fn a_small_figure_is_hidden_with_the_sibling_that_would_tell_it() {
        assert_eq!(hidden(&[3, 8, 12, 23]), [true, true, false, false]);
        assert_eq!(hidden(&[3, 4, 12, 19]), [true, true, false, false], "two small ones cover each other");
        assert_eq!(hidden(&[7, 8, 15]), [false; 3]);
        assert_eq!(hidden(&[0, 9, 9]), [false; 3], "nought tells of nobody");
        assert_eq!(hidden(&[0, 3, 3]), [false, true, true], "a small whole is hidden itself");
        assert_eq!(hidden(&[4]), [true]);
    }
}
