//! The three tables of a plan as offices keep them: villages, units, people; .xlsx, .xls or CSV, headers in Chinese or
//! English, in any order, other columns passed over.

use assign::{Category, Level, Person, Unit, Village, split};
use base::{
    kernel::Day,
    sheet::{Book, Cell, Row, fold, read_day},
};

/// Which of the three.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Which {
    Villages,
    Units,
    People,
}

/// A column: its name in the contract, the headers it goes by, whether a table must have it.
struct Column {
    key: &'static str,
    headers: &'static [&'static str],
    needed: bool,
}

const fn column(key: &'static str, headers: &'static [&'static str], needed: bool) -> Column {
    Column { key, headers, needed }
}

const VILLAGES: &[Column] = &[
    column("village_code", &["村代码", "行政村代码", "区划代码", "村编码"], true),
    column("name", &["名称", "村名", "村", "行政村"], false),
    column("category", &["类别", "村类别", "村庄类别"], true),
    column("team_size", &["队伍人数", "人数", "选派人数"], false),
    column("needs", &["需求", "村需求"], false),
    column("fixed_unit", &["指定单位"], false),
    column("forbidden_units", &["回避单位"], false),
    column("neighbours", &["相邻村", "邻村"], false),
];
const UNITS: &[Column] = &[
    column("unit_id", &["单位编号", "单位代码"], true),
    column("name", &["名称", "单位", "单位名称"], false),
    column("level", &["层级", "单位层级"], true),
    column("strong", &["实力强", "实力较强"], false),
    column("home_code", &["所在地", "所在地代码"], true),
    column("max_teams", &["最多队数", "最多派队"], true),
    column("strengths", &["优势", "单位优势"], false),
];
const PEOPLE: &[Column] = &[
    column("person_id", &["人员编号", "人员代码"], true),
    column("name", &["姓名"], false),
    column("unit_id", &["单位编号", "单位代码", "单位"], true),
    column("rank", &["级别", "职级序号"], true),
    column("birth", &["出生", "出生年月", "出生日期"], true),
    column("party_since", &["入党", "入党时间", "入党日期"], false),
    column("specialities", &["专长", "特长"], false),
    column("rural", &["基层经历", "农村工作经历"], false),
    column("agri", &["涉农", "涉农专业"], false),
    column("reserve", &["后备", "后备干部"], false),
    column("home_township", &["家乡乡镇", "籍贯乡镇"], false),
    column("gates", &["三关", "选人关"], true),
];

impl Which {
    const fn columns(self) -> &'static [Column] {
        match self {
            Self::Villages => VILLAGES,
            Self::Units => UNITS,
            Self::People => PEOPLE,
        }
    }

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Villages => "villages",
            Self::Units => "units",
            Self::People => "people",
        }
    }

    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Villages => "村表",
            Self::Units => "单位表",
            Self::People => "人员表",
        }
    }
}

/// What is wrong with a file, where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    pub table: Which,
    /// The row as the user's program numbers it; 0 is the whole file.
    pub row: u32,
    pub column: String,
    pub message: String,
}

/// What the three files hold.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    pub villages: Vec<Village>,
    pub units: Vec<Unit>,
    pub people: Vec<Person>,
}

