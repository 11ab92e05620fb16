use std::path::Path;

use super::*;
use crate::text;

#[test]
fn a_text_is_said_where_it_is_printed() {
    let rows = text!("共 {n} 行", n = 3);
    assert_eq!(rows.zh(), "共 3 行");
    assert_eq!(rows.in_lang(Lang::En), "3 rows");
    assert_eq!(Text::data("相庄村").with("x", &1).in_lang(Lang::En), "相庄村");
}

#[test]
fn a_key_nobody_translated_stays_chinese() {
    assert_eq!(lookup("没有译文的一句", Lang::En), "没有译文的一句");
}

#[test]
fn the_browser_says_which_language() {
    assert_eq!(Lang::from_header("fr, zh-HK;q=0.9"), Some(Lang::Hant));
    assert_eq!(Lang::from_header("zh-CN,zh;q=0.9,en;q=0.8"), Some(Lang::Hans));
    assert_eq!(Lang::from_header("en-GB"), Some(Lang::En));
    assert_eq!(Lang::from_header("de"), None);
}

#[test]
fn traditional_pages_keep_what_forms_send_back() {
    let page = r#"<p title="办结">乡镇干部 a>b</p><input value="办结" placeholder="姓名"><textarea>写过的话</textarea><a href="/村">村</a>"#;
    let made = to_hant_html(page);
    assert!(made.contains(r#"title="辦結">鄉鎮幹部"#), "{made}");
    assert!(made.contains(r#"value="办结""#), "{made}");
    assert!(made.contains("<textarea>写过的话</textarea>"), "{made}");
}

/// Sources of the product: examples are made up and stay Chinese.
fn sources() -> [std::path::PathBuf; 2] {
    ["../base/src", "../app/src"].map(|dir| Path::new(env!("CARGO_MANIFEST_DIR")).join(dir))
}

#[test]
fn the_catalogue_holds_every_key_and_no_other() {
    let mut used: std::collections::BTreeMap<_, _> =
        sources().iter().flat_map(|dir| source::keys_in_source(dir)).collect();
    let table = |name: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join("../app/data").join(name);
    used.extend(source::keys_in_table(&table("indicators.csv"), &["name", "unit", "group"]));
    used.extend(source::keys_in_table(&table("outcomes.csv"), &["word", "unit"]));
    used.extend(source::keys_in_table(&table("burden_forms.csv"), &["form", "asked_by", "basis"]));
    let missing: Vec<_> = used.iter().filter(|(key, _)| !english().contains_key(*key)).collect();
    let mut unused: Vec<_> = english().keys().filter(|key| !used.contains_key(*key)).collect();
    unused.sort();
    assert!(missing.is_empty() && unused.is_empty(), "locales/en.po lacks {missing:#?}\nand holds unused {unused:#?}");
}

#[test]
fn templates_hold_no_untranslated_chinese() {
    let bare: Vec<_> = sources().iter().flat_map(|dir| source::bare_text(dir)).collect();
    assert!(bare.is_empty(), "Chinese outside |t:\n{}", bare.join("\n"));
}
