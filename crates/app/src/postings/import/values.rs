//! Words of rosters as values: roles, ledgers, genders, units.

use base::{
    i18n::Text,
    kernel::Phone,
    sheet::{fold, person_name, squeeze},
    text,
};

use crate::{
    people::Gender,
    postings::{Ledger, PostRole},
};

/// 省 or 县, in the words of rosters and of exports.
#[must_use]
pub fn read_ledger(text: &str) -> Option<Ledger> {
    let word = squeeze(text).to_lowercase();
    let written = Ledger::ALL.into_iter().find(|ledger| [ledger.code(), ledger.zh()].contains(&word.as_str()));
    written.or(match word.as_str() {
        "省" | "省级" | "省台账" | "省级台账" | "省派" | "省管" | "省管台账" => {
            Some(Ledger::Province)
        }
        "县" | "县级" | "县台账" | "县级台账" | "县管台账" | "县派" | "增派" | "县增派" => {
            Some(Ledger::County)
        }
        _ => None,
    })
}

#[must_use]
pub fn read_gender(text: &str) -> Option<Gender> {
    match squeeze(text).to_lowercase().as_str() {
        "男性" | "1" => Some(Gender::Male),
        "女性" | "2" => Some(Gender::Female),
        word => Gender::parse(word),
    }
}

/// A role as rosters write it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RoleWord {
    pub role: PostRole,
    /// 第一书记兼队长: first secretary, and the team's leader.
    pub leads_team: bool,
    /// 五星支部创建指导员 are first secretaries on the county's ledger.
    pub ledger: Option<Ledger>,
}

/// Reads a role; `None` when the word is no role.
#[must_use]
pub fn read_role(text: &str) -> Option<RoleWord> {
    let word = squeeze(text).to_lowercase();
    let has = |parts: &[&str]| parts.iter().any(|part| word.contains(part));
    let coded = PostRole::ALL.into_iter().find(|role| role.code().replace('_', "") == word.replace('_', ""));
    let ledger = match (word.starts_with("省派"), word.starts_with("县派")) {
        (true, _) => Some(Ledger::Province),
        (_, true) => Some(Ledger::County),
        (false, false) => None,
    };
    let leads = has(&["队长"]) && !has(&["副队长"]);
    let plain = |role: PostRole| Some(RoleWord { role, leads_team: role == PostRole::Leader, ledger });
    if let Some(role) = coded {
        plain(role)
    } else if has(&["第一书记"]) || matches!(word.as_str(), "书记" | "驻村书记" | "第一支书") {
        Some(RoleWord { role: PostRole::FirstSecretary, leads_team: leads, ledger })
    } else if has(&["五星"]) && has(&["指导员"]) {
        Some(RoleWord { role: PostRole::FirstSecretary, leads_team: leads, ledger: Some(Ledger::County) })
    } else if has(&["支部书记", "总支书记", "党委书记", "支书"]) {
        plain(PostRole::BranchSecretary)
    } else if has(&["指导员"]) {
        plain(PostRole::Instructor)
    } else if leads {
        plain(PostRole::Leader)
    } else if has(&["副队长", "队员", "组员"])
        || matches!(word.as_str(), "驻村干部" | "驻村工作队" | "工作队" | "成员" | "帮扶干部")
    {
        plain(PostRole::Member)
    } else {
        None
    }
}

/// `汉` is 汉族, `土家` 土家族.
#[must_use]
pub fn ethnicity(text: &str) -> Option<String> {
    let text = squeeze(text);
    let whole = text.ends_with('族') || text.ends_with('人') || text.contains("其他") || text.contains("未识别");
    match text.as_str() {
        "" => None,
        _ if whole || text.is_ascii() => Some(text),
        _ => Some(format!("{text}族")),
    }
}

/// A name, and what rosters put behind it in brackets: `张三（女，回族）`.
#[must_use]
pub fn name_and_gender(text: &str) -> (String, Option<Gender>) {
    let folded = fold(text);
    let (name, hint) = folded.split_once(['(', '[']).unwrap_or((&folded, ""));
    let gender = match (hint.contains('女'), hint.contains('男')) {
        (true, false) => Some(Gender::Female),
        (false, true) => Some(Gender::Male),
        _ => None,
    };
    (person_name(name), gender)
}

/// Why a text cannot be a unit's name; `None` when it can.
#[must_use]
pub fn unit_fault(typed: &str) -> Option<Text> {
    let bare = squeeze(typed);
    if bare.chars().count() > 60 {
        Some(text!("单位名称过长（超过 60 字），像是说明文字，请只填单位全称"))
    } else if Phone::parse(&bare).is_some() {
        Some(text!("这里填的像是电话号码，请填单位全称"))
    } else if bare.len() >= 15 && bare.bytes().take(14).all(|b| b.is_ascii_digit()) {
        Some(text!("这里填的像是身份证号，请填单位全称"))
    } else if !bare.chars().any(char::is_alphabetic) || bare.chars().count() < 2 {
        Some(text!("这不是单位名称，请填单位全称"))
    } else {
        None
    }
}

/// `县民政局 副科长` or `县民政局副科长` as unit and position; all of it is the unit when no end of a unit is found.
#[must_use]
pub fn split_unit_position(text: &str) -> (String, String) {
    const ENDS: [&str; 28] = [
        "委员会",
        "办公室",
        "组织部",
        "宣传部",
        "统战部",
        "政法委",
        "监委",
        "党校",
        "中心",
        "公司",
        "银行",
        "医院",
        "学校",
        "学院",
        "大学",
        "中学",
        "小学",
        "机关",
        "法院",
        "检察院",
        "支行",
        "集团",
        "总工会",
        "局",
        "厅",
        "联",
        "社",
        "站",
    ];
    let folded = fold(text);
    if let Some((unit, position)) = folded.split_once(' ') {
        return (unit.to_owned(), squeeze(position));
    }
    let ends = ENDS.iter().filter_map(|end| folded.rfind(end).map(|at| at + end.len()));
    // 办公室主任 is a position: an office counts as the unit's end only where nothing else does.
    let cut = ends.filter(|cut| *cut < folded.len() && !folded.get(..*cut).unwrap_or("").ends_with("办公室")).max();
    let cut = cut.unwrap_or(folded.len());
    (folded.get(..cut).unwrap_or("").to_owned(), folded.get(cut..).unwrap_or("").to_owned())
}
