//! A place at a glance: what stands there on a day and what was done in a period, compared part by part, every figure a
//! link to its records. Place, period and the figure looked at stand in the address.

mod compare;
mod done;
mod late;
mod period;
mod pictures;

use std::sync::Arc;

use askama::Template;
use axum::response::Response;
use base::{
    db::Conn,
    html::{Address, Chart, CompareRow, Link, Shell, State, Tile, Tone, filters},
    i18n::{Lang, Text},
    kernel::{CountyId, Day, DivisionCode, Level},
    text,
    web::AppResult,
};

pub(super) use compare::export;
pub(super) use late::show as show_late;

use super::{
    rules::{asked, figure_href, span_text},
    store,
};
use crate::{
    app::App,
    packs::{self, Pack},
    places::{self, Division},
    postings::{self, store::Batch, store::Coverage},
    spine::facts::{
        Catalogue, How, Indicator,
        read::{self, Place, Span},
        sums::{self, Grid},
    },
    web::Ctx,
};

/// Figures of the tiles, in their order.
const TILES: [&str; 7] = [
    "posting.cadre",
    "village.posted",
    "posting.first_secretary",
    "team.in_place",
    "posting.member",
    "branch.star5",
    "alumni.cadre",
];

/// State figures of the comparison, in the order of its columns.
const COMPARED: [&str; 4] = ["village.posted", "posting.cadre", "posting.first_secretary", "posting.member"];

#[derive(Template)]
#[template(path = "statistics/dashboard/dashboard.html")]
struct DashboardPage {
    shell: Shell,
    sub: Text,
    periods: Vec<Link>,
    form: period::Form,
    period: Text,
    tiles: Vec<Tile>,
    parts_title: Text,
    parts_xlsx: String,
    heads: Vec<Text>,
    rows: Vec<CompareRow>,
    category_heads: Vec<Text>,
    categories: Vec<CompareRow>,
    done: Vec<done::Card>,
    late_title: Text,
    late_heads: Vec<Text>,
    late: Vec<CompareRow>,
    parts_picture: Option<pictures::Picture>,
    trend: Chart,
    states: Vec<Chart>,
    compositions: Vec<Chart>,
    /// Where the compositions stand, if not here.
    composition: Option<String>,
}

#[derive(Template)]
#[template(path = "statistics/dashboard/composition.html")]
struct CompositionPage {
    shell: Shell,
    sub: Text,
    compositions: Vec<Chart>,
}

/// Who looks at which people: place, day, language.
struct Aspect {
    place: DivisionCode,
    /// Empty for today.
    day: String,
    lang: Lang,
}

impl Aspect {
    fn of(view: &View) -> Self {
        Self::on(view.place, view.span.to, view.today, view.lang)
    }

    fn on(place: DivisionCode, day: Day, today: Day, lang: Lang) -> Self {
        Self { place, day: if day == today { String::new() } else { day.to_string() }, lang }
    }
}

/// What a dashboard reads, once.
struct View {
    place: DivisionCode,
    span: Span,
    today: Day,
    lang: Lang,
    parts: Vec<Division>,
    /// States at the end of the period, and what the figure looked at comes to in it.
    grid: Grid,
    /// What the packs ask; absent for the nation.
    coverage: Option<Arc<Coverage>>,
    /// The figure of the trend and of the picture of the parts.
    figure: &'static Indicator,
    /// Batches of the county, the newest first.
    batches: Vec<Batch>,
    /// Whether divisions changed here, so that each figure is followed through its own predecessors.
    moved: bool,
}

