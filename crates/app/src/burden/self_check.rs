//! The installation against the table of "never / instead": each line computed from what is really there.

use std::collections::BTreeSet;

use base::{
    db::{Conn, DbResult, sql},
    html::{State as Shown, Tone},
    i18n::Text,
    kernel::{CountyId, Day},
    text,
};

use super::{
    meter::{self, Line},
    rules::{Class, Standing, SwitchKind},
    store::{self, Tally},
};
use crate::{app::MIGRATIONS, spine::facts::Catalogue};

/// One line: what never, what instead, how it stands.
pub struct Check {
    pub never: Text,
    pub instead: Text,
    pub now: Text,
    pub state: Shown,
}

/// One class of complaint and how it stands.
pub struct ClassCheck {
    pub class: Text,
    pub tally: Tally,
    /// What the meter says of it.
    pub meter: Text,
    pub state: Shown,
}

/// Every table and column that the program's migrations make.
#[must_use]
pub fn columns() -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    for migration in MIGRATIONS.iter() {
        let text: String = migration
            .sql
            .as_str()
            .lines()
            .map(|line| line.split("--").next().unwrap_or_default())
            .collect::<Vec<_>>()
            .join("\n");
        for part in text.split("create table ").skip(1) {
            let Some((table, body)) = part.split_once('(') else { continue };
            let body = body.split(';').next().unwrap_or_default();
            let names = body.lines().filter_map(|line| line.split_whitespace().next());
            let names =
                names.filter(|name| *name != "constraint" && name.starts_with(|c: char| c.is_ascii_lowercase()));
            found.extend(names.map(|name| (table.trim().to_owned(), name.to_owned())));
        }
    }
    found
}

/// Columns of the store whose names are among these, in tables other than those excepted.
fn named(words: &[&str], except: &[&str]) -> usize {
    let is = |(table, column): &(String, String)| {
        !except.contains(&table.as_str()) && column.split('_').any(|part| words.contains(&part))
    };
    columns().iter().filter(|one| is(one)).count()
}

/// Columns that hold where somebody is: places of villages are no tracks.
#[must_use]
pub fn tracks() -> usize {
    named(&["longitude", "latitude", "gps", "track", "tracks", "coordinates"], &["village"])
}

/// Columns that hold a face, a clock-in or what was read by whom.
#[must_use]
pub fn watching() -> usize {
    named(&["face", "clockin", "checkin", "punch", "receipt", "online"], &[])
}

fn good(now: Text, ok: bool) -> (Text, Shown) {
    let state = if ok { Shown::new(Tone::Ok, text!("符合")) } else { Shown::new(Tone::Late, text!("要留意")) };
    (now, state)
}

