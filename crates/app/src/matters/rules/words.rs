//! The closed lists: codes in the store, words for people.

use base::{i18n::Text, word};

use crate::accounts::Role;

macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $code:literal $zh:expr),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum $name { $($variant),+ }

        impl $name {
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            #[must_use]
            pub fn zh(self) -> &'static str {
                match self { $(Self::$variant => $zh),+ }
            }

            #[must_use]
            pub fn parse(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.code() == code)
            }
        }
    };
}

codes!(
    /// How a matter came.
    Channel {
        Card = "card" word!("扫联心卡"),
        Phone = "phone" word!("电话"),
        Room = "room" word!("群众说事室"),
        Member = "member" word!("党员联系十户"),
        Chat = "chat" word!("微信群"),
        Visit = "visit" word!("入户走访"),
        Hotline = "hotline" word!("12345 热线"),
        Outside = "outside" word!("外部系统"),
    }
);
codes!(
    /// 小事 or 疑难问题.
    Size { Small = "small" word!("小事"), Hard = "hard" word!("疑难问题") }
);
codes!(
    /// Where a matter stands; the columns of boards.
    Stage {
        Held = "held" word!("待审"),
        Raised = "raised" word!("待受理"),
        Accepted = "accepted" word!("在办"),
        Deliberating = "deliberating" word!("支部议事"),
        Township = "township" word!("乡镇在办"),
        Express = "express" word!("直通车在办"),
        Solved = "solved" word!("待评价"),
        Closed = "closed" word!("已办结"),
        Withdrawn = "withdrawn" word!("已撤回"),
        Merged = "merged" word!("已并入"),
    }
);

impl Stage {
    /// Until it is closed, withdrawn or merged a matter has a holder and a next date.
    #[must_use]
    pub const fn is_open(self) -> bool {
        !matches!(self, Self::Closed | Self::Withdrawn | Self::Merged)
    }

    /// Whether somebody must act: what waits for the villager's word alone is not late.
    #[must_use]
    pub const fn is_in_hand(self) -> bool {
        self.is_open() && !matches!(self, Self::Solved)
    }
}

codes!(
    /// Which post holds a matter; a change of person moves nothing.
    Post {
        Cadre = "cadre" word!("驻村干部"),
        Branch = "branch" word!("村党支部"),
        Township = "township" word!("乡镇党委"),
        Office = "office" word!("驻村办"),
    }
);

impl Post {
    #[must_use]
    pub const fn role(self) -> Role {
        match self {
            Self::Cadre => Role::Cadre,
            Self::Branch => Role::Branch,
            Self::Township => Role::Township,
            Self::Office => Role::Office,
        }
    }
}

codes!(
    /// Why what came in from outside waits for somebody to look at it.
    Hold {
        Trap = "trap" word!("像是机器填的"),
        Often = "often" word!("同一地址短时间提得多"),
        Village = "village" word!("本村一天内提得太多"),
        Odd = "odd" word!("内容像广告或乱填"),
    }
);
codes!(
    /// How it ended.
    How { Resolved = "resolved" word!("已解决"), Explained = "explained" word!("办不了，已解释") }
);
codes!(
    /// What the villager says of it.
    Level {
        Satisfied = "satisfied" word!("满意"),
        Fair = "fair" word!("基本满意"),
        Unsatisfied = "unsatisfied" word!("不满意"),
    }
);
codes!(
    /// What a branch decides.
    Decision {
        Own = "own" word!("村里自己办"),
        Township = "township" word!("报乡镇"),
        Express = "express" word!("走项目直通车"),
        Explain = "explain" word!("办不了，向群众解释"),
    }
);
codes!(
    /// What happened to a matter.
    Act {
        Raise = "raise" word!("提出"),
        Release = "release" word!("审核放行"),
        Refuse = "refuse" word!("不受理"),
        Accept = "accept" word!("受理"),
        Answer = "answer" word!("答复群众"),
        Note = "note" word!("记进展"),
        Add = "add" word!("群众补充"),
        Hand = "hand" word!("换人办"),
        Deliberate = "deliberate" word!("提交支部议事"),
        Decide = "decide" word!("支部议定"),
        Township = "township" word!("报乡镇"),
        Back = "back" word!("退回村里"),
        Express = "express" word!("转项目直通车"),
        Solve = "solve" word!("办结"),
        Explain = "explain" word!("解释说明"),
        Rate = "rate" word!("群众评价"),
        Reopen = "reopen" word!("重新办理"),
        Merge = "merge" word!("并入另一件"),
        Withdraw = "withdraw" word!("撤回"),
        Expire = "expire" word!("期满未评价，自动结"),
        Climb = "climb" word!("逾期上报"),
        Code = "code" word!("补发编号"),
        Card = "card" word!("联心卡送到家"),
    }
);

impl Act {
    /// Whether the villager sees it on the follow-up page.
    #[must_use]
    pub const fn is_public(self) -> bool {
        !matches!(self, Self::Note | Self::Hand | Self::Climb | Self::Release | Self::Code)
    }
}

/// What stands with a step: the program's own words in the reader's language, people's as they are.
#[must_use]
pub fn noted(act: Option<Act>, words: Option<String>) -> Text {
    let Some(words) = words else { return Text::default() };
    let own = match act {
        Some(Act::Climb) => Post::ALL.iter().map(|post| post.zh()).find(|zh| *zh == words),
        Some(Act::Rate) => Level::ALL.iter().map(|level| level.zh()).find(|zh| *zh == words),
        Some(_) | None => None,
    };
    own.map_or_else(|| Text::data(words), Text::key)
}
