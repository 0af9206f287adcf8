//! Lists, page by page.

use std::collections::VecDeque;
use std::marker::PhantomData;

use futures::stream::{Stream, try_unfold};
use http::Method;
use serde::de::DeserializeOwned;

use crate::client::Client;
use crate::error::{Error, Result};
use crate::model::Page;

/// The largest page that the server sends.
const MAX_LIMIT: usize = 200;

/// A list that is read page by page.
#[derive(Debug)]
pub struct Pages<T> {
    client: Client,
    /// Without it, the ID in the path is invalid.
    path: Result<String>,
    query: Vec<(String, String)>,
    limit: usize,
    next: Next,
    item: PhantomData<fn() -> T>,
}

#[derive(Debug)]
enum Next {
    First,
    At(String),
    End,
}

impl<T: DeserializeOwned> Pages<T> {
    pub(crate) fn new(client: &Client, path: Result<String>) -> Self {
        let client = client.clone();
        Self { client, path, query: Vec::new(), limit: MAX_LIMIT, next: Next::First, item: PhantomData }
    }

    /// Adds a filter, e.g. `search`.
    #[must_use]
    pub fn filter(mut self, name: &str, value: impl Into<String>) -> Self {
        self.query.push((name.to_owned(), value.into()));
        self
    }

    /// The number of items of a page, 1 to 200; 200 by default.
    #[must_use]
    pub fn page_size(mut self, items: usize) -> Self {
        self.limit = items.clamp(1, MAX_LIMIT);
        self
    }

    /// Reads the next page; `None` after the last one.
    ///
    /// # Errors
    /// See [`Error`]. The same page can be read again.
    pub async fn next_page(&mut self) -> Result<Option<Vec<T>>> {
        let cursor = match &self.next {
            Next::First => None,
            Next::At(cursor) => Some(cursor.clone()),
            Next::End => return Ok(None),
        };
        let path = self.path.as_ref().map_err(|error| Error::Invalid(error.to_string()))?;
        let mut request = self.client.request(Method::GET, path).query("limit", self.limit.to_string());
        for (name, value) in &self.query {
            request = request.query(name, value.clone());
        }
        let page: Page<T> = request.query("cursor", cursor.clone()).send().await?;
        self.next = match page.next_cursor {
            Some(next) if Some(&next) == cursor.as_ref() => {
                return Err(Error::Unexpected("The server sent the same page twice.".to_owned()));
            }
            Some(next) => Next::At(next),
            None => Next::End,
        };
        Ok(Some(page.items))
    }

    /// Reads all pages.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn all(mut self) -> Result<Vec<T>> {
        let mut all = Vec::new();
        while let Some(page) = self.next_page().await? {
            all.extend(page);
        }
        Ok(all)
    }

    /// The items one by one; a page is read when it is needed. The stream ends after an error.
    pub fn into_stream(self) -> impl Stream<Item = Result<T>> {
        try_unfold((self, VecDeque::new()), |(mut pages, mut items)| async move {
            while items.is_empty() {
                match pages.next_page().await? {
                    Some(page) => items.extend(page),
                    None => return Ok(None),
                }
            }
            Ok(items.pop_front().map(|item| (item, (pages, items))))
        })
    }
}
