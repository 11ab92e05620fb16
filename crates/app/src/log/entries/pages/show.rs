//! An entry's page: what was done, what came of it, what happened to the record.

use askama::Template;
use axum::{extract::Path, response::Response};
use base::{
    html::{Act, Event, Fact, Shell, State as Shown, Tone, filters},
    i18n::Text,
    text,
    web::{AppError, AppResult},
};

use super::{
    super::{
        May, Outcome, OutcomeState, changes,
        store::{self, Credit, Line, Stored},
    },
    find, may,
    new::note_place,
    pill,
};
use crate::{
    accounts::Permission,
    log::events::{self, EventRow},
    places::short_name,
    spine::files,
    web::Ctx,
};

#[derive(Template)]
#[template(path = "log/entries/show.html")]
struct ShowPage {
    shell: Shell,
    sub: Text,
    withdrawn: bool,
    acts: Vec<Act>,
    words: String,
    note: Option<String>,
    outcomes: Vec<OutcomeLine>,
    pictures: Vec<String>,
    facts: Vec<Fact>,
    events: Vec<Event>,
}

/// One outcome as it is shown.
pub struct OutcomeLine {
    pub name: Text,
    pub figure: Option<String>,
    pub amount: String,
    pub unit: Text,
    pub what: String,
    pub evidence: String,
    pub state: Shown,
    /// Whose word, or why it came back.
    pub say: Text,
    pub credited: String,
    pub href: Option<String>,
}

/// An outcome with its word and whoever is credited.
fn line(ctx: &Ctx, stored: &Stored, outcome: &Outcome, credits: &[Credit]) -> OutcomeLine {
    let root = format!("/outcomes/{}/{}", stored.row.county_id, outcome.id);
    let names: Vec<&str> = credits
        .iter()
        .filter(|credit| credit.outcome_id == outcome.id && credit.person_id != stored.row.person_id)
        .map(|credit| credit.person_name.as_str())
        .collect();
    let (say, href) = match &outcome.state {
        OutcomeState::Counted { word: Some(word) } => (text!("{by} {on} 核实", by = word.by, on = word.on), None),
        OutcomeState::Counted { word: None } | OutcomeState::Withdrawn => (Text::default(), None),
        OutcomeState::Waiting => (text!("数量大，核实后计入统计"), Some(root)),
        OutcomeState::SentBack { word, why } => {
            (text!("{by} {on} 退回：{why}", by = word.by, on = word.on, why = why), None)
        }
        OutcomeState::Merged { into } => {
            let merged = format!("/outcomes/{}/{into}", stored.row.county_id);
            (text!("与队友的记录合并计一次，两人都算"), Some(merged))
        }
    };
    OutcomeLine {
        name: Text::key(outcome.indicator.name.as_str()),
        figure: (matches!(outcome.state, OutcomeState::Counted { .. }) && ctx.may(Permission::StatisticsRead))
            .then(|| format!("/figures/{}?place={}", outcome.indicator.code, stored.row.village)),
        amount: outcome.typed.clone(),
        unit: crate::log::menu::of(&outcome.indicator.code, &outcome.unit)
            .map(|l| Text::key(l.unit))
            .unwrap_or_default(),
        what: outcome.what.clone().unwrap_or_default(),
        evidence: outcome.evidence.clone().unwrap_or_default(),
        state: pill(&outcome.state),
        say,
        credited: names.join("、"),
        href,
    }
}

