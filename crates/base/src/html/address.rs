//! Addresses that hold a page's filters, sort order and place.

use std::fmt;

/// A path with its query, changed a parameter at a time: every filter, sort and page is a link one can send to a colleague.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    path: String,
    query: Vec<(String, String)>,
}

impl Address {
    /// Reads `/matters?state=open&sort=-due`; parameters without a value, as forms send them, are left out.
    #[must_use]
    pub fn parse(address: &str) -> Self {
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let pairs = form_urlencoded::parse(query.as_bytes()).into_owned();
        Self { path: path.to_owned(), query: pairs.filter(|(_, value)| !value.is_empty()).collect() }
    }

    /// The first value of a parameter, `""` when absent.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.query.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// With the parameter set to a value; an empty value removes it.
    #[must_use]
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut next = self.without(name);
        if !value.is_empty() {
            next.query.push((name.to_owned(), value.to_owned()));
        }
        next
    }

    #[must_use]
    pub fn without(&self, name: &str) -> Self {
        let query = self.query.iter().filter(|(key, _)| key != name).cloned().collect();
        Self { path: self.path.clone(), query }
    }

    /// The same query at another path: exports of what is shown.
    #[must_use]
    pub fn at(&self, path: &str) -> Self {
        Self { path: path.to_owned(), query: self.query.clone() }
    }

    /// Parameters other than `names`, for hidden fields of a filter form.
    #[must_use]
    pub fn others(&self, names: &[&str]) -> Vec<(String, String)> {
        self.query.iter().filter(|(key, _)| !names.contains(&key.as_str())).cloned().collect()
    }

    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        if self.query.is_empty() {
            return Ok(());
        }
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.query).finish();
        write!(f, "?{query}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_changes_and_the_rest_stays() {
        let address = Address::parse("/matters?q=%E6%9D%91&kind=&page=3&state=open");
        assert_eq!(address.get("q"), "村");
        assert_eq!(address.without("page").with("state", "").to_string(), "/matters?q=%E6%9D%91");
        assert_eq!(
            address.with("page", "4").at("/matters.csv").to_string(),
            "/matters.csv?q=%E6%9D%91&state=open&page=4"
        );
    }
}
