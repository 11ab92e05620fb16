//! Villages by code or by the many ways their names are written.

use std::collections::{BTreeSet, HashMap};

use base::{
    kernel::{DivisionCode, Level},
    sheet::squeeze,
};

/// Divisions to look names up in; usually everything below the place an import is for, with that place itself.
#[derive(Debug, Default)]
pub struct PlaceIndex {
    names: HashMap<DivisionCode, String>,
    /// Every spelling of a village's name, by how much was taken off it.
    villages: [HashMap<String, Vec<DivisionCode>>; 3],
    townships: [HashMap<String, Vec<DivisionCode>>; 2],
    counties: [HashMap<String, Vec<DivisionCode>>; 2],
}

/// What a row says about its village; what it does not say is empty.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Asked<'a> {
    pub code: &'a str,
    pub county: &'a str,
    pub township: &'a str,
    pub village: &'a str,
}

/// Why no village was found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PlaceProblem {
    /// Names close to the one given, best first.
    Unknown {
        nearest: Vec<String>,
    },
    UnknownTownship {
        nearest: Vec<String>,
    },
    UnknownCode,
    /// The villages of that name, each with its township.
    Ambiguous {
        candidates: Vec<String>,
    },
}

impl PlaceIndex {
    #[must_use]
    pub fn new(places: Vec<(DivisionCode, String, Level)>) -> Self {
        let mut index = Self::default();
        for (code, name, level) in places {
            let name = squeeze(&name);
            match level {
                Level::Village => {
                    let tidy = tidy(&name);
                    add(&mut index.villages, [name.clone(), tidy.to_owned(), core(tidy).to_owned()], code);
                }
                Level::Township => add(&mut index.townships, [name.clone(), township_core(&name).to_owned()], code),
                Level::County => add(&mut index.counties, [name.clone(), county_core(&name).to_owned()], code),
                Level::Nation | Level::Province | Level::City => {}
            }
            index.names.insert(code, name);
        }
        index
    }

    #[must_use]
    pub fn name(&self, code: DivisionCode) -> &str {
        self.names.get(&code).map_or("", String::as_str)
    }

    /// The township of a name, when exactly one is meant.
    #[must_use]
    pub fn township(&self, text: &str) -> Option<DivisionCode> {
        match self.townships_of(text, "").as_slice() {
            [one] => Some(*one),
            _ => None,
        }
    }

    /// The one township whose full name stands in a title such as 苗店镇驻村干部花名册.
    #[must_use]
    pub fn township_in(&self, title: &str) -> Option<&str> {
        let title = squeeze(title);
        let mut found =
            self.townships[0].keys().filter(|name| name.chars().count() > 2 && title.contains(name.as_str()));
        match (found.next(), found.next()) {
            (Some(one), None) => Some(one),
            _ => None,
        }
    }

    /// The village that is meant.
    pub fn village(&self, asked: Asked<'_>) -> Result<DivisionCode, PlaceProblem> {
        if !asked.code.is_empty() {
            let code = DivisionCode::parse(&squeeze(asked.code)).filter(|code| code.level() == Level::Village);
            return code.filter(|code| self.names.contains_key(code)).ok_or(PlaceProblem::UnknownCode);
        }
        let name = squeeze(asked.village);
        let within = if asked.township.is_empty() {
            self.counties_of(asked.county)
        } else {
            let townships = self.townships_of(asked.township, asked.county);
            if townships.is_empty() {
                let nearest = nearest(&squeeze(asked.township), self.named(Level::Township, &[]));
                return Err(PlaceProblem::UnknownTownship { nearest });
            }
            townships
        };
        let found = self.lookup(&name, &within);
        let found = if found.is_empty() { self.along_path(&name, &within) } else { found };
        match found.as_slice() {
            [one] => Ok(*one),
            [] => Err(PlaceProblem::Unknown { nearest: nearest(&name, self.named(Level::Village, &within)) }),
            several => {
                Err(PlaceProblem::Ambiguous { candidates: several.iter().map(|code| self.full(*code)).collect() })
            }
        }
    }

