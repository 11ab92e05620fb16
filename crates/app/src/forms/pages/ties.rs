//! Tying one place: to a figure, to a column of the roster, or to a word.

use askama::Template;
use axum::{extract::Path, response::Response};
use base::{
    db::Conn,
    html::{Address, Choice, Form, Shell, filters},
    i18n::Text,
    kernel::DivisionCode,
    ooxml::At,
    text,
    web::{AppError, AppResult, Refusal},
};

use super::{
    super::{
        acts,
        file::View,
        rules::{Field, FigureTie, Spot, Tie, Time, Whose, Word, suggested},
        store::{self, Form as ReportForm},
    },
    found, own,
};
use crate::{
    flows,
    spine::facts::{Catalogue, Indicator, Unit},
    web::{Ctx, FormData},
};

#[derive(Template)]
#[template(path = "forms/tie.html")]
struct TiePage {
    shell: Shell,
    sub: Text,
    form: Form,
    action: String,
    back: String,
    spot: String,
    tied: Option<Text>,
    figure: bool,
    indicators: Vec<Choice>,
    units: Vec<Choice>,
    times: Vec<Choice>,
    whose: Vec<Choice>,
    /// Whether a column can be tied down to a row.
    goes_down: bool,
    fields: Vec<Choice>,
    roles: Vec<Choice>,
    words: Vec<Choice>,
}

/// The place of the address: `s1!C5`, or `C5` on the first sheet, as people type it.
fn asked(view: &View, text: &str) -> Result<Spot, Refusal> {
    let short = |text: &str| {
        let at = At::parse(&text.trim().to_ascii_uppercase())?;
        match view {
            View::Book(sheets) => Some(Spot::Cell { sheet: sheets.first()?.0, at }),
            View::Text { .. } => None,
        }
    };
    let spot = Spot::parse(text).or_else(|| short(text));
    let spot = spot.ok_or_else(|| Refusal::at("spot", text!("“{cell}”不是格号，应像 C5 这样", cell = text)))?;
    Ok(view.first_of(spot))
}

fn indicator_label(indicator: &'static Indicator) -> Text {
    let (name, unit) = (Text::key(indicator.name.as_str()), Text::key(indicator.unit.as_str()));
    text!("{name}（{unit}）", name = name, unit = unit)
}

/// A tie as the form shows it.
fn typed(tie: Option<&Tie>, around: &str) -> Form {
    let mut values: Vec<(&str, String)> = vec![("time", "period".into()), ("whose", "here".into())];
    match tie {
        Some(Tie::Figure(figure)) => {
            values = vec![
                ("indicator", figure.indicator.clone()),
                ("unit", figure.unit.clone()),
                ("time", figure.time.code().into()),
            ];
            match &figure.whose {
                Whose::Here => values.push(("whose", "here".into())),
                Whose::Row => values.push(("whose", "row".into())),
                Whose::Fixed(place) => {
                    values.push(("whose", "fixed".into()));
                    values.push(("fixed", place.to_string()));
                }
            }
        }
        Some(Tie::Roster { field, role }) => {
            values.push(("field", field.code().into()));
            values.push(("role", role.clone().unwrap_or_default()));
        }
        Some(Tie::Word { word }) => values.push(("word", word.code().into())),
        None => {
            let guess = suggested(around).map(|indicator| indicator.code.clone());
            values.push(("indicator", guess.unwrap_or_default()));
        }
    }
    Form::of(values)
}

async fn page(
    ctx: &Ctx,
    conn: &mut Conn,
    (form, view, spot): (&ReportForm, &View, &Spot),
    typed_back: Option<Form>,
) -> AppResult<TiePage> {
    let ties = store::ties(conn, form.county, &form.id).await?;
    let tie = ties.iter().find(|(known, _)| known == spot).map(|(_, tie)| tie);
    let (left, above) = (view.left_of(spot), view.above(spot));
    let around = [above.clone(), left.clone()].concat().join(" ");
    let mut sides: Vec<String> = above.into_iter().take(3).collect();
    sides.reverse();
    sides.extend(left.into_iter().take(2));
    let catalogue = Catalogue::get();
    let choice = |indicator: &'static Indicator| Choice::new(indicator.code.clone(), indicator_label(indicator));
    let mut units: Vec<String> = Vec::new();
    for unit in catalogue.iter().flat_map(|indicator| Unit::choices(indicator).into_iter().skip(1)) {
        if !units.contains(&unit) {
            units.push(unit);
        }
    }
    let whose = [("here", text!("填报的地方")), ("row", text!("这一行写的地方")), ("fixed", text!("指定的地方"))];
    let roles = [""].into_iter().chain(flows::post_roles());
    let role = |code: &str| {
        let label = if code.is_empty() { text!("全部在岗的人") } else { Text::key(flows::role_zh(code)) };
        Choice::new(code, label)
    };
    Ok(TiePage {
        shell: ctx.shell(conn, text!("{cell} 填什么", cell = spot.said()), Some(form.place)).await?,
        sub: text!("{title} · {around}", title = form.title, around = sides.join(" / ")),
        form: typed_back.unwrap_or_else(|| typed(tie, &around)),
        action: format!("{}/ties", own(form)),
        back: own(form),
        spot: spot.to_string(),
        tied: tie.map(Tie::label),
        figure: !matches!(tie, Some(Tie::Roster { .. } | Tie::Word { .. })),
        indicators: catalogue.iter().map(choice).collect(),
        units: units.into_iter().map(|unit| Choice::new(unit.clone(), Text::data(unit))).collect(),
        times: Time::ALL.map(|time| Choice::new(time.code(), time.label())).to_vec(),
        whose: whose.map(|(code, label)| Choice::new(code, label)).to_vec(),
        goes_down: spot.row().is_some(),
        fields: Field::ALL.map(|field| Choice::new(field.code(), Text::key(field.zh()))).to_vec(),
        roles: roles.map(role).collect(),
        words: Word::ALL.map(|word| Choice::new(word.code(), Text::key(word.zh()))).to_vec(),
    })
}

