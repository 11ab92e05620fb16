//! A handover's page: where it stands, the three lists with what each party says, and what the viewer may do now.

use std::collections::HashMap;

use askama::Template;
use axum::{extract::Path, response::Response};
use base::{
    db::Conn,
    html::{
        Act, Address, Choice, Event, Fact, Form, Link, Pager, Pages, Shell, State as Shown, Step, StepState, Tone,
        filters,
    },
    i18n::Text,
    kernel::Day,
    text,
    web::{AppError, AppResult},
};

use super::{acting, load};
use crate::{
    accounts::Permission,
    flows,
    handover::{
        acts,
        book::{Book, count_side_days, kind_zh},
        paper::paper,
        rules::{Answer, ByHand, Hand, List, Parties, Party, Reason, State},
        store::{self, AnswerRow, HandoverRow, LineRow},
    },
    places,
    web::Ctx,
};

/// Lines of a list on one page.
const PAGE: usize = 100;

#[derive(Template)]
#[template(path = "handover/handover.html")]
struct RecordPage {
    shell: Shell,
    sub: Text,
    address: String,
    acts: Vec<Act>,
    steps: Vec<Step>,
    form: Form,
    mine: Option<Mine>,
    /// The parties the viewer may act for, where there are several.
    as_whom: Vec<Link>,
    lists: Vec<ShownList>,
    pager: Pager,
    kinds: Vec<Choice>,
    may_write: bool,
    parties: Vec<ShownParty>,
    facts: Vec<Fact>,
    visits: Vec<store::VisitRow>,
    events: Vec<Event>,
}

/// What the viewer may do as one of the parties.
struct Mine {
    party: &'static str,
    say: Text,
    button: Text,
}

struct ShownList {
    title: &'static str,
    total: usize,
    lines: Vec<Line>,
    empty: Text,
}

struct Line {
    id: String,
    kind: Text,
    title: String,
    link: Option<String>,
    note: String,
    due: String,
    amount: String,
    says: Vec<(Text, Shown)>,
    objections: Vec<Text>,
    may_confirm: bool,
    may_remove: bool,
    /// The words of an objection that was just refused.
    typed: String,
}

struct ShownParty {
    name: Text,
    state: Shown,
    note: Text,
}

#[derive(Template)]
#[template(path = "handover/book.html")]
struct BookPage {
    shell: Shell,
    book: Book,
    back: String,
    paper: Text,
}

pub async fn show(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let row = load(&ctx, &mut conn, &county, &id).await?;
    Ok(ctx.page(&page(&ctx, &mut conn, &row, Form::default()).await?))
}

/// The record again, with what was typed and what is wrong with it.
pub(super) async fn refused(ctx: &Ctx, row: &HandoverRow, form: Form) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    Ok(ctx.refused(&page(ctx, &mut conn, row, form).await?))
}

pub async fn book(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let row = load(&ctx, &mut conn, &county, &id).await?;
    let book = Book::read(&mut conn, &row, ctx.today).await?;
    let title = text!("{village}交接簿", village = book.village);
    let shell = ctx.shell(&mut conn, title, Some(row.village)).await?;
    Ok(ctx.page(&BookPage { shell, book, back: row.address(), paper: text!("由乡镇代录，纸质签字存档") }))
}

pub async fn pdf(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let row = load(&ctx, &mut conn, &county, &id).await?;
    let book = Book::read(&mut conn, &row, ctx.today).await?;
    drop(conn);
    let name = format!("交接簿-{}-{}-{}.pdf", book.village, book.old, ctx.today);
    let work = move || paper(&[book]);
    let (bytes, _) = tokio::task::spawn_blocking(work).await.map_err(|error| AppError::Internal(error.into()))??;
    Ok(Ctx::download(&name, "application/pdf", bytes))
}

