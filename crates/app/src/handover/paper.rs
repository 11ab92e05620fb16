//! The handover book on paper: what [`Book`] says, set by the print crate.

use base::web::{AppError, AppResult};
use print::{Handover, OpenGroup, OpenItem, Pair, Press, Printed, Signer, Visit, Watch};

use super::{
    book::{Book, BookLine, Signature},
    rules::Answer,
};

/// Books as one PDF; slow, so callers in the server run it on a thread of its own.
pub fn paper(books: &[Book]) -> AppResult<(Vec<u8>, Printed)> {
    let data: Vec<Handover> = books.iter().map(data).collect();
    let mut out = Vec::new();
    let printed = print::handovers(&Press::new(), "交接簿", &data, &mut out, &Watch::none())
        .map_err(|error| AppError::Internal(error.into()))?;
    Ok((out, printed))
}

fn data(book: &Book) -> Handover {
    let days = book.side_days;
    let side = match book.side_since {
        Some(since) => format!("{}起，", since.written()),
        None => String::new(),
    };
    let facts = [
        ("原任", book.old.clone()),
        ("接任", book.new.clone().unwrap_or_else(|| "未定".into())),
        ("驻村职务", book.role.to_owned()),
        ("交接原因", book.reason.to_owned()),
        ("任期", format!("{}至{}", book.old_since.written(), book.leaves_on.written())),
        (
            "共同驻村",
            format!("{side}计划{}天，已过{}天，两人都在岗{}天", days.planned, days.elapsed, days.both_on_post),
        ),
        ("状态", book.state.to_owned()),
    ];
    Handover {
        title: "驻村工作交接簿".into(),
        village: format!("{}{}", book.township, book.village),
        facts: facts.map(|(label, value)| Pair::new(label, value)).into(),
        groups: book
            .lists
            .iter()
            .map(|list| OpenGroup { title: list.title.into(), items: list.lines.iter().map(item).collect() })
            .collect(),
        visits: book
            .visits
            .iter()
            .map(|visit| Visit {
                day: visit.day.to_string(),
                household: visit.whom.clone(),
                note: visit.note.clone().unwrap_or_default(),
            })
            .collect(),
        signers: book.signatures.iter().map(signer).collect(),
        as_of: book.printed_on.written(),
    }
}

fn item(line: &BookLine) -> OpenItem {
    let amount = line.amount.map(|amount| format!("{amount} 万元"));
    let due = line.due.map(|due| format!("{due} 到期"));
    let state: Vec<String> = [line.note.clone(), amount, due].into_iter().flatten().collect();
    let said = |answer: &Option<Answer>| match answer {
        None => String::new(),
        Some(answer) => answer.objection().map_or_else(|| "已确认".into(), |words| format!("异议：{words}")),
    };
    let what = if line.kind.is_empty() { line.title.clone() } else { format!("{}：{}", line.kind, line.title) };
    OpenItem { what, state: state.join("；"), confirmed: line.answers.each_ref().map(said) }
}

fn signer(one: &Signature) -> Signer {
    let paper = if one.on_paper { "，由乡镇代录，纸质签字存档" } else { "" };
    let signed = one.signed.as_ref().map(|(actor, day)| format!("{actor} {}在系统签认{paper}", day.written()));
    Signer { who: format!("{} {}", one.party, one.name).trim_end().to_owned(), signed: signed.unwrap_or_default() }
}
