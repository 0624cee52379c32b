//! Below a list of which only a part is loaded: how much that is, and the link to the next page.

use leptos::{either::Either, prelude::*};

use super::list::List;
use crate::{
    bff::paths,
    ui::todo_list::{model, words::grouped},
};

#[component]
pub fn More(list: List) -> impl IntoView {
    move || {
        let (more, filter) = list.model.with(|model| (model.more(), model.filter));
        more.map(|model::More { shown, count, href, is_later, is_unread }| {
            let link = match href {
                Some(href) => Either::Left(view! {
                    <a class="show-more button button-quiet" href=href on:click=move |click| list.show_more(&click)>"Show more"</a>
                }),
                None => Either::Right(()),
            };
            let first = is_later.then(|| view! { <a class="button button-quiet" href=filter.href()>"Back to the start"</a> });
            view! {
                <div class="more">
                    <p>{grouped(shown)} " of " {grouped(count)}</p>
                    <p role="status">{is_unread.then_some("The rest can't be loaded now.")}</p>
                    {first}
                    {link}
                    <a class="button button-quiet" href=[paths::PRINT, filter.query()].concat()>"Print all"</a>
                </div>
            }
        })
    }
}
