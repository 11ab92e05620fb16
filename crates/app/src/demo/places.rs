//! The villages that must have someone: real places, invented circumstances.

use base::kernel::{Day, DivisionCode, Fen, Level, Period};
use jiff::civil::date;

use super::dice::Dice;
use super::world::{Division, TaskLoad, Village, VillageCategory};

/// How many villages are of each category (SQ-2, SQ-3): 85 + 23 + 10 on the province's ledger, 131 beside it.
const CATEGORIES: [(VillageCategory, Option<TaskLoad>, usize); 5] = [
    (VillageCategory::OutOfPoverty, Some(TaskLoad::Heavy), 30),
    (VillageCategory::OutOfPoverty, Some(TaskLoad::Light), 55),
    (VillageCategory::HeavyTask, None, 23),
    (VillageCategory::WeakBranch, None, 10),
    (VillageCategory::Ordinary, None, 131),
];

/// 脱贫户 and 监测户 of the county: each has a contact card (SQ-5).
const CARD_HOUSEHOLDS: u64 = 28_140;
/// Branches with five and with four stars at the end of 2023 (SQ-11).
const FIVE_STARS: usize = 5;
const FOUR_STARS: usize = 45;
/// Ordinary villages that once were weak and turned (SQ-11).
const TURNED: usize = 32;
const YEARS: [i16; 3] = [2021, 2022, 2023];

pub const SIZHUANG: i64 = 411_327_107_204;
pub const SHAHE: i64 = 411_327_313_206;
pub const MAZHUANG: i64 = 411_327_313_209;
pub const LUOZHUANG: i64 = 411_327_104_201;

/// Villages of the source text: always of the same category, whatever the seed.
const PINNED: [(i64, VillageCategory, Option<TaskLoad>); 9] = [
    (SIZHUANG, VillageCategory::OutOfPoverty, Some(TaskLoad::Heavy)),
    (SHAHE, VillageCategory::OutOfPoverty, Some(TaskLoad::Heavy)),
    (MAZHUANG, VillageCategory::OutOfPoverty, Some(TaskLoad::Light)),
    (LUOZHUANG, VillageCategory::Ordinary, None), // 罗庄村, weak until it turned
    (411_327_101_202, VillageCategory::OutOfPoverty, Some(TaskLoad::Light)), // 小河流村
    (411_327_101_206, VillageCategory::Ordinary, None), // 相庄村
    (411_327_109_206, VillageCategory::HeavyTask, None), // 袁老庄村
    (411_327_313_213, VillageCategory::OutOfPoverty, Some(TaskLoad::Heavy)), // 官营村
    (411_327_313_214, VillageCategory::HeavyTask, None), // 肖庄村
];

const INDUSTRIES: [&str; 13] = [
    "艾草",
    "烟叶",
    "小辣椒",
    "肉牛",
    "生猪",
    "肉羊",
    "蔬菜大棚",
    "苗木花卉",
    "花生",
    "红薯",
    "小麦制种",
    "光伏发电",
    "来料加工",
];
const NEEDS: [&str; 22] = [
    "党建",
    "集体经济",
    "产业",
    "项目",
    "纠纷调解",
    "道路",
    "种植",
    "养殖",
    "乡村旅游",
    "文化活动",
    "电商",
    "销路",
    "教育",
    "就业",
    "加工",
    "饮水",
    "机井",
    "医疗",
    "养老",
    "人居环境",
    "路灯",
    "住房",
];

#[must_use]
pub fn is_pinned(code: DivisionCode) -> bool {
    pinned(code).is_some()
}

fn pinned(code: DivisionCode) -> Option<(VillageCategory, Option<TaskLoad>)> {
    PINNED.iter().find(|(pin, ..)| *pin == code.as_i64()).map(|&(_, category, task)| (category, task))
}

/// Digits 10–12 of a villagers' committee are 200–399; residents' communities need nobody posted.
pub fn is_village(division: &Division) -> bool {
    division.level == Level::Village && (200..400).contains(&(division.code.as_i64() % 1000))
}

#[must_use]
pub fn villages(divisions: &[Division], today: Day, dice: &mut Dice) -> Vec<Village> {
    let mut places: Vec<&Division> = divisions.iter().filter(|division| is_village(division)).collect();
    places.sort_by_key(|division| division.code);
    let categories = categories(&places, dice);
    let mut villages: Vec<Village> =
        places.iter().zip(categories).map(|(place, (category, task))| village(place, category, task, dice)).collect();
    count_card_households(&mut villages, dice);
    turn_weak_branches(&mut villages, dice);
    rate_branches(&mut villages, dice);
    earn(&mut villages, dice);
    let ended = |year: i16| today.year() > year;
    for village in &mut villages {
        village.stars.retain(|&(year, _)| ended(year));
        village.income.retain(|&(year, _)| ended(year));
    }
    join_neighbours(&mut villages, dice);
    villages
}