/// The table of "never / instead" for a county on a day; `cost` is what its forms cost of late.
pub async fn checks(conn: &mut Conn, county: CountyId, cost: &[Line], today: Day) -> DbResult<Vec<Check>> {
    let id = county.as_i64();
    let rows = store::switches(conn, (id, id)).await?;
    let on = |kind: SwitchKind| {
        rows.iter().filter(|row| row.kind() == Some(kind) && row.standing(today) == Standing::On).count()
    };
    let sources = sql("select count(distinct source_kind) from live_fact where county_id = $1");
    let sources: i64 = conn.value(sources.bind(county)).await?;
    let facts: i64 = conn.value(sql("select count(*) from live_fact where county_id = $1").bind(county)).await?;
    let use_counted = ["login", "online", "likes", "posts", "sign_in", "install"];
    let counted = |code: &str| code.split(['.', '_']).any(|part| use_counted.contains(&part));
    let counted = Catalogue::get().iter().filter(|indicator| counted(&indicator.code)).count();
    let counties: i64 = conn.value(sql("select count(distinct county_id) from live_batch")).await?;
    let sums = meter::total(cost);
    let asked = meter::by(cost, |line| line.form.map(meter::Demand::is_own));
    let asked = |own| asked.get(&Some(own)).map_or(0, |sums| sums.forms);
    let (places, photos, daily) = (on(SwitchKind::Place), on(SwitchKind::Photo), on(SwitchKind::Daily));
    let line = |never, instead, (now, state): (Text, Shown)| Check { never, instead, now, state };
    Ok(vec![
        line(
            text!("用打卡、定位、刷脸证明在岗"),
            text!("默认在岗，请假外出才记；由人随机走访；听群众怎么说"),
            good(
                text!(
                    "存放人的位置的栏目 {n} 个；存放打卡、刷脸、在线的栏目 {m} 个；“请填所在地点”开着 {k} 项",
                    n = tracks(),
                    m = watching(),
                    k = places
                ),
                tracks() + watching() + places == 0,
            ),
        ),
        line(
            text!("按登录次数、在线时长、发帖点赞积分排名奖励"),
            text!("看实绩，由人评议"),
            good(text!("指标目录里按使用情况计数的 {n} 个", n = counted), counted == 0),
        ),
        line(
            text!("不传照片、视频、轨迹就不能保存"),
            text!("一律可不传；图片去掉位置信息"),
            good(text!("“请附照片”开着 {n} 项", n = photos), photos == 0),
        ),
        line(
            text!("同一个数问两遍，同一份材料报两遍"),
            text!("记一次，到处用；表上先写好已经知道的"),
            good(
                text!(
                    "近 12 个月送出 {f} 份表，同一个数又填 {a} 次（不到百分之一算符合）。本县 {n} 条实绩出自 {m} 类记录",
                    f = sums.forms,
                    a = sums.again,
                    n = facts,
                    m = sources
                ),
                sums.again * 100 <= sums.forms,
            ),
        ),
        line(
            text!("上面把表推进来让基层填"),
            text!("别的部门的表由系统代填"),
            good(
                text!(
                    "系统没有向下发表的功能。近 12 个月的表，有规定或有人要求的 {r} 份，系统自己要的 {o} 份。“请每天填写”开着 {n} 项",
                    r = asked(false),
                    o = asked(true),
                    n = daily
                ),
                daily == 0,
            ),
        ),
        line(
            text!("把安装率、登录率、已读回执当考核"),
            text!("不收集"),
            good(text!("收集这些的栏目 {n} 个；登录时间只用来保护账号，不进统计", n = watching()), watching() == 0),
        ),
        line(
            text!("乡镇、村各装一套"),
            text!("县是最低一级的运行者，乡镇和村是用户"),
            good(text!("这套系统里有批次的县级单位 {n} 个；乡镇、村没有自己的库", n = counties), true),
        ),
    ])
}

/// What the meter says of a class.
fn metered(class: Class, cost: &[Line]) -> Text {
    let sums = meter::total(cost);
    match class {
        Class::RepeatedFilling => {
            text!("同数又填 {a} 次，退回重填 {r} 次", a = sums.again, r = sums.returned)
        }
        Class::OverRecording => {
            text!("每份表 {f} 栏、{m} 分钟", f = sums.fields_each(), m = sums.minutes_each())
        }
        Class::ForcedUse
        | Class::Ranking
        | Class::UselessGroups
        | Class::DuplicateSystems
        | Class::Tracks
        | Class::PrivateData => Text::default(),
    }
}

/// The eight classes of complaint.
pub async fn classes(conn: &mut Conn, county: CountyId, cost: &[Line], today: Day) -> DbResult<Vec<ClassCheck>> {
    let line = |(class, tally): (Class, Tally)| {
        let state = match (tally.made - tally.answered, tally.late) {
            (0, _) if tally.made == 0 => Shown::new(Tone::Idle, text!("没有收到")),
            (0, _) => Shown::new(Tone::Ok, text!("都已答复")),
            (_, 0) => Shown::new(Tone::Wait, text!("待答复")),
            _ => Shown::new(Tone::Late, text!("有逾期")),
        };
        ClassCheck { class: Text::key(class.zh()), tally, meter: metered(class, cost), state }
    };
    Ok(store::tallies(conn, county, today).await?.into_iter().map(line).collect())
}
