//! Measures boards, lists, search and codes over many matters.
//!
//! `matters_bench ROWS DATABASE_URL [county | province]`: how many matters to spread over the villages of the demo's
//! county, or of a province; and a fresh database. Run it in release.

use std::{error::Error, time::Instant};

use base::{
    db::{Access, Conn, Db, Tx},
    kernel::{Clock, DivisionCode, Instant as Moment, Level},
    seal::Keys,
};
use lianxin::{
    accounts::{Actor, Scope},
    app::{App, MIGRATIONS},
    demo,
    matters::{
        acts::{Raised, new_matter},
        rules::{Act, Channel, Chosen, Code, Done, How, Level as Says, Matter, Move, Rating, Size, Stage, typed},
        store::{self, Filter, NewEvent, NewMatter, Which},
    },
    places,
};

const KINDS: [(&str, &str, Size); 8] = [
    ("water", "自来水管爆裂漏水", Size::Small),
    ("lamp", "路灯不亮晚上看不见", Size::Small),
    ("insurance", "医保断缴怎么补缴", Size::Small),
    ("papers", "开证明办手续", Size::Small),
    ("clean", "垃圾池满了没人清运", Size::Small),
    ("road", "土路下雨难走要硬化", Size::Hard),
    ("land", "宅基地边界有争议", Size::Hard),
    ("irrigation", "机井电机烧了浇不上地", Size::Hard),
];
const SURNAMES: [&str; 12] = ["王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "邵", "司"];
const PLACES: [&str; 10] =
    ["老井边", "村东头", "小学旁", "河堤下", "大槐树", "后街", "前街", "卫生室", "广场边", "桥头"];
const AT_ONCE: usize = 5_000;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (rows, url, province) = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [rows, url] | [rows, url, "county"] => (rows, url, false),
        [rows, url, "province"] => (rows, url, true),
        _ => return Err("matters_bench ROWS DATABASE_URL [county | province]".into()),
    };
    let rows: usize = rows.parse()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(measure(rows, url, province))
}

async fn measure(rows: usize, url: &str, province: bool) -> Result<(), Box<dyn Error>> {
    let db = Db::open(url, Access::Write).await?;
    db.migrate(&MIGRATIONS).await?;
    let files = std::env::temp_dir().join("lianxin-matters-bench");
    let app = App::new(db, Keys::from_root(&[7; 32]), Clock::system(), files, None, false)?;
    let counties = load_places(&app, province).await?;
    let started = Instant::now();
    let now = app.clock.now();
    for (round, first) in (0..rows).step_by(AT_ONCE).enumerate() {
        let villages = &counties[round % counties.len()];
        let mut tx = app.db.begin().await?;
        fill(&app, &mut tx, villages, (first, (first + AT_ONCE).min(rows), rows), now).await?;
        tx.commit().await?;
    }
    app.db.optimize().await?;
    let all: usize = counties.iter().map(Vec::len).sum();
    println!("{rows} matters in {all} villages: {:.1} s", started.elapsed().as_secs_f64());
    let villages = &counties[0];
    let county = villages.first().map(|code| code.county().division()).ok_or("no village")?;
    let township = villages.first().map(|code| code.parent()).ok_or("no township")?;
    let mut conn = app.db.read().await?;
    let above = province.then(|| ("province", county.at(Level::Province)));
    let places = [("county", county), ("township", township), ("village", villages[0])];
    for (name, place) in above.into_iter().chain(places) {
        let scope = Scope::of(place);
        time(&format!("board of a {name}"), board(&mut conn, &scope, place.level(), now)).await?;
        for (which, word) in
            [(Which::Open, "open"), (Which::Late, "late"), (Which::Stage(Stage::Closed), "closed"), (Which::All, "all")]
        {
            let filter = Filter { which, kind: None, now: Some(now) };
            time(&format!("list of a {name}, {word}"), list(&mut conn, &scope, &filter)).await?;
        }
        for asked in ["水管", "邵家", "桥头", "机井电机", "没有这个"] {
            time(&format!("search in a {name}: {asked}"), search(&mut conn, &scope, asked)).await?;
        }
    }
    let words = "老井边自来水管又爆裂了，水漫到路上";
    let today = app.clock.today();
    time("suggestions for a new one", async {
        store::suggest(&mut conn, villages[0], words, None, today).await.map(drop)
    })
    .await?;
    let mut hits = 0;
    let started = Instant::now();
    for _ in 0..100_000 {
        let code = Code::fresh()?;
        hits += usize::from(
            store::find_by_code(&mut conn, &code.hash(&app.keys, lianxin::matters::rules::FOLLOW_UP)).await?.is_some(),
        );
    }
    println!("100,000 codes guessed without any limit: {hits} hits, {:.1} s", started.elapsed().as_secs_f64());
    Ok(())
}