async fn page(ctx: &Ctx, conn: &mut Conn, row: &HandoverRow, form: Form) -> AppResult<RecordPage> {
    let state = acts::state_of(row)?;
    let (county, id) = (row.county_id, row.id.as_str());
    let known = acts::parties(conn, row, ctx.today).await?;
    let confirmed = store::parties(conn, county, id).await?;
    let answers = store::answers(conn, county, id).await?;
    let lines = store::lines(conn, county, id, None).await?;
    let may_write = state.is_open() && ctx.may(Permission::HandoversSign);
    let hands = if may_write { hands(ctx, row, &known)? } else { Vec::new() };
    let address = Address::parse(&ctx.address);
    let chosen = chosen(&address, &form, &hands, &confirmed);
    let is_signed = |party: Party| confirmed.iter().any(|p| p.party() == Some(party) && p.confirmed_at.is_some());
    let signs = chosen.filter(|(party, _)| matches!(state, State::UnderWay { .. }) && !is_signed(*party));
    let pages = Pages::sized(&address, PAGE);
    let lists = List::ALL.map(|list| {
        let of_list: Vec<&LineRow> = lines.iter().filter(|line| line.list == list.code()).collect();
        let (skip, most) = if list == List::Open { (pages.before(), PAGE) } else { (0, usize::MAX) };
        let shown = of_list
            .iter()
            .skip(skip)
            .take(most)
            .map(|line| shown_line(line, &answers, signs.map(|(party, _)| party), may_write, &form));
        ShownList { title: list.zh(), total: of_list.len(), lines: shown.collect(), empty: empty(list) }
    });
    let pager = pages.pager(&Address::parse(&row.address()), lists[0].total);
    let count = store::counts(conn, county, id).await?;
    let mine = signs.map(|(party, hand)| mine(party, hand, count.lacks(party), row));
    let village = places::store::find(conn, row.village).await?.map(|one| one.short()).unwrap_or_default();
    let township = places::store::find(conn, row.village.parent()).await?.map(|one| one.short()).unwrap_or_default();
    let role = Text::key(flows::role_zh(&row.role));
    Ok(RecordPage {
        shell: ctx.shell(conn, text!("{name} 的交接", name = row.old_name), Some(row.village)).await?,
        sub: text!("{township} {village} {role}", township = township, village = village, role = role),
        address: row.address(),
        acts: acts_now(ctx, row, state)?,
        steps: steps(row, state),
        as_whom: as_whom(row, &hands, chosen),
        mine,
        lists: lists.into(),
        pager,
        kinds: ByHand::ALL.map(|kind| Choice::new(kind.code(), Text::key(kind.zh()))).into(),
        may_write,
        parties: Party::ALL.map(|party| shown_party(row, party, &confirmed, &known)).into(),
        facts: facts(conn, row, ctx.today).await?,
        visits: store::visits(conn, county, id).await?,
        events: store::events(conn, county, id).await?.into_iter().map(shown_event).collect(),
        form,
    })
}

/// The parties the viewer may act for, and how.
fn hands(ctx: &Ctx, row: &HandoverRow, known: &Parties) -> AppResult<Vec<(Party, Hand)>> {
    let acting = acting(ctx, row)?;
    Ok(Party::ALL.into_iter().filter_map(|party| Some((party, known.hand(party, &acting).ok()?))).collect())
}

/// The party the page is for: as asked, otherwise the first that has not confirmed.
fn chosen(
    address: &Address,
    form: &Form,
    hands: &[(Party, Hand)],
    confirmed: &[store::PartyRow],
) -> Option<(Party, Hand)> {
    let asked = Party::parse(address.get("as")).or_else(|| Party::parse(form.value("party")));
    let waits = |party: Party| confirmed.iter().any(|one| one.party() == Some(party) && one.confirmed_at.is_none());
    let by_asking = hands.iter().find(|(party, _)| Some(*party) == asked);
    by_asking.or_else(|| hands.iter().find(|(party, _)| waits(*party))).or(hands.first()).copied()
}

fn as_whom(row: &HandoverRow, hands: &[(Party, Hand)], chosen: Option<(Party, Hand)>) -> Vec<Link> {
    if hands.len() < 2 {
        return Vec::new();
    }
    let link = |(party, _): &(Party, Hand)| {
        let label = text!("代录：{party}", party = Text::key(party.zh()));
        let on = chosen.is_some_and(|(now, _)| now == *party);
        Link { on, ..Link::new(label, format!("{}?as={}", row.address(), party.code())) }
    };
    hands.iter().map(link).collect()
}

fn mine(party: Party, hand: Hand, left: i64, row: &HandoverRow) -> Mine {
    let who = Text::key(party.zh());
    let say = match (hand, party, &row.new_name) {
        (Hand::Own, ..) => text!("您是{party}。逐项看过，没有出入的确认，有出入的写明异议。", party = who),
        (Hand::Paper, Party::New, None) => text!("还没有接任的人，由乡镇代管、代录，纸质签字存档。"),
        (Hand::Paper, ..) => text!("{party}没有账号，由乡镇按纸质签字代录，纸质签字存档。", party = who),
    };
    let button = match left {
        0 => text!("签认整份清单"),
        n => text!("其余 {n} 项都确认，签认整份清单", n = n),
    };
    Mine { party: party.code(), say, button }
}

