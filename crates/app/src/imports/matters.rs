//! Orders of the county's hotline (12345 工单) as its system exports them: one row an order.

use std::collections::HashMap;

use base::{
    i18n::Text,
    kernel::{Day, DivisionCode, Instant, Phone},
    sheet::{
        Book, Cell, Precision, Row, TimeLimit, fold, person_name, read_moment, read_phone, read_time_limit, squeeze,
    },
    text,
};

use super::{
    Asked, Field, Kind, Line, Mapping, Outcome, PlaceIndex, PlaceProblem, Problem, Source, Spot, code, field, sources,
    villages::no_village,
};

pub static MATTERS: Kind =
    Kind { code: "matters", name: "12345 工单", fields: FIELDS, either: &[&["village_code", "village", "address"]] };

const FIELDS: &[Field] = &[
    field(
        "number",
        "工单编号",
        &[
            "工单号",
            "工单编码",
            "受理编号",
            "受理单号",
            "诉求编号",
            "诉求单号",
            "流水号",
            "业务编号",
            "案件编号",
            "热线编号",
            "order_number",
        ],
    )
    .required()
    .hint("同一个工单再导一次不会重复记。"),
    field(
        "raised",
        "来电时间",
        &["来电日期", "受理时间", "受理日期", "登记时间", "诉求时间", "反映时间", "接件时间", "创建时间", "raised_at"],
    )
    .hint("如 2024-01-15 09:30；空着时从导入时起算。"),
    field(
        "raiser",
        "来电人",
        &["来电人姓名", "诉求人", "诉求人姓名", "反映人", "联系人", "投诉人", "群众姓名", "姓名"],
    ),
    field(
        "phone",
        "联系电话",
        &["来电号码", "主叫号码", "来电电话", "联系方式", "手机", "手机号", "手机号码", "电话", "phone"],
    ),
    field(
        "words",
        "诉求内容",
        &[
            "主要内容",
            "工单内容",
            "诉求描述",
            "反映内容",
            "问题描述",
            "来电内容",
            "事项内容",
            "诉求",
            "内容",
            "description",
        ],
    )
    .required(),
    field(
        "kind",
        "诉求类型",
        &["诉求类别", "诉求分类", "问题类型", "问题类别", "问题分类", "事项类别", "内容分类", "类别", "类型", "分类"],
    )
    .hint("按制度包里的事项种类对应；对不上的按以前相像的事项，再不然按“其他”记。"),
    field("village_code", "村代码", &["行政区划代码", "区划代码", "统计用区划代码", "division_code"])
        .hint("12 位统计用区划代码。"),
    field("township", "乡镇", &["所属乡镇", "所在乡镇", "属地乡镇", "乡镇（街道）", "镇", "街道"]),
    field("village", "所属村", &["村名", "村", "行政村", "所在村", "村（社区）", "诉求村", "village_name"])
        .hint("与村代码、事发地址任填其一；几个乡镇有同名村时请写明乡镇。"),
    field(
        "address",
        "事发地址",
        &[
            "事发地点",
            "事发地",
            "事件地址",
            "事件地点",
            "诉求地址",
            "诉求地点",
            "发生地点",
            "问题地点",
            "详细地址",
            "地址",
        ],
    ),
    field("department", "承办单位", &["承办部门", "主办单位", "主办部门", "责任单位", "办理单位", "处理单位"]),
    field(
        "due",
        "办理期限",
        &[
            "办结时限",
            "办结期限",
            "办理时限",
            "处理时限",
            "限办时间",
            "截止时间",
            "到期时间",
            "要求办结时间",
            "应办结时间",
        ],
    )
    .hint("日期，可带时分；写 5个工作日、3天、24小时 的，从来电那天算起。"),
    field("state", "状态", &["工单状态", "办理状态", "处理状态", "当前状态"]).choices(&["办理中", "已办结", "已撤单"]),
    field("done", "办结时间", &["办结日期", "完成时间", "结案时间", "归档时间"]),
    field("result", "办理结果", &["处理结果", "办理情况", "处理情况", "答复内容", "回复内容", "办结意见"]),
];

/// The longest story of an order in characters.
const MOST_WORDS: usize = 4_000;
const MOST_NUMBER: usize = 40;
const MOST_NAME: usize = 20;

/// How far an order has come in its own system.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Stand {
    Open,
    Done,
    /// Taken back or void, in the word of that system.
    Void(String),
}

/// Until when an order is to be answered, as its file says it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Due {
    At(Instant),
    /// From the call on.
    Within(TimeLimit),
}

/// A good row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OrderRow {
    pub spot: Spot,
    pub number: String,
    pub village: DivisionCode,
    /// What was said, with the place where it stands in no word of it.
    pub words: String,
    pub raiser: Option<String>,
    pub phone: Option<Phone>,
    pub raised: Option<Instant>,
    pub due: Option<Due>,
    /// The order's own word for its kind, and the column in which it stands.
    pub kind: String,
    pub kind_column: String,
    pub department: Option<String>,
    pub stand: Stand,
    pub done: Option<Instant>,
    pub result: Option<String>,
}