impl View {
    async fn load(ctx: &Ctx, conn: &mut Conn) -> AppResult<Self> {
        let address = Address::parse(&ctx.address);
        let (place, span) = (ctx.place()?, asked(&address, ctx.today)?);
        let figure = period::figure(address.get("figure"))?;
        let coverage = coverage(&ctx.app, conn, place, span.to).await?;
        let parts = match place.level() {
            Level::Village => Vec::new(),
            Level::Nation | Level::Province | Level::City | Level::County | Level::Township => {
                places::store::children(conn, place).await?
            }
        };
        let batches = match place.level() {
            Level::Nation | Level::Province | Level::City => Vec::new(),
            Level::County | Level::Township | Level::Village => {
                let mut batches = postings::store::batches(conn, place.county()).await?;
                batches.sort_by_key(|batch| std::cmp::Reverse(batch.number));
                batches
            }
        };
        let moved = store::has_moved(conn, place.area()).await?;
        let (today, lang) = (ctx.today, ctx.prefs.lang);
        let mut view = Self { place, span, today, lang, parts, grid: Grid::new(), coverage, figure, batches, moved };
        let codes: Vec<DivisionCode> = view.parts.iter().map(|part| part.code).collect();
        view.grid = view.amounts(conn, &COMPARED, &codes, view.until()).await?;
        view.grid.extend(view.amounts(conn, &COMPARED, &[place], view.until()).await?);
        if !COMPARED.contains(&figure.code.as_str()) {
            view.grid.extend(view.amounts(conn, &[&figure.code], &codes, view.figure_span()).await?);
        }
        view.drop_empty_parts();
        Ok(view)
    }

    /// Sums or states of places; where divisions changed, each place follows its own.
    async fn amounts(&self, conn: &mut Conn, codes: &[&str], places: &[DivisionCode], span: Span) -> AppResult<Grid> {
        if !self.moved {
            return Ok(sums::amounts(conn, codes, places, span).await?);
        }
        let mut grid = Grid::new();
        for place in places {
            let whole = places::store::with_predecessors(conn, *place).await?;
            for indicator in codes.iter().filter_map(|code| Catalogue::get().find(code)) {
                let amount = read::value(conn, indicator, &whole, span).await?;
                grid.insert((indicator.code.clone(), *place), amount);
            }
        }
        Ok(grid)
    }

    /// From the beginning to the last day of the period, which is what states are asked for.
    fn until(&self) -> Span {
        Span { from: None, to: self.span.to }
    }

    /// The period of the figure looked at.
    fn figure_span(&self) -> Span {
        if matches!(self.figure.how, How::Sum) { self.span } else { self.until() }
    }

    /// Residents' communities that must have nobody and have nobody are no line of the table.
    fn drop_empty_parts(&mut self) {
        let (grid, required) = (&self.grid, &self.coverage);
        let asked = |code: DivisionCode| {
            required.as_ref().is_some_and(|c| c.required.iter().any(|row| code.contains(row.village)))
        };
        let holds = |code: DivisionCode| {
            let figures = COMPARED.iter().copied().chain([self.figure.code.as_str()]);
            figures.into_iter().any(|figure| grid.get(&(figure.to_owned(), code)) > Some(&0))
        };
        self.parts.retain(|part| asked(part.code) || holds(part.code));
    }

    fn amount(&self, code: &str, place: DivisionCode) -> i64 {
        self.grid.get(&(code.to_owned(), place)).copied().unwrap_or(0)
    }

    /// Where a state figure opens.
    fn href(&self, code: &str, place: DivisionCode) -> String {
        figure_href(code, place, self.until(), self.today)
    }

    /// Villages that must have somebody within a place, and those that lack somebody.
    fn asked_of(&self, place: DivisionCode) -> Option<(usize, usize)> {
        let coverage = self.coverage.as_ref()?;
        let mut rows = coverage.required.iter().filter(|row| place.contains(row.village));
        let (required, missing) =
            rows.by_ref().fold((0, 0), |(all, missing), row| (all + 1, missing + usize::from(!row.is_met())));
        Some((required, missing))
    }

    fn on_day(&self, path: &str, place: DivisionCode) -> String {
        let day = if self.span.to == self.today { String::new() } else { self.span.to.to_string() };
        Address::parse(path).with("place", &place.to_string()).with("on", &day).to_string()
    }
}

/// What the packs ask of the villages of a place; of the nation nobody asks on one page.
async fn coverage(app: &App, conn: &mut Conn, place: DivisionCode, day: Day) -> AppResult<Option<Arc<Coverage>>> {
    Ok(match place.level() {
        Level::Nation => None,
        Level::Province | Level::City => {
            let kept = match app.coverages.find(conn, place.area(), day).await? {
                Ok(coverage) => return Ok(Some(coverage)),
                Err(kept) => kept,
            };
            let names = packs::store::packs_within(conn, place).await?;
            let default = app.packs().get("default");
            let pack_of = |county: CountyId| -> Option<&Pack> {
                names.get(&county).and_then(|name| app.packs().get(name)).or(default)
            };
            let coverage = match kept.before() {
                Some((before, counties)) => {
                    let mut coverage = before.without(counties);
                    for county in counties {
                        let area = county.division().area();
                        coverage.add(postings::store::coverage_of_counties(conn, area, day, &pack_of).await?);
                    }
                    coverage
                }
                None => postings::store::coverage_of_counties(conn, place.area(), day, &pack_of).await?,
            };
            Some(app.coverages.keep(kept, coverage))
        }
        Level::County | Level::Township | Level::Village => {
            let pack = app.pack(conn, place.county()).await?;
            Some(Arc::new(postings::store::coverage(conn, place.area(), day, pack).await?))
        }
    })
}

