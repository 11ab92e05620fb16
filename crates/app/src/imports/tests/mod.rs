//! Headers and places by table; the other kinds on small files.

use base::{
    kernel::{DivisionCode, Level},
    sheet::read,
};

use super::{
    Asked, Mapping, PlaceIndex, PlaceProblem, cadres, columns, divisions, households, matters, template, units,
    villages,
};

fn index() -> PlaceIndex {
    let place = |code: &str, name: &str| {
        let code = DivisionCode::parse(code).unwrap();
        (code, name.to_owned(), code.level())
    };
    PlaceIndex::new(vec![
        place("430901000000", "甲县"),
        place("430901100000", "清水镇"),
        place("430901100200", "和平村民委员会"),
        place("430901100201", "大桥村村委会"),
        place("430901100001", "和平社区居民委员会"),
        place("430901101000", "大桥乡"),
        place("430901101200", "和平村委会"),
        place("430901101201", "莲花"),
        place("430902000000", "乙县"),
        place("430902100000", "清水镇"),
        place("430902100200", "和平村"),
    ])
}

fn find(index: &PlaceIndex, county: &str, township: &str, village: &str) -> Result<String, PlaceProblem> {
    index.village(Asked { code: "", county, township, village }).map(|code| code.to_string())
}

#[test]
fn villages_are_found_by_their_many_names() {
    let index = index();
    let cases = [
        ("甲县", "清水镇", "和平村", "430901100200"),
        ("甲县", "清水镇", "和平社区", "430901100001"),
        ("甲县", "清水", "和平居委会", "430901100001"),
        ("", "大桥乡", "和平", "430901101200"),
        ("", "大桥", "和平村民委员会", "430901101200"),
        ("", "甲县大桥乡", "和平村", "430901101200"),
        ("乙县", "", "和平", "430902100200"),
        ("", "", "大桥村", "430901100201"),
        ("", "", "莲花村民委员会", "430901101201"),
        ("", "", "乙县清水镇和平村", "430902100200"),
        ("", "大桥乡", "甲县大桥乡和平村", "430901101200"),
        ("", "430901101000", "和平村", "430901101200"),
    ];
    for (county, township, village, code) in cases {
        assert_eq!(find(&index, county, township, village).as_deref(), Ok(code), "{county} {township} {village}");
    }
}

#[test]
fn what_is_not_one_village_is_said() {
    let index = index();
    assert!(
        matches!(find(&index, "甲县", "", "和平村"), Err(PlaceProblem::Ambiguous { candidates }) if candidates.len() == 2)
    );
    assert!(matches!(find(&index, "", "清水镇", "莲花村"), Err(PlaceProblem::Unknown { .. })));
    assert!(matches!(find(&index, "", "", "莲化村"), Err(PlaceProblem::Unknown { nearest }) if nearest == ["莲花"]));
    assert!(
        matches!(find(&index, "", "青水镇", "和平"), Err(PlaceProblem::UnknownTownship { nearest }) if nearest[0] == "清水镇")
    );
    let code = |text| index.village(Asked { code: text, ..Asked::default() });
    assert!(code("430901100200").is_ok());
    assert_eq!(code("430901100299"), Err(PlaceProblem::UnknownCode));
    assert_eq!(code("430901100000"), Err(PlaceProblem::UnknownCode));
}

#[test]
fn a_village_is_found_in_an_address() {
    let index = index();
    let find = |address: &str| {
        index.village_of_address(Asked { village: address, ..Asked::default() }).map(|code| code.to_string())
    };
    for (address, code) in [
        ("大桥村", "430901100201"),
        ("大桥村三组老井边", "430901100201"),
        ("甲县清水镇和平村村部门口", "430901100200"),
        ("甲县清水镇和平社区二号楼", "430901100001"),
        ("大桥乡和平村委会对面", "430901101200"),
        ("莲花村村村通公路", "430901101201"),
    ] {
        assert_eq!(find(address).as_deref(), Ok(code), "{address}");
    }
    assert!(matches!(find("清水镇和平村三组"), Err(PlaceProblem::Ambiguous { .. })));
    assert!(matches!(find("城关大街十字路口"), Err(PlaceProblem::Unknown { .. })));
    assert!(matches!(find("莲化村三组"), Err(PlaceProblem::Unknown { nearest }) if nearest == ["莲花"]));
}

