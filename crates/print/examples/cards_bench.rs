//! Prints the cards of a large run and says what it took: `cargo run --release -p lianxin-print --example cards_bench`.
//! Arguments: how many cards (28,140), and a path for the file (none is kept without one).

#![expect(clippy::unwrap_used, reason = "a measurement, not part of the program")]

use std::time::Instant;

use print::{Card, Cards, Press, Watch, cards};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let count: usize = arguments.next().map_or(28_140, |text| text.parse().unwrap());
    let path = arguments.next();
    let items: Vec<Card> = (0..count).map(card).collect();
    let run =
        Cards {
            title: "便民联心卡", issuer: "中共青禾县委组织部　监制", invitation: "扫码反映问题", items: &items
        };
    let begun = Instant::now();
    let mut out = Vec::new();
    let printed = cards(&Press::new(), &run, &mut out, &Watch::none()).unwrap();
    let took = begun.elapsed();
    let memory = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = memory.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("VmHWM: unknown");
    println!(
        "{count} cards, {} pages, {:.1} MB, {:.2} s, {peak}, missing {:?}",
        printed.pages,
        out.len() as f64 / 1e6,
        took.as_secs_f64(),
        printed.missing
    );
    if let Some(path) = path {
        std::fs::write(path, out).unwrap();
    }
}

/// Names, places and units of some variety, all made up.
fn card(number: usize) -> Card {
    let pick = |list: &str, salt: usize| {
        let list: Vec<char> = list.chars().collect();
        list[(number.wrapping_mul(2_654_435_761) >> salt) % list.len()]
    };
    let name: String = [
        pick("王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈", 3),
        pick("建国志强晓明文华丽娟秀英海燕玉兰国庆春生伟刚永军敏静磊洋勇艳杰涛超霞平鹏飞玲桂香凤兰", 7),
        pick("红梅雪松林峰云鹤清泉江河山川辰宇浩然思源嘉怡子涵欣悦梓萱博文天佑一诺雨桐", 11),
    ]
    .into_iter()
    .collect();
    let village: String = [
        pick("井西东南北河山石龙虎凤青白黑红古新大小上下偏辽关更固索合", 5),
        pick("店达戌漳庄台峪沟岭坡湾塘桥寨堡营屯铺", 9),
        '镇',
        pick("禅王李赵刘龙㮾㴩堨原郝石玉马牛羊杨柳松柏桃李杏梅", 2),
        pick("房家庄峪沟坡湾岭头口泉井村营", 13),
        '村',
    ]
    .into_iter()
    .collect();
    Card {
        village,
        name,
        role: ["驻村第一书记", "驻村工作队员", "五星支部创建指导员"][number % 3].to_owned(),
        unit: format!(
            "{}县{}局",
            pick("青禾安平永宁长乐", 4),
            ["农业农村", "交通运输", "水利", "教育体育", "卫生健康", "市场监督管理"][number % 6]
        ),
        phone: format!("1{:010}", 3_000_000_000 + number as u64 * 7919 % 1_000_000_000),
        note: "办事、咨询、反映困难和问题，随时打电话或扫码，我们上门办。".to_owned(),
        url: format!("https://lianxin.example.cn/c/{:016x}", (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)),
        portrait: None,
    }
}
