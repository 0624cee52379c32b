//! The list as JSON for the island: `GET /bff/todos`.
//!
//! Not a server function: a GET can be conditional. Like every request of a script it passes through `forms`.

use axum::{
    Extension, Json,
    extract::{Query, rejection::QueryRejection},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use leptos::server_fn::error::{FromServerFnError, SERVER_FN_ERROR_HEADER};
use serde::Deserialize;

use super::{api_client::ListQuery, session::Session};
use crate::{
    contract::{AppError, TodoPage},
    domain::TodoId,
};

#[derive(Deserialize)]
pub struct Parameters {
    completed: Option<bool>,
    after: Option<String>,
    /// Ids, separated by commas.
    others: Option<String>,
}

impl Parameters {
    fn parse(self) -> Option<ListQuery> {
        let ids = self.others.iter().flat_map(|ids| ids.split(','));
        let others: Vec<_> =
            ids.map(|id| id.parse().ok()).collect::<Option<_>>().filter(|ids: &Vec<TodoId>| ids.len() <= TodoPage::MAX_OTHERS)?;
        Some(ListQuery { completed: self.completed, after: self.after, others })
    }
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
