//! What is sealed: nothing below the county, nothing small, nothing by which small ones could be worked out.

use base::html::Address;

use super::{super::grid::*, *};
use crate::spine::facts::{Catalogue, Indicator};

/// Problems counted as if they were somebody's illness.
fn sealed() -> &'static Indicator {
    let mut indicator = Catalogue::get().find("problem.raised").expect("an indicator").clone();
    indicator.sealed = true;
    Box::leak(Box::new(indicator))
}

fn grid(place: &str, address: &str, amounts: &[(&str, usize, i64)]) -> Vec<Vec<Shown>> {
    let indicator = sealed();
    let mut view = View::read(&Address::parse(address), code(place), today()).expect("a view");
    view.indicator = indicator;
    let parts = amounts.iter().map(|one| one.1).max().unwrap_or(0);
    let places = (0..=parts).map(|_| Place::of(code(place))).collect();
    let mut data = Data::of(places, vec![indicator]);
    for (on, part, amount) in amounts {
        data.add(&indicator.code, *part, 0, (day(on), *amount));
        data.add(&indicator.code, 0, 0, (day(on), *amount));
    }
    let head = |slot| Head { key: String::new(), label: base::i18n::Text::default(), slot, href: None };
    let rows = (1..=parts).map(|part| head(Slot::Place(Where::Part(part)))).collect();
    let spans = [("2023-01-01", "2023-06-30"), ("2023-07-01", "2023-12-31")];
    let cols = match view.cols {
        None => Vec::new(),
        Some(_) => {
            spans.iter().map(|(from, to)| head(Slot::Time(Span { from: Some(day(from)), to: day(to) }))).collect()
        }
    };
    let grid = Grid::count(&view, &data, rows, cols, 5);
    let lines = grid.rows.iter().chain(grid.foot.as_ref().map(|foot| &foot.2));
    lines.map(|line| line.cells.iter().map(|cell| cell.0).collect()).collect()
}

use Shown::{Figure, Hidden};

#[test]
fn nothing_sealed_is_shown_below_the_county() {
    let amounts = [("2023-03-03", 1, 40), ("2023-08-08", 2, 60)];
    let townships = grid(COUNTY, "/explorer?rows=place&to=2023-12-31", &amounts);
    assert_eq!(townships, [[Hidden], [Hidden], [Figure(100)]]);
    let villages = grid(TOWNSHIP, "/explorer?rows=place&to=2023-12-31", &amounts);
    assert_eq!(villages, [[Hidden], [Hidden], [Hidden]], "the township itself lies below the county");
}

#[test]
fn a_small_one_takes_its_sibling_with_it_in_both_directions() {
    let amounts = [
        ("2023-03-03", 1, 3),
        ("2023-08-08", 1, 30),
        ("2023-03-03", 2, 20),
        ("2023-08-08", 2, 10),
        ("2023-03-03", 3, 50),
        ("2023-08-08", 3, 60),
    ];
    let address = "/explorer?rows=place&level=county&cols=quarter&from=2023-01-01&to=2023-12-31";
    let counties = grid(CITY, address, &amounts);
    assert_eq!(counties[0], [Hidden, Hidden, Figure(33)], "3 and what would tell it");
    assert_eq!(counties[1], [Hidden, Hidden, Figure(30)], "else the column would tell it");
    assert_eq!(counties[2], [Figure(50), Figure(60), Figure(110)]);
    assert_eq!(counties[3], [Figure(73), Figure(100), Figure(173)]);
}

#[test]
fn nothing_sealed_is_shown_of_part_of_a_month() {
    let amounts = [("2023-03-03", 1, 40), ("2023-08-08", 2, 60)];
    for address in [
        "/explorer?rows=place&level=county&to=2023-12-30",
        "/explorer?rows=place&level=county",
        "/explorer?rows=place&level=county&from=2023-01-02&to=2023-12-31",
    ] {
        assert_eq!(grid(CITY, address, &amounts), [[Hidden]; 3], "{address}: a day more would tell of one person");
    }
    let by_month = grid(CITY, "/explorer?rows=place&level=county&from=2023-01-01&to=2023-12-31", &amounts);
    assert_eq!(by_month, [[Figure(40)], [Figure(60)], [Figure(100)]]);
}

#[test]
fn what_is_not_sealed_is_shown_however_small() {
    let address = Address::parse("/explorer?figure=problem.raised&rows=place");
    let view = View::read(&address, code(COUNTY), today()).expect("a view");
    assert!(!view.indicator.sealed);
}
