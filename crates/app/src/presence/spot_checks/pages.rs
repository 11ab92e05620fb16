//! Pages of spot checks: draw, note what was found, say one's own word.

use askama::Template;
use axum::{extract::Path, response::Response};
use base::{
    db::Conn,
    html::{Address, Choice, Fact, Form, Link, Pager, Pages, Shell, State as Shown, Tone, filters},
    i18n::Text,
    kernel::{DivisionCode, Level},
    sheet::{Column as SheetColumn, Format, Layout, Table as Sheet, Value},
    text,
    web::{AppError, AppResult, Refusal},
};

use super::{
    Finding, digest,
    store::{self, CheckRow, Draw, LineRow},
};
use crate::{
    packs::Consequence,
    places::{self, short_name},
    presence::{
        county_of,
        posts::{self, PostRole},
        scope_here, views,
    },
    web::{Ctx, FormData},
};

/// No check looks into more villages than this.
const MOST: usize = 50;

#[derive(Template)]
#[template(path = "presence/spot_checks/checks.html")]
struct ListPage {
    shell: Shell,
    sections: Vec<Link>,
    views: Vec<Link>,
    rows: Vec<CheckLine>,
    pager: Pager,
    total: i64,
    form: Form,
    places: Vec<Choice>,
    ladder: Vec<Consequence>,
}

struct CheckLine {
    day: String,
    href: String,
    place: String,
    villages: i64,
    people: i64,
    noted: i64,
    absent: i64,
    state: Shown,
}

#[derive(Template)]
#[template(path = "presence/spot_checks/check.html")]
struct RecordPage {
    shell: Shell,
    sub: Text,
    state: Shown,
    facts: Vec<Fact>,
    seed: String,
    day: String,
    pool: Vec<PoolLine>,
    lines: Vec<Line>,
    findings: Vec<Choice>,
    form: Form,
    link: String,
}

struct PoolLine {
    place: i64,
    code: String,
    name: String,
    digest: String,
    drawn: bool,
}

struct Line {
    finding_field: String,
    note_field: String,
    village: String,
    name: String,
    person: String,
    role: Text,
    /// What leave and trips say of the day.
    known: Option<Shown>,
    state: Option<Shown>,
    word: String,
}

#[derive(Template)]
#[template(path = "presence/spot_checks/line.html")]
struct LinePage {
    shell: Shell,
    facts: Vec<Fact>,
    form: Form,
    action: String,
    ladder: Vec<Consequence>,
}

fn pill(check: &CheckRow) -> Shown {
    if check.state == "held" {
        Shown::new(Tone::Ok, text!("已查完"))
    } else {
        Shown::new(Tone::Wait, text!("还有 {n} 人没记", n = check.people - check.noted))
    }
}

fn place_name(row: &CheckRow) -> String {
    row.place_name.as_deref().map_or_else(|| row.place.to_string(), short_name)
}

/// GET /spot-checks
pub async fn list(ctx: Ctx) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let home = ctx.place()?;
    let form = Form::of([("place", home.to_string()), ("wanted", "3".to_owned())]);
    let page = list_page(&ctx, &mut conn, form).await?;
    Ok(ctx.page(&page))
}

async fn list_page(ctx: &Ctx, conn: &mut Conn, form: Form) -> AppResult<ListPage> {
    let address = Address::parse(&ctx.address);
    let (place, scope) = scope_here(ctx)?;
    let pages = Pages::of(&address);
    let total = store::count(conn, &scope).await?;
    let (limit, offset) = pages.span();
    let rows = store::list(conn, &scope, limit, offset).await?;
    let pager = pages.pager(&address, total);
    let line = |row: CheckRow| CheckLine {
        day: row.day.to_string(),
        href: format!("/spot-checks/{}/{}", row.county_id, row.id),
        place: place_name(&row),
        villages: row.wanted,
        people: row.people,
        noted: row.noted,
        absent: row.absent,
        state: pill(&row),
    };
    let mut choices = Vec::new();
    if let Some(home) = place {
        let own = places::store::find(conn, home).await?;
        let below = places::store::children(conn, home).await?;
        let drawable = |one: &places::Division| matches!(one.level(), Level::County | Level::Township);
        let all = own.into_iter().chain(below).filter(drawable);
        choices.extend(all.map(|one| Choice::new(one.code.to_string(), Text::data(one.short()))));
    }
    let ladder = match place {
        Some(place) => ctx.pack(conn, place.county()).await?.absence().to_vec(),
        None => Vec::new(),
    };
    Ok(ListPage {
        rows: rows.into_iter().map(line).collect(),
        pager,
        total,
        form,
        places: choices,
        ladder,
        sections: posts::section(ctx, "/presence"),
        views: views(ctx, "/spot-checks"),
        shell: ctx.shell(conn, text!("查岗"), place).await?,
    })
}

