//! Rounds: the list, opening one with its slips, counting.

use askama::Template;
use axum::{extract::Path, response::Response};
use base::{
    code::Code,
    db::Conn,
    html::{
        Act, Address, Column, ConfirmPage, Fact, Filter as Field, FilterKind, Form, Pages, Shell, State as Shown,
        Table, Tone, filters,
    },
    i18n::Text,
    kernel::{Day, DivisionCode, Level, Month},
    text,
    web::{AppError, AppResult, Refusal},
};

use super::{
    super::{
        acts,
        rules::{NewRound, names},
        slip::{Slip, slip},
        store::{self, RoundRow},
    },
    found,
};
use crate::{
    accounts::Permission,
    flows, places,
    web::{Ctx, FormData},
};

#[derive(Template)]
#[template(path = "ratings/rounds.html")]
struct ListPage {
    shell: Shell,
    table: Table,
    rows: Vec<Row>,
    may_run: bool,
}

struct Row {
    month: String,
    href: String,
    village: String,
    township: String,
    slips: i64,
    ballots: String,
    until: Day,
    state: Shown,
}

fn standing(open: bool, until: Day, today: Day) -> Shown {
    match open {
        false => Shown::new(Tone::Ok, text!("已计票")),
        true if until < today => Shown::new(Tone::Late, text!("已截止，待开箱")),
        true => Shown::new(Tone::Wait, text!("收票中")),
    }
}

pub async fn list(ctx: Ctx) -> AppResult<Response> {
    let address = Address::parse(&ctx.address);
    let place = ctx.place().ok();
    let scope = place.map_or_else(|| ctx.scope.clone(), |place| ctx.scope.within(place));
    let (month, pages) = (Month::parse(address.get("month")), Pages::of(&address));
    let mut conn = ctx.read().await?;
    let total = store::count(&mut conn, &scope, month).await?;
    let lines = store::list(&mut conn, &scope, month, pages.span()).await?;
    let typed = address.get("month").to_owned();
    let field = Field { name: "month", label: text!("月份"), kind: FilterKind::Words, value: typed };
    let columns = vec![
        Column::new(text!("月份")),
        Column::new(text!("村")),
        Column::new(text!("发票")),
        Column::new(text!("有效票")),
        Column::new(text!("截止")),
        Column::new(text!("状态")),
    ];
    let table = Table::new(text!("群众评事"), &address, vec![field], columns)
        .rows(u64::try_from(total).ok(), pages.pager(&address, total));
    let row = |line: store::Line| Row {
        href: format!("/ratings/{}/{}", line.county_id, line.id),
        village: places::short_name(&line.village_name.unwrap_or_else(|| line.village.to_string())),
        township: line.township_name.unwrap_or_default(),
        slips: line.slips,
        ballots: line.ballots.map_or_else(|| "—".to_owned(), |ballots| ballots.to_string()),
        state: standing(line.state == "open", line.until, ctx.today),
        until: line.until,
        month: line.month,
    };
    let rows = lines.into_iter().map(row).collect();
    let shell = ctx.shell(&mut conn, text!("群众评事"), place).await?;
    Ok(ctx.page(&ListPage { shell, table, rows, may_run: ctx.may(Permission::RatingsRun) }))
}

#[derive(Template)]
#[template(path = "ratings/new.html")]
struct NewPage {
    shell: Shell,
    form: Form,
    villages: Vec<String>,
    floor: i64,
}

/// Villages within the viewer's scope, by their full name.
async fn villages(ctx: &Ctx, conn: &mut Conn) -> AppResult<Vec<(String, DivisionCode)>> {
    let mut known = Vec::new();
    for area in ctx.scope.areas() {
        let divisions = places::store::list(conn, *area).await?;
        for village in divisions.iter().filter(|division| division.level() == Level::Village) {
            let township = divisions.iter().find(|one| one.code == village.code.parent());
            let township = match township {
                Some(township) => township.short(),
                None => {
                    places::store::find(conn, village.code.parent()).await?.map(|one| one.short()).unwrap_or_default()
                }
            };
            known.push((format!("{township}{}", village.short()), village.code));
        }
    }
    Ok(known)
}

async fn new_page(ctx: &Ctx, conn: &mut Conn, form: Form) -> AppResult<NewPage> {
    let home = ctx.scope.home().ok_or(AppError::Forbidden)?;
    let villages = villages(ctx, conn).await?.into_iter().map(|(name, _)| name).collect();
    let floor = acts::floor(ctx.pack(conn, home.county()).await?);
    Ok(NewPage { shell: ctx.shell(conn, text!("开一轮群众评事"), Some(home)).await?, form, villages, floor })
}

