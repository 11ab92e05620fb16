//! Ratings, as far as can be looked at without looking at anybody's ballot: numbers of slips, ballots and marks of a
//! round, and what was shown against the months it was made of.

use std::collections::BTreeMap;

use base::{
    db::{Conn, DbResult, sql},
    kernel::{CountyId, DivisionCode, Month},
};

use super::{Finding, finding};
use crate::ratings::{
    rules::{BRANCH, LEAST, Sums},
    store::{self, RoundRow},
};

async fn number(conn: &mut Conn, statement: &'static str, round: &RoundRow) -> DbResult<i64> {
    conn.value(sql(statement).bind(round.county_id).bind(&round.id)).await
}

pub(super) async fn rounds(conn: &mut Conn, county: CountyId) -> DbResult<Vec<Finding>> {
    let mut found = Vec::new();
    let villages = sql("select distinct village from rating_round where county_id = $1 \
                        union select distinct village from rating_shown where county_id = $2 order by 1");
    let villages: Vec<(DivisionCode,)> = conn.all(villages.bind(county).bind(county)).await?;
    for (village,) in villages {
        // Month by month, what each subject got where the round is counted.
        let mut months: BTreeMap<String, BTreeMap<Month, Sums>> = BTreeMap::new();
        for round in store::rounds(conn, village).await? {
            found.extend(of_round(conn, &round, &mut months).await?);
        }
        found.extend(shown(conn, village, &months).await?);
    }
    Ok(found)
}

async fn of_round(
    conn: &mut Conn,
    round: &RoundRow,
    months: &mut BTreeMap<String, BTreeMap<Month, Sums>>,
) -> DbResult<Vec<Finding>> {
    let mut found = Vec::new();
    let mut wrong = |what: &str| {
        found.push(finding("rating_round", round.county_id, format!("rating_round/{}", round.id), what));
    };
    let used = store::used(conn, round.county_id, &round.id).await?;
    let out = number(conn, "select count(*) from rating_code where county_id = $1 and round_id = $2", round).await?;
    let ballots = number(conn, "select count(*) from ballot where county_id = $1 and round_id = $2", round).await?;
    let words = number(conn, "select count(*) from ballot_words where county_id = $1 and round_id = $2", round).await?;
    if used != ballots {
        wrong("收回的票数和票箱里的票数不符");
    }
    if words > ballots {
        wrong("写了话的比票多");
    }
    let open = round.is_open();
    if open && out != round.slips {
        wrong("发出的票数和登记的不符");
    }
    if !open && (out != used || round.ballots != Some(ballots)) {
        wrong("计票的票数和票箱不符");
    }
    let subjects = store::subjects(conn, round.county_id, &round.id).await?;
    for subject in &subjects {
        let counted = subject.satisfied.is_some();
        if counted == open {
            wrong(if open { "还没有开箱就有了计票" } else { "开了箱却没有计票" });
        } else if subject.sums().all() > ballots {
            wrong("评某人的票比收回的票多");
        }
        if let (true, Some(month)) = (counted, Month::parse(&round.month)) {
            months.entry(subject.subject().to_owned()).or_default().insert(month, subject.sums());
        }
    }
    Ok(found)
}

/// What was shown is never less than the least, lies over no other, and says what its months say.
async fn shown(
    conn: &mut Conn,
    village: DivisionCode,
    months: &BTreeMap<String, BTreeMap<Month, Sums>>,
) -> DbResult<Vec<Finding>> {
    let mut found = Vec::new();
    for (subject, windows) in store::shown(conn, village).await? {
        let who = if subject == BRANCH { "支部".to_owned() } else { subject.clone() };
        let mut wrong = |what: &str| {
            let at = format!("village/{village}");
            found.push(finding("rating_shown", village.county(), at, format!("{who}：{what}")));
        };
        let mut before: Option<Month> = None;
        for window in &windows {
            if before.is_some_and(|end| window.from <= end) || window.to < window.from {
                wrong("公布的月份有重叠");
            }
            before = Some(window.to);
            if window.sums.all() < LEAST {
                wrong("公布的票数不到最低数");
            }
            let mut sums = Sums::default();
            let own = months.get(&subject).into_iter().flatten();
            own.filter(|(month, _)| (window.from..=window.to).contains(*month)).for_each(|(_, one)| sums.add(*one));
            if sums != window.sums {
                wrong("公布的结果和各月计票之和不符");
            }
        }
    }
    Ok(found)
}