/// POST /spot-checks: the draw is written down before anybody sees it, and stays.
pub async fn draw(ctx: Ctx, form: FormData) -> AppResult<Response> {
    let done = async {
        let missing = || Refusal::at("place", text!("请选在哪个范围里抽"));
        let place = form.some("place").ok_or_else(missing)?;
        let place = DivisionCode::parse(place).ok_or(AppError::NotFound)?;
        ctx.scope.require(place)?;
        if !matches!(place.level(), Level::County | Level::Township) {
            return Err(Refusal::at("place", text!("请在一个县或一个乡镇里抽，不能指定某个村")).into());
        }
        let wanted = form.get("wanted").parse::<usize>().ok().filter(|n| (1..=MOST).contains(n));
        let wanted = wanted.ok_or_else(|| Refusal::at("wanted", text!("抽几个村，填 1 到 {n}", n = MOST)))?;
        let typed = form.get("seed");
        if typed.contains('|') {
            return Err(Refusal::at("seed", text!("种子里不能有“|”")).into());
        }
        let seed = match form.some("seed") {
            Some(seed) => seed.to_owned(),
            None => base::seal::random_token()?.chars().filter(char::is_ascii_alphanumeric).take(12).collect(),
        };
        let actor = ctx.actor_at(place)?;
        let mut tx = ctx.begin().await?;
        let scope = ctx.scope.within(place);
        let people = posts::on(&mut tx, &scope, ctx.today, 200_000).await?;
        let villages: std::collections::BTreeSet<_> = people.iter().map(|post| post.village).collect();
        if villages.is_empty() {
            return Err(Refusal::at("place", text!("这个范围里今天没有人在任，没有村可抽")).into());
        }
        if wanted > villages.len() {
            let say = text!("这个范围里有人在任的村只有 {n} 个，请少抽一些", n = villages.len());
            return Err(Refusal::at("wanted", say).into());
        }
        let id = store::draw(&mut tx, &Draw { place, seed: &seed, wanted, posts: &people }, &actor).await?;
        tx.commit().await?;
        Ok((place.county(), id))
    };
    match done.await {
        Ok((county, id)) => {
            Ok(ctx.redirect(&format!("/spot-checks/{county}/{id}"), &text!("已抽出，种子和全部候选村都记下了。")))
        }
        Err(AppError::Refused(refusal)) => {
            let typed = form.typed().with_error(refusal.field.unwrap_or("place"), refusal.message);
            let mut conn = ctx.read().await?;
            let page = list_page(&ctx, &mut conn, typed).await?;
            Ok(ctx.refused(&page))
        }
        Err(error) => Err(error),
    }
}

async fn load(ctx: &Ctx, conn: &mut Conn, county: &str, id: &str) -> AppResult<CheckRow> {
    store::find(conn, &ctx.scope, county_of(county)?, id).await?.ok_or(AppError::NotFound)
}

fn finding_field(line: &LineRow) -> String {
    format!("finding-{}", line.id)
}

fn note_field(line: &LineRow) -> String {
    format!("note-{}", line.id)
}

/// GET /spot-checks/{county}/{id}
pub async fn show(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let check = load(&ctx, &mut conn, &county, &id).await?;
    let page = record_page(&ctx, &mut conn, &check, None).await?;
    Ok(ctx.page(&page))
}

