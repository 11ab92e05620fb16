//! Preview, progress and report of an import.

use askama::Template;
use axum::{
    extract::Path,
    http::{HeaderName, HeaderValue},
    response::{IntoResponse, Response},
};
use base::{
    html::{
        Act, Address, Form, Job as Running, JobPage, Pages, Shell, State as Shown, Step, Table, Tile, Tone, filters,
    },
    i18n::Text,
    text,
    web::{AppError, AppResult},
};

use super::{
    super::{
        runs::{Run, RunState},
        steps::{self, LARGE},
    },
    columns, find, kind_label, wizard_steps,
};
use crate::{
    imports::{Report, ReportProblem, code},
    spine::jobs,
    web::{Ctx, FormData},
};

#[derive(Template)]
#[template(path = "intake/preview.html")]
struct PreviewPage {
    shell: Shell,
    sub: Text,
    steps: Vec<Step>,
    form: Form,
    action: String,
    back: String,
    again: String,
    rejects: String,
    list: String,
    applied: bool,
    /// Whether there is anything to write.
    changes: bool,
    rejected: usize,
    tiles: Vec<Tile>,
    notes: Vec<Text>,
    several_sheets: bool,
    table: Table,
    problems: Vec<Line>,
    warnings: Vec<Line>,
}

struct Line {
    sheet: String,
    row: u32,
    column: String,
    word: Shown,
    message: Text,
    suggestion: String,
}

impl Line {
    fn of(problem: &ReportProblem, tone: Tone) -> Self {
        Self {
            sheet: problem.sheet.clone(),
            row: problem.row,
            column: problem.column.clone(),
            word: Shown::new(tone, word(&problem.code)),
            message: problem.words(),
            suggestion: problem.suggestion.clone().unwrap_or_default(),
        }
    }
}

/// A problem's code in words.
fn word(code: &str) -> Text {
    match code {
        code::BAD_ID_NUMBER => text!("身份证号有误"),
        code::UNKNOWN_DIVISION => text!("没有这个地方"),
        code::AMBIGUOUS_DIVISION => text!("村名不止一个"),
        code::BAD_DATE => text!("日期有误"),
        code::MISSING_REQUIRED => text!("必填项空着"),
        code::TWO_POSTINGS => text!("岗位冲突"),
        code::END_BEFORE_START => text!("结束早于开始"),
        code::BAD_PHONE => text!("电话有误"),
        code::BAD_UNIT => text!("单位有误"),
        code::UNKNOWN_ROLE => text!("职务无法识别"),
        code::REPEATED => text!("重复"),
        code::BAD_FILE => text!("文件读不了"),
        code::NO_HEADER => text!("没有表头"),
        code::DIFFERS_FROM_ID => text!("与身份证号不符"),
        code::AMBIGUOUS_DATE => text!("日期有两种读法"),
        code::NO_ID_COLUMN => text!("没有身份证号"),
        code::GUESSED_KIND => text!("种类按相像的记"),
        code::UNKNOWN_KIND => text!("种类对不上"),
        code::UNKNOWN_STATE => text!("状态不认得"),
        code::HIDDEN_PHONE => text!("号码被隐去"),
        code::NO_END => text!("没有办结时间"),
        code::NO_CALENDAR => text!("没有放假安排"),
        code::KNOWN_OTHERWISE => text!("内容与已有的不同"),
        _ => text!("内容有误"),
    }
}

fn tiles(report: &Report) -> Vec<Tile> {
    let tile = |label, count: usize, state| Tile {
        label,
        figure: count.to_string(),
        unit: text!("行"),
        state,
        ..Tile::default()
    };
    let bad = (report.rejected > 0).then(|| Shown::new(Tone::Stop, text!("见下面的问题")));
    vec![
        tile(text!("读入"), report.read, None),
        tile(text!("新增"), report.created, None),
        tile(text!("更新"), report.updated, None),
        tile(text!("不变"), report.unchanged, None),
        tile(text!("退回"), report.rejected, bad),
    ]
}

fn notes(report: &Report) -> Vec<Text> {
    let mut notes = Vec::new();
    if let Some(batch) = &report.batch {
        notes.push(if batch.created {
            text!("记入第 {number} 批（新建）。", number = batch.number)
        } else {
            text!("记入第 {number} 批。", number = batch.number)
        });
    }
    if !report.units_created.is_empty() {
        let names = report.units_created.iter().take(30).cloned().collect::<Vec<_>>().join("、");
        notes.push(text!("新建单位 {n} 个：{names}", n = report.units_created.len(), names = names));
    }
    if !report.unknown_columns.is_empty() {
        notes.push(text!("这些列没有导入：{columns}", columns = report.unknown_columns.join("、")));
    }
    notes
}

fn heads() -> Vec<base::html::Column> {
    use base::html::Column;
    vec![
        Column::new(text!("行")).num(),
        Column::new(text!("列")),
        Column::new(text!("问题")),
        Column::new(text!("怎样改")),
    ]
}

