//! Whole pages that need no business word: errors, sign-in, a question before a destructive act, a running job.

use askama::Template;

use super::{Act, Form, Job, Shell, filters};
use crate::i18n::Text;
use crate::text;

/// 403, 404, 409, 422, 429, 500: what happened, what to do, and for 500 the number to tell the operator.
#[derive(Template)]
#[template(path = "error.html")]
pub struct ErrorPage {
    pub shell: Shell,
    pub status: u16,
    pub say: Text,
    pub incident: Option<String>,
    pub acts: Vec<Act>,
}

impl ErrorPage {
    /// The usual words for a status.
    #[must_use]
    pub fn new(mut shell: Shell, status: u16) -> Self {
        let (title, say) = words(status);
        shell.title = title;
        let acts = vec![Act::new(text!("回到今日"), "/").primary()];
        Self { shell, status, say, incident: None, acts }
    }
}

fn words(status: u16) -> (Text, Text) {
    match status {
        400 => (text!("没有接受这次提交"), text!("请返回上一页，刷新后再试。")),
        401 => (text!("请先登录"), text!("登录后再办这件事。")),
        403 => (text!("这一页不归您看"), text!("您的职责范围里没有它。如果确有需要，请找安全保密管理员调整职责。")),
        404 => (text!("没有这一页"), text!("地址可能抄错了，或者它已经不在您的范围里。可以从左边的目录或查找重新找。")),
        409 => (
            text!("别人刚刚改过"),
            text!("您打开这一页之后，别人改了同一条记录。请返回，看过最新内容再改；您写的内容还在上一页。"),
        ),
        413 => (text!("文件太大"), text!("请压缩图片，或把表格分成几份再传。")),
        422 => (text!("有几处要改"), text!("请返回上一页，按各处的提示修改。您写的内容都还在。")),
        429 => (text!("请稍等一会儿"), text!("短时间内次数太多。过几分钟再试，不会丢失任何内容。")),
        _ => (text!("系统出了差错"), text!("不是您的操作有误，已经记录下来。请把下面的编号告诉系统管理员。")),
    }
}

/// Sign-in; `roles` are the one-click entrances of a demo and empty elsewhere.
#[derive(Template)]
#[template(path = "sign_in.html")]
pub struct SignInPage {
    pub shell: Shell,
    pub form: Form,
    pub action: String,
    /// The second factor is asked in a second step.
    pub ask_code: bool,
    pub roles: Vec<DemoRole>,
    pub demo_action: String,
    /// Other ways in (一网通办 …).
    pub others: Vec<Act>,
}

#[derive(Clone, Debug)]
pub struct DemoRole {
    pub code: String,
    pub label: Text,
    pub who: Text,
}

/// Asks once before something that cannot be undone; says what will happen.
#[derive(Template)]
#[template(path = "confirm.html")]
pub struct ConfirmPage {
    pub shell: Shell,
    pub say: Text,
    /// What will happen, a line each.
    pub effects: Vec<Text>,
    pub action: String,
    pub button: Text,
    pub back: String,
    /// Asked where the reason is recorded.
    pub form: Form,
    pub ask_reason: bool,
}

/// Work over ten seconds: runs behind, the page says how far it is.
#[derive(Template)]
#[template(path = "job.html")]
pub struct JobPage {
    pub shell: Shell,
    pub job: Job,
}
