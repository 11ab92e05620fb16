//! Papers of a place: a briefing that is signed and one in draft; for 社旗 two forms of a higher office with their ties,
//! so that its office can fill them at once.

use base::{
    db::Tx,
    kernel::{Day, DivisionCode},
    web::AppError,
};

use super::{
    Place,
    world::{AccountRole, Scope, World},
};
use crate::{
    accounts::Actor,
    app::App,
    briefings::{self, templates},
    forms::{self, Field, FigureTie, Spot, Tie, Time, Whose, Word},
    spine::facts::read::Span,
};

const MONTHLY: &[u8] = include_bytes!("../../data/forms/驻村工作月报表.xlsx");
const SUPPORT: &[u8] = include_bytes!("../../data/forms/帮扶情况统计表.docx");
/// The townships of the monthly form stand in these rows.
const ROWS: (usize, usize) = (5, 20);

pub(super) async fn load(tx: &mut Tx, app: &App, place: Place, world: &World) -> Result<(), AppError> {
    // Of several counties of a city each has its own world; papers belong to the place as a whole.
    let Some(county) = world.villages.first().map(|village| village.code.county().division()) else { return Ok(()) };
    let is_office = |(role, _): &(AccountRole, Scope)| *role == AccountRole::Office;
    let office = world.accounts.iter().find(|account| account.roles.iter().any(is_office));
    let name = office.map_or("驻村办", |account| account.name.as_str()).to_owned();
    let actor = Actor { account_id: "demo".into(), name, at: app.clock.now(), today: world.today };
    briefing(tx, place, county, &actor).await?;
    if place == Place::Sheqi {
        forms::adopt(tx, app, (county, "驻村工作月报表", MONTHLY.to_vec()), &monthly_ties(), &actor).await?;
        forms::adopt(tx, app, (county, "帮扶情况统计表", SUPPORT.to_vec()), &support_ties(), &actor).await?;
    }
    Ok(())
}

async fn briefing(tx: &mut Tx, place: Place, county: DivisionCode, actor: &Actor) -> Result<(), AppError> {
    let today = actor.today;
    let last_year = Day::new(today.year() - 1, 1, 1).zip(Day::new(today.year() - 1, 12, 31));
    if let (Some(template), Some((from, to))) = (templates::find("matters"), last_year) {
        let span = Span { from: Some(from), to };
        briefings::made_and_signed(tx, template, (county, span), actor).await?;
    }
    if let Some(template) = templates::usual(place.name()) {
        briefings::made(tx, template, (county, Span { from: None, to: today }), actor).await?;
    }
    Ok(())
}

fn cell(sheet: usize, place: &str) -> Option<Spot> {
    Spot::parse(&format!("s{sheet}!{place}"))
}

fn figure(indicator: &str, unit: &str, time: Time, whose: Whose) -> Tie {
    Tie::Figure(FigureTie { indicator: indicator.into(), unit: unit.into(), time, whose })
}

type Tied = (Spot, Option<usize>, Tie);

fn monthly_ties() -> Vec<Tied> {
    let columns = [
        ("C", "posting.first_secretary", Time::Period),
        ("D", "posting.member", Time::Period),
        ("E", "team.in_place", Time::Period),
        ("F", "matter.solved", Time::Period),
        ("G", "matter.solved", Time::Ever),
        ("H", "gain.fund", Time::Year),
        ("I", "gain.coop", Time::Year),
    ];
    let column = |(letter, indicator, time): (&str, &str, Time)| {
        let spot = cell(1, &format!("{letter}{}", ROWS.0))?;
        Some((spot, Some(ROWS.1), figure(indicator, "", time, Whose::Row)))
    };
    let word = |place: &str, word: Word| Some((cell(1, place)?, None, Tie::Word { word }));
    let fields = [
        Field::Number,
        Field::Township,
        Field::Village,
        Field::Name,
        Field::Gender,
        Field::Birth,
        Field::Unit,
        Field::Since,
        Field::Phone,
    ];
    let listed = fields.into_iter().zip("ABCDEFGHI".chars()).filter_map(|(field, letter)| {
        let tie = Tie::Roster { field, role: Some("first_secretary".into()) };
        Some((cell(2, &format!("{letter}3"))?, None, tie))
    });
    let words = [word("C2", Word::Place), word("G2", Word::Period), word("C22", Word::Today)];
    columns.into_iter().filter_map(column).chain(words.into_iter().flatten()).chain(listed).collect()
}

fn support_ties() -> Vec<Tied> {
    let rows = [
        ("gain.fund", ""),
        ("gain.project", ""),
        ("gain.coop", ""),
        ("gain.produce_sold", "吨"),
        ("gain.job", ""),
        ("gain.house", ""),
        ("gain.well", ""),
        ("gain.lamp", ""),
    ];
    let mut ties = Vec::new();
    for (at, (indicator, unit)) in rows.into_iter().enumerate() {
        for (cell, time) in [(4, Time::Period), (5, Time::Ever)] {
            let spot = Spot::Table { table: 1, row: at + 2, cell };
            ties.push((spot, None, figure(indicator, unit, time, Whose::Here)));
        }
    }
    let mark = |name: &str| Spot::Mark(name.into());
    ties.push((mark("填报单位"), None, Tie::Word { word: Word::Place }));
    ties.push((mark("时间"), None, Tie::Word { word: Word::Period }));
    for (name, indicator) in
        [("第一书记", "posting.first_secretary"), ("工作队", "team.in_place"), ("队员", "posting.member")]
    {
        ties.push((mark(name), None, figure(indicator, "", Time::Period, Whose::Here)));
    }
    ties
}
