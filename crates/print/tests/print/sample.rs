//! One of each document, about people who do not exist.

use print::{
    Board, Briefing, BriefingParagraph, Card, Column, Dossier, Fact, Group, Handover, Letter, OpenGroup, OpenItem,
    Pair, Party, Picture, Quarter, Roster, Section, Side, Signer, Table, Visit,
};

pub fn portrait() -> Picture {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let picture = image::RgbImage::from_fn(60, 80, |x, y| {
        let face = (f64::from(x) - 30.0).hypot(f64::from(y) - 32.0) < 14.0;
        let coat = y > 50 && (f64::from(x) - 30.0).abs() < f64::from(y) - 36.0;
        image::Rgb(if face {
            [224, 190, 160]
        } else if coat {
            [60, 70, 90]
        } else {
            [214, 222, 230]
        })
    });
    picture.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    Picture::new(bytes.into_inner())
}

pub fn card(number: usize) -> Card {
    Card {
        village: format!("井店镇禅房{number}村"),
        name: ["陈建国", "王秀英", "欧阳文华"][number % 3].to_owned(),
        role: ["驻村第一书记", "驻村工作队员"][number % 2].to_owned(),
        unit: "青禾县农业农村局".to_owned(),
        phone: format!("1380000{number:04}"),
        note: "办事、咨询、反映困难和问题，随时打电话或扫码，我们上门办。".to_owned(),
        url: format!("https://lianxin.example.cn/c/{number:016x}"),
        portrait: None,
    }
}

/// What offices really have: names longer than anybody thought, and villages written with rare characters.
pub fn odd_cards() -> Vec<Card> {
    let mut list: Vec<Card> = (0..8).map(card).collect();
    list[1].portrait = Some(portrait());
    list[2].village = "海子沿街道㮾㴩堨社区第二网格党群服务中心".to_owned();
    list[2].name = "阿卜杜热合曼·买买提依明江·吐尔逊".to_owned();
    list[2].portrait = Some(portrait());
    list[3].unit =
        "青禾县住房和城乡建设局（县人民防空办公室）所属城市管理综合行政执法大队第三中队驻井店镇执法所".to_owned();
    list[4].note = "低保、医保、危房、饮水、道路、灌溉、土地流转、邻里纠纷、外出务工、子女上学、看病报销、产业贷款、农产品销售，凡是您为难的事，都可以随时打电话或扫码，我们当天回话、上门来办。".to_owned();
    list[4].phone = "0310-3888888 转 8123".to_owned();
    list[5].url = String::new();
    list[6].name = "Abdurehman Memetimin Tursun".to_owned();
    list[6].role = "驻村第一书记兼工作队队长、县级五星支部创建指导员".to_owned();
    list[7].portrait = Some(portrait());
    list
}

pub fn board(number: usize) -> Board {
    let party = |label: &str, name: &str, post: &str, phone: &str| Party {
        label: label.to_owned(),
        name: name.to_owned(),
        post: post.to_owned(),
        phone: phone.to_owned(),
        portrait: (number == 2 && label == "村党支部书记").then(portrait),
    };
    Board {
        village: format!("禅房{number}村"),
        place: "青禾县井店镇".to_owned(),
        parties: vec![
            party("村党支部书记", "李山河", "村党支部书记、村委会主任", "13800000001"),
            party("包村县领导", "赵文清", "县委常委、统战部部长", "13800000002"),
            party("包村乡镇干部", "", "", ""),
            party("包联单位负责人", "周明远", "县交通运输局党组书记、局长", "13800000004"),
            party("党建指导员", "陈建国", "驻村第一书记", "13800000005"),
        ],
        url: format!("https://lianxin.example.cn/v/{number:016x}"),
    }
}

pub fn letter(name: &str) -> Letter {
    Letter {
        title: "关于选派驻村第一书记的通知".to_owned(),
        number: Some("青组通〔2026〕18号".to_owned()),
        salutation: format!("{name}同志"),
        paragraphs: vec![
            "经研究，选派你到青禾县井店镇禅房村任驻村第一书记、工作队队长，任期自2026年12月1日起，至2028年11月30日止。".to_owned(),
            "请于2026年11月28日前到井店镇党委报到，并与原任同志做好工作交接。交接期间，未结事项、在办项目和群众诉求由双方逐项核对、共同走访。".to_owned(),
            "任职期间，党员组织关系转至所驻村，不承担派出单位工作，派出单位按规定落实保障。".to_owned(),
        ],
        enclosures: vec!["1. 报到须知".to_owned(), "2. 禅房村基本情况".to_owned()],
        signers: vec!["中共青禾县委组织部".to_owned()],
        date: "2026年11月22日".to_owned(),
    }
}

