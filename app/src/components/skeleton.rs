//! Placeholders for content that is loading, in the shape of the content.

use leptos::prelude::*;

/// The number of rows of a table.
const ROWS: usize = 8;

/// The lines of a card.
#[component]
pub fn Skeleton(#[prop(default = 6)] lines: usize) -> impl IntoView {
    loading(view! { <div class="card">{gray_lines(lines)}</div> }.into_any())
}

/// A table with its headings. The heading of a column of actions is empty.
pub fn table_skeleton(class: &'static str, headings: &'static [&'static str]) -> AnyView {
    let cell = |&heading: &&str| {
        let class = match heading {
            "Time" | "Updated" | "Added" => "time-cell",
            _ if heading == headings[0] => "primary-cell",
            _ => "",
        };
        view! { <td class=class>{gray_lines(usize::from(!heading.is_empty()))}</td> }
    };
    let head =
        |&heading: &&'static str| view! { <th class=heading.is_empty().then_some("actions-heading")>{heading}</th> };
    let table = view! {
        <div class="table-wrap">
            <table class=class>
                <thead><tr>{headings.iter().map(head).collect_view()}</tr></thead>
                <tbody>{(0..ROWS).map(|_| view! { <tr>{headings.iter().map(cell).collect_view()}</tr> }).collect_view()}</tbody>
            </table>
        </div>
    };
    loading(table.into_any())
}

/// Sections with a card each.
pub fn sections_skeleton(sections: usize) -> AnyView {
    let section = |_| view! { <section><div class="section-head">{gray_lines(1)}</div><div class="card">{gray_lines(2)}</div></section> };
    loading((0..sections).map(section).collect_view().into_any())
}

/// The cards of projects.
pub fn projects_skeleton() -> AnyView {
    let card = |_| view! { <div class="card">{gray_lines(2)}</div> };
    loading(view! { <div class="cards">{(0..3).map(card).collect_view()}</div> }.into_any())
}

/// The page of an item: its head, and its facts next to its text.
pub fn item_skeleton() -> AnyView {
    let page = view! {
        <div class="crumbs">{gray_lines(1)}</div>
        <div class="page-head">{gray_lines(1)}</div>
        <div class="detail"><div class="card">{gray_lines(4)}</div><div class="card">{gray_lines(6)}</div></div>
    };
    loading(page.into_any())
}

fn gray_lines(count: usize) -> AnyView {
    (0..count).map(|_| view! { <span class="line"></span> }).collect_view().into_any()
}

fn loading(content: AnyView) -> AnyView {
    view! {
        <div class="skeleton" aria-busy="true">
            <span class="visually-hidden" role="status">"Loading"</span>
            <div aria-hidden="true">{content}</div>
        </div>
    }
    .into_any()
}
