//! A sealed figure on its own page: said for counties and above as a whole, unless it is small or would tell a small one.

use base::{
    db::Conn,
    i18n::Text,
    kernel::{Day, Level},
    text,
    web::AppResult,
};

use super::explorer::{Shown, hide_line};
use crate::{
    places,
    spine::facts::{
        Indicator,
        read::{self, Credit, Place, Span},
    },
};

/// Why a sealed figure is not said.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Withheld {
    /// Of a place below the county, or of what lies between.
    Below,
    OfUnit,
    Small,
    /// A small neighbour could be worked out from it.
    Beside,
    /// Asked for days among which no month is over.
    NoMonth,
}

/// The period of which a figure is said: of a sealed one [`whole_months`].
pub(super) fn told(indicator: &Indicator, span: Span, today: Day) -> Option<Span> {
    if indicator.sealed { whole_months(span, today) } else { Some(span) }
}

/// The whole months of a period that are over: of two days a person apart, one figure less the other would tell of them.
pub(super) fn whole_months(span: Span, today: Day) -> Option<Span> {
    let over = span.to.min(today.plus_days(-1)).plus_days(1);
    let to = over.month().first_day().plus_days(-1);
    let from = span.from.map(|from| match from.day_of_month() {
        1 => from,
        _ => from.month().next().first_day(),
    });
    from.is_none_or(|from| from <= to).then_some(Span { from, to })
}

impl Withheld {
    pub(super) fn reason(self, floor: i64) -> Text {
        match self {
            Self::Below => text!("这类数涉及个人情况，只说到县，不说到乡镇和村。"),
            Self::OfUnit => text!("这类数涉及个人情况，不按单位分。"),
            Self::Small => text!("有，但不到 {n}，说出来就等于说出是谁，所以不显示。", n = floor),
            Self::Beside => text!("相邻地方的数不到 {n}，这个数也不显示，免得相减算出来。", n = floor),
            Self::NoMonth => text!("这类数只按过完的整月说，所选的日子里没有一个过完的整月。"),
        }
    }
}

