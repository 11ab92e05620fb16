//! What stands on paper, gathered from the records as they are now.

use std::collections::{BTreeMap, BTreeSet};

use base::{
    db::Conn,
    kernel::{Day, DivisionCode, Level},
    text,
    web::{AppError, AppResult, Refusal},
};
use print::{Board, Card, Column, Letter, Party as BoardParty, Picture, Roster, Side, Table};

use super::{Kind, Order};
use crate::{
    accounts::Scope,
    app::App,
    households,
    people::portraits::Face,
    places,
    postings::{
        boards::{self, Party},
        cards::{self, Holder, address},
        store::{self as postings, Filter, ListRow, Sort},
    },
};

/// More rows than any province has.
const ALL: i64 = 500_000;

/// Data of one run, ready for the press.
pub enum Paper {
    Cards { title: String, issuer: String, items: Vec<Card>, villages: Vec<(DivisionCode, Holder)>, vacant: usize },
    Boards { title: String, issuer: String, as_of: String, items: Vec<Board>, blanks: usize },
    Letters { title: String, items: Vec<Letter> },
    Roster(Roster),
}

/// Reads what an order prints. Nothing to print is a refusal that says what to do.
pub async fn gather(conn: &mut Conn, app: &App, order: Order, today: Day) -> AppResult<Paper> {
    let names = Names::read(conn, order.place).await?;
    match order.kind {
        Kind::Cards => of_cards(conn, app, order, &names).await,
        Kind::Boards => of_boards(conn, app, order, &names, today).await,
        Kind::Letters => of_letters(conn, order, &names, today).await,
        Kind::Roster => of_roster(conn, order, &names, today).await,
    }
}

/// What divisions are called.
struct Names(BTreeMap<DivisionCode, String>);

impl Names {
    async fn read(conn: &mut Conn, place: DivisionCode) -> AppResult<Self> {
        let mut all = places::store::list(conn, place.area()).await?;
        all.extend(places::store::path(conn, place).await?);
        Ok(Self(all.into_iter().map(|division| (division.code, division.short())).collect()))
    }

    fn get(&self, code: DivisionCode) -> String {
        self.0.get(&code).cloned().unwrap_or_default()
    }

    fn township(&self, village: DivisionCode) -> String {
        self.get(village.at(Level::Township))
    }

    fn county(&self, code: DivisionCode) -> String {
        self.get(code.at(Level::County))
    }
}

/// A portrait, read when its page is set.
fn picture(app: &App, face: Option<&Face>) -> Option<Picture> {
    face.map(|face| Picture::later(app.files.later(&face.content_hash)))
}

fn nothing(say: base::i18n::Text) -> AppError {
    Refusal::at("kind", say).into()
}

async fn of_cards(conn: &mut Conn, app: &App, order: Order, names: &Names) -> AppResult<Paper> {
    let area = order.place.area();
    let holders = cards::store::holders(conn, area).await?;
    let known = cards::store::cards(conn, area).await?;
    let targets = households::store::targets(conn, area).await?;
    let (mut items, mut villages) = (Vec::new(), Vec::new());
    for (village, count) in &targets {
        let (Some(holder), Some(card)) = (holders.get(village), known.get(village)) else { continue };
        let state = cards::Print::of(Some(holder), card.printed.as_deref());
        if order.changed_only && !state.is_due() {
            continue;
        }
        let one = Card {
            village: format!("{}{}", names.township(*village), names.get(*village)),
            name: holder.name.clone(),
            role: holder.role.clone(),
            unit: holder.unit.clone().unwrap_or_default(),
            phone: holder.phone.clone().unwrap_or_default(),
            note: "家里有难事、急事，打电话或扫码".into(),
            url: address(app.base_url.as_deref(), &card.token),
            portrait: picture(app, holder.portrait.as_ref()),
        };
        items.extend(std::iter::repeat_n(one, usize::try_from(*count).unwrap_or(0)));
        villages.push((*village, holder.clone()));
    }
    if items.is_empty() {
        return Err(nothing(text!("没有要印的联心卡：没有应发户、无人在岗，或都印过了。")));
    }
    let vacant = targets.keys().filter(|village| !holders.contains_key(village)).count();
    let issuer = names.county(order.place);
    Ok(Paper::Cards { title: "便民联心卡".into(), issuer, items, villages, vacant })
}

