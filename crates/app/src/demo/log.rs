//! Years of log entries with their outcomes, and leaders' visits: the figures of SQ-11 come out of them exactly.
//!
//! The calendar is that of the postings: each entry stands on a day on which its writer was on post. A weak branch that
//! turned is counted when the county had looked again and found it firm, which is after the village left the category.

use base::kernel::{Day, Level};
use jiff::civil::date;

use super::dice::Dice;
use super::people::Names;
use super::places::{SHAHE, SIZHUANG};
use super::world::{Division, Gain, GainState, Gender, LogEntry, Person, Posting, Promise, Village, Visit};

/// One kind of outcome: what its entries add up to, and how they are told.
struct Kind {
    indicator: &'static str,
    unit: &'static str,
    /// The figure of the source, in steps of `step` typed units.
    total: i64,
    step: i64,
    entries: usize,
    duty: &'static str,
    what: &'static [&'static str],
    words: &'static [&'static str],
}

const KINDS: [Kind; 10] = [
    Kind {
        indicator: "village.rule",
        unit: "项",
        total: 1_236,
        step: 1,
        entries: 480,
        duty: "party",
        what: &["村规民约", "议事规则", "财务公开办法", "值班制度", "党员联系户制度"],
        words: &["和村两委一起议定制度，开会通过后张贴上墙。", "逐条征求党员和群众代表意见，把制度改定下来。"],
    },
    Kind {
        indicator: "village.venue",
        unit: "处",
        total: 134,
        step: 1,
        entries: 132,
        duty: "party",
        what: &["文化广场", "党群活动室", "老年活动室", "农家书屋"],
        words: &["活动场所改建完工，村里已经用上。", "盯着工程收尾，活动场所今天交给村里。"],
    },
    Kind {
        indicator: "gain.fund",
        unit: "万元",
        total: 19_860,
        step: 1,
        entries: 420,
        duty: "wealth",
        what: &["修生产路", "农田水利", "冷库和晒场", "蔬菜大棚", "村部维修"],
        words: &["争取的资金到账，和村两委商量了用法。", "跑了几趟部门，项目资金批下来了。"],
    },
    Kind {
        indicator: "gain.project",
        unit: "个",
        total: 256,
        step: 1,
        entries: 250,
        duty: "wealth",
        what: &["服装加工点", "食用菌种植", "光伏电站", "艾草加工", "肉牛养殖"],
        words: &["谈了一个多月的项目签了协议，落在村里。", "陪客商看了场地，项目定下来了。"],
    },
    Kind {
        indicator: "gain.coop",
        unit: "个",
        total: 365,
        step: 1,
        entries: 350,
        duty: "wealth",
        what: &["种植合作社", "养殖合作社", "农机合作社"],
        words: &["帮几户人家合伙办起合作社，执照领回来了。", "合作社开了成立会，章程和账目都定好了。"],
    },
    Kind {
        indicator: "gain.produce_sold",
        unit: "公斤",
        total: 612_000,
        step: 100,
        entries: 520,
        duty: "wealth",
        what: &["红薯", "小麦", "萝卜", "桃子", "西瓜", "花生"],
        words: &["联系市场和单位食堂，帮种植户把货卖出去。", "装车发货，价钱比地头收购高一些。"],
    },
    Kind {
        indicator: "gain.job",
        unit: "人",
        total: 2_058,
        step: 1,
        entries: 330,
        duty: "service",
        what: &["进厂务工", "公益岗位", "加工点上班", "家政服务"],
        words: &["用工企业进村招人，愿意去的都登记上了。", "送乡亲到厂里报到，住处也看过了。"],
    },
    Kind {
        indicator: "gain.house",
        unit: "户",
        total: 3_240,
        step: 1,
        entries: 330,
        duty: "service",
        what: &["危房改造", "旧房翻新", "厕所和厨房改建"],
        words: &["改建的房子验收，几家人已经搬进去。", "和施工队一户户看过，问题当场改。"],
    },
    Kind {
        indicator: "gain.well",
        unit: "眼",
        total: 1_630,
        step: 1,
        entries: 300,
        duty: "service",
        what: &["村东地块", "村西地块", "大棚区", "河南岸"],
        words: &["新机井出水，配电也通了。", "机井打成，旱季能浇上地。"],
    },
    Kind {
        indicator: "gain.lamp",
        unit: "盏",
        total: 6_450,
        step: 1,
        entries: 320,
        duty: "service",
        what: &["主街", "巷口", "村部到小学", "文化广场"],
        words: &["路灯装好通电，晚上出门亮堂了。", "和电工一起试灯，坏的当场换。"],
    },
];