/// Whether a figure that was read may be said; a small one is measured against its neighbours too.
pub(super) async fn withheld(
    conn: &mut Conn,
    indicator: &Indicator,
    place: &Place,
    (span, amount): (Span, i64),
    floor: i64,
) -> AppResult<Option<Withheld>> {
    if !indicator.sealed {
        return Ok(None);
    }
    if place.slice.credit != Credit::Any {
        return Ok(Some(Withheld::OfUnit));
    }
    if place.code.level() > Level::County || place.slice.above.is_some() {
        return Ok(Some(Withheld::Below));
    }
    if amount != 0 && amount.abs() < floor {
        return Ok(Some(Withheld::Small));
    }
    let parent = place.code.parent();
    if amount == 0 || parent == place.code {
        return Ok(None);
    }
    // The line in which the explorer shows it: the parts of what is above, and their whole.
    let mut line = vec![Shown::Figure(amount)];
    for part in places::store::children(conn, parent).await?.into_iter().filter(|part| part.code != place.code) {
        let part = places::store::with_predecessors(conn, part.code).await?;
        line.push(Shown::Figure(read::value(conn, indicator, &part, span).await?));
    }
    let whole = places::store::with_predecessors(conn, parent).await?;
    line.push(Shown::Figure(read::value(conn, indicator, &whole, span).await?));
    hide_line(&mut line.iter_mut().collect::<Vec<_>>(), floor);
    Ok((line[0] == Shown::Hidden).then_some(Withheld::Beside))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        spine::facts::{Catalogue, FactDraft, Source, Writing, read::Slice, record},
        testing::{CITY, COUNTY, MIGRATIONS, OTHER_COUNTY, TOWNSHIP, VILLAGE, code, databases, today, world},
    };

    const CASES: &str = "problem.raised";

    #[test]
    fn of_two_days_in_one_month_the_same_is_said() {
        let day = |text: &str| Day::parse(text).expect("a day");
        let today = day("2024-03-15");
        let said = |from: Option<&str>, to| {
            let span = whole_months(Span { from: from.map(day), to: day(to) }, today)?;
            Some((span.from.map(|day| day.to_string()), span.to.to_string()))
        };
        let months = |from: Option<&str>, to: &str| Some((from.map(str::to_owned), to.to_owned()));
        for to in ["2024-03-15", "2024-03-14", "2024-02-29", "2026-01-01"] {
            assert_eq!(said(None, to), months(None, "2024-02-29"), "{to}");
        }
        assert_eq!(said(None, "2024-02-28"), months(None, "2024-01-31"));
        assert_eq!(said(Some("2024-01-01"), "2024-01-31"), months(Some("2024-01-01"), "2024-01-31"));
        assert_eq!(said(Some("2023-12-02"), "2024-02-10"), months(Some("2024-01-01"), "2024-01-31"));
        assert_eq!(said(Some("2024-01-02"), "2024-02-28"), None);
        assert_eq!(said(Some("2024-03-01"), "2024-03-31"), None, "a month that is not over");
        let span = whole_months(Span { from: None, to: day("2024-04-30") }, day("2024-04-30")).expect("a month");
        assert_eq!(span.to, day("2024-03-31"), "its last day is not over either");
    }

    #[tokio::test]
    async fn a_small_sealed_figure_is_withheld_with_its_reason_and_not_shown_as_nought() {
        // Problems counted as if they were somebody's illness.
        let mut indicator = Catalogue::get().find(CASES).expect("an indicator").clone();
        indicator.sealed = true;
        for db in databases(&MIGRATIONS).await {
            let app = world(&db).await;
            let mut tx = app.db.begin().await.expect("a write");
            for (number, (county, on, cases)) in
                [(COUNTY, "2023-05-05", 3), (OTHER_COUNTY, "2023-05-05", 40), (COUNTY, "2024-01-02", 9)]
                    .into_iter()
                    .enumerate()
            {
                let draft = FactDraft {
                    indicator: CASES,
                    day: Day::parse(on).expect("a day"),
                    amount: cases,
                    division: code(county),
                    person: None,
                    unit_id: None,
                    key: None,
                    value: None,
                };
                let facts = [(Source { kind: "test", id: number.to_string() }, vec![draft])];
                let at = app.clock.now();
                record(&mut tx, code(county).county(), &facts, at, Writing::New).await.expect("recorded");
            }
            tx.commit().await.expect("written");
            let mut conn = app.db.read().await.expect("a connection");
            let year = Span { from: None, to: Day::parse("2023-12-31").expect("a day") };
            let so_far = Span { from: None, to: today() };
            let month = Span { from: Day::parse("2024-01-01"), to: today() };
            for (place, slice, span, expected) in [
                (COUNTY, Slice::default(), year, Some(Withheld::Small)),
                (OTHER_COUNTY, Slice::default(), year, Some(Withheld::Beside)),
                (CITY, Slice::default(), year, None),
                (COUNTY, Slice::default(), so_far, None),
                (OTHER_COUNTY, Slice::default(), so_far, None),
                (OTHER_COUNTY, Slice::default(), month, None),
                (TOWNSHIP, Slice::default(), year, Some(Withheld::Below)),
                (VILLAGE, Slice::default(), year, Some(Withheld::Below)),
                (COUNTY, Slice::of_unit("somebody"), so_far, Some(Withheld::OfUnit)),
            ] {
                let of = Place::of(code(place)).sliced(slice);
                let amount = read::value(&mut conn, &indicator, &of, span).await.expect("read");
                let why = withheld(&mut conn, &indicator, &of, (span, amount), 5).await.expect("measured");
                assert_eq!(why, expected, "{place} {span:?}: {amount}");
                assert!(why.is_none_or(|why| why.reason(5).zh().chars().count() > 10));
                let open = Catalogue::get().find(CASES).expect("an indicator");
                let why = withheld(&mut conn, open, &of, (span, amount), 5).await.expect("measured");
                assert_eq!(why, None, "what is not sealed is said however small");
            }
        }
    }
}