    /// The village that is meant, or in which an address lies: `社旗县苗店镇司庄村三组老井边`.
    pub fn village_of_address(&self, asked: Asked<'_>) -> Result<DivisionCode, PlaceProblem> {
        let whole = match self.village(asked) {
            Err(PlaceProblem::Unknown { nearest }) => PlaceProblem::Unknown { nearest },
            other => return other,
        };
        let text = squeeze(asked.village);
        let ends = ["村", "社区"].into_iter().flat_map(|word| text.match_indices(word).map(|(at, _)| at + word.len()));
        let mut cuts: Vec<usize> = ends.filter(|end| *end < text.len()).collect();
        cuts.sort_unstable();
        let mut wrong = None;
        for cut in cuts.into_iter().rev() {
            match self.village(Asked { village: text.get(..cut).unwrap_or(""), ..asked }) {
                Ok(code) => return Ok(code),
                Err(problem) => wrong = Some(problem),
            }
        }
        Err(wrong.unwrap_or(whole))
    }

    /// `苗店镇司庄村民委员会`
    fn full(&self, code: DivisionCode) -> String {
        format!("{}{}", self.name(code.parent()), self.name(code))
    }

    /// Villages of a name, by the first way of reading it that finds any. No `within` means everywhere.
    fn lookup(&self, name: &str, within: &[DivisionCode]) -> Vec<DivisionCode> {
        let [exact, tidied, bare] = &self.villages;
        let (tidy, core) = (tidy(name), core(tidy(name)));
        // 和平居委会 is the community of that name before it is the village.
        let community = if tidy != name && name.contains('居') { format!("{core}社区") } else { String::new() };
        let ways = [(exact, name), (tidied, &community), (tidied, tidy), (bare, tidy), (tidied, core), (bare, core)];
        let inside = |code: &DivisionCode| within.is_empty() || within.iter().any(|place| place.contains(*code));
        let find = |(map, key): (&HashMap<String, Vec<DivisionCode>>, &str)| -> Vec<DivisionCode> {
            map.get(key).map(|codes| codes.iter().copied().filter(inside).collect()).unwrap_or_default()
        };
        ways.into_iter().map(find).find(|codes| !codes.is_empty()).unwrap_or_default()
    }

    /// `社旗县苗店镇司庄村` in one cell: what follows a township's name, in that township.
    fn along_path(&self, text: &str, within: &[DivisionCode]) -> Vec<DivisionCode> {
        let apart = |c: char| "-/\\,·.|>+、—".contains(c);
        for names in &self.townships {
            let mut found = BTreeSet::new();
            let mut longest = 0;
            for (name, codes) in names.iter().filter(|(name, _)| name.chars().count() >= 2) {
                let Some(at) = text.find(name.as_str()) else { continue };
                let rest = text.get(at + name.len()..).unwrap_or("").trim_matches(apart);
                let before = text.get(..at).unwrap_or("").trim_matches(apart);
                for township in codes.iter().filter(|code| within.is_empty() || touches(within, **code)) {
                    let county = township.at(Level::County);
                    let elsewhere =
                        before.contains('县') && !before.ends_with(self.name(county)) && !self.name(county).is_empty();
                    let villages = if elsewhere { vec![] } else { self.lookup(rest, &[*township]) };
                    if !villages.is_empty() && name.len() >= longest {
                        if name.len() > longest {
                            found.clear();
                        }
                        longest = name.len();
                        found.extend(villages);
                    }
                }
            }
            if !found.is_empty() {
                return found.into_iter().collect();
            }
        }
        vec![]
    }

    fn counties_of(&self, county: &str) -> Vec<DivisionCode> {
        let county = squeeze(county);
        let found = self.counties.iter().find_map(|names| names.get(&county)).cloned();
        found.or_else(|| self.counties[1].get(county_core(&county)).cloned()).unwrap_or_default()
    }