/// So many villages of a county, these first, then from township to township: out of poverty, and no more is told.
#[must_use]
pub fn some(divisions: &[Division], named: &[i64], count: usize, today: Day, dice: &mut Dice) -> Vec<Village> {
    let mut places: Vec<&Division> = divisions.iter().filter(|division| is_village(division)).collect();
    let turn = |place: &&Division| {
        let before = divisions.iter().filter(|other| is_village(other) && other.code.parent() == place.code.parent());
        before.filter(|other| other.code < place.code).count()
    };
    places.sort_by_key(|place| (!named.contains(&place.code.as_i64()), turn(place), place.code));
    places.truncate(count);
    places.sort_by_key(|place| place.code);
    let category = (VillageCategory::OutOfPoverty, Some(TaskLoad::Light));
    let mut villages: Vec<Village> =
        places.into_iter().map(|place| village(place, category.0, category.1, dice)).collect();
    for village in &mut villages {
        let share = village.households * u32::try_from(dice.between(26, 36)).unwrap_or(30) / 100;
        village.monitored_households = share / 20;
        village.out_of_poverty_households = share - village.monitored_households;
    }
    earn(&mut villages, dice);
    for village in &mut villages {
        village.income.retain(|&(year, _)| today.year() > year);
    }
    join_neighbours(&mut villages, dice);
    villages
}

fn categories(places: &[&Division], dice: &mut Dice) -> Vec<(VillageCategory, Option<TaskLoad>)> {
    let mut left: Vec<(VillageCategory, Option<TaskLoad>)> = Vec::new();
    for (category, task, count) in CATEGORIES {
        let taken = PINNED.iter().filter(|&&(_, c, t)| (c, t) == (category, task)).count();
        left.extend(std::iter::repeat_n((category, task), count - taken));
    }
    dice.shuffle(&mut left);
    let mut drawn = left.into_iter();
    let ordinary = (VillageCategory::Ordinary, None);
    places.iter().map(|place| pinned(place.code).or_else(|| drawn.next()).unwrap_or(ordinary)).collect()
}

/// A village of a category, with circumstances thrown for it.
pub fn village(place: &Division, category: VillageCategory, task: Option<TaskLoad>, dice: &mut Dice) -> Village {
    let households = dice.between(320, 880);
    let members = households * dice.between(345, 415) / 100;
    let since = match category {
        // 脱贫 was recognised at the end of each of these years.
        VillageCategory::OutOfPoverty => Day::from_date(dice.one(&[date(2017, 12, 25), date(2018, 12, 28)])),
        VillageCategory::WeakBranch => Day::from_date(date(2022, 12, 23)),
        VillageCategory::HeavyTask | VillageCategory::Model | VillageCategory::Ordinary => {
            Day::from_date(date(2021, 6, 15))
        }
    };
    let (industries, needs) = (dice.between(1, 3), dice.between(2, 4));
    Village {
        code: place.code,
        name: place.short.clone(),
        households: u32::try_from(households).unwrap_or_default(),
        members: u32::try_from(members).unwrap_or_default(),
        out_of_poverty_households: 0,
        monitored_households: 0,
        category,
        task,
        since,
        before: None,
        stars: Vec::new(),
        income: Vec::new(),
        industries: dice.some(&INDUSTRIES, usize::try_from(industries).unwrap_or(1)),
        needs: dice.some(&NEEDS, usize::try_from(needs).unwrap_or(2)),
        neighbours: Vec::new(),
    }
}

/// Shares the county's households out by size and category; the largest remainders get what is left over.
fn count_card_households(villages: &mut [Village], dice: &mut Dice) {
    let rate = |village: &Village, dice: &mut Dice| match village.category {
        VillageCategory::OutOfPoverty => dice.between(26, 36),
        VillageCategory::HeavyTask => dice.between(15, 22),
        VillageCategory::WeakBranch => dice.between(12, 18),
        VillageCategory::Model | VillageCategory::Ordinary => dice.between(9, 15),
    };
    let weights: Vec<u64> = villages.iter().map(|v| u64::from(v.households) * rate(v, dice).unsigned_abs()).collect();
    let total: u64 = weights.iter().sum::<u64>().max(1);
    let mut shares: Vec<u64> = weights.iter().map(|weight| CARD_HOUSEHOLDS * weight / total).collect();
    let missing = CARD_HOUSEHOLDS - shares.iter().sum::<u64>();
    let mut by_remainder: Vec<usize> = (0..villages.len()).collect();
    by_remainder.sort_by_key(|&at| std::cmp::Reverse((CARD_HOUSEHOLDS * weights[at] % total, at)));
    for &at in by_remainder.iter().take(usize::try_from(missing).unwrap_or(0)) {
        shares[at] += 1;
    }
    for (village, share) in villages.iter_mut().zip(shares) {
        let share = u32::try_from(share).unwrap_or(0);
        let percent = u32::try_from(dice.between(3, 7)).unwrap_or(3);
        village.monitored_households = (share * percent / 100).max(1).min(share);
        village.out_of_poverty_households = share - village.monitored_households;
    }
}

