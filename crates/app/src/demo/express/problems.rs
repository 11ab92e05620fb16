//! Problems through their meetings: so many struck off, the others in every state.

use base::{
    db::Tx,
    kernel::{Day, Fen, Level},
    web::AppError,
};

use super::{Counts, Place, on, projects::Open, words};
use crate::{
    demo::dice::Dice,
    express::{
        departments::{self, Department},
        meetings::{Decision, Outcome, acts as meeting, store::NewMeeting},
        problems::{Block, Claim, NewProblem, Origin, Way, acts, suggest},
    },
    packs::Pack,
};

/// Where a problem is to end up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fate {
    StruckOff,
    UnderWay,
    Late,
    ToConfirm,
    /// On the agenda of the next meeting.
    Next,
    Contested,
    Screened,
    Reported,
    Declined,
}

/// What is left open, in turn.
const LEFT: [Fate; 9] = [
    Fate::UnderWay,
    Fate::ToConfirm,
    Fate::Reported,
    Fate::Next,
    Fate::Late,
    Fate::Screened,
    Fate::UnderWay,
    Fate::Contested,
    Fate::Next,
];

struct Told {
    fate: Fate,
    at: usize,
    /// Which meeting it went to.
    meeting: usize,
}

struct Scene<'a> {
    place: Place<'a>,
    projects: &'a [Open],
    pack: &'a Pack,
    city: bool,
}

/// Days between two meetings.
const APART: i64 = 21;

pub async fn make(
    tx: &mut Tx,
    place: Place<'_>,
    counts: &Counts,
    projects: &[Open],
    pack: &Pack,
    dice: &mut Dice,
) -> Result<(), AppError> {
    let city = place.office.0.level() < Level::County;
    let scene = Scene { place, projects, pack, city };
    let meetings = counts.meetings.max(1);
    let told: Vec<Told> = (0..counts.problems)
        .map(|at| {
            let fate = if at < counts.struck_off {
                Fate::StruckOff
            } else if at + 1 == counts.problems && counts.problems >= 20 {
                Fate::Declined
            } else {
                LEFT[(at - counts.struck_off) % LEFT.len()]
            };
            // What is late went to the first meeting, what is in hand to the last.
            let meeting = match fate {
                Fate::Late => 0,
                Fate::UnderWay | Fate::ToConfirm => meetings - 1,
                _ => at % meetings,
            };
            Told { fate, at, meeting }
        })
        .collect();
    let last = place.today.plus_days(-24);
    for number in 0..counts.meetings {
        let back = i64::try_from(meetings - 1 - number).unwrap_or_default();
        scene.held(tx, last.plus_days(-back * APART), told.iter().filter(|one| one.meeting == number), dice).await?;
    }
    scene.afterwards(tx, &told, counts.meetings > 0, dice).await
}

fn meets(fate: Fate) -> bool {
    matches!(fate, Fate::StruckOff | Fate::UnderWay | Fate::Late | Fate::ToConfirm)
}

