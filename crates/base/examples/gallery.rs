//! Every kind of page with made-up data, on 127.0.0.1:8099, under the content security policy of the real server.
//! `cargo run -p lianxin-base --example gallery`; `?lang=en`, `?theme=dark` and `?size=larger` change the look.
#![expect(clippy::expect_used, reason = "an example to look at, not part of the product")]

// The templates name the crate as the product does.
extern crate lianxin_base as base;

use askama::Template;
use axum::{
    Router,
    extract::Path,
    http::{Uri, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use lianxin_base::{
    html::{
        Act, Address, Card, Cell, Chart, Choice, Column, CompareRow, ConfirmPage, DemoRole, ErrorPage, Event, Fact,
        Filter, FilterKind, Flash, Form, Job, JobPage, Lane, Link, NavItem, Pager, Search, Shell, SignInPage, Size,
        State, Step, StepState, Table, Task, TaskDay, Theme, Tile, Tone, Viewer, filters, render,
    },
    i18n::{Lang, Text},
    web::assets,
};

macro_rules! page {
    ($name:ident, $path:literal, $($field:ident: $type:ty),*) => {
        #[derive(Template)]
        #[template(path = $path)]
        struct $name { shell: Shell, $($field: $type),* }
    };
}
page!(TodayPage, "today_page.html", acts: Vec<Act>, days: Vec<TaskDay>, tiles: Vec<Tile>);
page!(ListPage, "list_page.html", acts: Vec<Act>, views: Vec<Link>, table: Table, rows: Vec<Row>);
page!(RecordPage, "record_page.html", acts: Vec<Act>, steps: Vec<Step>, tabs: Vec<Link>, events: Vec<Event>, facts: Vec<Fact>, job: Job);
page!(BoardPage, "board_page.html", acts: Vec<Act>, lanes: Vec<Lane>);
page!(WizardPage, "wizard_page.html", steps: Vec<Step>, form: Form, units: Vec<Choice>, skills: Vec<Choice>);
page!(DashPage, "dash_page.html", acts: Vec<Act>, tiles: Vec<Tile>, heads: Vec<Text>, rows: Vec<CompareRow>, trend: Chart, tree: Chart);
page!(CardPage, "card_page.html",);

struct Row {
    no: &'static str,
    title: &'static str,
    village: &'static str,
    holder: &'static str,
    due: &'static str,
    days: u32,
    state: State,
}

fn d(text: &str) -> Text {
    Text::data(text)
}

fn state(tone: Tone, word: &str) -> State {
    State::new(tone, d(word))
}

const NAV: [(&str, &str, &str, Option<u64>); 9] = [
    ("今日", "today", "today", Some(12)),
    ("选派", "wizard", "people", None),
    ("事项", "list", "matter", Some(37)),
    ("项目", "board", "project", None),
    ("承诺考评", "record", "pledge", None),
    ("培训帮带", "confirm", "book", None),
    ("擂台", "job", "flag", None),
    ("走访关爱", "empty", "heart", None),
    ("统计简报", "dash", "chart", None),
];

fn shell(title: &str, on: &str, address: &Address) -> Shell {
    let nav = |(label, page, icon, count): (&str, &str, &'static str, Option<u64>)| NavItem {
        label: d(label),
        href: format!("/{page}"),
        icon,
        on: page == on,
        count,
    };
    Shell {
        title: d(title),
        lang: Lang::parse(address.get("lang")).unwrap_or_default(),
        theme: Theme::parse(address.get("theme")).unwrap_or_default(),
        size: Size::parse(address.get("size")).unwrap_or_default(),
        path: address.to_string(),
        viewer: Some(Viewer { name: "周明".into(), role: d("社旗县驻村办") }),
        nav: NAV.into_iter().map(nav).collect(),
        nav_last: vec![nav(("设置", "settings", "settings", None))],
        tabs: [
            ("今日", "today", "today"),
            ("记录", "wizard", "pen"),
            ("事项", "list", "matter"),
            ("项目", "board", "project"),
            ("我的", "record", "user"),
        ]
        .map(|(label, page, icon)| nav((label, page, icon, None)))
        .into(),
        crumbs: ["河南省", "南阳市", "社旗县"].map(|name| Link::new(d(name), "/dash")).into(),
        places: ["苗店镇", "桥头镇", "唐庄乡", "朱集镇", "兴隆镇", "下洼镇"]
            .map(|name| Link::new(d(name), "/list"))
            .into(),
        period: Some((d("2024年1月"), vec![Link::new(d("2023年四季度"), "/dash"), Link::new(d("2023年"), "/dash")])),
        search: Some(Search {
            action: "/search".into(), hint: d("查人、村、事项、项目"), value: String::new()
        }),
        notices: Some((3, "/notices".into())),
        account: vec![Link::new(d("我的档案"), "/me")],
        csrf: "token".into(),
        once: "0193".into(),
        today: d("2024-01-18 周四 · 第 229 天"),
        ..Shell::default()
    }
}

async fn show(Path(name): Path<String>, uri: Uri) -> Response {
    let address = Address::parse(&uri.to_string());
    let lang = Lang::parse(address.get("lang")).unwrap_or_default();
    let body = match name.as_str() {
        "today" => render(lang, &today(&address)),
        "list" => render(lang, &list(&address, rows())),
        "empty" => render(lang, &list(&address, Vec::new())),
        "record" => render(lang, &record(&address)),
        "board" => render(lang, &board(&address)),
        "wizard" => render(lang, &wizard(&address)),
        "dash" => render(lang, &dash(&address)),
        "job" => render(
            lang,
            &JobPage { shell: Shell { refresh: Some(5), ..shell("导入花名册", "job", &address) }, job: job() },
        ),
        "confirm" => render(lang, &confirm(&address)),
        "sign-in" => render(lang, &sign_in(&address)),
        "error" => render(
            lang,
            &ErrorPage { incident: Some("7K3F-92".into()), ..ErrorPage::new(shell("", "", &address), 500) },
        ),
        "card" => render(lang, &CardPage { shell: shell("司庄村 便民联心卡", "", &address) }),
        _ => render(lang, &ErrorPage::new(shell("", "", &address), 404)),
    };
    let csp = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'";
    ([(header::CONTENT_SECURITY_POLICY, csp)], Html(body)).into_response()
}

fn today(address: &Address) -> TodayPage {
    let task = |title: &str, note: &str, tone, due: &str| Task {
        title: d(title),
        href: "/record".into(),
        note: d(note),
        due: state(tone, due),
        act: None,
    };
    TodayPage {
        shell: Shell {
            flash: Some(Flash {
                tone: Tone::Ok,
                text: d("已记下“两户医保缴费”，王书记会收到。"),
                undo: Some(Act::new(d("撤销"), "/undo").post()),
            }),
            ..shell("今日", "today", address)
        },
        acts: vec![Act::new(d("记一笔"), "/wizard").primary().icon("pen")],
        days: vec![
            TaskDay {
                label: d("已过期限"),
                tasks: vec![Task {
                    act: Some(Act::new(d("提名"), "/wizard")),
                    ..task("马庄村第一书记空缺，提出接任人选", "缺岗 6 天 · 唐庄乡", Tone::Late, "逾期 1 天")
                }],
            },
            TaskDay {
                label: d("今天"),
                tasks: vec![
                    task("水管冻裂，家里没水", "事项 · 三组一户 · 已联系", Tone::Late, "余 74 分"),
                    Task {
                        act: Some(Act::new(d("批准"), "/approve").post()),
                        ..task("批准请假 3 人", "最长 5 天，需县级批准", Tone::Wait, "今天")
                    },
                ],
            },
            TaskDay {
                label: d("本周"),
                tasks: vec![
                    task("艾草加工项目进度", "项目 · 上次 12月28日", Tone::Wait, "1月20日"),
                    task("四季度实绩已自动成稿", "看一遍，可补一两句", Tone::Wait, "1月25日"),
                ],
            },
        ],
        tiles: vec![
            tile("办成事项", "19", "件", None),
            tile("落实资金", "36.5", "万元", None),
            tile("走访农户", "128", "户次", None),
        ],
    }
}

fn tile(label: &str, figure: &str, unit: &str, mark: Option<State>) -> Tile {
    Tile {
        label: d(label),
        figure: figure.into(),
        unit: d(unit),
        href: Some("/list".into()),
        state: mark,
        note: d("比上月 +1"),
    }
}

fn rows() -> Vec<Row> {
    let row = |no, title, village, holder, due, days, state| Row { no, title, village, holder, due, days, state };
    vec![
        row("0137", "自来水管冻裂，家里没水", "相庄村", "林一诺", "2024-01-18", 0, state(Tone::Late, "余 74 分")),
        row("0136", "两户医保缴费还没办", "沙河村", "赵启明", "2024-01-19", 1, state(Tone::Wait, "办理中")),
        row(
            "0131",
            "村东头路灯不亮，晚上走路看不见",
            "马庄村",
            "（空缺）",
            "2024-01-12",
            9,
            state(Tone::Stop, "逾期 6 天"),
        ),
        row("0128", "申请临时救助", "罗庄村", "孙晓慧", "2024-01-22", 3, state(Tone::Wait, "支部议事")),
        row("0124", "灌溉渠清淤", "司庄村", "林一诺", "2024-01-15", 12, state(Tone::Ok, "已办结")),
        row("0119", "残疾证换领", "相庄村", "林一诺", "2024-01-10", 4, state(Tone::Ok, "已评价")),
    ]
}

fn list(address: &Address, rows: Vec<Row>) -> ListPage {
    let columns = vec![
        Column::new(d("事项")),
        Column::new(d("编号")).sort(address, "no"),
        Column::new(d("村")).sort(address, "village"),
        Column::new(d("经办")),
        Column::new(d("期限")).sort(
            &address.with("sort", if address.get("sort").is_empty() { "due" } else { address.get("sort") }),
            "due",
        ),
        Column::new(d("用时（天）")).num().sort(address, "days"),
        Column::new(d("状态")),
    ];
    let choose = |names: &[&str]| {
        FilterKind::Select(
            names.iter().enumerate().map(|(at, name)| Choice::new(if at == 0 { "" } else { *name }, d(name))).collect(),
        )
    };
    let filter = |name, label: &str, kind| Filter { name, label: d(label), kind, value: address.get(name).to_owned() };
    let filters = vec![
        filter("state", "状态", choose(&["全部", "办理中", "逾期", "已办结"])),
        filter("kind", "类别", choose(&["全部", "吃水", "出行", "医保"])),
        filter("from", "提出不早于", FilterKind::Day),
        filter("words", "含有", FilterKind::Words),
    ];
    let total = if rows.is_empty() { 0 } else { 186 };
    let next = (!rows.is_empty()).then(|| address.with("page", "3").to_string());
    let pager = Pager { from: 51, to: 100, prev: next.clone(), next };
    let mut views = vec![
        Link::new(d("在办"), "/list"),
        Link::new(d("我经手的"), "/list"),
        Link::new(d("逾期"), "/list"),
        Link::new(d("唐庄乡一季度"), "/list"),
    ];
    views[0].on = true;
    views[2].count = Some(7);
    ListPage {
        shell: shell("群众事项", if rows.is_empty() { "empty" } else { "list" }, address),
        acts: vec![
            Act::new(d("看板"), "/board").icon("board"),
            Act::new(d("记一件"), "/wizard").primary().icon("plus"),
        ],
        views,
        table: Table {
            save: Some("/views/new".into()),
            ..Table::new(d("群众事项"), address, filters, columns).rows(Some(total), pager)
        },
        rows,
    }
}

fn steps(now: usize, names: &[(&str, &str)]) -> Vec<Step> {
    let state_of = |at: usize| match at.cmp(&now) {
        std::cmp::Ordering::Less => StepState::Done,
        std::cmp::Ordering::Equal => StepState::Now,
        std::cmp::Ordering::Greater => StepState::Ahead,
    };
    names
        .iter()
        .enumerate()
        .map(|(at, (label, note))| Step { label: d(label), note: d(note), state: state_of(at) })
        .collect()
}

fn record(address: &Address) -> RecordPage {
    let event = |tone, who: &str, what: &str, when: &str, note: &str| Event {
        tone,
        who: d(who),
        what: d(what),
        when: when.into(),
        note: d(note),
        href: None,
    };
    let mut tabs = vec![
        Link::new(d("经过"), "/record"),
        Link::new(d("支部议事"), "/record"),
        Link::new(d("附件"), "/record"),
        Link::new(d("改动记录"), "/record"),
    ];
    tabs[0].on = true;
    tabs[2].count = Some(1);
    RecordPage {
        shell: shell("自来水管冻裂，家里没水", "list", address),
        acts: vec![
            Act::new(d("转乡镇"), "/confirm"),
            Act::new(d("打印"), "/print").icon("print"),
            Act::new(d("撤回"), "/confirm").danger().confirm("drop"),
            Act::new(d("记录办结"), "/wizard").primary(),
        ],
        steps: steps(
            2,
            &[
                ("提出", "08:12"),
                ("受理", "08:20"),
                ("办理", "限 2 小时 · 余 74 分"),
                ("办结", ""),
                ("群众评价", ""),
                ("销号", ""),
            ],
        ),
        tabs,
        events: vec![
            event(Tone::Wait, "相庄村第一书记", "带维修人员到户，正在换管", "2024-01-18 08:58", "附图 1 张（自愿）"),
            event(Tone::Ok, "相庄村第一书记", "受理，电话已联系", "2024-01-18 08:20", ""),
            event(Tone::Wait, "群众", "从联心卡提出：昨夜水管冻裂，请帮忙", "2024-01-18 08:12", "查询码已给本人"),
        ],
        facts: vec![
            Fact::new(d("经办"), d("林一诺（相庄村第一书记）")).link("/people/1"),
            Fact::new(d("类别"), d("小事 · 吃水")),
            Fact::new(d("时限"), d("2 小时（制度包第 14 条）")),
            Fact::new(d("相近事项"), d("同村 1月9日 1 件")).link("/list"),
            Fact::new(d("计入"), d("办结后自动计入季报、档案、统计")),
        ],
        job: job(),
    }
}

fn job() -> Job {
    Job {
        title: d("正在导入 2024 年花名册"),
        done: 312,
        total: Some(453),
        say: d("可以离开这一页，完成后会通知您。"),
        poll: Some("/job-part".into()),
        after: vec![],
    }
}

fn board(address: &Address) -> BoardPage {
    let card = |title: &str, note: &str, mark: Option<State>| Card {
        title: d(title),
        href: "/record".into(),
        note: d(note),
        state: mark,
        act: None,
    };
    let lane = |tone, word: &str, count, cards| Lane {
        state: state(tone, word),
        count,
        cards,
        more: (count > 3).then(|| "/list".into()),
    };
    let claim = Card {
        act: Some(Act::new(d("认领"), "/claim").post()),
        ..card("村级养老服务点缺设备", "朱集镇 · 民政局", None)
    };
    BoardPage {
        shell: shell("困难问题", "board", address),
        acts: vec![Act::new(d("列表"), "/list").icon("list"), Act::new(d("提出问题"), "/wizard").primary()],
        lanes: vec![
            lane(
                Tone::Wait,
                "待会诊",
                14,
                vec![
                    card("艾草加工车间用电扩容", "苗店镇 · 供电公司", Some(state(Tone::Late, "明天上会"))),
                    claim,
                    card("通村路 1.2 公里破损", "桥头镇 · 交通运输局", None),
                ],
            ),
            lane(
                Tone::Wait,
                "已认领",
                3,
                vec![card("饮水管网改造二期", "相庄村 · 水利局", Some(state(Tone::Wait, "2月10日")))],
            ),
            lane(
                Tone::Late,
                "办理逾期",
                1,
                vec![card("冷链仓库选址", "唐庄乡 · 自然资源局", Some(state(Tone::Late, "逾期 3 天")))],
            ),
            lane(Tone::Ok, "已销号", 22, vec![card("马庄村变压器增容", "供电公司 · 用时 18 天", None)]),
            lane(Tone::Idle, "不予办理", 0, vec![]),
        ],
    }
}

fn wizard(address: &Address) -> WizardPage {
    let form = Form::of([
        ("name", "孙晓慧"),
        ("phone", "1300000"),
        ("from", "2024-01-22"),
        ("skill", "电商"),
        ("fund", "五"),
        ("unit", "县水利局"),
    ])
    .with_error("phone", d("手机号要 11 位数字，现在是 7 位"))
    .with_error("fund", d("请填数字，例如 5 或 5.5"));
    let choices = |names: &[&str]| names.iter().map(|name| Choice::new(*name, d(name))).collect();
    WizardPage {
        shell: shell("导入花名册", "wizard", address),
        steps: steps(2, &[("上传表格", ""), ("对应各列", ""), ("核对人员", ""), ("确认", "")]),
        form,
        units: choices(&["县水利局", "县交通运输局", "县农业农村局"]),
        skills: choices(&["种植", "养殖", "电商", "法律"]),
    }
}

fn dash(address: &Address) -> DashPage {
    let row = |name: &str, figures: [u32; 6], mark: State| CompareRow {
        name: d(name),
        href: Some("/dash".into()),
        cells: figures.iter().map(|figure| Cell::num(figure).link("/list")).chain([Cell::state(mark)]).collect(),
    };
    let months: Vec<(String, Option<String>)> =
        (8..=12).chain(1..=1).map(|month| (format!("{month}月"), Some("/list".to_owned()))).collect();
    let part = |name: &str, size: f64| (name.to_owned(), size, Some("/list".to_owned()));
    DashPage {
        shell: Shell { charts: true, ..shell("社旗县", "dash", address) },
        acts: vec![Act::new(d("生成简报"), "/job"), Act::new(d("安排走访"), "/wizard").primary()],
        tiles: vec![
            tile("村已派 / 应派", "247", "/ 249 村", Some(state(Tone::Stop, "2 村缺第一书记"))),
            tile("第一书记", "247", "人", None),
            tile("工作队", "98", "支", None),
            tile("事项办结", "186", "件", Some(state(Tone::Late, "7 件逾期"))),
            tile("群众满意", "96.4", "%", Some(state(Tone::Ok, "312 票"))),
        ],
        heads: ["乡镇", "应派村", "已派村", "在岗", "请假", "办结", "逾期", "交接"].map(d).into(),
        rows: vec![
            row("苗店镇", [19, 19, 34, 1, 21, 0], state(Tone::Ok, "无")),
            row("桥头镇", [22, 22, 41, 0, 25, 2], state(Tone::Wait, "1 村进行中")),
            row("唐庄乡", [17, 16, 29, 2, 14, 3], state(Tone::Stop, "马庄村缺人 6 天")),
            row("朱集镇", [20, 20, 37, 0, 18, 0], state(Tone::Ok, "无")),
            row("兴隆镇", [16, 15, 27, 1, 12, 1], state(Tone::Stop, "罗庄村缺人 2 天")),
            row("下洼镇", [18, 18, 31, 0, 16, 0], state(Tone::Ok, "无")),
        ],
        trend: Chart::series(
            "bar",
            d("每月办结"),
            &months,
            &[
                ("办结".into(), vec![121., 134., 150., 162., 171., 186.]),
                ("逾期".into(), vec![9., 11., 6., 8., 4., 7.]),
            ],
        ),
        tree: Chart::treemap(
            d("经费去向"),
            "万元",
            &[
                part("艾草加工", 120.),
                part("饮水管网", 86.),
                part("道路", 64.),
                part("路灯", 18.),
                part("养老服务点", 32.),
                part("电商站", 12.),
            ],
        ),
    }
}

fn confirm(address: &Address) -> ConfirmPage {
    ConfirmPage {
        shell: shell("结束林一诺在司庄村的派驻？", "confirm", address),
        say: d("结束后："),
        effects: vec![
            d("他经手的 4 件事项、2 个项目转给接任人；没有接任人时由苗店镇暂管"),
            d("他的档案和实绩保留，仍可查看"),
        ],
        action: "/postings/1/end".into(),
        button: d("结束派驻"),
        back: "/record".into(),
        form: Form::default(),
        ask_reason: true,
    }
}

fn sign_in(address: &Address) -> SignInPage {
    let role = |code: &str, label: &str, who: &str| DemoRole { code: code.into(), label: d(label), who: d(who) };
    SignInPage {
        shell: Shell::bare(
            lianxin_base::text!("登录"),
            Lang::parse(address.get("lang")).unwrap_or_default(),
            "/sign-in",
        ),
        form: Form::of([("name", "zhouming")]).with_error("password", d("用户名或密码不对")),
        action: "/sign-in".into(),
        ask_code: false,
        roles: vec![
            role("office", "县驻村办", "周明 · 社旗县"),
            role("township", "乡镇党委", "何秀兰 · 苗店镇"),
            role("cadre", "第一书记", "林一诺 · 司庄村"),
            role("unit", "派出单位", "县交通运输局"),
            role("leader", "县领导", "只看与点评"),
            role("judge", "评委", "第 3 场比武"),
        ],
        demo_action: "/demo/enter".into(),
        others: vec![],
    }
}

#[tokio::main]
async fn main() {
    let app = Router::new().route("/{name}", get(show)).merge(assets::routes());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8099").await.expect("port 8099 is free");
    axum::serve(listener, app).await.expect("serves");
}
