//! The form of an entry: what it offers, what it asks back.

use askama::Template;
use base::{
    db::Conn,
    html::{Choice, Form, Shell, filters},
    i18n::Text,
    kernel::Day,
    text,
    web::AppResult,
};

use super::{
    super::{Duty, Near, Outcome},
    desk::Desk,
    read::{self, MOST_ROWS, field},
};
use crate::{log::menu, web::Ctx};

#[derive(Template)]
#[template(path = "log/entries/form.html")]
pub struct FormPage {
    shell: Shell,
    form: Form,
    action: String,
    back: String,
    /// An entry that exists: what it is, why it changes and what is known are asked too.
    editing: bool,
    ask_why: bool,
    /// The writer alone sees the private note.
    own_note: bool,
    villages: Vec<Choice>,
    people: Vec<Choice>,
    duties: Vec<Choice>,
    menu: Vec<Choice>,
    rows: Vec<RowFields>,
    /// Outcomes or the rarer fields stand open because something is in them.
    more_open: bool,
    outcomes_open: bool,
    /// Pictures that came with a form that was refused.
    kept: Vec<String>,
    /// Pictures of the entry that may be taken out.
    pictures: Vec<(String, String)>,
    today: Day,
    most_words: usize,
    most_note: usize,
}

/// The names of one row's fields, and what is asked about it.
pub struct RowFields {
    kind: String,
    amount: String,
    what: String,
    evidence: String,
    sure: String,
    same: String,
    id: String,
    doubt: bool,
    near: Vec<Choice>,
}

/// What a form page needs besides its fields.
pub struct Frame<'a> {
    pub title: Text,
    pub action: String,
    pub back: String,
    pub editing: bool,
    pub ask_why: bool,
    pub own_note: bool,
    pub desk: &'a Desk,
    pub pictures: Vec<(String, String)>,
    pub kept: Vec<String>,
}

/// The page of a form with what was typed, what is wrong and what may be recorded already.
pub async fn page(
    ctx: &Ctx,
    conn: &mut Conn,
    frame: Frame<'_>,
    form: Form,
    asked: &[(usize, Vec<Near>)],
) -> AppResult<FormPage> {
    let place = frame.desk.villages.first().map(|(code, _)| *code);
    let shell = ctx.shell(conn, frame.title, place).await?;
    let rows = rows(&form, asked);
    let has = |names: &[&str]| names.iter().any(|name| !form.value(name).is_empty() || form.error(name).is_some());
    let people = frame.desk.people(ctx.today, form.value("person"));
    let beside_self = people.first().is_none_or(|first| !form.has("person", &first.value));
    let in_rows = rows.iter().any(|row| !form.value(&row.kind).is_empty() || form.error(&row.kind).is_some());
    Ok(FormPage {
        shell,
        action: frame.action,
        back: frame.back,
        editing: frame.editing,
        ask_why: frame.ask_why,
        own_note: frame.own_note,
        villages: frame.desk.village_choices(),
        duties: Duty::ALL.iter().map(|duty| Choice::new(duty.code(), Text::key(duty.zh()))).collect(),
        menu: menu::choices(),
        outcomes_open: in_rows,
        more_open: has(&["met", "links", "note"]) || (beside_self && people.len() > 1),
        people,
        rows,
        kept: frame.kept,
        pictures: frame.pictures,
        today: ctx.today,
        most_words: read::MOST_WORDS,
        most_note: read::MOST_NOTE,
        form,
    })
}

/// Rows with something in them, and two more to write in.
fn rows(form: &Form, asked: &[(usize, Vec<Near>)]) -> Vec<RowFields> {
    let said = |at: &usize| ["kind", "amount", "what"].iter().any(|name| !form.value(field(name, *at)).is_empty());
    let last = (0..MOST_ROWS).filter(said).max().map_or(0, |at| at + 1);
    let row = |at: usize| RowFields {
        kind: field("kind", at),
        amount: field("amount", at),
        what: field("what", at),
        evidence: field("evidence", at),
        sure: field("sure", at),
        same: field("same", at),
        id: field("id", at),
        doubt: form.error(field("sure", at)).is_some() || form.has(field("sure", at), "yes"),
        near: asked.iter().find(|(row, _)| *row == at).map_or_else(Vec::new, |(_, near)| near_choices(near)),
    };
    (0..(last + 2).min(MOST_ROWS)).map(row).collect()
}

fn near_choices(near: &[Near]) -> Vec<Choice> {
    let one = |near: &Near| {
        let what = near.what.as_deref().map(|what| format!("（{what}）")).unwrap_or_default();
        let label = text!(
            "是同一件：{day} {name} 已记 {amount} {unit}{what}，合并计一次，两人都算",
            day = near.day,
            name = near.person_name,
            amount = near.typed,
            unit = Text::key(menu_unit(&near.unit)),
            what = what
        );
        Choice::new(&near.outcome_id, label)
    };
    near.iter().map(one).chain([Choice::new("apart", text!("不是一件事，分开记"))]).collect()
}

/// The unit as the menu spells it, so that it can be said in other languages.
fn menu_unit(unit: &str) -> &'static str {
    menu::menu().iter().find(|line| line.unit == unit).map_or("", |line| line.unit)
}

/// The fields of outcomes as they stand, for a form that changes them.
pub fn outcome_fields(outcomes: &[Outcome]) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    for (at, outcome) in outcomes.iter().enumerate() {
        let line = menu::of(&outcome.indicator.code, &outcome.unit);
        let mut put = |name: &str, value: String| fields.push((field(name, at), value));
        put("kind", line.map(menu::Line::value).unwrap_or_default());
        put("amount", outcome.typed.clone());
        put("what", outcome.what.clone().unwrap_or_default());
        put("evidence", outcome.evidence.clone().unwrap_or_default());
        put("id", outcome.id.clone());
        // What was confirmed once need not be confirmed again.
        let amount = menu::Amount { smallest: outcome.amount, typed: outcome.typed.clone() };
        if line.is_some_and(|line| line.doubt(&amount).is_some()) {
            put("sure", "yes".into());
        }
    }
    fields
}
