//! The one layer around all routes: client address, request id and log line, metrics, `Host`, panics, compression
//! and security headers.

use std::{convert::Infallible, sync::Arc};

use axum::{
    Router,
    extract::Request,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use leptos::nonce::Nonce;
use tower::{Service, ServiceExt, service_fn};
use tracing::Instrument;

use crate::server::{
    http::{
        client_address::TrustedProxies,
        compression::{Encoding, compress},
        containment::catch_panic,
        request_target::has_valid_host,
        security_headers::Policy,
    },
    observability::{logging::RequestLog, metrics::RequestMetrics},
};

pub struct Front {
    pub proxies: TrustedProxies,
    pub metrics: RequestMetrics,
    pub headers: Policy,
}

impl Front {
    pub fn around<S>(self, routes: S) -> Router
    where
        S: Service<Request, Response = Response, Error = Infallible, Future: Send> + Clone + Send + Sync + 'static,
    {
        let front = Arc::new(self);
        Router::new().fallback_service(service_fn(move |request| {
            let (front, routes) = (Arc::clone(&front), routes.clone());
            async move { Ok::<_, Infallible>(front.answer(request, routes).await) }
        }))
    }

    async fn answer<S>(&self, mut request: Request, routes: S) -> Response
    where
        S: Service<Request, Response = Response, Error = Infallible>,
    {
        let counted = self.metrics.begin(&request);
        let client = self.proxies.client_of(&request);
        let log = RequestLog::begin(&mut request, client);
        let nonce = Nonce::new();
        request.extensions_mut().insert(client);
        request.extensions_mut().insert(nonce.clone());
        // Boxed, since layers move their futures, and this one is large.
        let answer = Box::pin(async {
            if !has_valid_host(&request) {
                return (StatusCode::BAD_REQUEST, "The request must have exactly one valid Host header.\n").into_response();
            }
            let encoding = Encoding::accepted(request.headers());
            let Ok(response) = routes.oneshot(request).await;
            compress(encoding, response).await
        });
        let mut response = catch_panic(answer).instrument(log.span()).await;
        self.headers.add(&mut response, &nonce);
        self.metrics.end(counted, response.status());
        log.answered(&mut response);
        response
    }
}
