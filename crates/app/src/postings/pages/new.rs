//! 登记派驻: one person to one village, as a proposal or already on post.

use askama::Template;
use axum::response::Response;
use base::{
    db::{Conn, Tx},
    html::{Address, Choice, Form, Shell, filters},
    i18n::Text,
    kernel::{CountyId, Day, DivisionCode, IdNumber, Phone, new_id},
    text,
    web::{AppError, AppResult, Refusal},
};

use crate::{
    imports::{Asked, PlaceIndex, PlaceProblem},
    people::{self, Gender, Person},
    places,
    postings::{
        Held, Ledger, PostRole, State,
        store::{self, NewPosting},
    },
    spine::audit::{self, Change, Subject},
    units::{self, Unit, UnitLevel},
    web::{Ctx, FormData},
};

#[derive(Template)]
#[template(path = "postings/new.html")]
struct NewPage {
    shell: Shell,
    form: Form,
    roles: Vec<Choice>,
    ledgers: Vec<Choice>,
    stages: Vec<Choice>,
    units: Vec<String>,
    villages: Vec<String>,
}

async fn page(ctx: &Ctx, conn: &mut Conn, form: Form) -> AppResult<NewPage> {
    let place = ctx.scope.home().ok_or(AppError::Forbidden)?;
    let mut units: Vec<String> = units::store::ids_by_name(conn, place.county()).await?.into_keys().collect();
    units.sort();
    let divisions = places::store::list(conn, place.area()).await?;
    let township = |code: DivisionCode| divisions.iter().find(|d| d.code == code.parent()).map(places::Division::short);
    let villages = divisions.iter().filter(|d| d.level() == base::kernel::Level::Village);
    let villages = villages.map(|d| format!("{}{}", township(d.code).unwrap_or_default(), d.short())).collect();
    Ok(NewPage {
        shell: ctx.shell(conn, text!("登记派驻"), Some(place)).await?,
        form,
        roles: PostRole::ALL.iter().map(|role| Choice::new(role.code(), Text::key(role.zh()))).collect(),
        ledgers: Ledger::ALL.iter().map(|ledger| Choice::new(ledger.code(), Text::key(ledger.zh()))).collect(),
        stages: vec![
            Choice::new("on_post", text!("已到岗，从到岗日期起计入在岗")),
            Choice::new("proposed", text!("拟派，先审核、批准，再确认到岗")),
        ],
        units,
        villages,
    })
}

pub async fn form(ctx: Ctx) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let address = Address::parse(&ctx.address);
    let mut typed = vec![
        ("since", ctx.today.to_string()),
        ("stage", "on_post".to_owned()),
        ("role", PostRole::FirstSecretary.code().to_owned()),
        ("ledger", Ledger::Province.code().to_owned()),
    ];
    if let Some(code) = DivisionCode::parse(address.get("village")) {
        typed.push(("village", code.to_string()));
    }
    let page = page(&ctx, &mut conn, Form::of(typed)).await?;
    Ok(ctx.page(&page))
}

/// What the form says, once every field is right.
struct Asking {
    person: Person,
    unit: String,
    village: DivisionCode,
    role: PostRole,
    ledger: Ledger,
    since: Day,
    proposed: bool,
    note: Option<String>,
}

fn read(form: &FormData, index: &PlaceIndex, today: Day) -> Result<Asking, Refusal> {
    let name = base::sheet::person_name(form.get("name"));
    if name.is_empty() {
        return Err(Refusal::at("name", text!("请填姓名")));
    }
    let id_text = base::sheet::fold(form.get("id_number"));
    let id = IdNumber::parse(&id_text).map_err(|error| Refusal::at("id_number", Text::data(error.to_string())))?;
    let phone = match form.some("phone") {
        Some(text) => Some(
            Phone::parse(&base::sheet::fold(text))
                .ok_or_else(|| Refusal::at("phone", text!("电话应为 11 位手机号，或带区号的座机")))?,
        ),
        None => None,
    };
    let unit = form.some("unit").ok_or_else(|| Refusal::at("unit", text!("请填派出单位")))?.to_owned();
    let village = find_village(index, form.get("village"))?;
    let role = PostRole::parse(form.get("role")).ok_or_else(|| Refusal::at("role", text!("请选驻村职务")))?;
    let ledger = Ledger::parse(form.get("ledger")).ok_or_else(|| Refusal::at("ledger", text!("请选台账")))?;
    let since = form.some("since").and_then(Day::parse);
    let since = since.ok_or_else(|| Refusal::at("since", text!("请填到岗日期，写作 2024-01-18")))?;
    let proposed = form.get("stage") == "proposed";
    if since > today && !proposed {
        return Err(Refusal::at("since", text!("到岗日期晚于今天，请改选“拟派”")));
    }
    let gender = if id.is_male() { Gender::Male } else { Gender::Female };
    let some = |name: &str| form.some(name).map(str::to_owned);
    let person = Person {
        name,
        gender: Some(gender),
        birth: id.birth().map(|day| day.to_string()),
        id_number: Some(id),
        phone: phone.map(|phone| phone.to_string()),
        position: some("position"),
        rank: some("rank"),
        ..Person::default()
    };
    Ok(Asking { person, unit, village, role, ledger, since, proposed, note: some("note") })
}