/// What is done on most days: no figure comes of it.
pub(super) const PLAIN: [(&str, &str); 14] = [
    ("service", "走访几户脱贫户，看取暖和存粮，都还稳当。"),
    ("service", "陪老人去乡卫生院办慢性病卡，一上午办好。"),
    ("order", "两家因宅基地界线争执，请支书和老人到场说开了。"),
    ("party", "主题党日，带党员清理村口河道。"),
    ("wealth", "到邻村看大棚育苗，问清了投入和销路。"),
    ("order", "入户查看用电用火，提醒换掉老化的插座。"),
    ("service", "帮在外务工的人代办社保认证。"),
    ("party", "支部会上逐条过了年度承诺，还差两件，定了人和日子。"),
    ("wealth", "和合作社对账，算清每户的分红。"),
    ("order", "和村医、网格员核对独居老人名单。"),
    ("service", "下雪后和大伙一起清出村里的主路。"),
    ("wealth", "请农技员到地里看苗情，讲越冬管理。"),
    ("order", "宣讲反诈，帮几位老人装好提醒软件。"),
    ("party", "带入党积极分子学习，谈了各自的打算。"),
];

/// Large ones of the last days that nobody has said a word on yet; the last came back.
const LARGE: [(&str, &str, i64, i64, &str, &str); 8] = [
    ("gain.fund", "万元", 120, 1_000_000, "高标准农田配套", "wealth"),
    ("gain.produce_sold", "公斤", 180_000, 1, "红薯", "wealth"),
    ("gain.house", "户", 36, 1, "危房改造", "service"),
    ("gain.lamp", "盏", 90, 1, "全村主街", "service"),
    ("gain.job", "人", 60, 1, "进厂务工", "service"),
    ("gain.land", "亩", 800, 100, "订单种植", "wealth"),
    ("gain.collective_income", "万元", 26, 1_000_000, "光伏和租金", "wealth"),
    ("gain.fund", "万元", 300, 1_000_000, "桥梁重建", "wealth"),
];

/// The last day that anybody writes about; an earlier today leaves out what is still to come.
fn horizon() -> Day {
    Day::from_date(date(2024, 1, 18))
}

/// Days on post, one behind the other: a number finds a person and a day.
struct Calendar<'a> {
    postings: &'a [Posting],
    ends: Vec<i64>,
}

impl<'a> Calendar<'a> {
    fn new(postings: &'a [Posting]) -> Self {
        let mut ends = Vec::with_capacity(postings.len());
        let mut sum = 0;
        for posting in postings {
            let end = posting.ended.map_or(horizon().plus_days(1), |(end, _)| end);
            sum += end.days_since(posting.from).max(0);
            ends.push(sum);
        }
        Self { postings, ends }
    }

    fn any(&self, dice: &mut Dice) -> Option<(&'a Posting, Day)> {
        let total = self.ends.last().copied().filter(|total| *total > 0)?;
        let thrown = dice.between(0, total - 1);
        let at = self.ends.partition_point(|end| *end <= thrown);
        let before = at.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        let posting = self.postings.get(at)?;
        Some((posting, posting.from.plus_days(thrown - before)))
    }

    fn on_post(&self, village: usize, day: Day) -> Vec<&'a Posting> {
        self.postings.iter().filter(|posting| posting.village == village && posting.holds(day)).collect()
    }
}

/// All entries up to a day.
pub fn entries(villages: &[Village], postings: &[Posting], today: Day, dice: &mut Dice) -> Vec<LogEntry> {
    let calendar = Calendar::new(postings);
    let mut entries = gains(&calendar, dice);
    entries.extend(turned(villages, &calendar, dice));
    entries.extend(plain(villages, &calendar, dice));
    entries.extend(large(villages, &calendar, dice));
    entries.retain(|entry| entry.day <= today);
    entries.sort_by_key(|entry| (entry.day, entry.village, entry.person));
    entries
}

