//! Filling: what goes into each tied place, what cannot be filled and why, and the file written.

use std::collections::{BTreeMap, HashMap};

use base::{
    db::Conn,
    kernel::{Day, DivisionCode},
    ooxml::{At, Content, Document, Fill, OoxmlError, Package, Workbook, Write},
    web::{AppError, AppResult},
};
use serde::{Deserialize, Serialize};

use super::{
    file::{Standing, View},
    rules::{Field, FigureTie, Kind, NoPlace, Spot, Tie, Whose, Word, ends_list, place_of},
};
use crate::{
    accounts::Scope,
    flows, places,
    spine::facts::{
        Catalogue, Unit, figure_href,
        read::{self, Span},
        written_span,
    },
};

/// Who signs comments.
pub const AUTHOR: &str = "连心";
/// The longest list.
const MOST_ROWS: usize = 5_000;

/// For what a form is filled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Order {
    pub place: DivisionCode,
    pub span: Span,
    pub today: Day,
}

/// One place of a fill.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Line {
    pub spot: String,
    /// What was to stand there.
    pub what: String,
    /// Where and when.
    pub of: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Why it could not be filled, or not wholly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub href: Option<String>,
}

/// What came of a fill.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Report {
    pub lines: Vec<Line>,
    /// Cells that were written.
    pub cells: i64,
}

impl Report {
    #[must_use]
    pub fn problems(&self) -> i64 {
        i64::try_from(self.lines.iter().filter(|line| line.problem.is_some()).count()).unwrap_or(i64::MAX)
    }
}

/// What is to be written into one place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Value {
    Number(String),
    Text(String),
    Nothing,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Put {
    pub spot: Spot,
    pub value: Value,
    pub note: Option<String>,
    /// Whose look it takes where it is new.
    pub like: Option<Spot>,
}

/// Everything that is to be written, rows to be copied in documents, and the report.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Plan {
    pub puts: Vec<Put>,
    /// Table, row, how often: lists that need more room.
    pub grow: Vec<(usize, usize, usize)>,
    pub report: Report,
}

struct Gather<'a> {
    conn: &'a mut Conn,
    view: &'a View,
    scope: &'a Scope,
    order: Order,
    name: String,
    below: Vec<(DivisionCode, String)>,
    wholes: HashMap<DivisionCode, read::Place>,
    plan: Plan,
}

/// Columns of one list stand together: table or sheet, first row, role.
type ListKey = (String, usize, Option<String>);

/// Reads what every tie asks for. What lies outside the scope, or is not known, is said in the report.
pub async fn plan(
    conn: &mut Conn,
    (view, ties): (&View, &[(Spot, Tie)]),
    scope: &Scope,
    order: Order,
) -> AppResult<Plan> {
    let all = places::store::list(conn, order.place.area()).await?;
    let own = all.iter().find(|one| one.code == order.place).map(places::Division::short);
    let name = match own {
        Some(name) => name,
        None => places::store::find(conn, order.place).await?.ok_or(AppError::NotFound)?.short(),
    };
    let below = all.into_iter().filter(|one| one.code != order.place).map(|one| (one.code, one.short())).collect();
    let plan = Plan::default();
    let mut gather = Gather { conn, view, scope, order, name, below, wholes: HashMap::new(), plan };
    let mut lists: BTreeMap<ListKey, Vec<(Spot, Field)>> = BTreeMap::new();
    for (spot, tie) in ties {
        match tie {
            Tie::Figure(tie) => gather.figure(spot, tie).await?,
            Tie::Word { word } => gather.word(spot, *word),
            Tie::Roster { field, role } => {
                let whole = spot.to_string().split('!').next().unwrap_or_default().to_owned();
                let key = (whole, spot.row().unwrap_or(0), role.clone());
                lists.entry(key).or_default().push((spot.clone(), *field));
            }
        }
    }
    for ((_, _, role), columns) in lists {
        gather.list(role.as_deref(), &columns).await?;
    }
    let order_of = |line: &Line| ties.iter().position(|(spot, _)| spot.to_string() == line.spot);
    gather.plan.report.lines.sort_by_key(order_of);
    Ok(gather.plan)
}

