//! Locks and registers against the postings.

use std::collections::{BTreeMap, BTreeSet};

use base::{
    db::{Conn, DbResult, sql},
    kernel::{CountyId, DivisionCode},
};

use super::{Finding, finding};
use crate::postings::{Ledger, PostRole, village_slot};

/// Nobody holds two posts, and `post_holder` names exactly those on post, both ways. Across counties: a person may be
/// posted in any.
pub(super) async fn holders(conn: &mut Conn) -> DbResult<Vec<Finding>> {
    let mut found = Vec::new();
    let twice = sql("select person_id, min(county_id), count(*) from live_posting where state = 'on_post' \
                     group by person_id having count(*) > 1 order by person_id");
    for (person, county, n) in conn.all::<(String, CountyId, i64)>(twice).await? {
        found.push(finding("two_posts", county, format!("person/{person}"), format!("同时在 {n} 个岗位上")));
    }
    let unheld = sql("select p.county_id, p.id, p.person_name from live_posting p left join post_holder h \
                      on h.person_id = p.person_id and h.county_id = p.county_id and h.posting_id = p.id \
                      where p.state = 'on_post' and h.person_id is null order by p.county_id, p.id");
    for (county, id, name) in conn.all::<(CountyId, String, String)>(unheld).await? {
        found.push(finding("post_holder", county, format!("posting/{id}"), format!("{name}在岗，但没有占岗登记")));
    }
    let stale = sql("select h.county_id, h.person_id, h.posting_id from post_holder h left join live_posting p \
                     on p.county_id = h.county_id and p.id = h.posting_id and p.person_id = h.person_id \
                     and p.state = 'on_post' where p.id is null order by h.county_id, h.person_id");
    for (county, person, posting) in conn.all::<(CountyId, String, String)>(stale).await? {
        let what = format!("占岗登记指向的派驻 {posting} 不在岗");
        found.push(finding("post_holder", county, format!("person/{person}"), what));
    }
    Ok(found)
}

/// `village_post` names exactly the first secretaries and branch secretaries on post.
pub(super) async fn village_posts(conn: &mut Conn, county: CountyId) -> DbResult<Vec<Finding>> {
    let on_post = sql("select id, village, role, ledger from live_posting where county_id = $1 and state = 'on_post'");
    let rows: Vec<(String, DivisionCode, String, String)> = conn.all(on_post.bind(county)).await?;
    let slots = sql("select posting_id, village, slot from village_post where county_id = $1");
    let slots: Vec<(String, DivisionCode, String)> = conn.all(slots.bind(county)).await?;
    let mut held: BTreeMap<String, (DivisionCode, String)> =
        slots.into_iter().map(|(posting, village, slot)| (posting, (village, slot))).collect();
    let mut found = Vec::new();
    for (id, village, role, ledger) in rows {
        let (Some(role), Some(ledger)) = (PostRole::parse(&role), Ledger::parse(&ledger)) else {
            found.push(finding("posting", county, format!("posting/{id}"), "职务或台账不认识"));
            continue;
        };
        // Whether the county let a guide stand beside when this one came is not kept; either slot is right.
        let right = [true, false].map(|beside| village_slot(role, ledger, beside));
        let stored = held.remove(&id);
        let fits = match &stored {
            Some((at, slot)) => *at == village && right.contains(&Some(slot.as_str())),
            None => right.contains(&None),
        };
        if !fits {
            let what = match stored {
                Some((at, slot)) => format!("占用的村职位是 {at} {slot}，与派驻不符"),
                None => "在岗，但没有占用村的职位".to_owned(),
            };
            found.push(finding("village_post", county, format!("posting/{id}"), what));
        }
    }
    for (posting, (village, slot)) in held {
        let what = format!("职位 {slot} 由派驻 {posting} 占用，而它不在岗");
        found.push(finding("village_post", county, format!("village/{village}"), what));
    }
    Ok(found)
}

/// One open category a village; every posting's person exists.
pub(super) async fn registers(conn: &mut Conn, county: CountyId) -> DbResult<Vec<Finding>> {
    let mut found = Vec::new();
    let open = sql("select village, count(*) from village_category where county_id = $1 and until is null \
                    group by village having count(*) > 1 order by village");
    for (village, n) in conn.all::<(DivisionCode, i64)>(open.bind(county)).await? {
        let what = format!("同时有 {n} 个未结束的类别");
        found.push(finding("category", county, format!("village/{village}"), what));
    }
    let people = sql("select person_county, person_id from live_posting where county_id = $1 \
                      group by person_county, person_id");
    let mut asked: BTreeMap<CountyId, BTreeSet<String>> = BTreeMap::new();
    for (home, person) in conn.all::<(CountyId, String)>(people.bind(county)).await? {
        asked.entry(home).or_default().insert(person);
    }
    for (home, people) in asked {
        let people: Vec<String> = people.into_iter().collect();
        let known = crate::people::store::find_all(conn, home, &people).await?;
        for person in people.iter().filter(|id| !known.contains_key(*id)) {
            found.push(finding("person", county, format!("person/{person}"), "派驻指向的人没有档案"));
        }
    }
    Ok(found)
}
