//! The steps of a matter: what may follow what, who holds it then and until when.

use base::{
    kernel::{Day, DivisionCode, Instant},
    text,
    web::Refusal,
    word,
};

use super::{
    matter::{Done, Matter, Rating, State},
    words::{Act, Level, Post, Size, Stage},
};
use crate::{accounts::Role, packs::Pack};

/// What somebody does to a matter from its page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    Release,
    Refuse,
    Accept,
    Answer,
    Note,
    Hand,
    Deliberate,
    Decide,
    Township,
    Back,
    Express,
    Solve,
    Explain,
    Rate,
    Reopen,
    Merge,
    Code,
}

impl Step {
    pub const ALL: [Self; 17] = [
        Self::Release,
        Self::Refuse,
        Self::Accept,
        Self::Solve,
        Self::Decide,
        Self::Deliberate,
        Self::Township,
        Self::Back,
        Self::Express,
        Self::Answer,
        Self::Note,
        Self::Rate,
        Self::Reopen,
        Self::Hand,
        Self::Explain,
        Self::Merge,
        Self::Code,
    ];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Refuse => "refusal",
            Self::Accept => "acceptance",
            Self::Answer => "answer",
            Self::Note => "note",
            Self::Hand => "holder",
            Self::Deliberate => "deliberation",
            Self::Decide => "decision",
            Self::Township => "township",
            Self::Back => "return",
            Self::Express => "express",
            Self::Solve => "outcome",
            Self::Explain => "explanation",
            Self::Rate => "rating",
            Self::Reopen => "reopening",
            Self::Merge => "duplicate",
            Self::Code => "code",
        }
    }

    #[must_use]
    pub fn zh(self) -> &'static str {
        match self {
            Self::Release => word!("放行"),
            Self::Refuse => word!("不受理"),
            Self::Accept => word!("受理"),
            Self::Answer => word!("答复群众"),
            Self::Note => word!("记进展"),
            Self::Hand => word!("换人办"),
            Self::Deliberate => word!("提交支部议事"),
            Self::Decide => word!("记议事结果"),
            Self::Township => word!("报乡镇"),
            Self::Back => word!("退回村里"),
            Self::Express => word!("转项目直通车"),
            Self::Solve => word!("办结"),
            Self::Explain => word!("办不了，解释说明"),
            Self::Rate => word!("代记群众评价"),
            Self::Reopen => word!("重新办理"),
            Self::Merge => word!("并入另一件"),
            Self::Code => word!("补发编号"),
        }
    }

    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.code() == code)
    }

    /// Whether a matter in this state can take it.
    #[must_use]
    pub fn fits(self, matter: &Matter) -> bool {
        let stage = matter.stage();
        match self {
            Self::Release | Self::Refuse => stage == Stage::Held,
            Self::Accept => stage == Stage::Raised,
            Self::Note | Self::Code => stage.is_open() && stage != Stage::Held,
            Self::Answer => stage.is_in_hand() && stage != Stage::Held,
            Self::Hand | Self::Deliberate => matches!(stage, Stage::Raised | Stage::Accepted),
            Self::Decide => stage == Stage::Deliberating,
            Self::Township | Self::Express => {
                matches!(stage, Stage::Accepted | Stage::Township) && !self.stands(matter)
            }
            Self::Back => stage == Stage::Township,
            Self::Solve | Self::Explain => {
                matches!(stage, Stage::Raised | Stage::Accepted | Stage::Deliberating | Stage::Township)
            }
            Self::Rate => stage == Stage::Solved,
            Self::Reopen => matches!(stage, Stage::Solved | Stage::Closed),
            Self::Merge => matches!(stage, Stage::Held | Stage::Raised | Stage::Accepted),
        }
    }

    fn stands(self, matter: &Matter) -> bool {
        self == Self::Township && matter.stage() == Stage::Township
    }

    /// The roles that may take it while the matter is held where it is: the village's, or those above it.
    #[must_use]
    pub fn roles(self, matter: &Matter) -> &'static [Role] {
        const ABOVE: &[Role] = &[Role::Township, Role::Office];
        const ALL: &[Role] = &[Role::Cadre, Role::Branch, Role::Township, Role::Office];
        match self {
            Self::Note => ALL,
            Self::Rate | Self::Reopen | Self::Code => ALL,
            Self::Release
            | Self::Refuse
            | Self::Accept
            | Self::Answer
            | Self::Hand
            | Self::Deliberate
            | Self::Decide
            | Self::Township
            | Self::Back
            | Self::Express
            | Self::Solve
            | Self::Explain
            | Self::Merge => match matter.post {
                Post::Cadre | Post::Branch => ALL,
                Post::Township | Post::Office => ABOVE,
            },
        }
    }
}