/// 罗庄村 and others of the ordinary villages were weak for a year or two since 2018.
fn turn_weak_branches(villages: &mut [Village], dice: &mut Dice) {
    let turned_days = [date(2020, 12, 25), date(2021, 12, 24), date(2022, 12, 23)];
    let ordinary = |village: &Village| village.category == VillageCategory::Ordinary;
    let open: Vec<usize> =
        (0..villages.len()).filter(|&at| ordinary(&villages[at]) && !is_pinned(villages[at].code)).collect();
    let mut turned = dice.some(&open, TURNED - 1);
    turned.extend(villages.iter().position(|village| village.code.as_i64() == LUOZHUANG));
    for at in turned {
        // 罗庄村 needs the years from there to its fourth star.
        let first = villages[at].code.as_i64() == LUOZHUANG;
        let until = Day::from_date(if first { turned_days[0] } else { dice.one(&turned_days) });
        let from = until.plus_months(-12 * dice.between(1, 2));
        villages[at].since = until;
        villages[at].before = Period::new(from, Some(until)).map(|held| (VillageCategory::WeakBranch, held));
    }
}

/// Fixes the counts of five and four stars at the end of 2023; stars are won one a year at most.
fn rate_branches(villages: &mut [Village], dice: &mut Dice) {
    let may_shine = |village: &Village| match village.category {
        VillageCategory::OutOfPoverty | VillageCategory::Ordinary | VillageCategory::Model => village.before.is_none(),
        VillageCategory::HeavyTask | VillageCategory::WeakBranch => false,
    };
    let is_luozhuang = |village: &Village| village.code.as_i64() == LUOZHUANG;
    let mut able: Vec<usize> =
        (0..villages.len()).filter(|&at| may_shine(&villages[at]) && !is_luozhuang(&villages[at])).collect();
    dice.shuffle(&mut able);
    let (five, four) = (&able[..FIVE_STARS], &able[FIVE_STARS..FIVE_STARS + FOUR_STARS - 1]);
    for (at, village) in villages.iter_mut().enumerate() {
        let last = if five.contains(&at) {
            5
        } else if four.contains(&at) || is_luozhuang(village) {
            4
        } else if village.category == VillageCategory::WeakBranch {
            1
        } else {
            dice.one(&[1, 2, 2, 3, 3])
        };
        let grown = |dice: &mut Dice| if village.before.is_some() { 1 } else { dice.one(&[0, 1]) };
        let last = u8::min(last, most_stars(village));
        let before = u8::max(1, last - grown(dice));
        let first = u8::max(1, before - grown(dice));
        village.stars = YEARS.into_iter().zip([first, before, last]).collect();
    }
}

/// A branch that was weak until the end of a year had one star then.
fn most_stars(village: &Village) -> u8 {
    let since = village.before.and_then(|(_, weak)| weak.until()).map(Day::year);
    since.map_or(5, |year| u8::try_from(YEARS[2] + 1 - year).unwrap_or(1))
}

pub fn earn(villages: &mut [Village], dice: &mut Dice) {
    for village in villages {
        let wan = match village.category {
            VillageCategory::OutOfPoverty => dice.between(12, 42),
            VillageCategory::HeavyTask => dice.between(5, 13),
            VillageCategory::WeakBranch => dice.between(3, 8),
            VillageCategory::Model | VillageCategory::Ordinary => dice.between(6, 32),
        };
        // In tenths of 万元, growing by a tenth or two each year.
        let last = wan * 10 + dice.between(0, 9);
        let before = last * dice.between(80, 93) / 100;
        let first = before * dice.between(80, 93) / 100;
        let fen = |tenths: i64| Fen(tenths * 100_000);
        village.income = YEARS.into_iter().zip([first, before, last].map(fen)).collect();
    }
}

/// A ring through each township in order of codes, with some chords: the lists know no map.
pub fn join_neighbours(villages: &mut [Village], dice: &mut Dice) {
    let mut start = 0;
    while start < villages.len() {
        let township = villages[start].code.parent();
        let count = villages[start..].iter().take_while(|village| village.code.parent() == township).count();
        let at = |place: usize| start + place % count;
        for place in 0..count {
            join(villages, at(place), at(place + 1));
        }
        for place in 0..count {
            let (here, there) = (at(place), at(place + 2));
            let room = villages[here].neighbours.len() < 4 && villages[there].neighbours.len() < 4;
            if dice.percent(45) && room {
                join(villages, here, there);
            }
        }
        start += count;
    }
    for village in villages {
        village.neighbours.sort_unstable();
    }
}

fn join(villages: &mut [Village], one: usize, other: usize) {
    if one != other && !villages[one].neighbours.contains(&other) {
        villages[one].neighbours.push(other);
        villages[other].neighbours.push(one);
    }
}
