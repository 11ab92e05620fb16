//! The trail in the auditor's language. What is not known here is shown by its code.

use base::{i18n::Text, text};

/// What was done.
#[must_use]
pub fn action(code: &str) -> Text {
    match code {
        "account.add" => text!("新建账号"),
        "account.activate" => text!("启用账号"),
        "account.grant" => text!("授予职责"),
        "account.revoke" => text!("收回职责"),
        "account.disable" => text!("停用账号"),
        "account.enable" => text!("恢复账号"),
        "account.reset" => text!("重置账号"),
        "account.sign_in" => text!("登录"),
        "account.lock" => text!("连续失败，锁定"),
        "account.password" => text!("更改密码"),
        "account.totp_on" => text!("开启两步验证"),
        "account.totp_off" => text!("关闭两步验证"),
        other => Text::data(other),
    }
}

/// What it was done to: the kind and the end of its id, which differs from its neighbours'.
#[must_use]
pub fn subject(kind: &str, id: &str) -> Text {
    let kind = match kind {
        "account" => text!("账号"),
        other => Text::data(other),
    };
    let tail: String = id.chars().skip(id.chars().count().saturating_sub(8)).collect();
    text!("{kind} {id}", kind = kind, id = tail)
}

/// A property of a change.
#[must_use]
pub fn property(name: &str) -> Text {
    match name {
        "sign_in_name" => text!("用户名"),
        "display_name" => text!("姓名"),
        "role" | "roles" => text!("职责"),
        "division" => text!("区划"),
        "unit" => text!("单位"),
        "state" => text!("状态"),
        "reason" => text!("原因"),
        "address" => text!("地址"),
        "locked_until" => text!("锁定到"),
        other => Text::data(other),
    }
}