/// Reads one file into its table; all problems of it, where there are any.
pub fn read(which: Which, bytes: &[u8], file_name: &str, into: &mut Tables) -> Result<(), Vec<Problem>> {
    let whole = |message: String| vec![Problem { table: which, row: 0, column: String::new(), message }];
    let book = base::sheet::read(bytes, file_name).map_err(|error| whole(error.to_string()))?;
    let found = Found::in_book(which, &book).map_err(whole)?;
    let mut problems = Vec::new();
    for row in found.rows() {
        let mut line = Line { found: &found, row, problems: &mut problems };
        match which {
            Which::Villages => into.villages.extend(line.village()),
            Which::Units => into.units.extend(line.unit()),
            Which::People => into.people.extend(line.person()),
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

/// A sheet with its header found.
struct Found<'b> {
    which: Which,
    book: &'b Book,
    sheet: usize,
    header: u32,
    /// For each column of the table, where it stands.
    at: Vec<Option<usize>>,
}

/// As far down as a header may stand, below titles and notes.
const DEEPEST: usize = 20;

impl<'b> Found<'b> {
    fn in_book(which: Which, book: &'b Book) -> Result<Self, String> {
        let mut best: Option<(usize, Self)> = None;
        for (sheet, page) in book.sheets.iter().enumerate().filter(|(_, page)| !page.hidden) {
            for row in page.rows.iter().take(DEEPEST) {
                let at: Vec<Option<usize>> = which.columns().iter().map(|column| place_of(column, row)).collect();
                let hits = at.iter().flatten().count();
                if best.as_ref().is_none_or(|(most, _)| hits > *most) {
                    best = Some((hits, Self { which, book, sheet, header: row.number, at }));
                }
            }
        }
        let (_, found) = best.ok_or_else(|| format!("{}是空的", which.zh()))?;
        let missing: Vec<String> = which
            .columns()
            .iter()
            .zip(&found.at)
            .filter(|(column, at)| column.needed && at.is_none())
            .map(|(column, _)| format!("{}（{}）", column.headers[0], column.key))
            .collect();
        if missing.is_empty() {
            Ok(found)
        } else {
            Err(format!("{}缺少这些列：{}", which.zh(), missing.join("、")))
        }
    }

    fn rows(&self) -> impl Iterator<Item = &'b Row> {
        let header = self.header;
        self.book.sheets[self.sheet].rows.iter().filter(move |row| row.number > header && !row.is_blank())
    }
}

fn place_of(column: &Column, row: &Row) -> Option<usize> {
    let is = |cell: &Cell| {
        let text = fold(&cell.show());
        let text = text.trim().trim_start_matches('\u{feff}');
        text.eq_ignore_ascii_case(column.key) || column.headers.contains(&text)
    };
    row.cells.iter().position(is)
}

/// A row being read.
struct Line<'l, 'b> {
    found: &'l Found<'b>,
    row: &'b Row,
    problems: &'l mut Vec<Problem>,
}

impl Line<'_, '_> {
    fn cell(&self, key: &str) -> &Cell {
        let columns = self.found.which.columns();
        let at = columns.iter().position(|column| column.key == key).and_then(|at| self.found.at[at]);
        at.map_or(&Cell::Empty, |at| self.row.cell(at))
    }

    fn text(&self, key: &str) -> String {
        fold(&self.cell(key).show()).trim().to_owned()
    }

    fn wrong(&mut self, key: &str, message: String) {
        let columns = self.found.which.columns();
        let name = columns.iter().find(|column| column.key == key).map_or(key, |column| column.headers[0]);
        let (table, row) = (self.found.which, self.row.number);
        self.problems.push(Problem { table, row, column: name.to_owned(), message });
    }

    fn tags(&self, key: &str) -> Vec<String> {
        split(&self.text(key))
    }

    fn some(&self, key: &str) -> Option<String> {
        Some(self.text(key)).filter(|text| !text.is_empty())
    }

    fn number(&mut self, key: &str) -> Option<i64> {
        let text = self.text(key);
        let number = text.strip_suffix(".0").unwrap_or(&text).parse();
        match number {
            Ok(number) => Some(number),
            Err(_) if text.is_empty() => None,
            Err(_) => {
                self.wrong(key, format!("“{text}”不是整数"));
                None
            }
        }
    }

    /// A number that has to be there.
    fn count(&mut self, key: &str) -> Option<i64> {
        let (before, found) = (self.problems.len(), self.number(key));
        if found.is_none() && self.problems.len() == before {
            self.wrong(key, "没有填".into());
        }
        found
    }

    fn flag(&mut self, key: &str) -> bool {
        let text = self.text(key);
        match text.as_str() {
            "1" | "1.0" | "是" | "有" | "√" | "true" | "TRUE" | "强" => true,
            "" | "0" | "0.0" | "否" | "无" | "×" | "false" | "FALSE" => false,
            _ => {
                self.wrong(key, format!("“{text}”应为 1 或 0（是、否也可以）"));
                false
            }
        }
    }

    fn day(&mut self, key: &str) -> Option<Day> {
        let sheet = &self.found.book.sheets[self.found.sheet];
        match read_day(self.cell(key), sheet.epoch_1904) {
            Ok(day) => day.map(|loose| loose.day),
            Err(problem) => {
                self.wrong(key, problem.say().zh());
                None
            }
        }
    }

    fn village(&mut self) -> Option<Village> {
        let before = self.problems.len();
        let code = self.text("village_code");
        if code.len() != 12 || !code.bytes().all(|byte| byte.is_ascii_digit()) {
            self.wrong("village_code", format!("“{code}”应为 12 位村代码"));
        }
        let category = self.text("category");
        let read = Category::read(&category);
        if read.is_none() {
            let known = Category::ALL.map(|one| format!("{}（{}）", one.name(), one.code())).join("、");
            self.wrong("category", format!("“{category}”不是村类别；有：{known}"));
        }
        let team_size = self.number("team_size");
        let village = Village {
            code,
            name: self.text("name"),
            category: read?,
            team_size,
            needs: self.tags("needs"),
            fixed_unit: self.some("fixed_unit"),
            forbidden_units: self.tags("forbidden_units"),
            neighbours: self.tags("neighbours"),
        };
        (self.problems.len() == before).then_some(village)
    }

    fn unit(&mut self) -> Option<Unit> {
        let before = self.problems.len();
        let level = self.text("level");
        let read = Level::read(&level);
        if read.is_none() {
            self.wrong("level", format!("“{level}”不是派驻单位的层级；有：省（province）、市（city）、县（county）"));
        }
        let (strong, max_teams) = (self.flag("strong"), self.count("max_teams"));
        let unit = Unit {
            id: self.text("unit_id"),
            name: self.text("name"),
            level: read?,
            strong,
            home_code: self.text("home_code"),
            max_teams: max_teams?,
            strengths: self.tags("strengths"),
        };
        (self.problems.len() == before).then_some(unit)
    }

    fn person(&mut self) -> Option<Person> {
        let before = self.problems.len();
        let (rank, birth, party) = (self.count("rank"), self.day("birth"), self.day("party_since"));
        if birth.is_none() && self.cell("birth").is_blank() {
            self.wrong("birth", "没有填".into());
        }
        let gates = self.gates();
        let (rural, agri, reserve) = (self.flag("rural"), self.flag("agri"), self.flag("reserve"));
        let person = Person {
            id: self.text("person_id"),
            name: self.text("name"),
            unit: self.text("unit_id"),
            rank: rank?,
            rank_waived: false,
            birth: birth?.date(),
            party_since: party.map(Day::date),
            specialities: self.tags("specialities"),
            rural,
            agri,
            reserve,
            home_township: self.some("home_township"),
            gates: gates?,
        };
        (self.problems.len() == before).then_some(person)
    }

    /// Three sign-offs, `1;1;0`; an empty cell is none of them.
    fn gates(&mut self) -> Option<[bool; 3]> {
        let text = self.text("gates");
        if text.is_empty() {
            return Some([false; 3]);
        }
        let parts: Vec<&str> = text.split([';', '；', ',', '，', '、', '|', '/', ' ']).map(str::trim).collect();
        let read = |part: &str| match part {
            "1" | "是" | "通过" | "√" => Some(true),
            "0" | "" | "否" | "未通过" | "×" => Some(false),
            _ => None,
        };
        let read: Option<Vec<bool>> = parts.into_iter().map(read).collect();
        let three = read.and_then(|read| <[bool; 3]>::try_from(read).ok());
        if three.is_none() {
            self.wrong("gates", format!("“{text}”应为三个 1 或 0，用分号隔开，例如 1;1;1"));
        }
        three
    }
}