async fn time<T>(what: &str, work: impl Future<Output = base::db::DbResult<T>>) -> Result<(), Box<dyn Error>> {
    let started = Instant::now();
    work.await?;
    println!("  {what}: {:.1} ms", started.elapsed().as_secs_f64() * 1_000.0);
    Ok(())
}

async fn board(conn: &mut Conn, scope: &Scope, level: Level, now: Moment) -> base::db::DbResult<()> {
    store::counts(conn, scope, level, now).await?;
    for stage in [Stage::Raised, Stage::Accepted, Stage::Deliberating, Stage::Township, Stage::Express, Stage::Solved] {
        store::lane(conn, scope, stage, 8).await?;
    }
    Ok(())
}

async fn list(conn: &mut Conn, scope: &Scope, filter: &Filter) -> base::db::DbResult<()> {
    store::count(conn, scope, filter).await?;
    store::list(conn, scope, filter, 50, 0).await.map(drop)
}

async fn search(conn: &mut Conn, scope: &Scope, asked: &str) -> base::db::DbResult<()> {
    store::found(conn, scope, asked, 50).await.map(drop)
}

/// The villages, county by county.
async fn load_places(app: &App, province: bool) -> Result<Vec<Vec<DivisionCode>>, Box<dyn Error>> {
    let divisions = if province { demo::lists::hunan()? } else { demo::lists::divisions() };
    let read: Vec<_> = divisions.into_iter().map(|one| (one.code, one.name)).collect();
    let mut tx = app.db.begin().await?;
    places::store::save_all(&mut tx, &read, app.clock.today()).await?;
    tx.commit().await?;
    let mut villages: Vec<_> =
        read.into_iter().map(|(code, _)| code).filter(|code| code.level() == Level::Village).collect();
    villages.sort();
    Ok(villages.chunk_by(|a, b| a.county() == b.county()).map(<[_]>::to_vec).collect())
}

/// One in twenty is still open, one in fifty of them late.
async fn fill(
    app: &App,
    tx: &mut Tx,
    villages: &[DivisionCode],
    (first, last, all): (usize, usize, usize),
    now: Moment,
) -> Result<(), Box<dyn Error>> {
    let county = villages.first().map(|code| code.county()).ok_or("no village")?;
    let pack = app.packs().get("default").ok_or("no pack")?;
    let mut new = Vec::with_capacity(last - first);
    for n in first..last {
        let (kind, need, size) = KINDS[(n / 3) % KINDS.len()];
        let hours = i64::try_from((all - n) * 20_000 / all)?;
        let at = now.plus_seconds(-hours * 3_600 - 60);
        let by = Actor { account_id: "bench".into(), name: "测量".into(), at, today: at.local_day() };
        let who = SURNAMES[(n * 7) % SURNAMES.len()];
        let place = PLACES[(n / 7) % PLACES.len()];
        let words = format!("{who}家说{place}{need}，第{}户等着办。", n % 9_973);
        let raised = Raised {
            village: villages[(n * 31) % villages.len()],
            said: typed(&words, "", "").map_err(|_| "words")?,
            channel: Channel::Phone,
            urgent: false,
            kind: None,
            household_id: None,
            member_id: None,
            outside_number: None,
            has_cadre: true,
            hold: None,
            proxy: true,
        };
        let (matter, code) = new_matter(raised, &app.keys, pack, &by)?;
        let chosen = Chosen { kind: kind.into(), size, hours: 72, department: None, member_id: None };
        let matter = step(matter, Move::Accept(chosen), pack, at)?;
        let matter = if n % 20 == 0 { matter } else { over(matter, pack, at)? };
        let events = vec![NewEvent { act: Act::Raise, words: None, by }];
        new.push(NewMatter {
            matter,
            code_hash: Some(code.hash(&app.keys, lianxin::matters::rules::FOLLOW_UP)),
            events,
            files: Vec::new(),
        });
    }
    store::add_all(tx, county, &mut new).await?;
    Ok(())
}

fn step(matter: Matter, next: Move, pack: &lianxin::packs::Pack, at: Moment) -> Result<Matter, Box<dyn Error>> {
    matter.take(next, pack, at, at.local_day()).map_err(|refusal| refusal.to_string().into())
}

fn over(matter: Matter, pack: &lianxin::packs::Pack, at: Moment) -> Result<Matter, Box<dyn Error>> {
    let done = Done {
        how: How::Resolved,
        at,
        on: at.local_day(),
        words: "办好了".into(),
        person: None,
        name: "测量".into(),
        unit_id: None,
    };
    let solved = step(matter, Move::End { done }, pack, at)?;
    let rating = Rating { level: Says::Satisfied, at, on: at.local_day(), proxy: None };
    step(solved, Move::Rate { rating }, pack, at)
}