impl Gather<'_> {
    fn put(&mut self, spot: &Spot, line: Line, value: Value) {
        let note = match (&line.problem, &value) {
            (Some(problem), Value::Nothing) => format!("没有填：{problem}。{} · {}", line.what, line.of),
            _ => format!("来源：{AUTHOR} · {} · {} · 按 {} 的记录", line.what, line.of, self.order.today),
        };
        if value != Value::Nothing {
            self.plan.report.cells += 1;
        }
        self.plan.puts.push(Put { spot: spot.clone(), value, note: Some(note), like: None });
        self.plan.report.lines.push(line);
    }

    async fn figure(&mut self, spot: &Spot, tie: &FigureTie) -> AppResult<()> {
        let span = tie.time.span(self.order.span);
        let mut line = Line {
            spot: spot.to_string(),
            what: tie.indicator.clone(),
            of: written_span(span),
            value: None,
            problem: None,
            href: None,
        };
        let place = match self.place_of(spot, &tie.whose).await? {
            Ok((place, name)) => {
                line.of = format!("{name} · {}", written_span(span));
                place
            }
            Err(problem) => {
                line.problem = Some(problem);
                self.put(spot, line, Value::Nothing);
                return Ok(());
            }
        };
        let Some(indicator) = Catalogue::get().find(&tie.indicator) else {
            line.problem = Some(format!("指标目录里没有“{}”", tie.indicator));
            self.put(spot, line, Value::Nothing);
            return Ok(());
        };
        line.what = format!("{}（{}）", indicator.name, indicator.code);
        if indicator.sealed {
            line.problem = Some("这类数涉及个人情况，不自动填进报表".into());
            self.put(spot, line, Value::Nothing);
            return Ok(());
        }
        let unit = match Unit::of(indicator, &tie.unit) {
            Ok(unit) => unit,
            Err(error) => {
                line.problem = Some(error.to_string());
                self.put(spot, line, Value::Nothing);
                return Ok(());
            }
        };
        if !self.wholes.contains_key(&place) {
            let whole = places::store::with_predecessors(self.conn, place).await?;
            self.wholes.insert(place, whole);
        }
        let Some(whole) = self.wholes.get(&place) else { return Ok(()) };
        let amount = read::value(self.conn, indicator, whole, span).await?;
        let digits = unit.exact(amount);
        line.value = Some(format!("{digits} {}", unit.word));
        line.href = Some(figure_href(&indicator.code, place, span, self.order.today));
        self.put(spot, line, Value::Number(digits));
        Ok(())
    }

    /// The place of a figure and its name, or why there is none.
    async fn place_of(&mut self, spot: &Spot, whose: &Whose) -> AppResult<Result<(DivisionCode, String), String>> {
        match whose {
            Whose::Here => Ok(Ok((self.order.place, self.name.clone()))),
            Whose::Row => {
                let mut problem = NoPlace::NoName;
                for label in self.view.left_of(spot) {
                    match place_of(&label, &self.below) {
                        Ok(place) => {
                            let name = self.below.iter().find(|(code, _)| *code == place).map(|(_, name)| name.clone());
                            return Ok(Ok((place, name.unwrap_or_default())));
                        }
                        Err(other @ NoPlace::Several(_)) => return Ok(Err(other.say())),
                        // A word beside the name: further left. A running number is no name to speak of.
                        Err(other) if label.chars().any(char::is_alphabetic) => problem = other,
                        Err(_) => {}
                    }
                }
                Ok(Err(problem.say()))
            }
            Whose::Fixed(place) => {
                if !self.scope.holds(*place) {
                    return Ok(Err("指定的地方不在您的范围里".into()));
                }
                let found = places::store::find(self.conn, *place).await?;
                Ok(found.map(|one| (*place, one.short())).ok_or_else(|| format!("行政区划里没有 {place}")))
            }
        }
    }

    fn word(&mut self, spot: &Spot, word: Word) {
        let value = match word {
            Word::Place => self.name.clone(),
            Word::Period => written_span(self.order.span),
            Word::Today => self.order.today.written(),
        };
        let line = Line {
            spot: spot.to_string(),
            what: word.zh().to_owned(),
            of: self.name.clone(),
            value: Some(value.clone()),
            problem: None,
            href: None,
        };
        self.put(spot, line, Value::Text(value));
    }

    async fn list(&mut self, role: Option<&str>, columns: &[(Spot, Field)]) -> AppResult<()> {
        let people = flows::roster(self.conn, self.order.place, self.order.span.to, role).await?;
        let room = room(self.view, columns);
        let fits = people.len().min(room.rows);
        if let (Some(Spot::Table { table, row, .. }), true) = (columns.first().map(|(spot, _)| spot), fits > room.ready)
            && room.ready > 0
        {
            self.plan.grow.push((*table, row + room.ready - 1, fits - room.ready));
        }
        let left = people.len() - fits;
        for (spot, field) in columns {
            let head = format!("名册：{}", field.zh());
            let of = format!("{} · {} 在岗", self.name, self.order.span.to);
            for (at, person) in people.iter().take(fits).enumerate() {
                let Some(place) = spot.below(at) else { break };
                let text = match field {
                    Field::Number => (at + 1).to_string(),
                    _ => person.field(field.code()),
                };
                let value = match field {
                    Field::Number => Value::Number(text),
                    _ => Value::Text(text),
                };
                let note = (at == 0).then(|| {
                    let day = self.order.today;
                    format!("来源：{AUTHOR} · {head} · {of} · 以下 {fits} 行 · 按 {day} 的记录")
                });
                self.plan.report.cells += 1;
                self.plan.puts.push(Put { spot: place, value, note, like: Some(spot.clone()) });
            }
            let problem = match (people.len(), left) {
                (0, _) => Some("这一天没有人在岗".to_owned()),
                (_, 0) => None,
                (all, left) => {
                    Some(format!("名册有 {all} 人，表里只有 {fits} 行，还有 {left} 人没有写下；请在表里加行后重新上传"))
                }
            };
            if fits == 0 {
                let note = problem.as_ref().map(|problem| format!("没有填：{problem}。{head} · {of}"));
                self.plan.puts.push(Put { spot: spot.clone(), value: Value::Nothing, note, like: None });
            }
            self.plan.report.lines.push(Line {
                spot: spot.to_string(),
                what: head,
                of,
                value: Some(format!("{fits} 行")).filter(|_| fits > 0),
                problem,
                href: Some(format!("/postings?place={}&on={}", self.order.place, self.order.span.to)),
            });
        }
        Ok(())
    }
}

