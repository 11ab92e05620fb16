//! Coverage on a day: what each village must have by the pack, what it has, what is missing; and the tasks that follow.

use std::collections::{BTreeMap, HashMap};

use base::{
    db::{Conn, DbResult, Query, Tx, sql},
    kernel::{Area, CountyId, Day, DivisionCode, Level},
};

use crate::{
    accounts::{Actor, Role},
    packs::Pack,
    places::{self, VillageCategory},
    spine::tasks::{self, TaskDraft},
};

/// A village that must have somebody.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CoverageRow {
    pub village: DivisionCode,
    pub name: String,
    pub township: String,
    pub categories: Vec<VillageCategory>,
    pub needs_first_secretary: i64,
    pub has_first_secretary: i64,
    pub needs_team: i64,
    pub has_team: i64,
    /// Everybody on post there.
    pub on_post: i64,
}

impl CoverageRow {
    #[must_use]
    pub fn lacks_first_secretary(&self) -> bool {
        self.has_first_secretary < self.needs_first_secretary
    }

    #[must_use]
    pub fn lacks_team(&self) -> bool {
        self.has_team < self.needs_team
    }

    #[must_use]
    pub fn is_met(&self) -> bool {
        !self.lacks_first_secretary() && !self.lacks_team()
    }
}

/// Coverage of an area on a day.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Coverage {
    /// Villages of which the pack asks something, by code.
    pub required: Vec<CoverageRow>,
}

impl Coverage {
    /// The villages of other counties than these.
    #[must_use]
    pub fn without(&self, counties: &[CountyId]) -> Self {
        let others = self.required.iter().filter(|row| !counties.contains(&row.village.county()));
        Self { required: others.cloned().collect() }
    }

    /// With the villages of other counties among its own.
    pub fn add(&mut self, other: Self) {
        self.required.extend(other.required);
        self.required.sort_by_key(|row| row.village);
    }

    #[must_use]
    pub fn met(&self) -> usize {
        self.required.iter().filter(|row| row.is_met()).count()
    }

    pub fn missing(&self) -> impl Iterator<Item = &CoverageRow> {
        self.required.iter().filter(|row| !row.is_met())
    }

    /// Required and met by category, in the order of the categories; a village with two counts in both.
    #[must_use]
    pub fn by_category(&self) -> Vec<(VillageCategory, usize, usize)> {
        let of = |category: VillageCategory| {
            let rows: Vec<_> = self.required.iter().filter(|row| row.categories.contains(&category)).collect();
            (category, rows.len(), rows.iter().filter(|row| row.is_met()).count())
        };
        VillageCategory::ALL.into_iter().map(of).filter(|(_, required, _)| *required > 0).collect()
    }

    /// Required and met by township, by code.
    #[must_use]
    pub fn by_township(&self) -> Vec<(DivisionCode, String, usize, usize)> {
        let mut sums: BTreeMap<DivisionCode, (String, usize, usize)> = BTreeMap::new();
        for row in &self.required {
            let sum = sums.entry(row.village.at(Level::Township)).or_insert((row.township.clone(), 0, 0));
            sum.1 += 1;
            sum.2 += usize::from(row.is_met());
        }
        sums.into_iter().map(|(code, (name, required, met))| (code, name, required, met)).collect()
    }
}

#[derive(sqlx_macros::FromRow)]
struct CategoryRow {
    village: DivisionCode,
    category: String,
    name: Option<String>,
    township: Option<String>,
}

/// Coverage of an area on a day under a pack.
pub async fn coverage(conn: &mut Conn, area: Area, day: Day, pack: &Pack) -> DbResult<Coverage> {
    let named = sql("select c.village, c.category, v.name, t.name as township from village_category c \
                     left join division v on v.code = c.village and v.until is null \
                     left join division t on t.code = (c.village / 1000) * 1000 and t.until is null \
                     where c.county_id between $1 and $2 and c.since <= $3 \
                     and (c.until is null or c.until > $3)");
    cover(conn, area, day, named, &|_| Some(pack)).await
}

/// Coverage of an area of many counties on a day, each under its own pack; the villages have no names.
pub async fn coverage_of_counties<'a>(
    conn: &mut Conn,
    area: Area,
    day: Day,
    pack_of: &(dyn Fn(CountyId) -> Option<&'a Pack> + Sync),
) -> DbResult<Coverage> {
    let unnamed = sql("select c.village, c.category, null as name, null as township from village_category c \
                       where c.county_id between $1 and $2 and c.since <= $3 and (c.until is null or c.until > $3)");
    cover(conn, area, day, unnamed, pack_of).await
}

