//! The list as JSON for the island: `GET /bff/todos`.
//!
//! Not a server function: a GET can be conditional. Like every request of a script it passes through `forms`.

use axum::{
    Extension, Json,
    extract::{Query, rejection::QueryRejection},
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use leptos::{
    context::use_context,
    server_fn::error::{FromServerFnError, SERVER_FN_ERROR_HEADER},
};
use serde::Deserialize;

use super::{api_client::ListQuery, session::Session};
use crate::{
    contract::{AppError, Scope, TodoPage},
    domain::TodoId,
};

#[derive(Deserialize)]
pub struct Parameters {
    view: Option<String>,
    tag: Option<String>,
    q: Option<String>,
    show: Option<String>,
    after: Option<String>,
    /// Ids, separated by commas.
    others: Option<String>,
}

impl Parameters {
    fn parse(self) -> Option<ListQuery> {
        let ids = self.others.iter().flat_map(|ids| ids.split(','));
        let others: Vec<_> =
            ids.map(|id| id.parse().ok()).collect::<Option<_>>().filter(|ids: &Vec<TodoId>| ids.len() <= TodoPage::MAX_OTHERS)?;
        let scope = Scope::of(|name| match name {
            "view" => self.view.clone(),
            "tag" => self.tag.clone(),
            "q" => self.q.clone(),
            _ => self.show.clone(),
        });
        Some(ListQuery { scope, after: self.after, others })
    }
}

/// The scope in the URL of the form that calls the current server function.
///
/// # Errors
/// [`AppError::Internal`] outside of a request of a browser.
pub fn form_scope() -> Result<Scope, AppError> {
    let parts: Parts = use_context().ok_or(AppError::Internal)?;
    let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri).map_err(|_| AppError::Malformed)?;
    Ok(Scope::of(|name| pairs.iter().find(|(other, _)| other == name).map(|(_, value)| value.clone())))
}

pub async fn todos(
    Extension(session): Extension<Session>,
    query: Result<Query<Parameters>, QueryRejection>,
    headers: HeaderMap,
) -> Response {
    let known = headers.get(header::IF_NONE_MATCH).and_then(|tag| tag.to_str().ok());
    let found = async {
        let Query(parameters) = query.map_err(|_| AppError::Malformed)?;
        let query = parameters.parse().ok_or(AppError::Malformed)?;
        session.api()?.list_todos(&query, known).await
    };
    match found.await {
        Ok(Some((_, page))) => ([(header::ETAG, page.info.tag.clone())], Json(page)).into_response(),
        Ok(None) => (StatusCode::NOT_MODIFIED, [(header::ETAG, known.unwrap_or_default())]).into_response(),
        Err(error) => ([(SERVER_FN_ERROR_HEADER, "")], error.ser()).into_response(),
    }
}