/// A kind as chosen on acceptance.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Chosen {
    pub kind: String,
    pub size: Size,
    /// Hours from the call within which the pack asks for it to be solved.
    pub hours: i64,
    pub department: Option<String>,
    pub member_id: Option<String>,
}

/// A step with what it brings.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Move {
    Release,
    Refuse {
        why: String,
    },
    Accept(Chosen),
    Answer,
    Note,
    Add,
    Hand {
        post: Post,
        account_id: Option<String>,
    },
    Deliberate,
    /// The branch took it into its own hands.
    Own,
    Township {
        department: Option<String>,
    },
    Back,
    Express {
        problem_id: Option<String>,
    },
    End {
        done: Done,
    },
    Rate {
        rating: Rating,
    },
    Reopen,
    Merge {
        into: String,
    },
    Withdraw {
        why: String,
    },
    Expire,
}

impl Move {
    #[must_use]
    pub const fn act(&self) -> Act {
        match self {
            Self::Release => Act::Release,
            Self::Refuse { .. } => Act::Refuse,
            Self::Accept(_) => Act::Accept,
            Self::Answer => Act::Answer,
            Self::Note => Act::Note,
            Self::Add => Act::Add,
            Self::Hand { .. } => Act::Hand,
            Self::Deliberate => Act::Deliberate,
            Self::Own => Act::Decide,
            Self::Township { .. } => Act::Township,
            Self::Back => Act::Back,
            Self::Express { .. } => Act::Express,
            Self::End { done } => match done.how {
                super::words::How::Resolved => Act::Solve,
                super::words::How::Explained => Act::Explain,
            },
            Self::Rate { .. } => Act::Rate,
            Self::Reopen => Act::Reopen,
            Self::Merge { .. } => Act::Merge,
            Self::Withdraw { .. } => Act::Withdraw,
            Self::Expire => Act::Expire,
        }
    }
}

const DAY: i64 = 86_400;

impl Matter {
    /// Until when something new is to be answered.
    #[must_use]
    pub fn first_due(urgent: bool, raised_at: Instant, pack: &Pack) -> Instant {
        let hours = if urgent { pack.matter_urgent_hours() } else { pack.matter_answer_hours() };
        raised_at.plus_seconds(hours * 3_600)
    }

    /// Takes a step. A refusal says what the matter is instead.
    pub fn take(self, step: Move, pack: &Pack, now: Instant, today: Day) -> Result<Self, Refusal> {
        let stage = self.stage();
        let mut next = self.clone();
        let answered = |matter: &mut Self| matter.answered_at = matter.answered_at.or(Some(now));
        let days = |days: i64| now.plus_seconds(days * DAY);
        let villager = matches!(step, Move::Add | Move::Withdraw { .. } | Move::Rate { .. } | Move::Reopen);
        match step {
            Move::Release if stage == Stage::Held => {
                next.state = State::Raised;
                next.due_at = Self::first_due(self.urgent, now, pack);
            }
            Move::Refuse { why } if stage == Stage::Held => next.state = State::Withdrawn { why },
            Move::Accept(chosen) if stage == Stage::Raised => {
                next.state = State::Accepted;
                next.kind = chosen.kind;
                next.size = chosen.size;
                next.department = chosen.department.or(next.department);
                next.member_id = chosen.member_id.or(next.member_id);
                // Who sent it may have set a time of its own.
                let by_kind = self.raised_at.plus_seconds(chosen.hours * 3_600);
                let promised = self.promised_at.unwrap_or(by_kind);
                next.promised_at = Some(promised);
                // What was accepted late still has its hour to come.
                next.due_at = promised.max(now.plus_seconds(3_600));
                answered(&mut next);
            }
            Move::Answer if stage.is_in_hand() && stage != Stage::Held => answered(&mut next),
            Move::Note if stage.is_open() => {}
            Move::Add if stage.is_open() => next.news = true,
            Move::Hand { post, account_id } if matches!(stage, Stage::Raised | Stage::Accepted) => {
                next.post = post;
                next.account_id = account_id;
            }
            Move::Deliberate if matches!(stage, Stage::Raised | Stage::Accepted) => {
                next.state = State::Deliberating;
                next.hold(Post::Branch);
                next.due_at = days(pack.matter_deliberation_days());
                answered(&mut next);
            }
            Move::Own if stage == Stage::Deliberating => {
                next.state = State::Accepted;
                next.due_at = next.promised_at.unwrap_or(now).max(days(pack.matter_deliberation_days()));
            }
            Move::Township { department } if matches!(stage, Stage::Raised | Stage::Accepted | Stage::Deliberating) => {
                next.state = State::PassedToTownship;
                next.hold(Post::Township);
                next.department = department.or(next.department);
                next.due_at = days(pack.matter_township_days());
                answered(&mut next);
            }
            Move::Back if matches!(stage, Stage::Township | Stage::Express) => {
                next.state = State::Accepted;
                next.hold(Post::Cadre);
                next.due_at = days(pack.matter_deliberation_days());
            }
            Move::Express { problem_id }
                if matches!(stage, Stage::Accepted | Stage::Deliberating | Stage::Township | Stage::Express) =>
            {
                next.state = State::PassedToExpress { problem_id };
                next.hold(Post::Office);
                next.size = Size::Hard;
                next.due_at = days(pack.matter_express_days());
                answered(&mut next);
            }
            Move::End { done } if stage.is_in_hand() && stage != Stage::Held => {
                answered(&mut next);
                next.state = State::Solved { done };
                next.hold(Post::Cadre);
                next.due_at = days(pack.matter_rate_days());
            }
            Move::Rate { rating } => next.state = next.clone().rated(rating)?,
            Move::Reopen => next.reopen(pack, now, today)?,
            Move::Merge { into }
                if matches!(stage, Stage::Held | Stage::Raised | Stage::Accepted) && into != self.id =>
            {
                next.state = State::Merged { into };
            }
            Move::Withdraw { why } if stage.is_open() && stage != Stage::Solved => {
                next.state = State::Withdrawn { why }
            }
            Move::Expire if stage == Stage::Solved => next.state = next.clone().closed_unrated()?,
            Move::Release
            | Move::Refuse { .. }
            | Move::Accept(_)
            | Move::Answer
            | Move::Note
            | Move::Add
            | Move::Hand { .. }
            | Move::Deliberate
            | Move::Own
            | Move::Township { .. }
            | Move::Back
            | Move::Express { .. }
            | Move::End { .. }
            | Move::Merge { .. }
            | Move::Withdraw { .. }
            | Move::Expire => return Err(refuse(stage)),
        }
        if !villager {
            next.news = false;
        }
        if next.stage() != stage || next.due_at != self.due_at {
            next.climb = 0;
        }
        Ok(next)
    }