async fn cover<'a>(
    conn: &mut Conn,
    area: Area,
    day: Day,
    categories: Query,
    pack_of: &(dyn Fn(CountyId) -> Option<&'a Pack> + Sync),
) -> DbResult<Coverage> {
    let (first, last) = area.counties();
    let mut categories = categories.bind(first).bind(last).bind(day);
    categories.and_within("c.village", area).push(" order by c.village, c.category");
    let mut rows: BTreeMap<DivisionCode, CoverageRow> = BTreeMap::new();
    for row in conn.all::<CategoryRow>(categories).await? {
        let Some(category) = VillageCategory::parse(&row.category) else { continue };
        let Some(need) = pack_of(row.village.county()).and_then(|pack| pack.need(category)) else { continue };
        let entry = rows.entry(row.village).or_insert_with(|| CoverageRow {
            village: row.village,
            name: places::short_name(&row.name.unwrap_or_default()),
            township: row.township.unwrap_or_default(),
            categories: Vec::new(),
            needs_first_secretary: 0,
            has_first_secretary: 0,
            needs_team: 0,
            has_team: 0,
            on_post: 0,
        });
        entry.categories.push(category);
        entry.needs_first_secretary = entry.needs_first_secretary.max(need.first_secretary);
        entry.needs_team = entry.needs_team.max(need.team);
    }
    rows.retain(|_, row| row.needs_first_secretary > 0 || row.needs_team > 0);
    let (people, teams) = (holders(conn, area, day).await?, teams(conn, area, day).await?);
    for (village, row) in &mut rows {
        let (first_secretaries, all) = people.get(village).copied().unwrap_or_default();
        row.has_first_secretary = first_secretaries;
        row.on_post = all;
        row.has_team = teams.get(village).copied().unwrap_or_default();
    }
    Ok(Coverage { required: rows.into_values().collect() })
}

/// First secretaries and everybody on post, by village, on a day.
async fn holders(conn: &mut Conn, area: Area, day: Day) -> DbResult<HashMap<DivisionCode, (i64, i64)>> {
    let (first, last) = area.counties();
    let mut query = sql("select village, cast(sum(case when role = 'first_secretary' then 1 else 0 end) as bigint), \
                         count(*) from live_posting where county_id between $1 and $2 and state in ('on_post', 'ended') \
                         and since <= $3 and (until is null or until > $3)")
    .bind(first)
    .bind(last)
    .bind(day);
    query.and_within("village", area).push(" group by village");
    let rows: Vec<(DivisionCode, i64, i64)> = conn.all(query).await?;
    Ok(rows.into_iter().map(|(village, secretaries, all)| (village, (secretaries, all))).collect())
}

/// Teams that serve each village on a day, as main village or neighbour.
async fn teams(conn: &mut Conn, area: Area, day: Day) -> DbResult<HashMap<DivisionCode, i64>> {
    let (first, last) = area.counties();
    let mut counts = HashMap::new();
    let mut main = sql("select t.village from live_team t where t.county_id between $1 and $2 and t.since <= $3 \
                        and (t.until is null or t.until > $3)")
    .bind(first)
    .bind(last)
    .bind(day);
    main.and_within("t.village", area);
    let mut beside = sql("select n.village from team_neighbour n \
                          join live_team t on t.county_id = n.county_id and t.id = n.team_id \
                          where n.county_id between $1 and $2 and t.since <= $3 and (t.until is null or t.until > $3)")
    .bind(first)
    .bind(last)
    .bind(day);
    beside.and_within("n.village", area);
    for query in [main, beside] {
        for (village,) in conn.all::<(DivisionCode,)>(query).await? {
            *counts.entry(village).or_insert(0) += 1;
        }
    }
    Ok(counts)
}

/// Opens a task for each village that lacks what the pack asks, closes those that are filled.
pub async fn refresh_vacancies(tx: &mut Tx, county: CountyId, area: Area, pack: &Pack, actor: &Actor) -> DbResult<()> {
    let today = actor.today;
    let open =
        sql("select origin_id, title from live_task where county_id = $1 and kind = 'vacancy' and done_at is null");
    let mut open: HashMap<String, String> = tx.all::<(String, String)>(open.bind(county)).await?.into_iter().collect();
    for row in coverage(tx, area, today, pack).await?.required {
        let origin = row.village.to_string();
        let known = open.remove(&origin);
        if row.is_met() {
            if known.is_some() {
                tasks::close(tx, county, "vacancy", ("village", &origin), actor).await?;
            }
            continue;
        }
        let what = if row.lacks_first_secretary() {
            "第一书记空缺，提出接任人选"
        } else {
            "缺驻村工作队，提出组队方案"
        };
        let title = format!("{}{what}", row.name);
        // A vacancy that is known keeps its due day; one that changed its kind is a new task.
        if known.as_ref() == Some(&title) {
            continue;
        }
        let draft = TaskDraft {
            kind: "vacancy",
            title,
            detail: Some(row.township.clone()),
            link: format!("/villages/{}", row.village),
            role: Role::Office,
            division: row.village,
            due: today.plus_days(pack.vacancy_days()),
            origin_kind: "village",
            origin_id: origin,
        };
        tasks::open(tx, &draft, actor.at).await?;
    }
    // What is left was asked of a village once and is asked no longer.
    for origin in open.keys().filter(|id| DivisionCode::parse(id).is_some_and(|village| area.contains(village))) {
        tasks::close(tx, county, "vacancy", ("village", origin), actor).await?;
    }
    Ok(())
}
