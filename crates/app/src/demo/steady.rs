//! Entries month by month of everybody on post, for places whose text counts no outcomes of its own.

use base::kernel::Day;

use super::dice::Dice;
use super::log::PLAIN;
use super::world::{Gain, GainState, LogEntry, Posting};

/// How much people write.
#[derive(Clone, Copy)]
pub struct Pace {
    /// In how many of a hundred months somebody writes an entry.
    pub percent: usize,
    /// How many outcomes an entry tells of; without any it is a plain one.
    pub outcomes: usize,
}

/// A kind of outcome, none so large that it waits for a word.
struct Kind {
    indicator: &'static str,
    unit: &'static str,
    /// Smallest units of the indicator in one of these.
    per: i64,
    /// From so many to so many, in steps.
    amounts: (i64, i64, i64),
    /// How often, among the others.
    weight: u32,
    duty: &'static str,
    what: &'static [&'static str],
    words: &'static str,
}

const KINDS: [Kind; 11] = [
    Kind {
        indicator: "gain.problem",
        unit: "个",
        per: 1,
        amounts: (1, 3, 1),
        weight: 28,
        duty: "service",
        what: &["吃水", "出行", "就医", "上学", "用电", "灌溉"],
        words: "几户反映的事跑了一圈，今天办成了，回去告诉了他们。",
    },
    Kind {
        indicator: "gain.produce_sold",
        unit: "公斤",
        per: 1,
        amounts: (2, 80, 100),
        weight: 19,
        duty: "wealth",
        what: &["稻谷", "柑橘", "茶叶", "土鸡蛋", "红薯", "腊肉", "辣椒"],
        words: "联系单位食堂和市场，帮种植户把货卖了出去。",
    },
    Kind {
        indicator: "gain.job",
        unit: "人",
        per: 1,
        amounts: (1, 8, 1),
        weight: 16,
        duty: "service",
        what: &["进厂务工", "公益岗位", "加工点上班", "家政服务"],
        words: "用工企业来招人，愿意去的都登记好，送到了厂里。",
    },
    Kind {
        indicator: "village.rule",
        unit: "项",
        per: 1,
        amounts: (1, 2, 1),
        weight: 8,
        duty: "party",
        what: &["村规民约", "议事规则", "财务公开办法", "值班制度"],
        words: "支部会上逐条过了制度，通过后张贴公布。",
    },
    Kind {
        indicator: "gain.house",
        unit: "户",
        per: 1,
        amounts: (1, 3, 1),
        weight: 7,
        duty: "service",
        what: &["危房改造", "旧房翻新", "厕所改建"],
        words: "改建的房子验收，和施工队一户户看过。",
    },
    Kind {
        indicator: "gain.lamp",
        unit: "盏",
        per: 1,
        amounts: (2, 12, 1),
        weight: 6,
        duty: "service",
        what: &["主街", "巷口", "村部到小学"],
        words: "路灯装好通电，坏的当场换了。",
    },
    Kind {
        indicator: "gain.fund",
        unit: "万元",
        per: 1_000_000,
        amounts: (1, 9, 1),
        weight: 6,
        duty: "wealth",
        what: &["修生产路", "山塘清淤", "晒谷坪", "村部维修"],
        words: "争取的资金到账，和村两委商量了用法。",
    },
    Kind {
        indicator: "gain.collective_income",
        unit: "元",
        per: 100,
        amounts: (1, 40, 500),
        weight: 5,
        duty: "wealth",
        what: &["光伏", "门面租金", "山林流转", "合作社分成"],
        words: "和会计对了账，村里的进项记清楚了。",
    },
    Kind {
        indicator: "gain.project",
        unit: "个",
        per: 1,
        amounts: (1, 1, 1),
        weight: 2,
        duty: "wealth",
        what: &["油茶基地", "加工点", "养殖场", "育苗大棚"],
        words: "谈了一阵的项目签了协议，落在村里。",
    },
    Kind {
        indicator: "gain.coop",
        unit: "个",
        per: 1,
        amounts: (1, 1, 1),
        weight: 2,
        duty: "wealth",
        what: &["种植合作社", "养殖合作社", "农机合作社"],
        words: "几户人家合伙办起合作社，章程和账目都定好了。",
    },
    Kind {
        indicator: "village.venue",
        unit: "处",
        per: 1,
        amounts: (1, 1, 1),
        weight: 1,
        duty: "party",
        what: &["文化广场", "党群活动室", "农家书屋"],
        words: "活动场所改建完工，村里已经用上。",
    },
];

/// Everything written until a day, in order of days.
#[must_use]
pub fn entries(postings: &[Posting], today: Day, pace: Pace, dice: &mut Dice) -> Vec<LogEntry> {
    let weights = weights();
    let mut entries = Vec::new();
    for posting in postings {
        let last = posting.ended.map_or(today, |(end, _)| end.plus_days(-1)).min(today);
        let mut begin = posting.from;
        while begin <= last {
            let next = begin.plus_days(30);
            if dice.percent(pace.percent) {
                let room = last.min(next.plus_days(-1)).days_since(begin);
                let day = begin.plus_days(dice.between(0, room));
                entries.push(entry(posting, day, pace.outcomes, &weights, dice));
            }
            begin = next;
        }
    }
    entries.sort_by_key(|entry| (entry.day, entry.village, entry.person));
    entries
}

/// The running totals of how often each kind comes.
fn weights() -> Vec<u32> {
    let mut total = 0;
    let add = |kind: &Kind| {
        total += kind.weight;
        total
    };
    KINDS.iter().map(add).collect()
}

fn entry(posting: &Posting, day: Day, outcomes: usize, weights: &[u32], dice: &mut Dice) -> LogEntry {
    let mut kinds: Vec<usize> = Vec::with_capacity(outcomes);
    while kinds.len() < outcomes.min(KINDS.len()) {
        let kind = dice.weighted(weights);
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    let (duty, words) =
        kinds.first().map_or_else(|| dice.one(&PLAIN), |&first| (KINDS[first].duty, KINDS[first].words));
    let gains = kinds.into_iter().map(|kind| gain(&KINDS[kind], dice)).collect();
    LogEntry {
        day,
        village: posting.village,
        person: posting.person,
        unit: posting.unit,
        duty,
        words: words.to_owned(),
        gains,
    }
}

fn gain(kind: &Kind, dice: &mut Dice) -> Gain {
    let (low, high, step) = kind.amounts;
    let typed = dice.between(low, high) * step;
    Gain {
        indicator: kind.indicator,
        unit: kind.unit,
        typed,
        smallest: typed * kind.per,
        what: dice.one(kind.what),
        state: GainState::Counts,
    }
}