    fn hold(&mut self, post: Post) {
        if self.post != post {
            self.post = post;
            self.account_id = None;
        }
    }

    fn rated(self, rating: Rating) -> Result<State, Refusal> {
        match self.state {
            State::Solved { done } | State::Closed { done, rating: None } => {
                Ok(State::Closed { done, rating: Some(rating) })
            }
            State::Closed { rating: Some(_), .. } => Err(Refusal::whole(text!("这件事已经评价过了。"))),
            state => Err(refuse(state.stage())),
        }
    }

    fn closed_unrated(self) -> Result<State, Refusal> {
        match self.state {
            State::Solved { done } => Ok(State::Closed { done, rating: None }),
            state => Err(refuse(state.stage())),
        }
    }

    fn reopen(&mut self, pack: &Pack, now: Instant, today: Day) -> Result<(), Refusal> {
        let done = self.state.done().ok_or_else(|| refuse(self.stage()))?;
        let last = done.on.plus_days(pack.matter_reopen_days());
        if today > last {
            return Err(Refusal::whole(text!("办结已超过 {n} 天，请另提一件。", n = pack.matter_reopen_days())));
        }
        self.state = State::Accepted;
        self.reopens += 1;
        self.news = true;
        self.hold(Post::Cadre);
        self.due_at = now.plus_seconds(pack.matter_again_days() * DAY);
        self.promised_at = Some(self.due_at);
        Ok(())
    }

    /// Where its holder works from now on, of the village's own posts.
    #[must_use]
    pub const fn village_post(has_cadre: bool) -> Post {
        if has_cadre { Post::Cadre } else { Post::Branch }
    }

    /// Whether a villager may still say that it is not solved.
    #[must_use]
    pub fn may_reopen(&self, pack: &Pack, today: Day) -> bool {
        let by = self.state.done().map(|done| done.on.plus_days(pack.matter_reopen_days()));
        by.is_some_and(|by| today <= by)
    }

    /// The township it lies in.
    #[must_use]
    pub fn township(&self) -> DivisionCode {
        self.village.parent()
    }
}

impl Level {
    /// Whether the villager is not content.
    #[must_use]
    pub const fn is_bad(self) -> bool {
        matches!(self, Self::Unsatisfied)
    }
}

fn refuse(stage: Stage) -> Refusal {
    let now = base::i18n::Text::key(stage.zh());
    Refusal::whole(text!("这件事现在是“{state}”，不能这样办；请刷新页面看最新情况。", state = now))
}
