//! The roster as a table of columns; the headers were collected from rosters as counties keep them.

use crate::imports::{Field, Kind, field};

pub const NAME: &str = "name";
pub const SURNAME: &str = "surname";
pub const GIVEN_NAME: &str = "given_name";
pub const GENDER: &str = "gender";
pub const BIRTH: &str = "birth";
pub const ID_NUMBER: &str = "id_number";
pub const ETHNICITY: &str = "ethnicity";
pub const POLITICS: &str = "politics";
pub const PARTY_SINCE: &str = "party_since";
pub const EDUCATION: &str = "education";
pub const UNIT: &str = "unit";
pub const UNIT_POSITION: &str = "unit_position";
pub const POSITION: &str = "position";
pub const RANK: &str = "rank";
pub const ROLE: &str = "role";
pub const LEADS: &str = "leads_team";
pub const PHONE: &str = "phone";
pub const COUNTY: &str = "county";
pub const TOWNSHIP: &str = "township";
pub const VILLAGE: &str = "village";
pub const VILLAGE_CODE: &str = "village_code";
pub const SINCE: &str = "since";
pub const UNTIL: &str = "until";
pub const LEDGER: &str = "ledger";
pub const BATCH: &str = "batch";
pub const NOTE: &str = "note";

/// One row per posting: person, unit, village, role, from when to when.
pub static ROSTER: Kind = Kind {
    code: "roster",
    name: "驻村干部花名册",
    fields: FIELDS,
    either: &[&[NAME, SURNAME], &[UNIT, UNIT_POSITION], &[VILLAGE, VILLAGE_CODE]],
};

