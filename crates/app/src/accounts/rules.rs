//! Decisions about accounts, pure: states, which roles go together, passwords, lock-out, names.

use base::{
    i18n::Text,
    kernel::Instant,
    text,
    web::{AppError, Refusal},
};

use super::{Grant, Role};

/// How long things last.
pub mod session {
    /// Sessions are noted as seen at most this often, so that reading a page is no write.
    pub const TOUCH_SECONDS: i64 = 300;
    pub const IDLE_SECONDS: i64 = 2 * 3600;
    pub const LONGEST_SECONDS: i64 = 12 * 3600;
}

/// Whether an account may sign in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AccountState {
    /// Has a start code and no password yet.
    Invited,
    Active,
    /// Too many failures; works again by itself.
    Locked {
        until: Instant,
    },
    Disabled,
}

impl AccountState {
    /// From the columns. What is not known does not work.
    #[must_use]
    pub fn of(state: &str, locked_until: Option<Instant>, now: Instant) -> Self {
        match (state, locked_until) {
            ("active" | "invited", Some(until)) if until > now => Self::Locked { until },
            ("active", _) => Self::Active,
            ("invited", _) => Self::Invited,
            _ => Self::Disabled,
        }
    }

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Active => "active",
            Self::Locked { .. } => "locked",
            Self::Disabled => "disabled",
        }
    }

    #[must_use]
    pub fn label(self) -> Text {
        match self {
            Self::Invited => text!("待启用"),
            Self::Active => text!("正常"),
            Self::Locked { .. } => text!("暂时锁定"),
            Self::Disabled => text!("已停用"),
        }
    }
}

/// Failures in a row that lock, and for how long.
pub const MOST_FAILURES: i64 = 5;
pub const LOCK_SECONDS: i64 = 15 * 60;
/// How long a start code waits to be used.
pub const START_CODE_SECONDS: i64 = 14 * 86_400;

/// After one more failure: how many there are, and until when the account is locked.
#[must_use]
pub fn after_failure(failures: i64, now: Instant) -> (i64, Option<Instant>) {
    let failures = failures + 1;
    if failures >= MOST_FAILURES { (0, Some(now.plus_seconds(LOCK_SECONDS))) } else { (failures, None) }
}

/// Whether these roles may stand in one account: the three administrators are kept apart from each other and from
/// every working role, so that who grants rights cannot read the trail, and who runs the system can do neither.
pub fn check_roles(roles: &[Role]) -> Result<(), Refusal> {
    let administrators: Vec<Role> = roles.iter().copied().filter(|role| role.is_administrator()).collect();
    let Some(first) = administrators.first() else { return Ok(()) };
    match roles.iter().find(|role| *role != first) {
        None => Ok(()),
        Some(other) if other.is_administrator() => Err(Refusal::at(
            "role",
            text!(
                "系统管理员、安全保密管理员、安全审计员三员分设：同一账号不能既是{one}又是{other}。",
                one = Text::key(first.zh()),
                other = Text::key(other.zh())
            ),
        )),
        Some(other) => Err(Refusal::at(
            "role",
            text!(
                "{one}不能兼任业务职责（{other}），请另建账号。",
                one = Text::key(first.zh()),
                other = Text::key(other.zh())
            ),
        )),
    }
}

/// Nobody changes their own rights.
pub fn check_not_self(actor: &str, account: &str) -> Result<(), AppError> {
    if actor == account {
        return Err(Refusal::whole(text!("不能更改自己的账号和职责，请另一位安全保密管理员办理。")).into());
    }
    Ok(())
}

/// Whether a grant says where it holds: a unit's role for a unit, every other for a division.
pub fn check_grant(grant: &Grant) -> Result<(), Refusal> {
    match (grant.role.is_of_unit(), &grant.unit_id, grant.division) {
        (true, None, _) => Err(Refusal::at("unit", text!("派出单位和责任部门的职责要选一个单位。"))),
        (false, _, None) => Err(Refusal::at("place", text!("请填写职责所在的区划代码，例如 411327000000。"))),
        _ => Ok(()),
    }
}

/// A sign-in name as it is stored: lower case, 2 to 40 of `a–z 0–9 . _ -` or Chinese characters.
pub fn sign_in_name(typed: &str) -> Result<String, Refusal> {
    let name = typed.trim().to_lowercase();
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-') || is_han(c);
    if !(2..=40).contains(&name.chars().count()) || !name.chars().all(allowed) {
        return Err(Refusal::at("name", text!("用户名为 2 到 40 个字母、数字、汉字或 . _ -，不含空格。")));
    }
    Ok(name)
}

/// The name people see.
pub fn display_name(typed: &str) -> Result<&str, Refusal> {
    let name = typed.trim();
    if name.is_empty() || name.chars().count() > 60 {
        return Err(Refusal::at("display", text!("请填写姓名或岗位名称，最多 60 个字。")));
    }
    Ok(name)
}