fn gains(calendar: &Calendar<'_>, dice: &mut Dice) -> Vec<LogEntry> {
    let mut all: Vec<(&Kind, i64)> = Vec::new();
    for kind in &KINDS {
        all.extend(parts(kind.total, kind.entries, dice).into_iter().map(|part| (kind, part * kind.step)));
    }
    dice.shuffle(&mut all);
    let mut entries: Vec<LogEntry> = Vec::new();
    for (kind, typed) in all {
        let gain = Gain {
            indicator: kind.indicator,
            unit: kind.unit,
            typed,
            smallest: typed * if kind.unit == "万元" { 1_000_000 } else { 1 },
            what: dice.one(kind.what),
            state: GainState::Counts,
        };
        let joins = dice.percent(15);
        match entries.last_mut() {
            // Some days bring two things; the same thing twice on a day would be one.
            Some(last) if joins && last.gains.iter().all(|other| other.indicator != kind.indicator) => {
                last.gains.push(gain);
            }
            _ => {
                if let Some((posting, day)) = calendar.any(dice) {
                    entries.push(entry(posting, day, kind.duty, dice.one(kind.words), vec![gain]));
                }
            }
        }
    }
    entries
}

fn entry(posting: &Posting, day: Day, duty: &'static str, words: &str, gains: Vec<Gain>) -> LogEntry {
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

/// A total in so many parts, each at least one: none far from the middle.
fn parts(total: i64, count: usize, dice: &mut Dice) -> Vec<i64> {
    let n = i64::try_from(count).unwrap_or(1).max(1);
    let mut parts: Vec<i64> = (0..count).map(|_| (total * dice.between(60, 140) / (100 * n)).max(1)).collect();
    let mut left = total - parts.iter().sum::<i64>();
    while left != 0 {
        let step = (left.abs() / n).max(1) * left.signum();
        for part in &mut parts {
            if left == 0 {
                break;
            }
            let by = if step.abs() > left.abs() { left } else { step };
            if *part + by >= 1 {
                *part += by;
                left -= by;
            }
        }
    }
    parts
}

/// Branches that were weak: found firm by the county while a first secretary of today's batch was there.
fn turned(villages: &[Village], calendar: &Calendar<'_>, dice: &mut Dice) -> Vec<LogEntry> {
    let mut entries = Vec::new();
    for (at, _) in villages.iter().enumerate().filter(|(_, village)| village.before.is_some()) {
        let looked = Day::from_date(date(2023, 9, 4)).plus_days(dice.between(0, 110));
        let Some(posting) = calendar.on_post(at, looked).first().copied() else { continue };
        let gain = Gain {
            indicator: "village.weak_turned",
            unit: "个",
            typed: 1,
            smallest: 1,
            what: "整顿成果复核通过",
            state: GainState::Counts,
        };
        let words = "软弱涣散党组织整顿后巩固满期，县里复核通过，正式摘帽。";
        entries.push(entry(posting, looked, "party", words, vec![gain]));
    }
    entries
}

/// Entries of the last weeks without a figure, the story's villages first.
fn plain(villages: &[Village], calendar: &Calendar<'_>, dice: &mut Dice) -> Vec<LogEntry> {
    let story: Vec<usize> = [SIZHUANG, SIZHUANG, SHAHE]
        .iter()
        .filter_map(|code| villages.iter().position(|village| village.code.as_i64() == *code))
        .collect();
    let mut entries = Vec::new();
    for turn in 0..56_usize {
        let day = horizon().plus_days(-dice.between(0, 24));
        let village = if turn % 3 == 0 {
            story.get(turn / 3 % story.len().max(1)).copied().unwrap_or(0)
        } else {
            dice.below(villages.len())
        };
        let there = calendar.on_post(village, day);
        let Some(posting) = there.get(turn % there.len().max(1)) else { continue };
        let (duty, words) = PLAIN[turn % PLAIN.len()];
        entries.push(entry(posting, day, duty, words, Vec::new()));
    }
    entries
}

fn large(villages: &[Village], calendar: &Calendar<'_>, dice: &mut Dice) -> Vec<LogEntry> {
    let mut entries = Vec::new();
    for (turn, (indicator, unit, typed, smallest, what, duty)) in LARGE.into_iter().enumerate() {
        let day = horizon().plus_days(-dice.between(1, 6));
        let story = match turn {
            0 | 2 => Some(SIZHUANG),
            1 => Some(SHAHE),
            _ => None,
        };
        let named = story.and_then(|code| villages.iter().position(|village| village.code.as_i64() == code));
        let village = named.unwrap_or_else(|| dice.below(villages.len()));
        let there = calendar.on_post(village, day);
        let Some(posting) = there.get(turn % there.len().max(1)) else { continue };
        let state = if turn + 1 == LARGE.len() { GainState::SentBack } else { GainState::Waits };
        let gain = Gain { indicator, unit, typed, smallest: typed * smallest, what, state };
        let words = "这件事办成了，数目大，先报上来请乡里核实。";
        entries.push(entry(posting, day, duty, words, vec![gain]));
    }
    entries
}

const VISITOR_UNITS: [(&str, &str); 8] = [
    ("县委办公室", "副主任"),
    ("县委组织部", "副部长"),
    ("县农业农村局", "农艺师"),
    ("县水利局", "工程师"),
    ("市委组织部", "科长"),
    ("市农业科学院", "研究员"),
    ("县人大常委会", "副主任"),
    ("县乡村振兴中心", "主任"),
];
const PROMISES: [(&str, &str); 6] = [
    ("township", "协调把村口的断头路接上"),
    ("office", "请县里把这个村排进明年的农田水利计划"),
    ("branch", "月底前把合作社账目公开"),
    ("cadre", "列出愿意进厂的人，报给用工企业"),
    ("township", "把小学门口的减速带补上"),
    ("office", "联系农科院春天派人来讲课"),
];

/// Who came to see, up to a day.
pub fn visits(
    (villages, divisions, people): (&[Village], &[Division], &[Person]),
    today: Day,
    dice: &mut Dice,
) -> Vec<Visit> {
    let names = Names::new(&[]);
    let mut visitors: Vec<(String, &str, &str)> = Vec::new();
    while visitors.len() < 16 {
        let gender = if dice.percent(30) { Gender::Female } else { Gender::Male };
        let name = names.any(gender, dice);
        let (unit, post) = VISITOR_UNITS[visitors.len() % VISITOR_UNITS.len()];
        if !people.iter().any(|person| person.name == name) && !visitors.iter().any(|(other, ..)| *other == name) {
            visitors.push((name, unit, post));
        }
    }
    let townships = divisions.iter().filter(|division| division.level == Level::Township).count().max(1);
    let mut visits = Vec::new();
    for turn in 0..48_usize {
        let back = if turn < 12 { dice.between(0, 30) } else { dice.between(31, 220) };
        let day = horizon().plus_days(-back);
        let first = if turn == 0 {
            villages.iter().position(|village| village.code.as_i64() == SIZHUANG).unwrap_or(0)
        } else {
            (turn * villages.len() / townships + dice.below(villages.len())) % villages.len().max(1)
        };
        let mut places = vec![first];
        if dice.percent(35) {
            places.extend(villages[first].neighbours.first());
        }
        let some: Vec<usize> = (0..visitors.len()).collect();
        let how_many = 1 + dice.below(2);
        let who = dice.some(&some, how_many).into_iter().map(|at| visitors[at].clone());
        let who = who.map(|(name, unit, post)| (name, unit.to_owned(), post.to_owned())).collect();
        let promise = |(holder, what): (&'static str, &'static str)| Promise {
            holder,
            what,
            due: horizon().plus_days(10 + i64::try_from(turn).unwrap_or(0)),
        };
        let promised: Vec<Promise> = PROMISES.get(turn).copied().map(promise).into_iter().collect();
        visits.push(Visit {
            day,
            villages: places,
            visitors: who,
            words: "到田间和农户家里看了，和村两委、工作队坐下来谈了一个多小时。".to_owned(),
            promises: promised,
        });
    }
    visits.retain(|visit| visit.day <= today);
    visits.sort_by_key(|visit| (visit.day, visit.villages.first().copied()));
    visits
}