pub async fn form(ctx: Ctx) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let asked = DivisionCode::parse(Address::parse(&ctx.address).get("village"));
    let mut typed = vec![
        ("month".to_owned(), ctx.today.month().to_string()),
        ("until".to_owned(), ctx.today.plus_days(10).to_string()),
    ];
    if let Some(village) = asked {
        let known = villages(&ctx, &mut conn).await?;
        if let Some((name, _)) = known.into_iter().find(|(_, code)| *code == village) {
            typed.push(("village".into(), name));
            let mut members = store::last_members(&mut conn, village).await?;
            if members.is_empty() {
                members = flows::members_of(&mut conn, village).await?;
            }
            typed.push(("members".into(), members.join("\n")));
        }
    }
    let page = new_page(&ctx, &mut conn, Form::of(typed)).await?;
    Ok(ctx.page(&page))
}

#[derive(Template)]
#[template(path = "ratings/slips.html")]
struct SlipsPage {
    shell: Shell,
    village: String,
    month: String,
    until: Day,
    address: String,
    base_url_missing: bool,
    codes: Vec<Slip>,
    back: String,
}

/// The slips, shown this once.
async fn slips_page(ctx: &Ctx, conn: &mut Conn, row: &RoundRow, codes: Vec<Code>) -> AppResult<Response> {
    let village = places::store::find(conn, row.village).await?.map(|one| one.short()).unwrap_or_default();
    // As cards do: an installation that was told no address prints where a demo is.
    let base = ctx.app.base_url.as_deref().unwrap_or("http://127.0.0.1:8080");
    let host = base.split_once("://").map_or(base, |(_, host)| host).trim_end_matches('/');
    let page = SlipsPage {
        shell: ctx.shell(conn, text!("打印评议票"), Some(row.village)).await?,
        village,
        month: row.month.clone(),
        until: row.until,
        address: format!("{host}/rate"),
        base_url_missing: ctx.app.base_url.is_none(),
        codes: codes.iter().map(|code| slip(base, code)).collect::<AppResult<_>>()?,
        back: format!("/ratings/{}/{}", row.county_id, row.id),
    };
    Ok(ctx.page(&page))
}

fn asked(form: &FormData, known: &[(String, DivisionCode)]) -> Result<(DivisionCode, String, NewRound), Refusal> {
    let typed: String = form.get("village").split_whitespace().collect();
    let named: Vec<&(String, DivisionCode)> = known
        .iter()
        .filter(|(name, code)| {
            *name == typed || code.to_string() == typed || (name.ends_with(&typed) && !typed.is_empty())
        })
        .collect();
    let (name, village) = match named.as_slice() {
        [(name, code)] => (name.clone(), *code),
        [] => return Err(Refusal::at("village", text!("没有找到这个村，请从列表里选"))),
        several => match several.iter().find(|(name, _)| *name == typed) {
            Some((name, code)) => (name.clone(), *code),
            None => return Err(Refusal::at("village", text!("有几个村叫这个名字，请连乡镇一起写"))),
        },
    };
    let month = Month::parse(form.get("month")).ok_or_else(|| Refusal::at("month", text!("月份应写作 2024-01")))?;
    let until = Day::parse(form.get("until")).ok_or_else(|| Refusal::at("until", text!("日期应写作 2024-01-18")))?;
    let slips = form.get("slips").parse().map_err(|_| Refusal::at("slips", text!("请填要印几张票，只写数字")))?;
    Ok((village, name, NewRound { month, until, slips, members: names(form.get("members")) }))
}

pub async fn open(ctx: Ctx, data: FormData) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let known = villages(&ctx, &mut conn).await?;
    drop(conn);
    let done = async {
        let (village, _, round) = asked(&data, &known)?;
        ctx.scope.require(village)?;
        let mut tx = ctx.begin().await?;
        let name = places::store::find(&mut tx, village).await?.map(|one| one.short()).unwrap_or_default();
        let pack = ctx.app.pack(&mut tx, village.county()).await?;
        let actor = ctx.actor_at(village)?;
        let (id, codes) = acts::open(&mut tx, &ctx.app, (village, &name), round, pack, &actor).await?;
        tx.commit().await?;
        Ok((village.county(), id, codes))
    }
    .await;
    let mut conn = ctx.read().await?;
    match done {
        Ok((county, id, codes)) => {
            let row = store::find(&mut conn, county, &id).await?.ok_or(AppError::NotFound)?;
            slips_page(&ctx, &mut conn, &row, codes).await
        }
        Err(AppError::Refused(refusal)) => {
            let typed = data.typed().with_error(refusal.field.unwrap_or("village"), refusal.message);
            Ok(ctx.refused(&new_page(&ctx, &mut conn, typed).await?))
        }
        Err(error) => Err(error),
    }
}