async fn record_page(ctx: &Ctx, conn: &mut Conn, check: &CheckRow, typed: Option<Form>) -> AppResult<RecordPage> {
    let rows = store::lines(conn, check.county_id, &check.id).await?;
    let mut pairs = Vec::new();
    let mut lines = Vec::with_capacity(rows.len());
    for row in rows {
        let known = super::known(conn, &row).await?;
        // What is known already is proposed; the checker says what was seen.
        let finding = row.finding().or(known).map(Finding::code).unwrap_or_default();
        pairs.push((finding_field(&row), finding.to_owned()));
        pairs.push((note_field(&row), row.note.clone().unwrap_or_default()));
        lines.push(Line {
            finding_field: finding_field(&row),
            note_field: note_field(&row),
            village: short_name(row.village_name.as_deref().unwrap_or_default()),
            person: format!("/presence/people/{}/{}", row.person_county, row.person_id),
            role: PostRole::parse(&row.role).map(|role| Text::key(role.zh())).unwrap_or_default(),
            known: known.map(Finding::shown),
            state: row.finding().map(Finding::shown),
            word: row.word.clone().unwrap_or_default(),
            name: row.person_name,
        });
    }
    let pool = store::pool(conn, check.county_id, &check.id).await?;
    let facts = vec![
        Fact::new(text!("范围"), Text::data(place_name(check))),
        Fact::new(text!("日期"), Text::data(check.day.to_string())),
        Fact::new(text!("种子"), Text::data(&check.seed)),
        Fact::new(text!("候选村"), text!("{n} 个", n = pool.len())),
        Fact::new(text!("抽出"), text!("{n} 个", n = check.wanted)),
        Fact::new(text!("谁抽的"), text!("{who}，{when}", who = check.made_by, when = check.made_at.local_minute())),
    ];
    let pool = pool.into_iter().map(|row| PoolLine {
        place: row.place_in_order,
        code: row.village.to_string(),
        name: format!("{}{}", row.township_name.unwrap_or_default(), short_name(&row.village_name.unwrap_or_default())),
        digest: digest(&check.seed, check.day, row.village).chars().take(16).collect(),
        drawn: row.drawn == 1,
    });
    Ok(RecordPage {
        sub: text!("{place}，{day}", place = place_name(check), day = check.day),
        state: pill(check),
        facts,
        seed: check.seed.clone(),
        day: check.day.to_string(),
        pool: pool.collect(),
        lines,
        findings: Finding::ALL.iter().map(|one| Choice::new(one.code(), Text::key(one.zh()))).collect(),
        form: typed.unwrap_or_else(|| Form::of(pairs)),
        link: format!("/spot-checks/{}/{}", check.county_id, check.id),
        shell: ctx.shell(conn, text!("{day} 查岗", day = check.day), Some(check.place)).await?,
    })
}

/// POST /spot-checks/{county}/{id}/findings
pub async fn find(ctx: Ctx, Path((county, id)): Path<(String, String)>, form: FormData) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let check = load(&ctx, &mut conn, &county, &id).await?;
    let rows = store::lines(&mut conn, check.county_id, &check.id).await?;
    drop(conn);
    let mut findings = Vec::new();
    for row in rows {
        let (finding, note) = (form.get(&finding_field(&row)), form.some(&note_field(&row)).map(str::to_owned));
        if let Some(finding) = Finding::parse(finding) {
            findings.push((row, finding, note));
        } else if !finding.is_empty() || row.finding.is_some() {
            let say = text!("{name}：请选在村、请假、公出或不在", name = row.person_name);
            let typed = form.typed().with_error(finding_field(&row), say);
            let mut conn = ctx.read().await?;
            let page = record_page(&ctx, &mut conn, &check, Some(typed)).await?;
            return Ok(ctx.refused(&page));
        }
    }
    let mut tx = ctx.begin().await?;
    let pack = ctx.app.pack(&mut tx, check.county_id).await?;
    store::find_all(&mut tx, &check, &findings, pack, &ctx.actor_at(check.place)?).await?;
    tx.commit().await?;
    Ok(ctx.redirect(&format!("/spot-checks/{county}/{id}"), &text!("已记下 {n} 人的情况。", n = findings.len())))
}

