//! What the form says, once every field is right; and what must be asked back.

use std::fmt::Write as _;

use base::{
    db::Conn,
    i18n::Text,
    kernel::{Day, DivisionCode, new_id},
    text,
    web::AppResult,
};

use super::{
    super::{Duty, Entry, Near, Outcome, OutcomeState, store},
    desk::Desk,
};
use crate::{
    log::menu::{self, Amount},
    packs::Pack,
    web::FormData,
};

pub const MOST_WORDS: usize = 5_000;
pub const MOST_NOTE: usize = 2_000;
/// The most outcomes of one entry.
pub const MOST_ROWS: usize = 12;

/// Errors by field.
pub type Wrong = Vec<(String, Text)>;

/// What stands on the form besides its outcomes.
pub struct Read {
    pub entry: Entry,
    pub note: Option<String>,
}

/// A row of the form that says something.
pub struct Row {
    pub at: usize,
    pub outcome: Outcome,
    /// `apart`, or the outcome that this one is the same as.
    pub same: String,
}

/// A text field of bounded length.
fn bounded(form: &FormData, name: &'static str, most: usize, wrong: &mut Wrong) -> Option<String> {
    let text = form.some(name)?;
    let length = text.chars().count();
    if length > most {
        wrong.push((name.into(), text!("这里最多 {most} 字，现在有 {n} 字，请分开记", most = most, n = length)));
        return None;
    }
    Some(text.to_owned())
}

/// Day, village, person and words. Refusals stand in `wrong`.
pub fn entry(form: &FormData, desk: &Desk, today: Day, wrong: &mut Wrong) -> Option<Read> {
    let words = bounded(form, "words", MOST_WORDS, wrong);
    if form.get("words").is_empty() {
        wrong.push(("words".into(), text!("请写一句做了什么")));
    }
    let duty = Duty::parse(form.get("duty"));
    if duty.is_none() {
        wrong.push(("duty".into(), text!("请选这属于哪一项职责")));
    }
    let day = form.some("day").map_or(Some(today), Day::parse);
    match day {
        None => wrong.push(("day".into(), text!("日期应写作 2024-01-18"))),
        Some(day) if day > today => wrong.push(("day".into(), text!("还没到这一天，日志记已经做了的事"))),
        Some(_) => {}
    }
    let village = DivisionCode::parse(form.get("village"));
    let village = village.filter(|code| desk.villages.iter().any(|(known, _)| known == code));
    if village.is_none() {
        wrong.push(("village".into(), text!("请从列表里选村")));
    }
    let met = bounded(form, "met", 200, wrong);
    let links = bounded(form, "links", 400, wrong);
    let note = bounded(form, "note", MOST_NOTE, wrong);
    let person = form.some("person").or(desk.own.as_deref()).unwrap_or_default();
    let (day, village) = (day.filter(|day| *day <= today)?, village?);
    let (who, post_village) = match desk.credited(person, village, day) {
        Ok(found) => found,
        Err(refusal) => {
            wrong.push((refusal.field.unwrap_or("day").into(), refusal.message));
            return None;
        }
    };
    let split = |text: String| text.split(['；', ';', '\n']).map(|one| one.trim().to_owned()).collect::<Vec<_>>();
    let links = links.map(split).unwrap_or_default().into_iter().filter(|one| !one.is_empty()).collect();
    Some(Read { entry: Entry { village, day, duty: duty?, words: words?, met, who, post_village, links }, note })
}