fn shown_line(
    line: &LineRow,
    answers: &HashMap<(String, Party), AnswerRow>,
    mine: Option<Party>,
    may_write: bool,
    form: &Form,
) -> Line {
    let of = |party: Party| answers.get(&(line.id.clone(), party));
    let says = Party::ALL.map(|party| (Text::key(party.zh()), said(of(party))));
    let objections = Party::ALL.into_iter().filter_map(|party| match of(party)?.answer()? {
        Answer::Objected { words } => Some(text!("{party}异议：{words}", party = Text::key(party.zh()), words = words)),
        Answer::Confirmed => None,
    });
    let confirmed = mine.and_then(of).and_then(AnswerRow::answer) == Some(Answer::Confirmed);
    let by_hand = ByHand::parse(&line.kind).is_some();
    Line {
        kind: Text::key(kind_zh(&line.kind)),
        title: line.title.clone(),
        link: line.link.clone(),
        note: line.note.clone().unwrap_or_default(),
        due: line.due.map(|day| day.to_string()).unwrap_or_default(),
        amount: line.amount.map(|fen| fen.to_string()).unwrap_or_default(),
        says: says.into(),
        objections: objections.collect(),
        may_confirm: mine.is_some() && !confirmed,
        may_remove: may_write && by_hand,
        typed: if form.value("line") == line.id { form.value("words").to_owned() } else { String::new() },
        id: line.id.clone(),
    }
}

fn said(row: Option<&AnswerRow>) -> Shown {
    match row.and_then(AnswerRow::answer) {
        Some(Answer::Confirmed) if row.is_some_and(|row| row.on_paper == 1) => Shown::new(Tone::Ok, text!("代录确认")),
        Some(Answer::Confirmed) => Shown::new(Tone::Ok, text!("已确认")),
        Some(Answer::Objected { .. }) => Shown::new(Tone::Late, text!("异议")),
        None => Shown::new(Tone::Idle, text!("待确认")),
    }
}

fn shown_party(row: &HandoverRow, party: Party, confirmed: &[store::PartyRow], known: &Parties) -> ShownParty {
    let name = match party {
        Party::Old => text!("原任 {name}", name = row.old_name),
        Party::New => match &row.new_name {
            Some(name) => text!("接任 {name}", name = name),
            None => text!("接任（未定）"),
        },
        Party::Branch => text!("村党支部"),
    };
    let of = confirmed.iter().find(|one| one.party() == Some(party));
    let signed = of.and_then(|one| Some((one.confirmed_at?, one.actor.clone().unwrap_or_default(), one.on_paper == 1)));
    let (state, note) = match signed {
        Some((at, actor, paper)) => {
            let who = text!("{actor} {when}", actor = actor, when = at.local_minute());
            let note = if paper { text!("{who}；由乡镇代录，纸质签字存档", who = who) } else { who };
            (Shown::new(Tone::Ok, text!("已签认")), note)
        }
        None if known.can_sign_in(party) => (Shown::new(Tone::Wait, text!("待签认")), Text::default()),
        None => (Shown::new(Tone::Wait, text!("待签认")), text!("没有账号，由乡镇代录")),
    };
    ShownParty { name, state, note }
}

fn empty(list: List) -> Text {
    match list {
        List::Open => text!("没有未了的待办。有系统之外没办完的事，在下面补一条。"),
        List::Things => text!("还没有写。借用的钥匙、印章、设备、书籍和没用完的经费写在这里。"),
        List::Advice => text!("还没有写。好的做法、要留意的人和事，写给接任的人。"),
    }
}