fn find_village(index: &PlaceIndex, text: &str) -> Result<DivisionCode, Refusal> {
    if text.is_empty() {
        return Err(Refusal::at("village", text!("请填派驻村的名称或代码")));
    }
    let is_code = text.bytes().all(|b| b.is_ascii_digit());
    let asked =
        if is_code { Asked { code: text, ..Asked::default() } } else { Asked { village: text, ..Asked::default() } };
    index.village(asked).map_err(|problem| {
        let message = match problem {
            PlaceProblem::Ambiguous { candidates } => {
                text!("有几个村都叫这个名字：{names}。请写上乡镇名", names = candidates.join("、"))
            }
            PlaceProblem::Unknown { nearest } if !nearest.is_empty() => {
                text!("没有找到这个村，是不是 {names}？", names = nearest.join("、"))
            }
            PlaceProblem::Unknown { .. } | PlaceProblem::UnknownTownship { .. } | PlaceProblem::UnknownCode => {
                text!("没有找到这个村，请核对名称或 12 位代码")
            }
        };
        Refusal::at("village", message)
    })
}

pub async fn add(ctx: Ctx, form: FormData) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let home = ctx.scope.home().ok_or(AppError::Forbidden)?;
    let divisions = places::store::list(&mut conn, home.area()).await?;
    drop(conn);
    let index = PlaceIndex::new(divisions.into_iter().map(|d| (d.code, d.name.clone(), d.level())).collect());
    let done = match read(&form, &index, ctx.today) {
        Ok(asking) => enter(&ctx, asking).await,
        Err(refusal) => Err(refusal.into()),
    };
    match done {
        Ok((county, id, name)) => {
            Ok(ctx.redirect(&format!("/postings/{county}/{id}"), &text!("{name} 的派驻已登记。", name = name)))
        }
        Err(AppError::Refused(refusal)) => {
            let field = match refusal.field {
                Some("person") => "id_number",
                Some(field) => field,
                None => "name",
            };
            let typed = form.typed().with_error(field, refusal.message);
            let page = page(&ctx, &mut ctx.read().await?, typed).await?;
            Ok(ctx.refused(&page))
        }
        Err(error) => Err(error),
    }
}

/// One transaction: the unit and the person where they are new, the posting, its facts and tasks, the audit line.
async fn enter(ctx: &Ctx, asking: Asking) -> AppResult<(CountyId, String, String)> {
    let actor = ctx.actor_at(asking.village)?;
    let county = asking.village.county();
    ctx.scope.require(asking.village)?;
    let mut tx = ctx.begin().await?;
    let pack = ctx.app.pack(&mut tx, county).await?;
    let batch = store::open_batch(&mut tx, county).await?;
    let batch = batch.ok_or_else(|| Refusal::whole(text!("还没有开放的批次，请先在“批次”页新建一批")))?;
    let (unit_id, unit_level) = unit(&mut tx, county, &asking.unit).await?;
    let person = Person { unit_id: Some(unit_id.clone()), ..asking.person };
    let who = person_file(&mut tx, ctx, county, &person).await?;
    let posting_id = new_id();
    let held = Held {
        posting_id: posting_id.clone(),
        batch_id: batch.id,
        person: who,
        unit_id: Some(unit_id),
        unit_level,
        village: asking.village,
        role: asking.role,
        ledger: asking.ledger,
        state: if asking.proposed { State::Proposed } else { State::OnPost },
        since: asking.since,
    };
    let new = NewPosting { held, team_id: None, person_name: person.name.clone(), note: asking.note };
    store::add_all(&mut tx, county, &[new], pack.county_guide_beside(), &actor).await?;
    store::refresh_vacancies(&mut tx, county, asking.village.area(), pack, &actor).await?;
    let after = serde_json::json!({
        "village": asking.village, "role": asking.role.code(), "since": asking.since, "proposed": asking.proposed,
    });
    let subject = Subject { kind: "posting", id: &posting_id };
    audit::write(&mut tx, county, &actor, "posting.add", subject, Change::made(after)).await?;
    tx.commit().await?;
    Ok((county, posting_id, person.name))
}

async fn unit(tx: &mut Tx, county: CountyId, name: &str) -> AppResult<(String, Option<UnitLevel>)> {
    if let Some(row) = units::store::find_by_name(tx, county, name).await? {
        return Ok((row.id, UnitLevel::parse(&row.level)));
    }
    let unit = Unit::named(name);
    let level = unit.level;
    Ok((units::store::add(tx, county, &unit).await?, Some(level)))
}

/// The file of this human being: the one that has the ID number already, or a new one.
async fn person_file(tx: &mut Tx, ctx: &Ctx, county: CountyId, person: &Person) -> AppResult<(CountyId, String)> {
    if let Some(id) = &person.id_number {
        let hash = people::store::id_hash(&ctx.app.keys, id);
        if let Some(found) = people::store::find_identities(tx, std::slice::from_ref(&hash)).await?.remove(&hash) {
            let row = people::store::find(tx, found.0, &found.1).await?.ok_or(AppError::NotFound)?;
            if row.name != person.name {
                return Err(Refusal::at("name", text!("这个身份证号已登记给别的姓名，请核对姓名或身份证号")).into());
            }
            return Ok(found);
        }
    }
    let id = people::store::add(tx, &ctx.app.keys, county, person, ctx.app.clock.now()).await?;
    Ok((county, id))
}