async fn preview(ctx: &Ctx, run: &Run, form: Form) -> AppResult<PreviewPage> {
    let report = run.report.clone().unwrap_or_default();
    let applied = run.state == RunState::Applied;
    let address = Address::parse(&ctx.address).at(&format!("/imports/{}", run.id));
    let pages = Pages::of(&address);
    let mut conn = ctx.read().await?;
    let title = if applied { text!("导入：已完成") } else { text!("导入：预览") };
    let shell = ctx.shell(&mut conn, title, Some(run.place)).await?;
    let shown = pages.cut(&report.problems);
    let mut table = Table::new(text!("要改的行"), &address, vec![], heads());
    (table.xlsx, table.csv) = (None, None);
    let total = u64::try_from(report.problems.len()).ok();
    Ok(PreviewPage {
        shell,
        sub: text!("{file} · {kind}", file = run.file_name, kind = kind_label(run.kind)),
        steps: wizard_steps(if applied { 3 } else { 2 }),
        form,
        action: format!("/imports/{}/apply", run.id),
        back: format!("/imports/{}/mapping", run.id),
        again: format!("/imports?place={}&kind={}", run.place, run.kind.code()),
        rejects: format!("/imports/{}/rejects.xlsx", run.id),
        list: format!("{}?place={}", run.kind.list(), run.place),
        applied,
        changes: report.changes(),
        rejected: report.rejected,
        tiles: tiles(&report),
        notes: notes(&report),
        several_sheets: run.setting.sketch.found() > 1,
        table: table.rows(total, pages.pager(&address, report.problems.len())),
        problems: shown.map(|problem| Line::of(problem, Tone::Stop)).collect(),
        warnings: report.warnings.iter().take(200).map(|problem| Line::of(problem, Tone::Late)).collect(),
    })
}

/// How far the job of an import is.
async fn running(ctx: &Ctx, run: &Run) -> AppResult<Running> {
    let mut conn = ctx.read().await?;
    let job = match &run.setting.job {
        Some(id) => jobs::find(&mut conn, run.county, id).await?,
        None => None,
    };
    let waiting = job.as_ref().is_none_or(|job| job.state == "queued");
    let say = match (waiting, run.state) {
        (true, _) => text!("排队中，马上开始。可以离开这一页，随时回来看。"),
        (false, RunState::Applying) => text!("正在写入：要么全部写入，要么一行不写。可以离开这一页，随时回来看。"),
        (false, _) => text!("正在读取并与已有的名册比对。可以离开这一页，随时回来看。"),
    };
    Ok(Running {
        title: text!("{file}（约 {rows} 行）", file = run.file_name, rows = run.setting.sketch.rows),
        done: job.as_ref().and_then(|job| u64::try_from(job.step).ok()).unwrap_or(0),
        total: job.and_then(|job| u64::try_from(job.steps).ok()).filter(|steps| *steps > 0),
        say,
        poll: Some(format!("/imports/{}/progress", run.id)),
        after: vec![Act::new(text!("看所有导入"), format!("/imports?place={}", run.place))],
    })
}

fn is_running(run: &Run) -> bool {
    matches!(run.state, RunState::Checking | RunState::Applying)
}

pub async fn show(ctx: Ctx, id: Path<String>) -> AppResult<Response> {
    let run = find(&ctx, &id.0).await?;
    if is_running(&run) {
        let mut shell = ctx.shell(&mut ctx.read().await?, text!("导入"), Some(run.place)).await?;
        shell.refresh = Some(3);
        return Ok(ctx.page(&JobPage { shell, job: running(&ctx, &run).await? }));
    }
    if run.state == RunState::Uploaded {
        return columns::show(ctx, id).await;
    }
    Ok(ctx.page(&preview(&ctx, &run, Form::default()).await?))
}

#[derive(Template)]
#[template(path = "intake/progress.html")]
struct ProgressPart {
    shell: Shell,
    job: Running,
}

/// The part of the progress page that asks for itself; when the work has ended the page is loaded anew.
pub async fn progress(ctx: Ctx, id: Path<String>) -> AppResult<Response> {
    let run = find(&ctx, &id.0).await?;
    let mut response = if is_running(&run) {
        let part = ProgressPart { shell: ctx.bare_shell(text!("导入")), job: running(&ctx, &run).await? };
        return Ok(ctx.page(&part));
    } else {
        "".into_response()
    };
    if let Ok(to) = HeaderValue::from_str(&format!("/imports/{}", run.id)) {
        response.headers_mut().insert(HeaderName::from_static("hx-redirect"), to);
    }
    Ok(response)
}

pub async fn apply(ctx: Ctx, id: Path<String>, data: FormData) -> AppResult<Response> {
    let run = find(&ctx, &id.0).await?;
    if run.state != RunState::Checked {
        return Err(AppError::Conflict(text!("这次导入已经写入，或正在写入。")));
    }
    let rejected = run.report.as_ref().map_or(0, |report| report.rejected);
    let all_or_nothing = match data.get("choice") {
        "all" => true,
        "clean" => false,
        _ if rejected == 0 => true,
        _ => {
            let form = data.typed().with_error("choice", text!("请选择有错的行怎么办"));
            return Ok(ctx.refused(&preview(&ctx, &run, form).await?));
        }
    };
    if all_or_nothing && rejected > 0 {
        let say = text!("有 {n} 行有错，按“有错就都不导入”没有写入", n = rejected);
        return Ok(ctx.refused(&preview(&ctx, &run, data.typed().with_error("choice", say)).await?));
    }
    let (actor, to) = (ctx.actor()?, format!("/imports/{}", run.id));
    if run.setting.sketch.rows > LARGE {
        let mut tx = ctx.begin().await?;
        steps::queue(&mut tx, run, true, all_or_nothing, &actor).await?;
        tx.commit().await?;
        return Ok(ctx.redirect(&to, &Text::default()));
    }
    let ready = match steps::prepare(&ctx.app, &run, all_or_nothing, &actor).await {
        Ok(ready) => ready,
        Err(AppError::Refused(refusal)) => {
            let form = data.typed().with_error("choice", refusal.message);
            return Ok(ctx.refused(&preview(&ctx, &run, form).await?));
        }
        Err(other) => return Err(other),
    };
    let mut tx = ctx.begin().await?;
    steps::write(&mut tx, &ctx.app, &run, ready, &actor).await?;
    tx.commit().await?;
    Ok(ctx.redirect(&to, &text!("已写入")))
}