pub fn roster(rows: usize) -> Roster {
    let column = |head: &str, share: f64, side: Side| Column::new(head, share, side);
    let row = |index: usize| {
        [
            ["陈建国", "王秀英", "阿卜杜热合曼·买买提依明江"][index % 3].to_owned(),
            ["男", "女"][index % 2].to_owned(),
            "1988-05".to_owned(),
            ["青禾县农业农村局", "青禾县住房和城乡建设局（县人民防空办公室）"][index / 3 % 2].to_owned(),
            "一级主任科员".to_owned(),
            format!("井店镇禅房{index}村"),
            ["驻村第一书记", "驻村工作队员"][index % 2].to_owned(),
            "2026-03-01".to_owned(),
            format!("1380000{index:04}"),
        ]
        .to_vec()
    };
    Roster {
        title: "青禾县驻村干部花名册".to_owned(),
        keeper: "中共青禾县委组织部".to_owned(),
        as_of: "截至 2026年11月22日".to_owned(),
        table: Table {
            columns: vec![
                column("姓名", 1.5, Side::Left),
                column("性别", 0.7, Side::Center),
                column("出生年月", 1.1, Side::Center),
                column("选派单位", 2.8, Side::Left),
                column("职级", 1.5, Side::Left),
                column("所驻村", 2.0, Side::Left),
                column("岗位", 1.7, Side::Left),
                column("到岗", 1.4, Side::Center),
                column("电话", 1.5, Side::Center),
            ],
            rows: (1..=rows).map(row).collect(),
        },
    }
}

pub fn handover() -> Handover {
    let item = |what: &str, state: &str, confirmed: [&str; 3]| OpenItem {
        what: what.to_owned(),
        state: state.to_owned(),
        confirmed: confirmed.map(str::to_owned),
    };
    let group = |title: &str, items: Vec<OpenItem>| OpenGroup { title: title.to_owned(), items };
    Handover {
        title: "驻村工作交接簿".to_owned(),
        village: "青禾县井店镇禅房村".to_owned(),
        facts: [
            ("移交人", "陈建国（驻村第一书记）"),
            ("接任人", "王秀英（驻村第一书记）"),
            ("移交人单位", "青禾县农业农村局"),
            ("接任人单位", "青禾县住房和城乡建设局（县人民防空办公室）"),
            ("任期", "2024年3月1日至2026年11月30日"),
            ("并行交接", "2026年11月1日至11月30日，共30天"),
        ]
        .map(|(label, value)| Pair::new(label, value))
        .to_vec(),
        groups: vec![
            group(
                "未结事项",
                vec![
                    item(
                        "三组机井水泵更换",
                        "水利局已批，水泵 11 月 26 日到货，由接任人盯安装",
                        ["已确认", "已确认", "已确认"],
                    ),
                    item("赵家与李家地界纠纷", "已调解两次，约定春耕前再量一次", ["已确认", "", ""]),
                    item("王奶奶慢病门诊报销", "材料齐，等镇卫生院盖章", ["", "", ""]),
                ],
            ),
            group(
                "在办项目",
                vec![item(
                    "核桃烘干房",
                    "资金 32 万元已到位，主体完工，验收排在 12 月 10 日",
                    ["已确认", "已确认", ""],
                )],
            ),
            group("未用资金", Vec::new()),
            group("承诺", vec![item("为村小学装净水器", "已联系企业，答复年底前安装", ["", "", ""])]),
        ],
        visits: vec![
            Visit {
                day: "2026-11-03".to_owned(),
                household: "赵福顺（脱贫户）".to_owned(),
                note: "儿子外出务工，老人独居，每周电话一次".to_owned(),
            },
            Visit {
                day: "2026-11-04".to_owned(),
                household: "核桃合作社".to_owned(),
                note: "烘干房用电增容的申请在供电所".to_owned(),
            },
        ],
        signers: [
            ("移交人 陈建国", "2026年11月20日在系统签认"),
            ("接任人 王秀英", ""),
            ("村党支部书记", "王秀英 2026年11月21日在系统签认，由乡镇代录，纸质签字存档"),
            ("监交人", ""),
        ]
        .map(|(who, signed)| Signer { who: who.to_owned(), signed: signed.to_owned() })
        .to_vec(),
        as_of: "2026年11月22日".to_owned(),
    }
}

