//! What villages ask for, and what the registers suggest.

use assign::Category;
use base::{
    kernel::{Day, DivisionCode},
    text,
    web::Refusal,
};

use crate::{
    packs::Pack,
    places::{Village, VillageCategory},
};

/// A village that asks for a team.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Demanded {
    pub code: DivisionCode,
    pub name: String,
    pub township: String,
    pub category: Category,
    pub team_size: Option<i64>,
    pub needs: Vec<String>,
    pub fixed_unit: Option<String>,
    pub neighbours: Vec<DivisionCode>,
    /// Unit, and why it shall not go there.
    pub forbidden: Vec<(String, String)>,
}

impl Demanded {
    #[must_use]
    pub fn village(&self) -> assign::Village {
        assign::Village {
            code: self.code.to_string(),
            name: self.name.clone(),
            category: self.category,
            team_size: self.team_size,
            needs: self.needs.clone(),
            fixed_unit: self.fixed_unit.clone(),
            forbidden_units: self.forbidden.iter().map(|(unit, _)| unit.clone()).collect(),
            neighbours: self.neighbours.iter().map(ToString::to_string).collect(),
        }
    }

    /// A team size as typed: empty is the category's; what the solver would refuse is refused at its field.
    pub fn read_size(text: &str, category: Category) -> Result<Option<i64>, Refusal> {
        if text.is_empty() {
            return Ok(None);
        }
        let least = assign::Parameters::default().least.of(category);
        let size: i64 = text.parse().map_err(|_| Refusal::at("team_size", text!("队伍人数请写整数，或者空着。")))?;
        if !(least..=20).contains(&size) {
            return Err(Refusal::at(
                "team_size",
                text!("{category}的队伍要 {least} 到 20 人。", category = category.name(), least = least),
            ));
        }
        Ok(Some(size))
    }
}

/// What a round lets a unit do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UnitTerms {
    pub strong: bool,
    pub max_teams: i64,
}

/// Share of households looked after, in per cent, from which a village out of poverty counts as heavy.
fn heavy_from(pack: &Pack) -> i64 {
    pack.parameter("plan_heavy_percent").map_or(32, |one| one.value)
}

/// The category under which the register's village asks, where the pack asks anything of it: the weightiest of its own.
#[must_use]
pub fn suggested(village: &Village, on: Day, pack: &Pack) -> Option<Category> {
    let asks =
        |category: &VillageCategory| pack.need(*category).is_some_and(|need| need.first_secretary > 0 || need.team > 0);
    let own: Vec<VillageCategory> = village.categories_on(on).into_iter().filter(asks).collect();
    let has = |category| own.contains(&category);
    let looked_after = village.poor_households.unwrap_or(0) + village.monitored_households.unwrap_or(0);
    let is_heavy = village.households.is_some_and(|all| all > 0 && looked_after * 100 >= heavy_from(pack) * all);
    if has(VillageCategory::OutOfPoverty) && is_heavy {
        Some(Category::Heavy)
    } else if has(VillageCategory::HeavyTask) {
        Some(Category::Task)
    } else if has(VillageCategory::WeakBranch) {
        Some(Category::Weak)
    } else if has(VillageCategory::Model) {
        Some(Category::Model)
    } else if has(VillageCategory::OutOfPoverty) {
        Some(Category::Light)
    } else if has(VillageCategory::Ordinary) {
        Some(Category::Other)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_register_suggests_the_weightiest_category() {
        use VillageCategory::{HeavyTask, Ordinary, OutOfPoverty, WeakBranch};
        let packs = Pack::shipped().expect("packs");
        let (default, sheqi) = (packs[0].clone(), packs[1].clone().over(&packs[0]));
        let day = Day::new(2024, 6, 1).expect("a day");
        let since = Day::new(2020, 1, 1).expect("a day");
        let village = |categories: &[VillageCategory], poor: i64| Village {
            households: Some(100),
            poor_households: Some(poor),
            categories: categories.iter().map(|one| (*one, since, None)).collect(),
            ..Village::default()
        };
        for (own, poor, category) in [
            (&[OutOfPoverty][..], 40, Some(Category::Heavy)),
            (&[OutOfPoverty], 10, Some(Category::Light)),
            (&[OutOfPoverty, HeavyTask], 10, Some(Category::Task)),
            (&[WeakBranch], 90, Some(Category::Weak)),
            (&[Ordinary], 0, None),
            (&[], 0, None),
        ] {
            assert_eq!(suggested(&village(own, poor), day, &default), category, "{own:?}");
        }
        assert_eq!(
            suggested(&village(&[Ordinary], 0), day, &sheqi),
            Some(Category::Other),
            "a pack may ask everywhere"
        );
    }

    #[test]
    fn a_size_is_refused_as_the_solver_would() {
        let field = |text, category| Demanded::read_size(text, category).expect_err("refused").field;
        for (text, category) in
            [("2", Category::Heavy), ("0", Category::Light), ("-3", Category::Task), ("x", Category::Other)]
        {
            assert_eq!(field(text, category), Some("team_size"), "{text}");
        }
        assert_eq!(Demanded::read_size("", Category::Heavy), Ok(None));
        assert_eq!(Demanded::read_size("4", Category::Heavy), Ok(Some(4)));
    }
}