/// The rows of a file; `today` is the last day that may stand in it, but for what is due.
#[must_use]
pub fn interpret(book: &Book, mapping: &Mapping, places: &PlaceIndex, today: Day) -> Outcome<OrderRow> {
    let sources = match sources(&MATTERS, book, mapping) {
        Ok(sources) => sources,
        Err(problem) => return Outcome::failed(*problem),
    };
    let mut outcome = Outcome::default();
    let mut seen: HashMap<(i64, String), (OrderRow, u32)> = HashMap::new();
    for source in &sources {
        outcome.note_columns(source);
        for line in source.lines(&["village_code", "township", "village"]) {
            let (Line::Data(row) | Line::Band { row, apart: false, .. }) = line else { continue };
            let mut reading = Reading { source, row, problems: vec![], warnings: vec![] };
            let made = match reading.order(places, today) {
                Some(order) if reading.problems.is_empty() => Ok(order),
                Some(_) | None => Err(std::mem::take(&mut reading.problems)),
            };
            let warnings = reading.warnings;
            let made = made.and_then(|order| {
                let key = (order.village.county().as_i64(), order.number.clone());
                match seen.get(&key) {
                    None => {
                        seen.insert(key, (order.clone(), row.number));
                        Ok(Some(order))
                    }
                    Some((first, _)) if (OrderRow { spot: first.spot.clone(), ..order.clone() }) == *first => Ok(None),
                    Some((_, first)) => {
                        let message = text!("第 {first} 行已有这个工单，内容不同；请核对，只留一行", first = first);
                        Err(vec![source.problem(row, "number", code::REPEATED, message)])
                    }
                }
            });
            match made {
                Ok(Some(order)) => {
                    outcome.warnings.extend(warnings);
                    outcome.take(Ok(order));
                }
                Ok(None) => {
                    outcome.read += 1;
                    outcome.repeated.push(source.spot(row));
                }
                Err(problems) => outcome.take(Err(problems)),
            }
        }
    }
    outcome
}

struct Reading<'a> {
    source: &'a Source<'a>,
    row: &'a Row,
    problems: Vec<Problem>,
    warnings: Vec<Problem>,
}

