//! Pages of lists, as the original has them: `?page=2&page_size=50`.

use hereabouts_protocol::Page;
use serde::Deserialize;

use super::ApiError;
use crate::{
    limits::{PAGE_ROWS_DEFAULT, PAGE_ROWS_MAX},
    store::{Slice, Sliced},
};

/// The query, before it is understood.
#[derive(Debug, Default, Deserialize)]
pub struct PageQuery {
    page: Option<String>,
    page_size: Option<String>,
}

/// Which page, and how to write the address of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageRequest {
    number: u32,
    size: u32,
}

impl PageQuery {
    /// A query of these texts.
    pub fn new(page: Option<String>, page_size: Option<String>) -> Self {
        Self { page, page_size }
    }

    /// The page that is meant: the first, of 20 rows, unless the query says otherwise.
    pub fn understand(&self) -> Result<PageRequest, ApiError> {
        Ok(PageRequest {
            number: number("page", self.page.as_deref(), 1, u32::MAX)?,
            size: number("page_size", self.page_size.as_deref(), PAGE_ROWS_DEFAULT, PAGE_ROWS_MAX)?,
        })
    }
}

impl PageRequest {
    /// The rows it has.
    pub fn slice(self) -> Slice {
        Slice { offset: u64::from(self.number - 1) * u64::from(self.size), limit: self.size }
    }

    /// The page of these rows. `query` is what else the address has, such as `&direction=outgoing`.
    pub fn answer<T, R>(self, path: &str, query: &str, rows: Sliced<T>, row: impl FnMut(T) -> R) -> Page<R> {
        let address = |number: u32| format!("{path}?page={number}&page_size={}{query}", self.size);
        let end = self.slice().offset + rows.rows.len() as u64;
        let has_next = !rows.rows.is_empty() && end < rows.count;
        Page {
            count: rows.count,
            next: self.number.checked_add(1).filter(|_| has_next).map(address),
            previous: (self.number > 1).then(|| address(self.number - 1)),
            results: rows.rows.into_iter().map(row).collect(),
        }
    }
}

/// A number from 1 to `max` of the query.
pub fn number(name: &str, text: Option<&str>, default: u32, max: u32) -> Result<u32, ApiError> {
    match text {
        None => Ok(default),
        Some(text) => match text.parse() {
            Ok(number) if (1..=max).contains(&number) => Ok(number),
            _ => Err(ApiError::bad_request(format!("{name} must be a whole number from 1 to {max}."))),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(page: &str, page_size: &str) -> Result<PageRequest, ApiError> {
        PageQuery::new(Some(page.into()), Some(page_size.into())).understand()
    }

    #[test]
    fn pages_lead_to_each_other() {
        let page = |number: &str, rows: Vec<u8>| {
            let page = ask(number, "2").unwrap().answer("/x/", "&y=z", Sliced { count: 5, rows }, |row| row);
            (page.previous, page.next)
        };
        let address = |number: u8| Some(format!("/x/?page={number}&page_size=2&y=z"));
        assert_eq!(page("1", vec![1, 2]), (None, address(2)));
        assert_eq!(page("2", vec![3, 4]), (address(1), address(3)));
        assert_eq!(page("3", vec![5]), (address(2), None));
        assert_eq!(page("9", vec![]), (address(8), None));
        assert_eq!(ask("4294967295", "100").unwrap().slice().offset, 429_496_729_400);
    }

    #[test]
    fn nonsense_is_refused() {
        for (page, size) in
            [("0", "1"), ("1", "0"), ("-1", "1"), ("1", "101"), ("1.5", "1"), ("4294967296", "1"), ("", "1")]
        {
            assert!(ask(page, size).is_err(), "{page} {size}");
        }
        assert_eq!(
            PageQuery::default().understand().unwrap().slice(),
            Slice { offset: 0, limit: PAGE_ROWS_DEFAULT }
        );
    }
}
