//! The OpenAPI document, against which every API response in the tests is checked.

use axum::http::{HeaderMap, Method, StatusCode};
use serde_json::{Value, json};

use super::app::body_json;

/// A response has one of these headers if and only if the document says so.
const DOCUMENTED_HEADERS: [&str; 8] =
    ["accept-patch", "content-disposition", "etag", "link", "location", "preference-applied", "retry-after", "www-authenticate"];

pub struct Document(pub Value);

/// An operation of the document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Operation {
    /// In lower case, as in the document.
    pub method: String,
    pub path: String,
}

impl Document {
    pub async fn of(router: &axum::Router) -> Self {
        let request = axum::http::Request::get("/api/v1/openapi.json").header("host", "127.0.0.1:3000");
        let request = request.body(axum::body::Body::empty()).unwrap();
        Self(body_json(tower::ServiceExt::oneshot(router.clone(), request).await.unwrap()).await)
    }

    pub fn operations(&self) -> Vec<Operation> {
        let paths = self.0["paths"].as_object().unwrap();
        let of_path = |(path, item): (&String, &Value)| {
            let operation = |method: &String| Operation { method: method.clone(), path: path.clone() };
            item.as_object().unwrap().keys().filter(|key| *key != "parameters").map(operation).collect::<Vec<_>>()
        };
        paths.iter().flat_map(of_path).collect()
    }

    pub fn get(&self, operation: &Operation) -> &Value {
        &self.0["paths"][&operation.path][&operation.method]
    }

    /// The documented operation for a request.
    pub fn find(&self, method: &Method, path: &str) -> Option<Operation> {
        let path = path.strip_prefix("/api/v1")?;
        let matches = |template: &str| {
            let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
            let same = |(part, given): (&&str, &&str)| part == given || (part.starts_with('{') && !given.is_empty());
            template.len() == path.len() && template.iter().zip(&path).all(same)
        };
        // Static segments win over parameters, as in the router.
        let templates = self.0["paths"].as_object().unwrap().keys();
        let template = templates.filter(|template| matches(template)).min_by_key(|template| template.matches('{').count())?;
        let method = if method == Method::HEAD { Method::GET } else { method.clone() };
        let operation = Operation { method: method.as_str().to_lowercase(), path: template.clone() };
        // Methods are case-sensitive.
        let is_documented = !self.get(&operation).is_null() && operation.method.to_uppercase() == method.as_str();
        is_documented.then_some(operation)
    }

    /// Fails unless the document describes this response.
    pub fn check(&self, operation: &Operation, is_head: bool, status: StatusCode, headers: &HeaderMap, body: &[u8]) {
        let what = format!("{operation:?} with {status}");
        let response = &self.get(operation)["responses"][status.as_str()];
        assert!(response.is_object(), "{what}, which is not documented");
        let documented: Vec<_> = response["headers"]
            .as_object()
            .map(|headers| headers.keys().map(|name| name.to_lowercase()).collect())
            .unwrap_or_default();
        for name in DOCUMENTED_HEADERS {
            let (sent, is_documented) = (headers.contains_key(name), documented.iter().any(|header| header == name));
            // The last page has no link, and only PATCH sends `Accept-Patch` with 415.
            let optional = name == "link" || (name == "accept-patch" && operation.method != "patch");
            assert!(
                sent == is_documented || (optional && is_documented),
                "{what}, header {name}: documented {is_documented}, sent {sent}"
            );
        }
        let Some(content) = response["content"].as_object() else {
            assert!(body.is_empty(), "{what} with a body that is not documented");
            return;
        };
        let kind = headers.get("content-type").map_or("", |kind| kind.to_str().unwrap());
        let media = content.get(kind.split(';').next().unwrap()).unwrap_or_else(|| panic!("{what} as {kind}: not documented"));
        if kind.contains("json") && !is_head {
            self.validate(&media["schema"], &serde_json::from_slice(body).unwrap(), &what);
        }
    }

    pub fn validate(&self, schema: &Value, value: &Value, what: &str) {
        let schema = json!({ "allOf": [schema], "components": self.0["components"] });
        let validator = jsonschema::draft202012::options().should_validate_formats(true).build(&schema).unwrap();
        let faults: Vec<_> =
            validator.iter_errors(value).map(|fault| format!("{} at {}", fault, fault.instance_path())).collect();
        assert!(faults.is_empty(), "{what}: {faults:?} in {value}");
    }

    pub fn accepts(&self, schema: &Value, value: &Value) -> bool {
        let schema = json!({ "allOf": [schema], "components": self.0["components"] });
        jsonschema::draft202012::options().should_validate_formats(true).build(&schema).unwrap().is_valid(value)
    }
}