/// How many rows a list has.
struct Room {
    rows: usize,
    /// Rows that stand there already; a document's are copied for the others.
    ready: usize,
}

fn room(view: &View, columns: &[(Spot, Field)]) -> Room {
    let Some((first, _)) = columns.first() else { return Room { rows: 0, ready: 0 } };
    let free = |rows: usize| {
        let own = columns.iter().filter_map(|(spot, _)| spot.below(rows));
        let blank = own.into_iter().all(|spot| {
            // The cell that was tied may hold words that say what goes there.
            view.standing(&spot) == Standing::Free && (rows == 0 || is_blank(view, &spot))
        });
        let labels = first.below(rows).map(|spot| labels(view, &spot)).unwrap_or_default();
        blank && (rows == 0 || !labels.iter().any(|label| ends_list(label)))
    };
    match first {
        Spot::Cell { sheet, at } => {
            let shown = view.sheet(*sheet).map_or(0, |(_, grid)| grid.rows.len());
            let start = usize::try_from(at.row).unwrap_or(usize::MAX);
            let below = shown.saturating_sub(start) + 1;
            let ready = (0..below).take_while(|rows| free(*rows)).count();
            // Nothing stands below: the list goes on.
            let cut = view.sheet(*sheet).is_some_and(|(_, grid)| grid.cut);
            let open = ready >= below && !cut;
            Room { rows: if open { MOST_ROWS } else { ready }, ready }
        }
        Spot::Table { .. } => {
            let ready = (0..MOST_ROWS).take_while(|rows| free(*rows)).count();
            Room { rows: if ready > 0 { MOST_ROWS } else { 0 }, ready }
        }
        Spot::Mark(_) => Room { rows: 1, ready: 1 },
    }
}