impl Reading<'_> {
    fn text(&self, key: &str) -> String {
        self.source.text(self.row, key)
    }

    /// A text as it was written: in sentences the marks of Chinese stay what they are.
    fn written(&self, key: &str) -> String {
        self.cell(key).show().trim().replace("\r\n", "\n")
    }

    fn some(&self, key: &str) -> Option<String> {
        Some(self.written(key)).filter(|text| !text.is_empty())
    }

    fn cell(&self, key: &str) -> &Cell {
        self.source.cell(self.row, key)
    }

    fn fail(&mut self, key: &str, code: &'static str, message: Text) {
        self.problems.push(self.source.problem(self.row, key, code, message));
    }

    fn warn(&mut self, key: &str, code: &'static str, message: Text) {
        self.warnings.push(self.source.problem(self.row, key, code, message));
    }

    fn order(&mut self, places: &PlaceIndex, today: Day) -> Option<OrderRow> {
        let number = squeeze(&self.text("number"));
        match number.chars().count() {
            0 => self.fail("number", code::MISSING_REQUIRED, text!("工单编号不能空着，请补上")),
            n if n > MOST_NUMBER => {
                self.fail("number", code::BAD_VALUE, text!("工单编号最多 {number} 个字", number = MOST_NUMBER));
            }
            _ => {}
        }
        let address = self.written("address");
        let words = self.words(&address);
        let village = self.village(places, &address);
        let end_of_today = Instant::of_local(today, 1_439).plus_seconds(59);
        let raised = self.moment("raised", 0);
        let done = self.moment("done", 0);
        let due = match read_time_limit(&self.text("due")) {
            Some(limit) => Some(Due::Within(limit)),
            None => self.moment("due", 1_439).map(Due::At),
        };
        for (key, moment, what) in [("raised", raised, text!("来电时间")), ("done", done, text!("办结时间"))] {
            if moment.is_some_and(|at| at > end_of_today) {
                self.fail(key, code::BAD_DATE, text!("{what}在今天以后，请核对", what = what));
            }
        }
        let due_at = due.and_then(|due| if let Due::At(at) = due { Some(at) } else { None });
        for (key, moment, what) in [("done", done, text!("办结时间")), ("due", due_at, text!("办理期限"))] {
            if let (Some(at), Some(raised)) = (moment, raised)
                && at.local_day() < raised.local_day()
            {
                self.fail(key, code::BAD_DATE, text!("{what}早于来电时间，请核对", what = what));
            }
        }
        // A day alone begins at its midnight: an end on that day lies not before the call.
        let done = done.map(|at| raised.map_or(at, |raised| at.max(raised)));
        let phone = self.phone();
        let raiser = self.raiser();
        Some(OrderRow {
            spot: self.source.spot(self.row),
            number,
            village: village?,
            words,
            raiser,
            phone,
            raised,
            due,
            kind: self.written("kind"),
            kind_column: self.source.guess.header("kind").unwrap_or_default().to_owned(),
            department: self.some("department"),
            stand: self.stand(),
            done,
            result: self.some("result"),
        })
    }

    fn words(&mut self, address: &str) -> String {
        let words = self.written("words");
        match words.chars().count() {
            0 => self.fail("words", code::MISSING_REQUIRED, text!("诉求内容不能空着，请补上")),
            n if n > MOST_WORDS => {
                self.fail("words", code::BAD_VALUE, text!("诉求内容最多 {words} 字", words = MOST_WORDS));
            }
            _ => {}
        }
        if address.is_empty() || squeeze(&words).contains(&squeeze(address)) {
            return words;
        }
        format!("{words}\n地点：{address}")
    }

    fn village(&mut self, places: &PlaceIndex, address: &str) -> Option<DivisionCode> {
        let (code, township, village) = (self.text("village_code"), self.text("township"), self.text("village"));
        let (key, name) = if village.is_empty() { ("address", address) } else { ("village", village.as_str()) };
        if code.is_empty() && name.is_empty() {
            let message = text!("所属村、事发地址、村代码至少填一个");
            self.fail("village", code::MISSING_REQUIRED, message);
            return None;
        }
        let asked = Asked { code: &code, county: "", township: &township, village: name };
        let found = places.village_of_address(asked);
        let wrong = match found {
            Ok(village) => return Some(village),
            Err(wrong) => wrong,
        };
        let named = !matches!(wrong, PlaceProblem::UnknownCode | PlaceProblem::UnknownTownship { .. });
        let mut problem = no_village(self.source, self.row, name, wrong);
        if named {
            self.source.guess.header(key).unwrap_or_default().clone_into(&mut problem.column);
        }
        self.problems.push(problem);
        None
    }

    /// A moment with its day; where no time of day is written, the minute given.
    fn moment(&mut self, key: &str, minute: i64) -> Option<Instant> {
        match read_moment(self.cell(key), self.source.sheet.epoch_1904) {
            Ok(None) => None,
            Ok(Some((day, said))) if day.precision == Precision::Day => {
                Some(Instant::of_local(day.day, said.unwrap_or(minute)))
            }
            Ok(Some(_)) => {
                let message =
                    text!("“{said}”没有写到哪一天，请写成 2024-01-15 或 2024-01-15 09:30", said = self.text(key));
                self.fail(key, code::BAD_DATE, message);
                None
            }
            Err(wrong) => {
                self.fail(key, code::BAD_DATE, wrong.say());
                None
            }
        }
    }

    /// Numbers that the hotline hides are none.
    fn phone(&mut self) -> Option<Phone> {
        let said = self.text("phone");
        if said.contains('*') {
            self.warn("phone", code::HIDDEN_PHONE, text!("号码被隐去，没有记电话"));
            return None;
        }
        read_phone(self.cell("phone")).unwrap_or_else(|text| {
            let message = text!("“{text}”不是电话号码：手机 11 位，座机带区号；没有就空着", text = text);
            self.fail("phone", code::BAD_PHONE, message);
            None
        })
    }

    fn raiser(&mut self) -> Option<String> {
        let name = person_name(&self.text("raiser"));
        if name.chars().count() > MOST_NAME {
            self.fail("raiser", code::BAD_VALUE, text!("来电人最多 {name} 个字", name = MOST_NAME));
        }
        let nameless = ["匿名", "保密", "不愿透露", "未知", "不详"].iter().any(|word| name.contains(word));
        Some(name).filter(|name| !name.is_empty() && !nameless)
    }

    fn stand(&mut self) -> Stand {
        let said = self.text("state");
        stand(&said).unwrap_or_else(|| {
            let message = text!("不认得状态“{said}”，按办理中记", said = said);
            self.warn("state", code::UNKNOWN_STATE, message);
            Stand::Open
        })
    }
}

/// A state in the words of hotlines, and in our own; nothing for a word that is none.
#[must_use]
pub fn stand(said: &str) -> Option<Stand> {
    let word = squeeze(&fold(said));
    let has = |parts: &[&str]| parts.iter().any(|part| word.contains(part));
    if word.is_empty() {
        return Some(Stand::Open);
    }
    if has(&["待回访", "待评价", "待归档"]) {
        return Some(Stand::Done);
    }
    if has(&["撤", "作废", "无效", "退单", "退回", "不受理", "不予受理", "并入", "重复"]) {
        return Some(Stand::Void(word));
    }
    if has(&["未", "待", "在办", "中", "延期", "派", "签收", "接单", "已受理", "议事", "新建", "逾期", "超期", "重办"])
    {
        return Some(Stand::Open);
    }
    has(&["办结", "完成", "完结", "办毕", "结案", "归档", "回访", "答复", "处理", "关闭", "解决", "结束"])
        .then_some(Stand::Done)
}