pub(super) async fn show(ctx: Ctx) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let view = View::load(&ctx, &mut conn).await?;
    let name = places::store::find(&mut conn, view.place).await?.map(|division| division.short());
    let mut shell = ctx.shell(&mut conn, Text::data(name.unwrap_or_else(|| "全国".into())), Some(view.place)).await?;
    shell.charts = true;
    // Of a province it takes as long as all the rest: there it has a page of its own.
    let (compositions, composition) = match view.place.level() {
        Level::Nation | Level::Province | Level::City => {
            (Vec::new(), Some(address_of(&view, "/dashboard/composition")))
        }
        Level::County | Level::Township | Level::Village => {
            let groups = store::composition(&mut conn, view.place.area(), view.span.to).await?;
            (pictures::compositions(&Aspect::of(&view), &groups), None)
        }
    };
    let address = Address::parse(&ctx.address);
    let page = DashboardPage {
        shell,
        sub: heading(&view),
        periods: period::links(&address, &view),
        form: period::Form::new(&address, &view),
        period: span_text(view.span),
        tiles: tiles(&ctx.app, &mut conn, &view).await?,
        parts_title: compare::title(view.place),
        parts_xlsx: address.at("/dashboard/places.xlsx").to_string(),
        heads: compare::heads(&view),
        rows: compare::rows(&view),
        category_heads: vec![text!("村类别"), text!("应派村"), text!("已派村"), text!("缺口")],
        categories: compare::categories(&mut conn, &view).await?,
        done: done::cards(&ctx.app, &mut conn, &view).await?,
        late_title: text!("逾期未办的事"),
        late_heads: vec![text!("该谁办"), text!("件"), text!("最早应办")],
        late: late::rows(&mut conn, &view).await?,
        parts_picture: pictures::parts(&mut conn, &view).await?,
        trend: pictures::trend(&mut conn, &view).await?,
        states: pictures::states(&mut conn, &view).await?,
        compositions,
        composition,
    };
    Ok(ctx.page(&page))
}

fn address_of(view: &View, path: &str) -> String {
    let aspect = Aspect::of(view);
    Address::parse(path).with("place", &view.place.to_string()).with("to", &aspect.day).to_string()
}

/// Who the people on post are, for places too large to show it beside everything else.
pub(super) async fn show_composition(ctx: Ctx) -> AppResult<Response> {
    let (place, day) = (ctx.place()?, asked(&Address::parse(&ctx.address), ctx.today)?.to);
    let mut conn = ctx.read().await?;
    let groups = store::composition(&mut conn, place.area(), day).await?;
    let name = places::store::find(&mut conn, place).await?.map_or_else(|| "全国".into(), |division| division.short());
    let mut shell = ctx.shell(&mut conn, text!("人员构成"), Some(place)).await?;
    shell.charts = true;
    let page = CompositionPage {
        shell,
        sub: text!("{place} · {day}", place = name, day = span_text(Span { from: None, to: day })),
        compositions: pictures::compositions(&Aspect::on(place, day, ctx.today, ctx.prefs.lang), &groups),
    };
    Ok(ctx.page(&page))
}

/// The running batch, and the days that are shown.
fn heading(view: &View) -> Text {
    let shown = span_text(view.span);
    let running = view.batches.iter().find(|batch| batch.since <= view.span.to && view.span.to < batch.until);
    match running {
        Some(batch) => text!(
            "{batch}（{since} 至 {until}） · {shown}",
            batch = batch.name,
            since = batch.since,
            until = batch.until.plus_days(-1),
            shown = shown
        ),
        None => shown,
    }
}