const FIELDS: &[Field] = &[
    field(COUNTY, "县区", &["县", "区县", "县（市、区）", "县市区", "所在县", "派驻县", "驻村县"]),
    field(
        TOWNSHIP,
        "乡镇",
        &["乡镇（街道）", "乡（镇）", "镇", "乡镇街道", "所在乡镇", "派驻乡镇", "驻村乡镇", "帮扶乡镇", "乡", "镇街"],
    )
    .hint("可合并单元格；村名在全县唯一时可空。"),
    field(
        VILLAGE,
        "派驻村",
        &[
            "村",
            "村名",
            "驻点村",
            "驻村",
            "帮扶村",
            "行政村",
            "派驻村名",
            "派驻村名称",
            "村名称",
            "所驻村",
            "派驻行政村",
            "村（社区）",
            "村社区",
            "驻村名称",
            "帮扶村名称",
            "任职村",
            "派驻地",
            "village_name",
        ],
    )
    .hint("村名，可带乡镇；与村代码任填其一。"),
    field(
        VILLAGE_CODE,
        "村代码",
        &["行政区划代码", "区划代码", "统计用区划代码", "村编码", "行政村代码", "division_code", "division"],
    )
    .hint("12 位统计用区划代码。"),
    field(
        NAME,
        "姓名",
        &[
            "名字",
            "驻村干部姓名",
            "干部姓名",
            "人员姓名",
            "选派干部",
            "选派干部姓名",
            "驻村干部",
            "派驻人员",
            "队员姓名",
            "第一书记姓名",
            "person_name",
            "cadre",
        ],
    )
    .hint("本人姓名。"),
    field(SURNAME, "姓", &["family_name", "last_name"]),
    field(GIVEN_NAME, "名", &["first_name"]),
    field(GENDER, "性别", &["sex"]).choices(&["男", "女"]).hint("空着时按身份证号。"),
    field(BIRTH, "出生年月", &["出生日期", "出生时间", "生日", "出生", "birthday", "birth_date"])
        .hint("1988-05、1988.05 或 1988年5月；空着时按身份证号。"),
    field(
        ID_NUMBER,
        "身份证号",
        &[
            "身份证号码",
            "公民身份号码",
            "公民身份证号",
            "公民身份证号码",
            "身份证",
            "居民身份证号",
            "居民身份证号码",
            "证件号码",
            "证件号",
            "id_card",
            "id",
            "idnumber",
        ],
    )
    .hint("18 位，请用文本格式。"),
    field(ETHNICITY, "民族", &["族别", "nation"]).hint("如 汉族。"),
    field(POLITICS, "政治面貌", &["政治面目", "面貌", "political_status"]).choices(&[
        "中共党员",
        "中共预备党员",
        "共青团员",
        "群众",
    ]),
    field(PARTY_SINCE, "入党时间", &["入党年月", "入党日期", "加入党组织时间", "入党"])
        .hint("如 2010.06；不是党员空着。"),
    field(EDUCATION, "学历", &["文化程度", "最高学历", "全日制学历", "学历学位", "学历层次", "degree"]).choices(&[
        "研究生",
        "大学",
        "大专",
        "中专",
        "高中",
    ]),
    field(
        UNIT,
        "派出单位",
        &[
            "选派单位",
            "单位",
            "工作单位",
            "帮扶单位",
            "所在单位",
            "原单位",
            "原工作单位",
            "单位名称",
            "派驻单位",
            "派出单位名称",
            "选派单位名称",
            "后盾单位",
            "包联单位",
            "unit_name",
            "dispatch_unit",
        ],
    )
    .hint("单位全称。"),
    field(
        UNIT_POSITION,
        "单位及职务",
        &[
            "工作单位及职务",
            "派出单位及职务",
            "原单位及职务",
            "单位职务",
            "单位和职务",
            "选派单位及职务",
            "现工作单位及职务",
            "工作单位职务",
            "原工作单位及职务",
        ],
    ),
    field(
        POSITION,
        "现任职务",
        &[
            "原单位职务",
            "职务",
            "现职务",
            "行政职务",
            "单位职务名称",
            "原职务",
            "原任职务",
            "工作职务",
            "职位",
            "title",
        ],
    )
    .hint("在派出单位的职务。"),
    field(RANK, "职级", &["级别", "现职级", "职务职级", "职级等次", "行政级别", "职称"]).hint("如 四级主任科员。"),
    field(
        ROLE,
        "驻村职务",
        &[
            "驻村身份",
            "类别",
            "岗位",
            "派驻职务",
            "担任职务",
            "驻村岗位",
            "人员类别",
            "身份",
            "驻村角色",
            "角色",
            "任职类别",
            "选派类别",
            "派驻岗位",
            "队内职务",
            "工作队职务",
            "村内职务",
            "驻村任职",
            "post_role",
            "拟任职务",
            "选派职务",
            "现任驻村职务",
            "人员身份",
        ],
    )
    .required()
    .choices(&["第一书记", "队长", "队员", "支部书记", "指导员"])
    .hint("第一书记、队长、队员、支部书记、指导员之一。"),
    field(LEADS, "队长", &["是否队长", "兼任队长", "是否兼任队长"])
        .choices(&["是", "否"])
        .hint("第一书记兼队长时填“是”。"),
    field(
        PHONE,
        "联系电话",
        &["手机", "手机号码", "手机号", "电话", "联系方式", "电话号码", "联系手机", "移动电话", "mobile", "tel"],
    ),
    field(
        SINCE,
        "到村时间",
        &[
            "驻村时间",
            "任职时间",
            "派驻起始时间",
            "开始时间",
            "派驻时间",
            "到岗时间",
            "到任时间",
            "起始时间",
            "驻村起始时间",
            "开始日期",
            "起始日期",
            "派驻开始时间",
            "任期",
            "驻村期限",
            "起止时间",
            "派驻期限",
            "任职起止时间",
            "驻村起止时间",
            "报到时间",
            "到村日期",
            "入村时间",
            "from",
            "start",
            "start_date",
            "since_date",
        ],
    )
    .required()
    .hint("如 2023-06-08；也可写成 2023.06-2025.06。"),
    field(
        UNTIL,
        "离任时间",
        &[
            "结束时间",
            "到期时间",
            "离村时间",
            "结束日期",
            "派驻结束时间",
            "届满时间",
            "期满时间",
            "截止时间",
            "终止时间",
            "离岗时间",
            "to",
            "end",
            "end_date",
        ],
    )
    .hint("仍在任空着；这一天起不再在任。"),
    field(LEDGER, "台账", &["管理台账", "台账级别", "管理层级", "派出层级", "选派层级"]).choices(&["省", "县"]),
    field(BATCH, "批次", &["轮次", "选派批次", "第几批", "派驻批次"]),
    field(NOTE, "备注", &["说明", "其他", "remark", "remarks", "notes"]),
];