async fn of_boards(conn: &mut Conn, app: &App, order: Order, names: &Names, today: Day) -> AppResult<Paper> {
    let area = order.place.area();
    let known = boards::store::boards(conn, area, today).await?;
    let tokens = cards::store::cards(conn, area).await?;
    let posted: BTreeSet<DivisionCode> = cards::store::holders(conn, area).await?.into_keys().collect();
    let villages: BTreeSet<DivisionCode> = posted.into_iter().chain(known.keys().copied()).collect();
    let mut blanks = 0;
    let mut items = Vec::new();
    for village in villages {
        let board = known.get(&village);
        let party = |party: &Party| {
            let named = board.and_then(|board| board.get(party));
            let said = |of: fn(&boards::Named) -> Option<String>| named.and_then(of).unwrap_or_default();
            BoardParty {
                label: party.zh().to_owned(),
                name: said(|named| Some(named.name.clone())),
                post: said(|named| named.post.clone()),
                phone: said(|named| named.phone.clone()),
                portrait: picture(app, named.and_then(|named| named.portrait.as_ref())),
            }
        };
        let parties: Vec<BoardParty> = Party::ALL.iter().map(party).collect();
        blanks += usize::from(parties.iter().any(|party| party.name.is_empty()));
        items.push(Board {
            village: names.get(village),
            place: format!("{}{}", names.county(village), names.township(village)),
            parties,
            url: tokens.get(&village).map(|card| address(app.base_url.as_deref(), &card.token)).unwrap_or_default(),
        });
    }
    if items.is_empty() {
        return Err(nothing(text!("没有要印的身份牌：这里还没有派驻的村。")));
    }
    let issuer = names.county(order.place);
    Ok(Paper::Boards { title: "五方责任身份牌".into(), issuer, as_of: today.written(), items, blanks })
}

/// Everybody of a place who is on post or approved to come.
async fn posted(conn: &mut Conn, order: Order, states: &[&str]) -> AppResult<Vec<ListRow>> {
    let mut rows = Vec::new();
    for state in states {
        let filter = Filter { state: Some((*state).to_owned()), ..Filter::default() };
        rows.extend(postings::list(conn, &Scope::of(order.place), &filter, Sort::Village, ALL, 0).await?);
    }
    rows.retain(|row| order.batch.is_none_or(|batch| row.batch_number == Some(batch)));
    Ok(rows)
}

async fn of_letters(conn: &mut Conn, order: Order, names: &Names, today: Day) -> AppResult<Paper> {
    let county = names.county(order.place);
    let items: Vec<Letter> = posted(conn, order, &["on_post", "approved"])
        .await?
        .into_iter()
        .map(|row| {
            let role = row.role().map_or("", crate::postings::PostRole::zh);
            let unit = row.unit_name.clone().unwrap_or_default();
            let (township, village) = (names.township(row.village), names.get(row.village));
            Letter {
                title: format!("关于选派{}同志驻村任职的通知", row.person_name),
                number: None,
                salutation: format!("{township}党委、{village}党支部"),
                paragraphs: vec![
                    format!(
                        "经研究，选派{unit}{}同志到{township}{village}任驻村{role}，自{}起任职。",
                        row.person_name,
                        row.since.written()
                    ),
                    "请做好交接和工作安排，支持其履行建强村党组织、推进强村富民、提升治理水平、为民办事服务的职责。"
                        .into(),
                ],
                enclosures: Vec::new(),
                signers: vec![format!("中共{county}委组织部")],
                date: today.written(),
            }
        })
        .collect();
    if items.is_empty() {
        return Err(nothing(text!("没有要印的通知：这里没有在岗或已批准的人。")));
    }
    Ok(Paper::Letters { title: "选派通知".into(), items })
}

async fn of_roster(conn: &mut Conn, order: Order, names: &Names, today: Day) -> AppResult<Paper> {
    let columns = [
        ("乡镇", 1.3),
        ("派驻村", 1.3),
        ("姓名", 1.0),
        ("驻村职务", 1.2),
        ("派出单位", 2.2),
        ("现任职务", 1.8),
        ("联系电话", 1.5),
        ("到村时间", 1.3),
    ];
    let columns = columns.map(|(head, share)| Column::new(head, share, Side::Left)).into();
    // Of a batch those who are still to come are listed too.
    let states: &[&str] = if order.batch.is_some() { &["on_post", "approved"] } else { &["on_post"] };
    let rows: Vec<Vec<String>> = posted(conn, order, states)
        .await?
        .into_iter()
        .map(|row| {
            vec![
                names.township(row.village),
                names.get(row.village),
                row.person_name.clone(),
                row.role().map_or("", crate::postings::PostRole::zh).to_owned(),
                row.unit_name.clone().unwrap_or_default(),
                row.position.clone().unwrap_or_default(),
                row.phone.clone().unwrap_or_default(),
                row.since.to_string(),
            ]
        })
        .collect();
    if rows.is_empty() {
        return Err(nothing(text!("没有要印的花名册：这里现在没有人在岗。")));
    }
    let place = names.get(order.place);
    Ok(Paper::Roster(Roster {
        title: format!("{place}驻村干部花名册"),
        keeper: format!("{}驻村工作领导小组办公室", names.county(order.place)),
        as_of: format!("截至 {}", today.written()),
        table: Table { columns, rows },
    }))
}
