use super::super::{
    ethnicity, read_role,
    values::{name_and_gender, split_unit_position, unit_fault},
};
use crate::{
    people::Gender,
    postings::{Ledger, PostRole},
};

#[test]
fn roles_as_rosters_write_them() {
    use PostRole::{BranchSecretary, FirstSecretary, Instructor, Leader, Member};
    let cases = [
        ("第一书记", FirstSecretary, false),
        ("驻村第一书记", FirstSecretary, false),
        ("书记", FirstSecretary, false),
        ("第一书记兼工作队队长", FirstSecretary, true),
        ("第一书记、队长", FirstSecretary, true),
        ("工作队长", Leader, true),
        ("队　长", Leader, true),
        ("副队长", Member, false),
        ("队员", Member, false),
        ("驻村工作队员", Member, false),
        ("工作队队员", Member, false),
        ("村党支部书记", BranchSecretary, false),
        ("党建指导员", Instructor, false),
        ("first_secretary", FirstSecretary, false),
        ("First Secretary", FirstSecretary, false),
        ("LEADER", Leader, true),
        ("branch_secretary", BranchSecretary, false),
    ];
    for (text, role, leads) in cases {
        let read = read_role(text).unwrap_or_else(|| panic!("{text}"));
        assert_eq!((read.role, read.leads_team), (role, leads), "{text}");
    }
    let guide = read_role("五星支部创建指导员").unwrap();
    assert_eq!((guide.role, guide.ledger), (FirstSecretary, Some(Ledger::County)));
    for text in ["", "科员", "副主任", "四级主任科员", "会计"] {
        assert_eq!(read_role(text), None, "{text}");
    }
}

#[test]
fn units_ethnicities_and_names() {
    for text in ["13000054677", "0377-67961234", "999999198210285804", "12", "——", "县"] {
        assert!(unit_fault(text).is_some(), "{text}");
    }
    assert!(unit_fault(&"长".repeat(61)).is_some());
    for text in ["县民政局", "共青团县委", "社旗县供电公司", "12345热线中心"] {
        assert_eq!(unit_fault(text), None, "{text}");
    }
    assert_eq!(ethnicity("汉").as_deref(), Some("汉族"));
    assert_eq!(ethnicity(" 土家 ").as_deref(), Some("土家族"));
    assert_eq!(ethnicity("穿青人").as_deref(), Some("穿青人"));
    assert_eq!(ethnicity(""), None);
    assert_eq!(name_and_gender("张　三（女，回族）"), ("张三".to_owned(), Some(Gender::Female)));
    let splits = [
        ("县民政局 副科长", "县民政局", "副科长"),
        ("县民政局副科长", "县民政局", "副科长"),
        ("县委组织部办公室主任", "县委组织部", "办公室主任"),
        ("县人民医院", "县人民医院", ""),
    ];
    for (text, unit, position) in splits {
        assert_eq!(split_unit_position(text), (unit.to_owned(), position.to_owned()), "{text}");
    }
}