    fn townships_of(&self, text: &str, county: &str) -> Vec<DivisionCode> {
        let text = squeeze(text);
        if let Some(code) = DivisionCode::parse(&text).filter(|code| code.level() == Level::Township) {
            return self.names.contains_key(&code).then_some(code).into_iter().collect();
        }
        let counties = self.counties_of(county);
        let inside = |code: &DivisionCode| counties.is_empty() || touches(&counties, *code);
        let find = |key: &str| -> Vec<DivisionCode> {
            let full = self.townships[0].get(key).into_iter();
            let codes = full.chain(self.townships[1].get(township_core(key))).find(|codes| codes.iter().any(inside));
            codes.map(|codes| codes.iter().copied().filter(inside).collect()).unwrap_or_default()
        };
        let found = find(&text);
        if !found.is_empty() {
            return found;
        }
        // `社旗县苗店镇`: what follows the county.
        text.split_once(['县', '区', '市']).map(|(_, rest)| find(rest)).unwrap_or_default()
    }

    fn named(&self, level: Level, within: &[DivisionCode]) -> Vec<String> {
        let inside = |code: DivisionCode| within.is_empty() || touches(within, code);
        let fits = self.names.iter().filter(|(code, _)| code.level() == level && inside(**code));
        let mut names: Vec<(DivisionCode, String)> = fits.map(|(code, name)| (*code, tidy(name).to_owned())).collect();
        names.sort();
        names.into_iter().map(|(_, name)| name).collect()
    }
}

fn touches(places: &[DivisionCode], code: DivisionCode) -> bool {
    places.iter().any(|place| place.contains(code))
}

fn add<const N: usize>(maps: &mut [HashMap<String, Vec<DivisionCode>>; N], keys: [String; N], code: DivisionCode) {
    for (map, key) in maps.iter_mut().zip(keys) {
        map.entry(key).or_default().push(code);
    }
}

/// Without the committee: `官寺村民委员会` is 官寺村, `东裕社区居民委员会` 东裕社区, `甘村委会` 甘村.
fn tidy(name: &str) -> &str {
    let village = ["村民委员会", "村委会", "村委"];
    if let Some(rest) = village.iter().find_map(|suffix| name.strip_suffix(suffix)).filter(|rest| !rest.is_empty()) {
        return name.get(..rest.len() + '村'.len_utf8()).unwrap_or(name);
    }
    let others = ["居民委员会", "居委会", "党支部", "党总支", "党委"];
    others.iter().find_map(|suffix| name.strip_suffix(suffix)).filter(|rest| !rest.is_empty()).unwrap_or(name)
}

fn core(tidy: &str) -> &str {
    let suffixes = ["行政村", "社区", "村"];
    suffixes.iter().find_map(|suffix| tidy.strip_suffix(suffix)).filter(|rest| !rest.is_empty()).unwrap_or(tidy)
}

fn township_core(name: &str) -> &str {
    let name = ["人民政府", "党委", "办事处"].iter().find_map(|suffix| name.strip_suffix(suffix)).unwrap_or(name);
    let suffixes = ["民族乡", "街道", "镇", "乡", "街", "办"];
    suffixes.iter().find_map(|suffix| name.strip_suffix(suffix)).filter(|rest| !rest.is_empty()).unwrap_or(name)
}

fn county_core(name: &str) -> &str {
    let suffixes = ["自治县", "县", "区", "市"];
    suffixes
        .iter()
        .find_map(|suffix| name.strip_suffix(suffix))
        .filter(|rest| rest.chars().count() >= 2)
        .unwrap_or(name)
}

/// The three names that take the fewest changes, if these are few for a name of that length.
fn nearest(name: &str, names: Vec<String>) -> Vec<String> {
    let given: Vec<char> = core(tidy(name)).chars().collect();
    let far = (given.len() / 2).max(1);
    let measured = names.into_iter().map(|other| (distance(&given, &core(&other).chars().collect::<Vec<_>>()), other));
    let mut close: Vec<(usize, String)> = measured.filter(|(distance, _)| *distance <= far).collect();
    close.sort();
    close.dedup();
    close.into_iter().take(3).map(|(_, name)| name).collect()
}

/// Edit distance (Levenshtein).
fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        let mut next = vec![left];
        for (y, above) in b.iter().zip(row.iter().skip(1)) {
            left = (diagonal + usize::from(x != y)).min(above + 1).min(left + 1);
            diagonal = *above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}
