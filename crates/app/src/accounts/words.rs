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
        "batch.add" => text!("开设批次"),
        "export.people" => text!("导出人员名册"),
        "import.upload" => text!("上传导入文件"),
        "import.roster" => text!("导入名册"),
        "import.villages" => text!("导入村情"),
        "import.units" => text!("导入派出单位"),
        "import.cadres" => text!("导入干部资料"),
        "import.divisions" => text!("导入区划"),
        "pack.choose" => text!("选用制度包"),
        "person.save" => text!("修改干部资料"),
        "person.id_number.read" => text!("查看完整身份证号"),
        "posting.add" => text!("登记派驻"),
        "posting.change" => text!("办理派驻变动"),
        "unit.add" => text!("登记派出单位"),
        "unit.save" => text!("修改派出单位"),
        "village.category" => text!("改村类别"),
        "village.stars" => text!("登记支部星级"),
        "village.counts" => text!("登记农户数"),
        "village.income" => text!("登记集体收入"),
        "deputy.add" => text!("委托代办"),
        "deputy.end" => text!("结束代办"),
        "leave.ask" => text!("请假"),
        "leave.decide" => text!("审批请假"),
        "leave.withdraw" => text!("撤回请假"),
        "leave.return" => text!("销假"),
        "leave.reason.read" => text!("查看请假事由"),
        "trip.add" => text!("记公出"),
        "trip.withdraw" => text!("撤销公出"),
        "calendar.day" => text!("改工作日历"),
        "calendar.year" => text!("确认全年日历"),
        "spot_check.draw" => text!("抽取查岗村"),
        "spot_check.find" => text!("记查岗结果"),
        "spot_check.word" => text!("查岗说明"),
        other => Text::data(other),
    }
}

/// What it was done to: the kind and the end of its id, which differs from its neighbours'.
#[must_use]
pub fn subject(kind: &str, id: &str) -> Text {
    let kind = match kind {
        "account" => text!("账号"),
        "batch" => text!("批次"),
        "county" => text!("县区"),
        "import" => text!("导入"),
        "person" => text!("干部"),
        "place" => text!("地方"),
        "posting" => text!("派驻"),
        "unit" => text!("派出单位"),
        "village" => text!("村"),
        "deputy" => text!("代办"),
        "leave" => text!("请假"),
        "trip" => text!("公出"),
        "calendar" => text!("工作日历"),
        "spot_check" => text!("查岗"),
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
        "amount" | "fen" => text!("金额（分）"),
        "basis" => text!("依据"),
        "category" => text!("村类别"),
        "contact" => text!("联系人"),
        "created" => text!("新增"),
        "file" => text!("文件"),
        "households" => text!("户数"),
        "kind" => text!("类别"),
        "level" => text!("层级"),
        "members" => text!("人口"),
        "monitored_households" => text!("监测户"),
        "name" => text!("名称"),
        "number" => text!("编号"),
        "pack" => text!("制度包"),
        "person" => text!("干部"),
        "phone" => text!("联系电话"),
        "poor_households" => text!("脱贫户"),
        "read" => text!("读取"),
        "rejected" => text!("退回"),
        "rows" => text!("行数"),
        "since" => text!("起"),
        "size" => text!("大小（字节）"),
        "stars" => text!("星级"),
        "term_months" => text!("任期（月）"),
        "unchanged" => text!("未变"),
        "until" => text!("止"),
        "updated" => text!("更新"),
        "village" => text!("村"),
        "why" => text!("原因"),
        "year" => text!("年度"),
        other => Text::data(other),
    }
}
