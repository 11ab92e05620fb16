//! People who sign in: one for each role of the product, with names one remembers. All of them are fictional.

use base::kernel::{DivisionCode, Level, Phone};

use super::dice::Dice;
use super::people::Census;
use super::places::{SHAHE, SIZHUANG};
use super::world::{Account, AccountRole, Gender, PostRole, Posting, Scope, Unit, Village};

/// Names that the dice must not give anybody else.
pub const KEPT: [&str; 18] = [
    "宋知远",
    "梁弘文",
    "许向阳",
    "田立诚",
    "林一诺",
    "陶青松",
    "高致远",
    "康建辉",
    "江清泉",
    "司德春",
    "尚明哲",
    "秦思远",
    "章志辉",
    "严秋荷",
    "沈雪松",
    "桂文博",
    "方如春",
    NEWCOMER,
];

/// Who follows the member of 司庄村 and signs for themself.
const NEWCOMER: &str = "季长风";

/// Someone whom the story names: the post held, by batch, village and role, is the way to the person.
struct Part {
    login: &'static str,
    name: &'static str,
    gender: Gender,
    title: &'static str,
    role: AccountRole,
    post: (usize, i64, PostRole),
}

const CAST: [Part; 4] = [
    Part {
        login: "cadre",
        name: "林一诺",
        gender: Gender::Female,
        title: "司庄村驻村第一书记",
        role: AccountRole::Cadre,
        post: (2, SIZHUANG, PostRole::FirstSecretary),
    },
    Part {
        login: "member",
        name: "陶青松",
        gender: Gender::Male,
        title: "司庄村驻村工作队队员",
        role: AccountRole::Cadre,
        post: (2, SIZHUANG, PostRole::Member),
    },
    Part {
        login: "shahe",
        name: "高致远",
        gender: Gender::Male,
        title: "沙河村驻村第一书记",
        role: AccountRole::Cadre,
        post: (2, SHAHE, PostRole::FirstSecretary),
    },
    Part {
        login: "mentor",
        name: "桂文博",
        gender: Gender::Male,
        title: "导师，曾任司庄村驻村第一书记",
        role: AccountRole::Mentor,
        post: (0, SIZHUANG, PostRole::FirstSecretary),
    },
];

/// Gives the story's people their names and accounts, and the first of them the telephone of the contact card.
pub fn cast(
    census: &mut Census,
    villages: &[Village],
    postings: &[Posting],
    card_phone: &Phone,
    dice: &mut Dice,
) -> Vec<Account> {
    let mut accounts = Vec::new();
    for part in &CAST {
        let post = |p: &Posting| (p.batch, villages[p.village].code.as_i64(), p.role);
        let Some(posting) = postings.iter().find(|p| post(p) == part.post) else { continue };
        let person = posting.person;
        census.recast(person, part.name, part.gender, dice);
        accounts.push(account(part.login, part.name, part.title, vec![(part.role, Scope::Person(person))]));
        if part.login == "cadre" {
            census.people[person].phone = card_phone.clone();
        }
    }
    accounts
}

/// Gives the one who comes to 司庄村 a name and an account before the post begins.
pub fn newcomer(census: &mut Census, person: usize, dice: &mut Dice) -> Account {
    census.recast(person, NEWCOMER, Gender::Male, dice);
    account("newcomer", NEWCOMER, "待到司庄村的工作队队员", vec![(AccountRole::Cadre, Scope::Person(person))])
}

/// Everybody who signs in without being posted.
pub fn others(county: DivisionCode, units: &[Unit]) -> Vec<Account> {
    let mut accounts = offices(county);
    let unit = |name: &str| units.iter().position(|unit| unit.name == name).map(Scope::Unit);
    if let Some(transport) = unit("县交通运输局") {
        accounts.push(account("unit", "康建辉", "县交通运输局（派出单位）", vec![(AccountRole::Unit, transport)]));
    }
    if let Some(water) = unit("县水利局") {
        let roles = vec![(AccountRole::Department, water), (AccountRole::Unit, water)];
        accounts.push(account("department", "江清泉", "县水利局（责任部门）", roles));
    }
    accounts.extend(keepers());
    accounts
}

fn offices(county: DivisionCode) -> Vec<Account> {
    use AccountRole::{Branch, Judge, Leader, Office, Township};
    let city = county.at(Level::City);
    // 苗店镇, 唐庄乡 and 司庄村 by their codes.
    let below = |code: i64| DivisionCode::from_i64(code).unwrap_or(county);
    let sizhuang = below(SIZHUANG);
    let at = |login, name, title, role, division| account(login, name, title, vec![(role, Scope::Division(division))]);
    vec![
        at("office", "宋知远", "社旗县驻村办", Office, county),
        at("city", "梁弘文", "南阳市驻村办", Office, city),
        at("leader", "秦思远", "社旗县领导", Leader, county),
        at("miaodian", "许向阳", "苗店镇党委", Township, sizhuang.parent()),
        at("tangzhuang", "田立诚", "唐庄乡党委", Township, below(SHAHE).parent()),
        at("branch", "司德春", "司庄村党支部", Branch, sizhuang),
        at("judge", "尚明哲", "擂台比武评委", Judge, county),
    ]
}

/// 三员: three people, none of whom can do what another does.
pub fn keepers() -> Vec<Account> {
    use AccountRole::{Auditor, Secadmin, Sysadmin};
    let keeper = |login, name, role: AccountRole| account(login, name, role.zh(), vec![(role, Scope::Installation)]);
    vec![
        keeper("sysadmin", "章志辉", Sysadmin),
        keeper("secadmin", "严秋荷", Secadmin),
        keeper("auditor", "沈雪松", Auditor),
    ]
}

fn account(login: &'static str, name: &str, title: &str, roles: Vec<(AccountRole, Scope)>) -> Account {
    Account { login, name: name.to_owned(), title: title.to_owned(), roles }
}