#[test]
fn states_of_hotlines_are_read() {
    use matters::{Stand, stand};
    for open in ["", "办理中", "待签收", "未办结", "逾期未办结", "已派单", "在办", "申请延期", "直通车在办", "支部议事"]
    {
        assert_eq!(stand(open), Some(Stand::Open), "{open}");
    }
    for done in ["已办结", "办结", "已归档", "待回访", "待评价", "已答复", "处理完成"] {
        assert_eq!(stand(done), Some(Stand::Done), "{done}");
    }
    for void in ["已撤单", "作废", "退单", "不予受理", "已并入"] {
        assert_eq!(stand(void), Some(Stand::Void(void.into())), "{void}");
    }
    assert_eq!(stand("飞走了"), None);
}

#[test]
fn no_two_fields_of_a_kind_share_a_header() {
    for kind in [
        &crate::postings::import::ROSTER,
        &divisions::DIVISIONS,
        &villages::VILLAGES,
        &units::UNITS,
        &cadres::CADRES,
        &households::HOUSEHOLDS,
        &matters::MATTERS,
    ] {
        let mut seen = std::collections::HashMap::new();
        for field in kind.fields {
            for spelling in [field.key, field.header].iter().chain(field.synonyms) {
                let before = seen.insert(columns::bare(spelling), field.key);
                assert!(before.is_none_or(|key| key == field.key), "{}: {spelling}", kind.code);
            }
        }
        assert_eq!(template(kind).layout.columns.len(), kind.fields.len());
    }
}

#[test]
fn headers_are_recognised_in_disguise() {
    let words = columns::Words::new(&crate::postings::import::ROSTER);
    let cases = [
        ("＊姓　名", Some("name")),
        ("身份证\n号码（18位）", Some("id_number")),
        ("ID_Number", Some("id_number")),
        ("乡镇（街道）", Some("township")),
        ("派驻村（乡镇+村）", Some("village")),
        ("本批到村时间", Some("since")),
        ("本人联系电话", Some("phone")),
        ("配偶姓名", None),
        ("出生地", None),
        ("身份证号信息", Some("id_number")),
        ("村支书姓名", None),
        ("序号", None),
        ("血型", None),
        ("", None),
    ];
    for (header, key) in cases {
        assert_eq!(words.recognise(header).map(|(field, _)| field.key), key, "{header}");
    }
}

#[test]
fn divisions_are_checked_against_their_codes() {
    let csv = "code,name,level,parent_code,urban_rural_class\n430901000000,甲县,county,430900000000,\n\
               430901100000,清水镇,village,430901000000,\n43090110,清水镇,,,\n430901000000,甲县,,,\n";
    let outcome = divisions::interpret(&read(csv.as_bytes(), "a.csv").unwrap(), &Mapping::default());
    let codes: Vec<(u32, &str)> = outcome.problems.iter().map(|problem| (problem.spot.row, problem.code)).collect();
    assert_eq!(codes, [(3, "bad_value"), (4, "bad_value"), (5, "repeated")]);
    assert_eq!((outcome.read, outcome.rows.len(), outcome.rows[0].level), (4, 1, Level::County));
}

#[test]
fn villages_units_and_people_by_either_language() {
    let csv = "村代码,名称,类别,户数,需求,相邻村\n430901100200,和平村,重点村;党组织软弱涣散,１２０,产业;水利,430901100201\n,大桥村,,x,,\n";
    let outcome = villages::interpret(&read(csv.as_bytes(), "a.csv").unwrap(), &Mapping::default(), &index());
    assert_eq!(outcome.rows[0].number("households"), Some(120.0));
    assert_eq!(outcome.rows[0].list("needs"), ["产业", "水利"]);
    assert_eq!(outcome.problems[0].column, "户数");

    let csv = "unit_id,name,level,strong,home_code,max_teams,strengths\nu1,县民政局,county,1,430901000000,2,养老;救助\nu1,县审计局,县直,0,,x,\n";
    let outcome = units::interpret(&read(csv.as_bytes(), "a.csv").unwrap(), &Mapping::default());
    assert_eq!(
        (outcome.rows[0].level, outcome.rows[0].strong, outcome.rows[0].max_teams),
        (Some(crate::units::UnitLevel::County), Some(true), Some(2.0))
    );
    assert_eq!(outcome.problems[0].code, "bad_value");

    let csv = "person_id,name,unit_id,rank,birth,party_since,specialities,rural,agri,reserve,home_township,gates\n\
               p1,甘 小满,u1,7,1984-05-23,2006-07-01,农技;法律,1,0,1,清水镇,1;1;0\np1,何立夏,u1,7,1984-05-23,,,,,,,\n";
    let outcome = cadres::interpret(&read(csv.as_bytes(), "a.csv").unwrap(), &Mapping::default());
    assert_eq!((outcome.rows[0].name.as_str(), outcome.rows[0].text("gates")), ("甘小满", Some("1;1;0")));
    assert_eq!(outcome.problems[0].code, "repeated");
}
