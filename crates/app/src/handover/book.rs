//! The handover book (交接簿) as plain data: what is printed, on screen paper or by the print crate.

use std::collections::HashMap;

use base::{
    db::Conn,
    kernel::{Day, Fen},
    web::AppResult,
};

use super::{
    acts::state_of,
    rules::{Answer, ByHand, List, Party, Reason, SideDays, side_days},
    store::{self, AnswerRow, HandoverRow},
};
use crate::{flows, places};

/// Everything a printed handover book says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Book {
    pub township: String,
    pub village: String,
    /// The word of the role, e.g. 第一书记.
    pub role: &'static str,
    pub old: String,
    pub old_since: Day,
    /// The first day no longer on post: as planned, or as it was.
    pub leaves_on: Day,
    pub reason: &'static str,
    /// Who follows; nobody yet where the office has named none.
    pub new: Option<String>,
    pub state: &'static str,
    pub side_since: Option<Day>,
    pub side_days: SideDays,
    pub lists: Vec<BookList>,
    pub visits: Vec<BookVisit>,
    /// In the order of the parties: old, new, branch.
    pub signatures: Vec<Signature>,
    pub printed_on: Day,
}

/// One of the three lists.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BookList {
    pub title: &'static str,
    pub lines: Vec<BookLine>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BookLine {
    pub number: usize,
    pub kind: &'static str,
    pub title: String,
    pub note: Option<String>,
    pub amount: Option<Fen>,
    pub due: Option<Day>,
    /// In the order of the parties; nothing where a party has not answered.
    pub answers: [Option<Answer>; 3],
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BookVisit {
    pub day: Day,
    pub whom: String,
    pub note: Option<String>,
}

/// A party's confirmation of the whole.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Signature {
    pub party: &'static str,
    /// Who the party is; empty for the branch and for a successor not yet known.
    pub name: String,
    /// Who entered it and on which day.
    pub signed: Option<(String, Day)>,
    /// The township entered what was signed on paper.
    pub on_paper: bool,
}

/// The word of a line's kind.
#[must_use]
pub fn kind_zh(kind: &str) -> &'static str {
    let by_hand = ByHand::parse(kind).map(ByHand::short);
    let door = || flows::OPEN_THINGS.iter().find(|door| door.kind == kind).map(|door| door.zh);
    by_hand.or_else(door).unwrap_or_default()
}

/// The days side by side of a handover, by the postings of both.
pub async fn count_side_days(conn: &mut Conn, row: &HandoverRow, today: Day) -> AppResult<SideDays> {
    let state = state_of(row)?;
    let old = flows::days_on_post(conn, row.village, &row.old_person_id).await?;
    let new = match &row.new_person_id {
        Some(person) => flows::days_on_post(conn, row.village, person).await?,
        None => Vec::new(),
    };
    Ok(side_days(row.side_days, state, row.leaves_on, today, &old, &new))
}

impl Book {
    /// Reads the book of a handover as it stands.
    pub async fn read(conn: &mut Conn, row: &HandoverRow, today: Day) -> AppResult<Self> {
        let state = state_of(row)?;
        let (county, id) = (row.county_id, row.id.as_str());
        let name = async |conn: &mut Conn, code| places::store::find(conn, code).await;
        let village = name(conn, row.village).await?.map(|place| place.short()).unwrap_or_default();
        let township = name(conn, row.village.parent()).await?.map(|place| place.short()).unwrap_or_default();
        let answers = store::answers(conn, county, id).await?;
        let lines = store::lines(conn, county, id, None).await?;
        let lists = List::ALL.map(|list| BookList { title: list.zh(), lines: lines_of(&lines, list, &answers) });
        let visits = store::visits(conn, county, id).await?.into_iter().rev();
        Ok(Self {
            township,
            village,
            role: flows::role_zh(&row.role),
            old: row.old_name.clone(),
            old_since: row.old_since,
            leaves_on: state.ended().filter(|_| state.since().is_some()).unwrap_or(row.leaves_on),
            reason: row.reason().map_or("", Reason::zh),
            new: row.new_name.clone(),
            state: state.zh(),
            side_since: state.since(),
            side_days: count_side_days(conn, row, today).await?,
            lists: lists.into(),
            visits: visits.map(|visit| BookVisit { day: visit.day, whom: visit.whom, note: visit.note }).collect(),
            signatures: signatures(conn, row).await?,
            printed_on: today,
        })
    }
}

fn lines_of(lines: &[store::LineRow], list: List, answers: &HashMap<(String, Party), AnswerRow>) -> Vec<BookLine> {
    let of_list = lines.iter().filter(|line| line.list == list.code());
    let line = |(at, line): (usize, &store::LineRow)| BookLine {
        number: at + 1,
        kind: kind_zh(&line.kind),
        title: line.title.clone(),
        note: line.note.clone(),
        amount: line.amount,
        due: line.due,
        answers: Party::ALL.map(|party| answers.get(&(line.id.clone(), party)).and_then(AnswerRow::answer)),
    };
    of_list.enumerate().map(line).collect()
}

/// The three parties in their order, with what each has signed.
async fn signatures(conn: &mut Conn, row: &HandoverRow) -> AppResult<Vec<Signature>> {
    let rows = store::parties(conn, row.county_id, &row.id).await?;
    let signature = |party: Party| {
        let of = rows.iter().find(|one| one.party() == Some(party));
        let signed = of.and_then(|one| Some((one.actor.clone()?, one.confirmed_at?.local_day())));
        Signature {
            party: party.zh(),
            name: match party {
                Party::Old => row.old_name.clone(),
                Party::New => row.new_name.clone().unwrap_or_default(),
                Party::Branch => String::new(),
            },
            signed,
            on_paper: of.is_some_and(|one| one.on_paper == 1),
        }
    };
    Ok(Party::ALL.map(signature).into())
}