/// What the office may do now, and the book for everybody.
fn acts_now(ctx: &Ctx, row: &HandoverRow, state: State) -> AppResult<Vec<Act>> {
    let root = row.address();
    let mut acts = vec![Act::new(text!("交接簿"), format!("{root}/book")).icon("print")];
    if !state.is_open() || !ctx.viewer()?.scope(Permission::HandoversWrite).holds(row.village) {
        return Ok(acts);
    }
    acts.push(Act::new(text!("取消交接"), format!("{root}/cancellation")).danger());
    acts.push(Act::new(text!("调整计划"), format!("{root}/plan")));
    match state {
        State::Prepared => acts.push(Act::new(text!("启动交接"), format!("{root}/start")).post().primary()),
        State::Confirmed { .. } => acts.push(Act::new(text!("办结交接"), format!("{root}/completion")).primary()),
        State::UnderWay { .. } | State::Completed { .. } | State::Cancelled { .. } => {}
    }
    Ok(acts)
}

fn steps(row: &HandoverRow, state: State) -> Vec<Step> {
    let line = ["prepared", "under_way", "confirmed", "completed"];
    let now = line.iter().position(|code| *code == state.code());
    let words = [text!("准备"), text!("共同驻村"), text!("三方确认"), text!("办结")];
    let note = |at: usize| match (at, state.since(), state) {
        (0, _, State::Cancelled { on }) => text!("{day} 取消", day = on),
        (1, Some(since), _) => text!("{day} 起", day = since),
        (3, _, State::Completed { on, .. }) => Text::data(on.to_string()),
        (3, _, _) => text!("计划 {day}", day = row.leaves_on),
        _ => Text::default(),
    };
    let step = |(at, label): (usize, Text)| Step {
        label,
        note: note(at),
        state: match now {
            Some(now) if at < now || now == 3 => StepState::Done,
            Some(now) if at == now => StepState::Now,
            _ => StepState::Ahead,
        },
    };
    words.into_iter().enumerate().map(step).collect()
}

async fn facts(conn: &mut Conn, row: &HandoverRow, today: Day) -> AppResult<Vec<Fact>> {
    let side = count_side_days(conn, row, today).await?;
    let person = |county, id: &str| format!("/people/{county}/{id}");
    let old =
        Fact::new(text!("原任"), Text::data(&row.old_name)).link(person(row.old_person_county, &row.old_person_id));
    let new = match row.new_person().zip(row.new_name.as_ref()) {
        Some(((county, id), name)) => Fact::new(text!("接任"), Text::data(name)).link(person(county, &id)),
        None => Fact::new(text!("接任"), text!("未定")),
    };
    let days = |n: i64| text!("{n} 天", n = n);
    Ok(vec![
        old.clone(),
        new,
        Fact::new(text!("派驻"), text!("{day} 到岗", day = row.old_since))
            .link(format!("/postings/{}/{}", row.county_id, row.posting_id)),
        Fact::new(text!("计划离任"), Text::data(row.leaves_on.to_string())),
        Fact::new(text!("离任原因"), Text::key(row.reason().map_or("", Reason::zh))),
        Fact::new(text!("共同驻村计划"), days(side.planned)).link("/packs"),
        Fact::new(text!("已过"), days(side.elapsed)),
        Fact::new(text!("其中两人都在岗"), days(side.both_on_post)),
    ])
}

fn shown_event(event: store::EventRow) -> Event {
    let (tone, what) = match event.what.as_str() {
        "announced" => (Tone::Wait, text!("宣布离任，准备交接")),
        "term_nears" => (Tone::Wait, text!("批次将到期，自动准备交接")),
        "started" => (Tone::Ok, text!("启动，开始共同驻村")),
        "planned" => (Tone::Wait, text!("调整计划")),
        "line_added" => (Tone::Wait, text!("清单加一项，已签认的重新签认")),
        "line_removed" => (Tone::Wait, text!("清单删一项，已签认的重新签认")),
        "refreshed" => (Tone::Wait, text!("清单按现在的未了事项更新")),
        "objected" => (Tone::Late, text!("提出异议")),
        "settled" => (Tone::Ok, text!("异议已说清")),
        "confirmed_old" => (Tone::Ok, text!("原任签认清单")),
        "confirmed_new" => (Tone::Ok, text!("接任签认清单")),
        "confirmed_branch" => (Tone::Ok, text!("村党支部签认清单")),
        "completed" => (Tone::Ok, text!("办结")),
        "cancelled" => (Tone::Stop, text!("取消")),
        _ => (Tone::Wait, text!("未知")),
    };
    Event {
        tone,
        who: Text::data(event.actor),
        what: text!("{what}，{day}", what = what, day = event.day),
        when: event.at.local_minute(),
        note: event.note.map(Text::data).unwrap_or_default(),
        href: None,
    }
}