impl Scene<'_> {
    fn reporter(&self, at: usize) -> &str {
        self.place.village(at).person.as_ref().map_or("村党支部", |(_, _, name)| name.as_str())
    }

    /// The department whose business it is, as the pack's remits say.
    fn unit(&self, at: usize) -> &Department {
        let (title, said, ..) = words::PROBLEMS[at % words::PROBLEMS.len()];
        let likely = departments::suggest(self.pack, self.place.departments, &format!("{title}{said}"));
        likely.first().map_or_else(|| &self.place.departments[at % self.place.departments.len()], |one| one.0)
    }

    async fn raise(&self, tx: &mut Tx, at: usize, day: Day) -> Result<String, AppError> {
        let village = self.place.village(at);
        let (title, said, block, amount) = words::PROBLEMS[at % words::PROBLEMS.len()];
        let of_project = self.projects.iter().find(|one| one.village == village.code && at.is_multiple_of(3));
        let new = NewProblem {
            village: village.code,
            title: format!("{}{title}", village.name),
            words: said.into(),
            block: Block::parse(block).unwrap_or(Block::Other),
            amount: (amount > 0).then_some(Fen(amount * 1_000_000)),
            origin: of_project.map_or(Origin::Direct, |one| Origin::Project(one.id.clone())),
            person: village.person.clone(),
        };
        acts::raise(tx, &new, self.pack, &on(day, self.reporter(at), i64::try_from(at).unwrap_or_default())).await
    }

    async fn screen(&self, tx: &mut Tx, key: acts::Key<'_>, to: Option<&Department>, day: Day) -> Result<(), AppError> {
        let way = match (to, self.city) {
            (Some(unit), _) => Way::To(unit),
            (None, true) => Way::CityMeeting,
            (None, false) => Way::CountyMeeting,
        };
        acts::screen(tx, key, (way, None), self.pack, &on(day, self.place.office.1, 0)).await
    }

    fn plan(&self, day: Day) -> NewMeeting {
        let title = if self.city { "市级第一书记项目对接会" } else { "第一书记项目对接会" };
        NewMeeting {
            division: self.place.office.0,
            title: format!("{} 月{title}", day.month_of_year()),
            place: Some("机关会议中心三楼".into()),
            chair: Some("分管领导".into()),
            day,
        }
    }

    /// One meeting with what was reported for it, and what came of it by now.
    async fn held<'t>(
        &self,
        tx: &mut Tx,
        day: Day,
        told: impl Iterator<Item = &'t Told>,
        dice: &mut Dice,
    ) -> Result<(), AppError> {
        let mut items = Vec::new();
        for one in told.filter(|one| meets(one.fate)) {
            let raised = day.plus_days(-dice.between(6, 16));
            let id = self.raise(tx, one.at, raised).await?;
            let county = self.place.village(one.at).code.county();
            // A city takes what was sent up to it; a county's are addressed or left to the meeting.
            let to = (!self.city && one.at % 3 != 2).then(|| self.unit(one.at));
            self.screen(tx, (county, &id), to, raised.plus_days(2)).await?;
            items.push((one, (county, id)));
        }
        let office = self.place.office;
        let id = meeting::plan(tx, &self.plan(day), self.pack, &on(day.plus_days(-3), office.1, 0)).await?;
        let key = (office.0.county(), id.as_str());
        meeting::begin(tx, key, &on(day, office.1, 0)).await?;
        for (step, (one, (county, problem))) in items.iter().enumerate() {
            let decision = self.decision(one, day);
            let actor = on(day, office.1, i64::try_from(step).unwrap_or_default() + 10);
            meeting::decide(tx, key, (*county, problem), &decision, self.pack, &actor).await?;
        }
        meeting::close(tx, key, self.pack, &on(day, office.1, 180)).await?;
        for (one, (county, problem)) in &items {
            self.follow(tx, one, (*county, problem), day).await?;
        }
        Ok(())
    }

    fn decision(&self, one: &Told, day: Day) -> Decision {
        let (claimed, answered, _) = words::answer(one.at);
        let answers = one.fate == Fate::StruckOff && one.at % 5 == 4;
        let others = &self.place.departments;
        let joining = &others[(one.at * 7 + 3) % others.len()];
        let unit = self.unit(one.at);
        Decision {
            outcome: if answers { Outcome::Answered } else { Outcome::Claimed },
            unit: Some(unit.clone()),
            joining: if one.at % 4 == 1 && joining.id != unit.id { vec![joining.clone()] } else { Vec::new() },
            due: (!answers).then(|| match one.fate {
                // Late by now, but not so late that it has climbed.
                Fate::Late => self.place.today.plus_days(-5).max(day),
                _ => day.plus_days(60),
            }),
            words: if answers { answered.into() } else { claimed.into() },
        }
    }

    /// What happened after the meeting.
    async fn follow(&self, tx: &mut Tx, one: &Told, key: acts::Key<'_>, day: Day) -> Result<(), AppError> {
        let unit = self.unit(one.at).clone();
        let (_, _, done) = words::answer(one.at);
        let answered = one.fate == Fate::StruckOff && one.at % 5 == 4;
        let speaks = |n: i64| on(day.plus_days(n), &unit.name, 0);
        if !answered {
            let report = words::REPORTS[one.at % words::REPORTS.len()];
            acts::report(tx, key, (&unit, report, &[]), self.pack, &speaks(6)).await?;
        }
        if matches!(one.fate, Fate::UnderWay | Fate::Late) {
            return Ok(());
        }
        if !answered {
            acts::solve(tx, key, (&unit, done, &[]), self.pack, &speaks(12)).await?;
        }
        let reporter = |n: i64| on(day.plus_days(n), self.reporter(one.at), 0);
        if one.fate == Fate::StruckOff {
            if one.at % 6 == 1 && !answered {
                acts::send_back(tx, key, "现场看还差最后一段，请补上", self.pack, &reporter(14)).await?;
                acts::solve(tx, key, (&unit, "最后一段已补上，请再看", &[]), self.pack, &speaks(18)).await?;
            }
            acts::confirm(tx, key, Some("到现场看过，解决了"), self.pack, &reporter(20)).await?;
        }
        Ok(())
    }

    /// What no meeting has seen yet.
    async fn afterwards(&self, tx: &mut Tx, told: &[Told], meetings: bool, dice: &mut Dice) -> Result<(), AppError> {
        let today = self.place.today;
        for one in told.iter().filter(|one| one.fate == Fate::Next || !meetings && meets(one.fate)) {
            let id = self.raise(tx, one.at, today.plus_days(-dice.between(8, 12))).await?;
            let key = (self.place.village(one.at).code.county(), id.as_str());
            let unit = self.unit(one.at).clone();
            let to = (one.fate != Fate::Next).then_some(&unit);
            self.screen(tx, key, to, today.plus_days(-6)).await?;
            if one.fate != Fate::Next {
                self.without_meeting(tx, one, key, &unit).await?;
            } else if one.at % 2 == 1 {
                self.advise(tx, key).await?;
            }
        }
        if told.iter().any(|one| one.fate == Fate::Next) && meetings {
            let planned = on(today.plus_days(-3), self.place.office.1, 0);
            meeting::plan(tx, &self.plan(today.plus_days(5)), self.pack, &planned).await?;
        }
        for one in told {
            let days = match one.fate {
                Fate::Reported => 1,
                Fate::Screened | Fate::Contested => 3,
                Fate::Declined => 15,
                Fate::StruckOff | Fate::UnderWay | Fate::Late | Fate::ToConfirm | Fate::Next => continue,
            };
            let id = self.raise(tx, one.at, today.plus_days(-days)).await?;
            let key = (self.place.village(one.at).code.county(), id.as_str());
            let unit = self.unit(one.at).clone();
            match one.fate {
                Fate::Screened => self.screen(tx, key, Some(&unit), today.plus_days(-2)).await?,
                Fate::Contested => {
                    self.screen(tx, key, Some(&unit), today.plus_days(-2)).await?;
                    let other = &self.place.departments[(one.at * 5 + 2) % self.place.departments.len()];
                    if other.id != unit.id {
                        let why = (other, "按部门职责，这类审批和资金由其归口办理");
                        acts::not_ours(tx, key, &unit, why, self.pack, &on(today.plus_days(-1), &unit.name, 0)).await?;
                    }
                }
                Fate::Declined => {
                    let why = "与上个月已销号的问题是同一件事，不重复列入";
                    acts::decline(tx, key, why, self.pack, &on(today.plus_days(-13), self.place.office.1, 0)).await?;
                }
                Fate::Reported | Fate::StruckOff | Fate::UnderWay | Fate::Late | Fate::ToConfirm | Fate::Next => {}
            }
        }
        Ok(())
    }

    /// Claimed from the inbox, where no meeting was held.
    async fn without_meeting(
        &self,
        tx: &mut Tx,
        one: &Told,
        key: acts::Key<'_>,
        unit: &Department,
    ) -> Result<(), AppError> {
        let today = self.place.today;
        let (promise, _, done) = words::answer(one.at);
        let due = if one.fate == Fate::Late { today.plus_days(-1) } else { today.plus_days(20) };
        let speaks = |n: i64| on(today.plus_days(-n), &unit.name, 0);
        let claim = Claim { lead: unit, joining: &[], promise, due, meeting: None };
        acts::claim(tx, key, claim, self.pack, &speaks(5)).await?;
        if matches!(one.fate, Fate::StruckOff | Fate::ToConfirm) {
            acts::solve(tx, key, (unit, done, &[]), self.pack, &speaks(3)).await?;
        }
        if one.fate == Fate::StruckOff {
            acts::confirm(tx, key, None, self.pack, &on(today.plus_days(-1), self.reporter(one.at), 0)).await?;
        }
        Ok(())
    }

    /// The first who is suggested comes and says something.
    async fn advise(&self, tx: &mut Tx, key: acts::Key<'_>) -> Result<(), AppError> {
        let today = self.place.today;
        let row = crate::express::problems::store::find(tx, key.0, key.1).await?.ok_or(AppError::NotFound)?;
        let Some((one, why)) = suggest::suggest(tx, &row).await?.into_iter().next() else { return Ok(()) };
        let Some((home, person)) = &one.person else { return Ok(()) };
        let why: Vec<String> = why.iter().map(base::i18n::Text::zh).collect();
        let office = |n: i64| on(today.plus_days(-n), self.place.office.1, 0);
        acts::send_adviser(tx, key, (*home, person, &one.name), &why.join("；"), &office(5)).await?;
        acts::advise(tx, key, person, words::ADVICE, &office(4)).await
    }
}