pub async fn show(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let (row, stored) = find(&ctx, &mut conn, &county, &id).await?;
    let may = may(&ctx, &mut conn, &stored).await?;
    let credits = store::credits(&mut conn, stored.row.county_id, &id).await?;
    let happened = events::list(&mut conn, stored.row.county_id, "log", &id).await?;
    let root = format!("/log/{county}/{id}");
    let own = stored.row.writer_account == ctx.viewer()?.account_id;
    let note = match stored.row.note_sealed.as_deref().filter(|_| own) {
        Some(sealed) => Some(ctx.app.keys.open(&note_place(&id), sealed)?.to_string()),
        None => None,
    };
    let acts = match may {
        May::Yes => vec![
            Act::new(text!("撤回"), format!("{root}/withdrawal")).danger(),
            Act::new(text!("更正"), format!("{root}/edit")).icon("pen"),
        ],
        May::TooLate | May::NotTheirs => Vec::new(),
    };
    let title = text!("{name} {day}", name = Text::data(&row.person_name), day = row.day);
    let village = short_name(row.village_name.as_deref().unwrap_or_default());
    let township = row.township_name.clone().unwrap_or_default();
    let page = ShowPage {
        shell: ctx.shell(&mut conn, title, Some(stored.row.village)).await?,
        sub: text!("{township} {village}", township = township, village = village),
        withdrawn: stored.row.is_withdrawn(),
        acts,
        words: stored.row.words.clone(),
        note,
        outcomes: stored.outcomes.iter().map(|outcome| line(&ctx, &stored, outcome, &credits)).collect(),
        pictures: stored.pictures.iter().map(|file| format!("{root}/pictures/{file}")).collect(),
        facts: facts(&row, &stored, may),
        events: happened.into_iter().map(event).collect(),
    };
    Ok(ctx.page(&page))
}

fn facts(row: &Line, stored: &Stored, may: May) -> Vec<Fact> {
    let village = short_name(row.village_name.as_deref().unwrap_or_default());
    let mut facts = vec![
        Fact::new(text!("日期"), Text::data(row.day.to_string())),
        Fact::new(text!("村"), Text::data(village)).link(format!("/villages/{}", row.village)),
        Fact::new(text!("职责"), Text::key(stored.entry.duty.zh())),
        Fact::new(text!("谁做的"), Text::data(&row.person_name))
            .link(format!("/people/{}/{}", row.person_county, row.person_id)),
    ];
    if let Some(unit) = &row.unit_name {
        facts.push(Fact::new(text!("派出单位"), Text::data(unit)));
    }
    if row.writer != row.person_name {
        facts.push(Fact::new(text!("谁记的"), Text::data(&row.writer)));
    }
    if let Some(met) = &row.met {
        facts.push(Fact::new(text!("见了谁"), Text::data(met)));
    }
    if !stored.entry.links.is_empty() {
        facts.push(Fact::new(text!("相关的事项、项目"), Text::data(stored.entry.links.join("；"))));
    }
    if may == May::TooLate {
        facts.push(Fact::new(text!("更正"), text!("已过本人更正的天数，请乡镇党委更正")));
    }
    facts
}

/// A step in the record's life; what changed stands as its note.
pub fn event(row: EventRow) -> Event {
    let mut note: Vec<Text> = row.why.map(Text::data).into_iter().collect();
    note.extend(row.changes.as_deref().map(changes::in_words).unwrap_or_default());
    let joined = note.into_iter().reduce(|one, other| text!("{one}；{other}", one = one, other = other));
    Event {
        tone: match row.act.as_str() {
            "confirm" => Tone::Ok,
            "send_back" => Tone::Late,
            "withdraw" => Tone::Stop,
            _ => Tone::Wait,
        },
        who: Text::data(row.actor),
        what: Text::key(events::act_zh(&row.act)),
        when: row.at.local_minute(),
        note: joined.unwrap_or_default(),
        href: None,
    }
}

/// A picture, for those who may see its entry.
pub async fn picture(ctx: Ctx, Path((county, id, file)): Path<(String, String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let (_, stored) = find(&ctx, &mut conn, &county, &id).await?;
    if !stored.pictures.contains(&file) {
        return Err(AppError::NotFound);
    }
    let kept = files::find(&mut conn, stored.row.county_id, &file).await?.ok_or(AppError::NotFound)?;
    drop(conn);
    let bytes = ctx.app.files.content(&kept).await.map_err(|error| AppError::Internal(error.into()))?;
    Ok(Ctx::picture(bytes))
}
