//! What villagers need, in their words, and how it was solved. Invented.

/// One need and its end.
pub struct Story {
    /// A kind of the pack.
    pub kind: &'static str,
    pub words: &'static str,
    pub done: &'static str,
    pub urgent: bool,
}

const fn story(kind: &'static str, words: &'static str, done: &'static str) -> Story {
    Story { kind, words, done, urgent: false }
}

/// The burst pipe of the story.
pub const URGENT: Story = Story {
    kind: "water",
    words: "二组老井边的自来水管爆裂，水流到路上结了冰，十几户没水了。",
    done: "先关总阀，联系镇水厂带管件到场，换了一截管，四十五分钟通水；路面撒了炉渣防滑。",
    urgent: true,
};

/// 小事
pub const SMALL: &[Story] = &[
    story("lamp", "村西头三盏路灯不亮了，晚上老人不敢出门。", "换了两个灯头、接好一处断线，当晚全亮。"),
    story("insurance", "我爸的医保断缴了，住院能不能报，怎么补缴？", "帮他在手机上补缴，住院结算时已能报销。"),
    story("papers", "孩子上大学办助学贷款，要村里开证明。", "证明开好送到家，又陪着在网上填了申请。"),
    story("clean", "三组垃圾池满了好几天，招苍蝇，味道大。", "联系保洁公司清运，改为两天一清，池边撒了消毒粉。"),
    story("subsidy", "耕地地力补贴卡丢了，钱打到哪里去了？", "陪着到镇农商行挂失补卡，补贴已到账。"),
    story("care", "孙奶奶一个人住，摔了一跤，儿女都在外地。", "送到镇卫生院包扎，安排志愿者每天上门看一次。"),
    story("network", "宽带断了三天，孩子上网课着急。", "联系营运商，查出光缆被车挂断，当天下午接通。"),
    story("power", "一到做饭的点就跳闸，冰箱里东西都坏了。", "供电所换了空开，把三户分到另一条线。"),
    story("water", "自来水发黄，烧开有沉淀，能不能喝？", "水厂冲洗了管道、送检合格，把报告贴在村口。"),
    story("papers", "身份证过期了，腿脚不便，能不能上门办？", "派出所民警上门采集，半个月后把新证送到家。"),
    story("insurance", "养老金两个月没到账，是不是没认证？", "帮老人刷脸认证，补发的两个月一起到账。"),
    story("other", "村部小广场的篮球架松了，孩子打球危险。", "焊牢底座、加了两根地脚螺栓。"),
    story("clean", "前街下水道堵了，污水漫到门口。", "疏通车来掏了一上午，又加了两个篦子。"),
    story("subsidy", "监测户的产业奖补怎么申请，要交啥材料？", "把材料清单送到家，帮着填表交到镇里，已公示。"),
    story("care", "残疾证要换，去县里三趟都没办成。", "约好县残联进村评残，一次办了六户。"),
    story("lamp", "小广场音响坏了，跳不成舞。", "换了功放，定了晚上九点以后关。"),
    story("network", "老人手机收不到验证码，领不了补贴。", "去营业厅解了停机，教会了怎么看短信。"),
];

/// 疑难问题
pub const HARD: &[Story] = &[
    story(
        "road",
        "四组到大路的八百米土路，下雨天车进不来，学生上学踩泥。",
        "报交通局列入计划，村民出工平路基，硬化八百米。",
    ),
    story("land", "两家宅基地边界吵了半年，墙都砌到一半。", "请土地所按老底图放线，两家当场签了协议。"),
    story("irrigation", "北洼机井电机烧了两年，二百亩地浇不上。", "县水利局换泵、供电所架线，春灌前出水。"),
    story("dispute", "兄弟俩为老人赡养轮流推，老人没人管。", "支部和司法所调解三次，写了赡养协议，按月给钱。"),
    story("sale", "今年白菜三毛一斤没人收，压在地里快烂了。", "联系单位食堂和市里商超，十天卖完六万多斤。"),
    story("house", "我家老屋后墙裂了，一下雨就怕塌。", "住建所鉴定为C级，享受危房改造，已加固验收。"),
    story("job", "在外打工被欠了一万二工钱，老板不接电话。", "人社局立案，劳动监察协调，工钱分两次付清。"),
    story("irrigation", "排水沟二十年没清，年年淹三十亩花生。", "争取以工代赈，清沟一千二百米，汛期没再淹。"),
    story("road", "村口小桥护栏断了，去年掉下去过三轮车。", "乡里修了护栏、加了反光标。"),
    story("land", "流转的地到期，合作社拖着租金不给。", "支部约双方对账，租金分两季付清，签了新合同。"),
];