pub fn dossier(facts: usize) -> Dossier {
    let fact = |index: usize, what: &str, figure: &str| Fact {
        day: format!("2026-{:02}-{:02}", index / 28 % 3 + 7, index % 28 + 1),
        what: format!("{what}（第 {} 条）", index + 1),
        figure: figure.to_owned(),
    };
    let table = |heads: &[(&str, f64)], rows: &[&[&str]]| Table {
        columns: heads.iter().map(|&(head, share)| Column::new(head, share, Side::Left)).collect(),
        rows: rows.iter().map(|row| row.iter().map(|&cell| cell.to_owned()).collect()).collect(),
    };
    Dossier {
        title: "驻村干部档案".to_owned(),
        name: "陈建国".to_owned(),
        post: "青禾县井店镇禅房村　驻村第一书记、工作队队长".to_owned(),
        portrait: Some(portrait()),
        basics: [
            ("性别", "男"),
            ("出生年月", "1988年5月"),
            ("民族", "汉族"),
            ("入党时间", "2009年6月"),
            ("学历", "大学本科（农学）"),
            ("身份证号", "999999********0011"),
            ("单位", "青禾县农业农村局"),
            ("职级", "一级主任科员"),
            ("电话", "13800000005"),
            ("专长", "果树栽培、农产品电商"),
        ]
        .map(|(label, value)| Pair::new(label, value))
        .to_vec(),
        postings: table(
            &[("村", 3.0), ("岗位", 2.0), ("起", 1.4), ("止", 1.4), ("结束原因", 1.6)],
            &[
                &["井店镇禅房村", "驻村第一书记", "2026-03-01", "", ""],
                &["关防乡石岗村", "驻村工作队员", "2023-05-10", "2025-05-09", "期满"],
            ],
        ),
        quarters: vec![Quarter {
            title: "2026年第三季度".to_owned(),
            groups: vec![
                Group {
                    title: "建强村党组织".to_owned(),
                    visible: (0..facts).map(|index| fact(index, "组织主题党日", "1 次")).collect(),
                    groundwork: (0..facts).map(|index| fact(index, "与后备干部谈心", "2 人")).collect(),
                },
                Group {
                    title: "推进强村富民".to_owned(),
                    visible: vec![fact(40, "核桃烘干房开工，资金到位", "32 万元")],
                    groundwork: vec![fact(52, "跑通供电增容手续", "")],
                },
            ],
        }],
        sections: vec![
            Section {
                title: "工作日志摘录".to_owned(),
                note: "本人选定".to_owned(),
                table: table(
                    &[("日期", 1.4), ("摘录", 8.6)],
                    &[&["2026-08-12", "雨后和支书一起看了三组的路，两处塌方，当晚报镇里，第二天机械到场。"]],
                ),
            },
            Section {
                title: "培训".to_owned(),
                note: String::new(),
                table: table(
                    &[("日期", 1.4), ("班次", 6.0), ("学时", 1.0)],
                    &[&["2026-04-20", "驻村第一书记示范培训班", "24"]],
                ),
            },
            Section { title: "提醒谈话".to_owned(), note: String::new(), table: Table::default() },
        ],
        keeper: "中共青禾县委组织部".to_owned(),
        as_of: "2026年11月22日".to_owned(),
    }
}

pub fn briefing() -> Briefing {
    let paragraph = |heading: bool, text: &str| BriefingParagraph { heading, text: text.to_owned() };
    let row = |cells: [&str; 4]| cells.map(str::to_owned).to_vec();
    Briefing {
        title: "青禾县驻村工作简报".to_owned(),
        sub: "青禾县　2026年第三季度".to_owned(),
        paragraphs: vec![
            paragraph(true, "一、队伍"),
            paragraph(
                false,
                "到2026年9月30日，青禾县在岗驻村第一书记249名，驻村工作队98支，队员204名。三类重点村都有人驻，空缺的村当月补齐。",
            ),
            paragraph(true, "二、干成的事"),
            paragraph(false, "新办合作社360余个，打机井1600余眼※1。"),
        ],
        signed: "草稿，未签发".to_owned(),
        notes: vec!["※1 打机井：系统算出 1630眼，2026年10月2日由宋知远手改为 1600余眼。".to_owned()],
        source_title: "数字来源（青禾县，2026年第三季度）".to_owned(),
        sources: Table {
            columns: vec![
                Column::new("指标", 3.0, Side::Left),
                Column::new("代码", 3.2, Side::Left),
                Column::new("正文", 1.9, Side::Left),
                Column::new("系统算出", 1.9, Side::Left),
            ],
            rows: vec![
                row(["驻村第一书记", "posting.first_secretary", "249名", "249名"]),
                row(["打机井", "gain.well", "1600余眼※1", "1630眼"]),
            ],
        },
        as_of: "数字按2026年10月1日的记录计算；草稿，未签发".to_owned(),
    }
}
