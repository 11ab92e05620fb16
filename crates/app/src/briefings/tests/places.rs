//! The statistics paragraph of each of the six places, out of the demo's records.

use base::kernel::{Clock, Day, DivisionCode};

use super::day;
use crate::{
    app::{App, MIGRATIONS},
    briefings::{Format, compose},
    demo::{self, Place},
    packs,
    spine::facts::read::Span,
    testing::databases,
};

/// What the text of 社旗 says: `demo_value` of SQ-2, SQ-3, SQ-5 and SQ-11, in its sentences.
const SHEQI: [&str; 24] = [
    "脱贫村85个",
    "乡村振兴任务重的村23个",
    "党组织软弱涣散村10个",
    "省管台账的驻村工作队86支",
    "第一书记118名",
    "队员175名",
    "另派第一书记131名",
    "工作队12支",
    "队员29名",
    "两项合计在岗第一书记249名",
    "工作队98支",
    "队员204名",
    "便民联心卡发出28140张",
    "覆盖率100%",
    "完善制度1236项",
    "新建改建活动场所134处",
    "32个软弱涣散村摘了帽",
    "五星支部5个、四星支部45个",
    "引进帮扶资金19860万元、引进致富项目256个、新办合作社365个",
    "帮销农副产品6120万公斤",
    "带动就业2058人",
    "新建改建民居3240户",
    "打机井1630眼",
    "安装路灯6450盏",
];

const ELSEWHERE: [(&str, &[&str]); 2] = [
    (
        "141027",
        &[
            "选派干部30名在20个村驻村",
            "126人到村，指导1042人次",
            "就地办成小事136件、支部和乡镇解决疑难问题50件",
            "安排产业项目11个、申报党建项目9个、到村投入资金412万元",
            "〔缺“县级专题培训次数”",
        ],
    ),
    (
        "4504",
        &[
            "收有项目37个，总投资1136万元",
            "困难问题114个",
            "项目对接会9场",
            "已销号73个",
            "惠及村民53人",
            "种植4050亩",
            "村集体增收8.2万元",
        ],
    ),
];

async fn prose(app: &App, place: &str, template: Option<&str>, today: Day) -> String {
    let mut conn = app.db.read().await.expect("a reader");
    let place = DivisionCode::parse(place).expect("a code");
    let pack = &packs::store::pack_of(&mut conn, place).await.expect("a pack");
    let span = Span { from: Some(day("2015-01-01")), to: today };
    let paper = compose(&mut conn, (place, span), template, pack, today).await.expect("a briefing");
    String::from_utf8(paper.bytes(Format::Txt).expect("text")).expect("UTF-8")
}

#[tokio::test]
async fn the_paragraphs_of_the_six_places_come_out_of_records() {
    let today = day("2024-01-18");
    for db in databases(&MIGRATIONS).await {
        let keys = base::seal::Keys::from_root(&[3; 32]);
        let app = App::new(db.db().clone(), keys, Clock::fixed(today), db.folder().join("files"), None, true);
        let app = app.expect("an app");
        demo::load_all(&app, &demo::worlds(&Place::ALL, 7, today)).await.expect("loaded");
        let sheqi = prose(&app, "411327", None, today).await;
        for words in SHEQI {
            assert!(sheqi.contains(words), "{words} is not in {sheqi}");
        }
        for (place, said) in ELSEWHERE {
            let text = prose(&app, place, None, today).await;
            for words in said {
                assert!(text.contains(words), "{words} is not in {text}");
            }
        }
        // Packs that are still to come find their templates by name; what the catalogue lacks is said.
        for (template, words) in [
            ("shexian", "〔缺“探亲回访次数”：指标目录里没有 visit.return〕"),
            ("longkou", "〔缺“分盟个数”：指标目录里没有 league.sub〕"),
            ("hunan", "在岗驻村工作队98支、驻村干部453名，覆盖249个村"),
        ] {
            let text = prose(&app, "411327", Some(template), today).await;
            assert!(text.contains(words), "{words} is not in {text}");
        }
        let general = prose(&app, "411327107", Some("default"), today).await;
        assert!(general.contains("驻村工作简报") && !general.contains("〔缺"), "{general}");
        // A place without anything has no empty clauses, whatever the template.
        for template in crate::briefings::templates::all() {
            for place in ["141027", "141027100", "4504", "411327107"] {
                let text = prose(&app, place, Some(&template.name), today).await;
                for torn in ["、。", "，。", "：。", "。。", "，，", "、、", "：、", "；。", "打机井0", "\n　　。"]
                {
                    assert!(!text.contains(torn), "{} at {place}: {torn} in {text}", template.name);
                }
            }
        }
        let mut conn = app.db.read().await.expect("a reader");
        let nowhere = DivisionCode::parse("520000").expect("a code");
        let span = Span { from: Some(day("2024-01-01")), to: today };
        let no = compose(&mut conn, (nowhere, span), None, "default", today).await.expect_err("unknown");
        assert_eq!(no.to_string(), "行政区划里没有 520000000000。");
    }
}