/// A figure of the place looked at. Of many counties one that counts keys is kept until one of them writes.
async fn figure(
    app: &App,
    conn: &mut Conn,
    indicator: &'static Indicator,
    place: &Place,
    span: Span,
) -> AppResult<i64> {
    let adds_up = matches!(indicator.how, How::Sum | How::State);
    let whole = *place == Place { counties: place.counties.clone(), ..Place::of(place.code) };
    if adds_up || !whole || place.code.level() >= Level::County {
        return Ok(read::value(conn, indicator, place, span).await?);
    }
    match app.figures.find(conn, place.code.area(), (indicator.code.as_str(), span)).await? {
        Ok(kept) => Ok(*kept),
        Err(empty) => Ok(*app.figures.keep(empty, read::value(conn, indicator, place, span).await?)),
    }
}

async fn tiles(app: &App, conn: &mut Conn, view: &View) -> AppResult<Vec<Tile>> {
    let whole = places::store::with_predecessors(conn, view.place).await?;
    let mut tiles = Vec::new();
    for code in TILES {
        let Some(indicator) = Catalogue::get().find(code) else { continue };
        let mut tile = Tile {
            label: Text::key(indicator.name.as_str()),
            figure: figure(app, conn, indicator, &whole, view.until()).await?.to_string(),
            unit: Text::key(indicator.unit.as_str()),
            href: Some(view.href(code, view.place)),
            ..Tile::default()
        };
        if code == "village.posted"
            && let Some((required, missing)) = view.asked_of(view.place)
        {
            tile.label = text!("村已派 / 应派");
            tile.unit = text!("/ {n} 村", n = required);
            tile.state = Some(gap(missing));
        }
        tiles.push(tile);
    }
    Ok(tiles)
}

fn gap(missing: usize) -> State {
    if missing == 0 {
        State::new(Tone::Ok, text!("应派尽派"))
    } else {
        State::new(Tone::Stop, text!("{n} 村有缺口", n = missing))
    }
}

/// An amount as a cell says it: whole numbers without a point.
fn said(indicator: &Indicator, amount: i64) -> String {
    indicator.shown(amount).to_string()
}

#[expect(clippy::cast_precision_loss, reason = "counts of people and villages lie far below 2^53")]
fn small(count: i64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        accounts::Actor,
        flows,
        places::VillageCategory,
        testing::{CITY, MIGRATIONS, OTHER_VILLAGE, code, databases, today, world},
    };

    #[tokio::test]
    async fn the_coverage_of_a_city_follows_what_one_county_writes() {
        const ELSEWHERE: &str = "411328101201";
        for db in databases(&MIGRATIONS).await {
            let app = world(&db).await;
            super::super::tests::seed(&app).await;
            let actor = Actor::command_line(app.clock);
            let write = async |village: &str, category: VillageCategory| {
                let mut tx = app.db.begin().await.expect("a write");
                let since = today().plus_days(-30);
                places::store::set_category(&mut tx, code(village), category, since, None).await.expect("set");
                let pack = app.packs().get("default").expect("a pack");
                flows::choose_pack(&mut tx, code(village).county(), pack, &actor).await.expect("chosen");
                tx.commit().await.expect("written");
            };
            let covered = async |place: &str| {
                let mut conn = app.db.read().await.expect("a connection");
                let found = coverage(&app, &mut conn, code(place), today()).await.expect("read").expect("coverage");
                let pack = app.packs().get("default");
                let pack_of = |_| pack;
                let area = code(place).area();
                let afresh = postings::store::coverage_of_counties(&mut conn, area, today(), &pack_of).await;
                assert_eq!(*found, afresh.expect("read"), "{place}: as worked out afresh");
                found.required.iter().map(|row| row.village).collect::<Vec<_>>()
            };
            write(ELSEWHERE, VillageCategory::WeakBranch).await;
            let before = covered(CITY).await;
            assert!(before.contains(&code(ELSEWHERE)) && !before.contains(&code(OTHER_VILLAGE)));
            write(OTHER_VILLAGE, VillageCategory::OutOfPoverty).await;
            let after = covered(CITY).await;
            assert_eq!(after.len(), before.len() + 1);
            assert!(after.contains(&code(OTHER_VILLAGE)) && after.is_sorted());
            write(OTHER_VILLAGE, VillageCategory::Ordinary).await;
            assert!(!covered(CITY).await.contains(&code(OTHER_VILLAGE)), "what a county no longer has is gone");
        }
    }
}