pub async fn form(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let form = found(&ctx, &mut conn, &county, &id).await?;
    let view = acts::shown(&mut conn, &ctx.app, &form).await?;
    let spot = asked(&view, Address::parse(&ctx.address).get("spot"))?;
    let page = page(&ctx, &mut conn, (&form, &view, &spot), None).await?;
    Ok(ctx.page(&page))
}

/// What was chosen.
fn read(data: &FormData) -> Result<(Tie, Option<usize>), Refusal> {
    let tie = match data.get("what") {
        "roster" => {
            let field = Field::parse(data.get("field"));
            let field = field.ok_or_else(|| Refusal::at("field", text!("请选择名册的哪一列")))?;
            Tie::Roster { field, role: data.some("role").map(str::to_owned) }
        }
        "word" => {
            let word = Word::parse(data.get("word"));
            Tie::Word { word: word.ok_or_else(|| Refusal::at("word", text!("请选择填哪几个字")))? }
        }
        _ => {
            let indicator = data.some("indicator").ok_or_else(|| Refusal::at("indicator", text!("请选择一个指标")))?;
            let time = Time::parse(data.get("time")).ok_or_else(|| Refusal::at("time", text!("请选择算哪段时间")))?;
            let whose =
                match data.get("whose") {
                    "here" => Whose::Here,
                    "row" => Whose::Row,
                    "fixed" => {
                        let place = DivisionCode::parse(data.get("fixed"));
                        Whose::Fixed(place.ok_or_else(|| {
                            Refusal::at("fixed", text!("区划代码应为 12 位数字，例如 411327000000。"))
                        })?)
                    }
                    _ => return Err(Refusal::at("whose", text!("请选择算哪个地方"))),
                };
            let own = Catalogue::get().find(indicator).map(|one| one.unit.clone()).unwrap_or_default();
            let unit = Some(data.get("unit")).filter(|unit| *unit != own).unwrap_or_default().to_owned();
            Tie::Figure(FigureTie { indicator: indicator.to_owned(), unit, time, whose })
        }
    };
    let to_row = match data.some("to_row") {
        None => None,
        Some(text) => {
            let row = text.parse().map_err(|_| Refusal::at("to_row", text!("行号应为数字")))?;
            Some(row)
        }
    };
    Ok((tie, to_row))
}

pub async fn save(ctx: Ctx, Path((county, id)): Path<(String, String)>, data: FormData) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let form = found(&ctx, &mut conn, &county, &id).await?;
    let view = acts::shown(&mut conn, &ctx.app, &form).await?;
    drop(conn);
    let spot = asked(&view, data.get("spot"))?;
    let done = async {
        let (tie, to_row) = read(&data)?;
        let mut tx = ctx.begin().await?;
        let actor = ctx.actor_at(form.place)?;
        let tied = acts::tie(&mut tx, (&form, &view), (&spot, to_row), &tie, &actor).await?;
        tx.commit().await?;
        Ok(tied)
    };
    match done.await {
        Ok(tied) => Ok(ctx.redirect(&back_to(&form, &spot), &text!("对应好了 {n} 格。", n = tied))),
        Err(AppError::Refused(refusal)) => {
            let typed = data.typed().with_error(refusal.field.unwrap_or("indicator"), refusal.message);
            let mut conn = ctx.read().await?;
            let page = page(&ctx, &mut conn, (&form, &view, &spot), Some(typed)).await?;
            Ok(ctx.refused(&page))
        }
        Err(other) => Err(other),
    }
}

pub async fn remove(ctx: Ctx, Path((county, id)): Path<(String, String)>, data: FormData) -> AppResult<Response> {
    let mut tx = ctx.begin().await?;
    let form = found(&ctx, &mut tx, &county, &id).await?;
    let spot = Spot::parse(data.get("spot")).ok_or(AppError::NotFound)?;
    acts::untie(&mut tx, &form, &spot, &ctx.actor_at(form.place)?).await?;
    tx.commit().await?;
    Ok(ctx.redirect(&back_to(&form, &spot), &text!("不再对应。")))
}

/// The form, at the sheet that was worked on.
fn back_to(form: &ReportForm, spot: &Spot) -> String {
    match spot {
        Spot::Cell { sheet, .. } if *sheet > 1 => format!("{}?sheet={sheet}", own(form)),
        Spot::Cell { .. } | Spot::Table { .. } | Spot::Mark(_) => own(form),
    }
}