#[derive(Template)]
#[template(path = "ratings/round.html")]
struct ShowPage {
    shell: Shell,
    state: Shown,
    facts: Vec<Fact>,
    subjects: Vec<String>,
    acts: Vec<Act>,
    results: String,
    say: Text,
}

pub async fn show(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let row = found(&ctx, &mut conn, &county, &id).await?;
    let used = store::used(&mut conn, row.county_id, &row.id).await?;
    let floor = acts::floor(ctx.pack(&mut conn, row.county_id).await?);
    let subjects = store::subjects(&mut conn, row.county_id, &row.id).await?;
    let runs = ctx.guest_or_viewer().is_some_and(|viewer| viewer.scope(Permission::RatingsRun).holds(row.village));
    let own = format!("/ratings/{}/{}", row.county_id, row.id);
    let mut acts = Vec::new();
    if runs && row.is_open() {
        if ctx.today > row.until || used >= row.slips {
            acts.push(Act::new(text!("开箱计票"), format!("{own}/count")).primary());
        }
        acts.push(Act::new(text!("换票"), format!("{own}/slips")));
    }
    let mut facts = vec![
        Fact::new(text!("发票"), text!("{n} 张", n = row.slips)),
        Fact::new(text!("已收回"), text!("{n} 张", n = row.ballots.unwrap_or(used))),
        Fact::new(text!("收票截止"), row.until.to_string().into()),
        Fact::new(text!("谁开的"), row.actor.clone().into()),
    ];
    if let (Some(day), Some(by)) = (row.closed_on, &row.closed_by) {
        facts.push(Fact::new(text!("开箱"), text!("{name} {day}", name = by, day = day)));
    }
    let say = if row.is_open() {
        text!("计票之前谁也看不到票；满 {n} 票才公布结果。", n = floor)
    } else {
        text!("不满 {n} 票的先累计，够了再公布，公布过的不再拆开。", n = floor)
    };
    let page = ShowPage {
        shell: ctx.shell(&mut conn, text!("{month} 群众评事", month = row.month), Some(row.village)).await?,
        state: standing(row.is_open(), row.until, ctx.today),
        facts,
        subjects: subjects.into_iter().map(|subject| subject.name).collect(),
        acts,
        results: format!("/villages/{}/ratings", row.village),
        say,
    };
    Ok(ctx.page(&page))
}

pub async fn ask_slips(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let row = found(&ctx, &mut conn, &county, &id).await?;
    let used = store::used(&mut conn, row.county_id, &row.id).await?;
    let own = format!("/ratings/{}/{}", row.county_id, row.id);
    let page = ConfirmPage {
        shell: ctx.shell(&mut conn, text!("换票"), Some(row.village)).await?,
        say: text!("还没收回的 {n} 张票全部作废，另印同样多的新票。已经投的不受影响。", n = row.slips - used),
        action: format!("{own}/slips"),
        button: text!("作废并印新票"),
        back: own,
        effects: Vec::new(),
        form: Form::default(),
        ask_reason: false,
    };
    Ok(ctx.page(&page))
}

pub async fn slips(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut tx = ctx.begin().await?;
    let row = found(&ctx, &mut tx, &county, &id).await?;
    let codes = acts::draw_again(&mut tx, &ctx.app, &row, &ctx.actor_at(row.village)?).await?;
    tx.commit().await?;
    slips_page(&ctx, &mut ctx.read().await?, &row, codes).await
}

pub async fn ask_count(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let row = found(&ctx, &mut conn, &county, &id).await?;
    let used = store::used(&mut conn, row.county_id, &row.id).await?;
    let own = format!("/ratings/{}/{}", row.county_id, row.id);
    let page = ConfirmPage {
        shell: ctx.shell(&mut conn, text!("开箱计票"), Some(row.village)).await?,
        say: text!("收回 {n} 张。计票之后不再收票，没用的票作废。", n = used),
        action: format!("{own}/count"),
        button: text!("开箱计票"),
        back: own,
        effects: Vec::new(),
        form: Form::default(),
        ask_reason: false,
    };
    Ok(ctx.page(&page))
}

pub async fn count(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut tx = ctx.begin().await?;
    let row = found(&ctx, &mut tx, &county, &id).await?;
    let pack = ctx.app.pack(&mut tx, row.county_id).await?;
    acts::close(&mut tx, &row, pack, &ctx.actor_at(row.village)?).await?;
    tx.commit().await?;
    Ok(ctx.redirect(&format!("/ratings/{}/{}", row.county_id, row.id), &text!("已计票。")))
}