/// The outcomes of the form. A row that says nothing is left out; ids are given back where they were `known`.
pub fn rows(form: &FormData, known: &[Outcome], pack: &Pack, wrong: &mut Wrong) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for at in 0..MOST_ROWS {
        let field = |name: &str| field(name, at);
        let get = |name: &str| form.get(&field(name)).to_owned();
        let (kind, typed) = (get("kind"), get("amount"));
        if kind.is_empty() {
            if !typed.is_empty() || !get("what").is_empty() {
                wrong.push((field("kind"), text!("请选是哪一种成效；不记就把这一行清空")));
            }
            continue;
        }
        let Some(line) = menu::find(&kind) else {
            wrong.push((field("kind"), text!("请从列表里选成效")));
            continue;
        };
        let typed = if line.is_once_a_village() && typed.is_empty() { "1".to_owned() } else { typed };
        let amount = match line.read(&typed) {
            Ok(amount) => amount,
            Err(say) => {
                wrong.push((field("amount"), say));
                continue;
            }
        };
        if let Some(doubt) = line.doubt(&amount).filter(|_| get("sure") != "yes") {
            wrong.push((field("sure"), doubt));
        }
        let limited = |name: &str, most: usize, wrong: &mut Wrong| {
            let text = get(name);
            if text.chars().count() > most {
                wrong.push((field(name), text!("这里最多 {most} 字", most = most)));
            }
            Some(text).filter(|text| !text.is_empty())
        };
        let (what, evidence) = (limited("what", 100, wrong), limited("evidence", 200, wrong));
        let earlier = known.iter().find(|outcome| outcome.id == get("id"));
        let outcome = outcome(line, amount, (what, evidence), earlier, pack);
        if let Some(twin) = rows.iter().find(|row| row.outcome.says_as(&outcome) && row.outcome.what == outcome.what) {
            wrong.push((field("kind"), text!("和上面第 {n} 项一样；是两件事就写明各是什么", n = twin.at + 1)));
        }
        rows.push(Row { at, outcome, same: get("same") });
    }
    rows
}

/// The name of a field of a row.
pub fn field(name: &str, at: usize) -> String {
    let mut field = name.to_owned();
    let _ = write!(field, "-{at}");
    field
}

fn outcome(
    line: &'static menu::Line,
    amount: Amount,
    (what, evidence): (Option<String>, Option<String>),
    earlier: Option<&Outcome>,
    pack: &Pack,
) -> Outcome {
    let mut outcome = Outcome {
        id: earlier.map_or_else(new_id, |earlier| earlier.id.clone()),
        indicator: line.indicator,
        amount: amount.smallest,
        typed: amount.typed,
        unit: line.unit.to_owned(),
        what,
        evidence,
        state: OutcomeState::begin(line.indicator, amount.smallest, pack),
    };
    // A word holds for what it was said about; a record sent back goes to be looked at again whatever it says now.
    if let Some(earlier) = earlier.filter(|earlier| earlier.says_as(&outcome)) {
        match &earlier.state {
            OutcomeState::Counted { .. } | OutcomeState::Merged { .. } => outcome.state = earlier.state.clone(),
            OutcomeState::SentBack { .. } => outcome.state = OutcomeState::Waiting,
            OutcomeState::Waiting | OutcomeState::Withdrawn => {}
        }
    }
    outcome
}

/// Outcomes that may be the same as those of the form, by row; what was answered already is taken over.
///
/// A row that says anew what it said before the change is not asked again.
pub async fn ask_near(
    conn: &mut Conn,
    entry: &Entry,
    rows: &mut [Row],
    known: &[Outcome],
    pack: &Pack,
    but_entry: Option<&str>,
) -> AppResult<Vec<(usize, Vec<Near>)>> {
    let mut asked = Vec::new();
    for row in rows {
        if known.iter().any(|earlier| earlier.id == row.outcome.id && earlier.says_as(&row.outcome)) {
            continue;
        }
        let (code, span) = (row.outcome.indicator.code.as_str(), (entry.day, pack.outcome_near_days()));
        let near = store::near(conn, entry.village, code, span, but_entry).await?;
        let what = row.outcome.what.as_deref();
        let like: Vec<Near> = near.into_iter().filter(|near| near.is_like(row.outcome.amount, what)).take(3).collect();
        if like.iter().any(|near| near.outcome_id == row.same) {
            row.outcome.state = OutcomeState::Merged { into: row.same.clone() };
        } else if !like.is_empty() && row.same != "apart" {
            asked.push((row.at, like));
        }
    }
    Ok(asked)
}