fn is_blank(view: &View, spot: &Spot) -> bool {
    match spot {
        Spot::Cell { sheet, at } => {
            let cell = view.sheet(*sheet).and_then(|(_, grid)| grid.cell(*at));
            cell.is_none_or(|cell| cell.text.trim().is_empty() && cell.at == *at && cell.rows == 1)
        }
        Spot::Table { table, row, cell } => {
            let cell = cell.checked_sub(1).and_then(|cell| view.row(*table, *row).get(cell));
            cell.is_some_and(|cell| cell.text.trim().is_empty())
        }
        Spot::Mark(_) => false,
    }
}

/// The words of the whole row of a place.
fn labels(view: &View, spot: &Spot) -> Vec<String> {
    match spot {
        Spot::Cell { sheet, at } => {
            let Some((_, grid)) = view.sheet(*sheet) else { return Vec::new() };
            let row = usize::try_from(at.row).ok().and_then(|row| grid.rows.get(row.checked_sub(1)?));
            row.into_iter().flatten().map(|cell| cell.text.clone()).collect()
        }
        Spot::Table { table, row, .. } => view.row(*table, *row).iter().map(|cell| cell.text.clone()).collect(),
        Spot::Mark(_) => Vec::new(),
    }
}

/// The file with what a plan says. Slow: callers in the server run it on a thread of its own.
pub fn written(bytes: &[u8], kind: Kind, plan: &Plan, today: Day) -> Result<Vec<u8>, OoxmlError> {
    let package = Package::open(bytes.to_vec())?;
    match kind {
        Kind::Xlsx => {
            let mut book = Workbook::open(package, bytes)?;
            let mut sheets: BTreeMap<usize, Vec<Write>> = BTreeMap::new();
            for put in &plan.puts {
                let Spot::Cell { sheet, at } = &put.spot else { continue };
                let content = match &put.value {
                    Value::Number(digits) => Content::Number(digits.clone()),
                    Value::Text(words) => Content::Text(words.clone()),
                    Value::Nothing => Content::Keep,
                };
                let like: Option<At> = match &put.like {
                    Some(Spot::Cell { at, .. }) => Some(*at),
                    _ => None,
                };
                sheets.entry(*sheet).or_default().push(Write { at: *at, content, note: put.note.clone(), like });
            }
            for (sheet, writes) in sheets {
                book.fill(sheet.saturating_sub(1), &writes, AUTHOR)?;
            }
            book.save()
        }
        Kind::Docx => {
            let mut document = Document::open(package)?;
            // From below, so that the rows above keep their numbers; what stands below a longer list moves down.
            let mut grow = plan.grow.clone();
            grow.sort_unstable_by(|a, b| b.cmp(a));
            for (table, row, times) in &grow {
                document.grow(*table, *row, *times)?;
            }
            let moved = |put: &Put| {
                let Spot::Table { table, .. } = &put.spot else { return put.spot.clone() };
                let begins = put.like.as_ref().unwrap_or(&put.spot).row().unwrap_or(0);
                let above = grow.iter().filter(|(other, row, _)| other == table && *row < begins);
                let rows = above.map(|(.., times)| times).sum();
                put.spot.below(rows).unwrap_or_else(|| put.spot.clone())
            };
            let fill = |put: &Put| {
                let text = match &put.value {
                    Value::Number(text) | Value::Text(text) => Some(text.clone()),
                    Value::Nothing => None,
                };
                Some(Fill { place: moved(put).in_document()?, text, note: put.note.clone() })
            };
            let fills: Vec<Fill> = plan.puts.iter().filter_map(fill).collect();
            document.fill(&fills, AUTHOR, &today.to_string())?;
            document.save()
        }
    }
}
