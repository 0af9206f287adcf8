//! The API of each testware subject. The services, the REST API and the pages are the same for all
//! of them.

use std::fmt::Display;
use std::hash::Hash;
use std::str::FromStr;

use uuid::Uuid;

use super::item::{Execution, ExecutionFields, ItemQuery, TestwareItem};
use crate::model::catalog::CatalogSubject;
use crate::model::id::UserId;
use crate::model::item_id::ItemId;
use crate::model::page::PageQuery;

/// A testware subject, implemented by its view in the API.
pub trait TestwareSubject:
    CatalogSubject<
        Id: Copy
                + Eq
                + Hash
                + Display
                + FromStr
                + From<Uuid>
                + Into<ItemId>
                + Into<sea_orm::Value>
                + Send
                + Sync
                + 'static,
    > + Into<TestwareItem>
    + Send
    + 'static
{
    /// The fields of a new item.
    type Create: Into<Self::Update> + Send + 'static;
    /// The fields of a change; absent ones stay.
    type Update: Send + 'static;
    /// The query of a list.
    type Query: ListQuery;
    /// An item with the details of its page.
    type Detail: Send + 'static;
}

/// A testware subject with a state and results. The pages have one form for all of them.
pub trait ExecutionSubject:
    TestwareSubject<Create: From<ExecutionFields>, Update: From<ExecutionFields>, Detail: Into<Execution>>
{
    /// Whether it consists of cases, one of which each result names.
    const HAS_CASES: bool;
}

/// The query of a list that can be searched.
pub trait ListQuery: From<ItemQuery> + Send + Sync + 'static {
    /// The page.
    fn page(&self) -> PageQuery;
    /// The words to search for.
    fn search(&self) -> Option<&str>;
    /// Says who reads the list, for filters that depend on it.
    fn set_caller(&mut self, caller: UserId) {
        let _ = caller;
    }
}