/// Passwords that everybody tries first; compared without case and without trailing digits and marks.
const COMMON: [&str; 18] = [
    "password",
    "passw0rd",
    "qwertyuiop",
    "qwerty",
    "asdfghjkl",
    "1qaz2wsx3edc",
    "1qaz2wsx",
    "iloveyou",
    "woaini",
    "administrator",
    "admin",
    "letmein",
    "welcome",
    "zhongguo",
    "lianxin",
    "abcdefghij",
    "a1b2c3d4e5",
    "q1w2e3r4t5",
];

/// A password one may choose: at least ten characters, not the sign-in name, not one of those tried first.
/// Nothing is asked about capitals, digits and marks: length counts (NIST SP 800-63B 3.1.1.2).
pub fn check_password(password: &str, sign_in_name: &str) -> Result<(), Refusal> {
    let refuse = |message| Err(Refusal::at("new_password", message));
    let count = password.chars().count();
    if count < 10 {
        return refuse(text!("密码至少 10 个字符，可以用一句容易记的话。"));
    }
    if count > 200 {
        return refuse(text!("密码最多 200 个字符。"));
    }
    let lower = password.to_lowercase();
    let stem = lower.trim_end_matches(|c: char| !c.is_alphabetic());
    let digits_in_row = "01234567890123456789".contains(&*lower) || "98765432109876543210".contains(&*lower);
    let repeated = (1..=4).any(|width| is_repeated(&lower, width));
    if COMMON.contains(&stem) || COMMON.contains(&&*lower) || digits_in_row || repeated {
        return refuse(text!("这个密码太常见，请换一个。"));
    }
    if lower == sign_in_name || stem == sign_in_name {
        return refuse(text!("密码不能就是用户名。"));
    }
    Ok(())
}

fn is_repeated(text: &str, width: usize) -> bool {
    let all: Vec<char> = text.chars().collect();
    all.iter().enumerate().all(|(at, c)| all.get(at % width) == Some(c))
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{323af}')
}

/// Where sign-in leads on to: an address of ours, or the first page.
#[must_use]
pub fn next_address(asked: &str) -> &str {
    // `//host` and `/\host` are other hosts to a browser; a control character could hide one.
    let ours = asked.starts_with('/')
        && !asked.starts_with("//")
        && !asked.contains('\\')
        && !asked.chars().any(char::is_control)
        && !asked.starts_with("/login")
        && asked.len() <= 2000;
    if ours { asked } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_administrators_are_kept_apart() {
        use Role::{Auditor, Cadre, Office, Secadmin, Sysadmin};
        for allowed in [&[Office, Cadre][..], &[Secadmin], &[Auditor, Auditor], &[]] {
            assert!(check_roles(allowed).is_ok(), "{allowed:?}");
        }
        for refused in [[Sysadmin, Secadmin], [Secadmin, Auditor], [Auditor, Sysadmin], [Office, Auditor]] {
            assert!(check_roles(&refused).is_err(), "{refused:?}");
        }
    }

    #[test]
    fn five_failures_lock_for_a_quarter_of_an_hour() {
        let now = Instant(1_000);
        let mut failures = 0;
        for _ in 1..MOST_FAILURES {
            let (next, locked) = after_failure(failures, now);
            assert_eq!(locked, None);
            failures = next;
        }
        let (_, locked) = after_failure(failures, now);
        let until = locked.expect("locked");
        assert_eq!(AccountState::of("active", locked, now), AccountState::Locked { until });
        assert_eq!(AccountState::of("active", locked, now.plus_seconds(LOCK_SECONDS)), AccountState::Active);
        assert_eq!(AccountState::of("disabled", locked, now), AccountState::Disabled);
    }

    #[test]
    fn a_password_is_long_and_not_the_first_guess() {
        for good in ["correct horse battery", "三月的麦田很绿很宽阔", "Xiaomaitian-7", "songzhiyuan in miaodian"]
        {
            assert!(check_password(good, "songzhiyuan").is_ok(), "{good}");
        }
        for bad in
            ["short", "password123!", "1234567890", "aaaaaaaaaaaa", "abababababab", "songzhiyuan", "Songzhiyuan2024"]
        {
            assert!(check_password(bad, "songzhiyuan").is_err(), "{bad}");
        }
    }

    #[test]
    fn sign_in_leads_on_only_to_our_own_pages() {
        assert_eq!(next_address("/postings?place=411327000000"), "/postings?place=411327000000");
        for evil in ["//evil.example", "https://evil.example", "/\\evil.example", "", "javascript:x", "/a\nb", "/login"]
        {
            assert_eq!(next_address(evil), "/", "{evil}");
        }
    }

    #[test]
    fn a_name_is_stored_in_lower_case() {
        assert_eq!(sign_in_name(" Office.2 ").expect("a name"), "office.2");
        assert!(sign_in_name("a").is_err() && sign_in_name("a b").is_err() && sign_in_name("<b>").is_err());
    }
}