async fn export(ctx: &Ctx, county: &str, id: &str, format: Format) -> AppResult<Response> {
    const HEADERS: [&str; 7] = ["派驻村", "姓名", "驻村职务", "结果", "说明", "本人说明", "谁记的"];
    let mut conn = ctx.read().await?;
    let check = load(ctx, &mut conn, county, id).await?;
    let rows = store::lines(&mut conn, check.county_id, &check.id).await?;
    let row = |row: LineRow| -> Vec<Value> {
        vec![
            row.village_name.as_deref().map(short_name).into(),
            row.person_name.clone().into(),
            PostRole::parse(&row.role).map(PostRole::zh).into(),
            row.finding().map(Finding::zh).into(),
            row.note.into(),
            row.word.into(),
            row.found_by.into(),
        ]
    };
    let layout = Layout::new("查岗", HEADERS.into_iter().map(SheetColumn::new).collect());
    ctx.sheet("查岗", &Sheet { layout, rows: rows.into_iter().map(row).collect() }, format)
}

pub async fn xlsx(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    export(&ctx, &county, &id, Format::Xlsx).await
}

pub async fn csv(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    export(&ctx, &county, &id, Format::Csv).await
}

/// The viewer's own line that has been noted; otherwise 404.
async fn own_line(ctx: &Ctx, conn: &mut Conn, county: &str, id: &str) -> AppResult<LineRow> {
    let row = store::find_line(conn, county_of(county)?, id).await?.ok_or(AppError::NotFound)?;
    let own = ctx.viewer()?.own_person() == Some(row.person_id.as_str());
    if own && row.finding.is_some() { Ok(row) } else { Err(AppError::NotFound) }
}

async fn line_page(ctx: &Ctx, conn: &mut Conn, row: &LineRow, form: Form) -> AppResult<LinePage> {
    let village = short_name(row.village_name.as_deref().unwrap_or_default());
    let mut facts = vec![
        Fact::new(text!("日期"), Text::data(row.day.to_string())),
        Fact::new(text!("派驻村"), Text::data(village)),
        Fact::new(text!("结果"), row.finding().map(|one| Text::key(one.zh())).unwrap_or_default()),
        Fact::new(text!("谁记的"), Text::data(row.found_by.clone().unwrap_or_default())),
    ];
    if let Some(note) = &row.note {
        facts.push(Fact::new(text!("说明"), Text::data(note)));
    }
    let absent = row.finding() == Some(Finding::Absent);
    let ladder = if absent { ctx.pack(conn, row.county_id).await?.absence().to_vec() } else { Vec::new() };
    Ok(LinePage {
        facts,
        form,
        ladder,
        action: format!("/spot-check-lines/{}/{}/word", row.county_id, row.id),
        shell: ctx.shell(conn, text!("查岗说明"), None).await?,
    })
}

/// GET /spot-check-lines/{county}/{id}
pub async fn line(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let row = own_line(&ctx, &mut conn, &county, &id).await?;
    let form = Form::of([("word", row.word.clone().unwrap_or_default())]);
    let page = line_page(&ctx, &mut conn, &row, form).await?;
    Ok(ctx.page(&page))
}

/// POST /spot-check-lines/{county}/{id}/word
pub async fn word(ctx: Ctx, Path((county, id)): Path<(String, String)>, form: FormData) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let row = own_line(&ctx, &mut conn, &county, &id).await?;
    let Some(word) = form.some("word") else {
        let typed = form.typed().with_error("word", text!("请写一句当时在哪里、在办什么"));
        let page = line_page(&ctx, &mut conn, &row, typed).await?;
        return Ok(ctx.refused(&page));
    };
    drop(conn);
    let mut tx = ctx.begin().await?;
    store::save_word(&mut tx, &row, word, &ctx.actor()?).await?;
    tx.commit().await?;
    Ok(ctx.redirect("/presence/mine", &text!("说明已记下，查岗的人能看到。")))
}
