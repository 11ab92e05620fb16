//! People who sign in: one for each role of the product, with names one remembers. All of them are fictional.

use base::kernel::{DivisionCode, Level};

use super::places::{SHAHE, SIZHUANG};
use super::world::{Account, AccountRole, Batch, Gender, Person, PostRole, Posting, Scope, Unit, Village};

/// Names that the dice must not give anybody else.
pub const KEPT: [&str; 17] = [
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
];

/// Gives the story's people their names, and everybody who signs in an account.
pub fn accounts(
    county: DivisionCode,
    villages: &[Village],
    units: &[Unit],
    people: &mut [Person],
    (batches, postings): (&[Batch], &[Posting]),
) -> Vec<Account> {
    let now = batches.len() - 1;
    let holder = |village: i64, role: PostRole| {
        let here = |p: &&Posting| p.batch == now && villages[p.village].code.as_i64() == village && p.role == role;
        postings.iter().find(here).map(|posting| posting.person)
    };
    let served_long_ago = |p: &&Posting| {
        let again = postings.iter().any(|other| other.person == p.person && other.batch == now);
        p.batch == 0 && p.role == PostRole::FirstSecretary && people[p.person].gender == Gender::Male && !again
    };
    let story = [
        ("cadre", "林一诺", "司庄村驻村第一书记", AccountRole::Cadre, holder(SIZHUANG, PostRole::FirstSecretary)),
        ("member", "陶青松", "司庄村驻村工作队队员", AccountRole::Cadre, holder(SIZHUANG, PostRole::Member)),
        ("shahe", "高致远", "沙河村驻村第一书记", AccountRole::Cadre, holder(SHAHE, PostRole::FirstSecretary)),
        (
            "mentor",
            "桂文博",
            "导师，曾任驻村第一书记",
            AccountRole::Mentor,
            postings.iter().find(served_long_ago).map(|p| p.person),
        ),
    ];
    let mut accounts = offices(county);
    for (login, name, title, role, person) in story {
        if let Some(person) = person {
            name.clone_into(&mut people[person].name);
            accounts.push(account(login, name, title, vec![(role, Scope::Person(person))]));
        }
    }
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
fn keepers() -> Vec<Account> {
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
