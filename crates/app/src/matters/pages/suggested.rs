//! What earlier matters suggest, with the matters that say so.

use base::{db::Conn, html::Link, i18n::Text, text, web::AppResult};

use super::kind_zh;
use crate::{
    matters::{
        rules::{Matter, Stage},
        store::{self, Line, Reasoned},
    },
    packs::Pack,
    web::Ctx,
};

/// A suggestion as a page shows it.
pub struct Suggested {
    pub what: Text,
    /// The words shared, and how many of the matters lie in other villages.
    pub words: Text,
    pub why: Vec<Link>,
}

/// What a page needs of the suggestions for a matter.
#[derive(Default)]
pub struct Suggestions {
    pub lines: Vec<Suggested>,
    pub kind: Option<String>,
    pub department: Option<String>,
    /// Numbers of matters that are perhaps the same.
    pub same: Vec<(i64, String)>,
}

fn link(line: &Line) -> Link {
    Link::new(text!("第 {n} 号 {title}", n = line.number, title = Text::data(line.title.as_str())), line.href())
}

/// Suggestions for a matter that nobody has taken up yet; none for others.
pub async fn of(ctx: &Ctx, conn: &mut Conn, matter: &Matter, pack: &Pack) -> AppResult<Suggestions> {
    match matter.stage() {
        Stage::Held | Stage::Raised => {}
        Stage::Accepted
        | Stage::Deliberating
        | Stage::Township
        | Stage::Express
        | Stage::Solved
        | Stage::Closed
        | Stage::Withdrawn
        | Stage::Merged => return Ok(Suggestions::default()),
    }
    let found = store::suggest(conn, matter.village, &matter.words, Some(&matter.id), ctx.today).await?;
    // Earlier matters of other villages speak, but only those the viewer may see are linked.
    let scope = ctx.viewer()?.scope(crate::accounts::Permission::MattersRead);
    let links =
        |lines: &[Line]| -> Vec<Link> { lines.iter().filter(|line| scope.holds(line.village)).map(link).collect() };
    let mut out = Suggestions::default();
    for (line, likeness) in &found.same {
        let what = text!("可能是同一件（相像 {n}%）", n = likeness);
        out.lines.push(Suggested { what, words: Text::default(), why: vec![link(line)] });
        out.same.push((line.number, line.title.clone()));
    }
    let reasons = |found: &Reasoned| {
        let links = links(&found.why);
        let shared = Text::data(found.words.join("、"));
        let words = match found.why.len() - links.len() {
            0 => text!("共同的字词：{words}", words = shared),
            n => text!("共同的字词：{words}；别的村有 {n} 件", words = shared, n = n),
        };
        (words, links)
    };
    if let Some(kind) = &found.kind {
        let (words, why) = reasons(kind);
        let what = text!("多半是“{kind}”，因为这几件相像", kind = kind_zh(pack, &kind.said));
        out.lines.push(Suggested { what, words, why });
        out.kind = Some(kind.said.clone());
    }
    if let Some(department) = &found.department {
        let (words, why) = reasons(department);
        let what = text!("以前是“{unit}”办的", unit = Text::data(department.said.as_str()));
        out.lines.push(Suggested { what, words, why });
        out.department = Some(department.said.clone());
    }
    Ok(out)
}
