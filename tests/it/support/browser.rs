//! A browser with its cookies, with scripting or without.

use std::{collections::BTreeMap, net::SocketAddr};

use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{HeaderMap, Method, Request, StatusCode, request::Builder},
};
use scraper::{ElementRef, Html, Selector};
use tower_cookies::{Cookie, Key, cookie::CookieJar};

use super::{
    App, PASSWORD, SECRET,
    app::body_text,
    token::{claims, sign},
};

const ORIGIN: &str = "http://127.0.0.1:3000";

pub struct Browser<'a> {
    app: &'a App,
    pub scripting: bool,
    pub cookies: BTreeMap<String, String>,
    pub refuses_cookies: bool,
    /// The value of the account header: the account for which the server rendered the page.
    pub account: Option<String>,
    /// Sends the header that marks an automatic retry.
    pub is_retry: bool,
    /// The path of the open page, without the fragment.
    pub at: String,
    /// The fragment that the last redirect has set.
    pub fragment: Option<String>,
    pub peer: SocketAddr,
}

/// A response after following its redirects.
pub struct Page {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub html: String,
    /// The status of the response before any redirect.
    pub first_status: StatusCode,
    pub first_headers: HeaderMap,
}

impl<'a> Browser<'a> {
    /// Submits forms natively and follows their redirects.
    pub fn without_scripting(app: &'a App) -> Self {
        let (cookies, at) = (BTreeMap::new(), "/".to_owned());
        Self {
            app,
            scripting: false,
            cookies,
            refuses_cookies: false,
            account: None,
            is_retry: false,
            at,
            fragment: None,
            peer: peer("198.51.100.1"),
        }
    }

    /// Calls server functions like the island.
    pub fn with_scripting(app: &'a App) -> Self {
        Self { scripting: true, ..Self::without_scripting(app) }
    }

    /// Copies the cookies, as in another tab of the same browser.
    pub fn in_session_of(mut self, other: &Self) -> Self {
        self.cookies.clone_from(&other.cookies);
        self
    }

    /// Signs up and opens the todo page.
    pub async fn signed_up(app: &'a App, email: &str) -> Self {
        let mut browser = Self::without_scripting(app);
        browser.open("/sign-up").await;
        browser.submit("sign_up", &[("email", email), ("password", PASSWORD)]).await;
        assert_eq!(browser.at, "/todos");
        browser
    }

    pub async fn open(&mut self, path: &str) -> Page {
        let request = self.request(Method::GET, path).header("accept", "text/html");
        self.send(path, request.body(Body::empty()).unwrap()).await
    }

    /// Calls a server function by a form or by script.
    pub async fn submit(&mut self, function: &str, fields: &[(&str, &str)]) -> Page {
        let path = format!("/bff/{function}");
        let accept = if self.scripting { "application/json" } else { "text/html" };
        let request = self.request(Method::POST, &path).header("accept", accept).header("sec-fetch-site", "same-origin");
        let mut request = request.header("content-type", "application/x-www-form-urlencoded");
        if let Some(account) = &self.account {
            request = request.header("holdfast-account", account);
        }
        if self.is_retry {
            request = request.header("holdfast-retry", "1");
        }
        // The response to a form is a page at the URL of the function.
        let at = if self.scripting { self.at.clone() } else { path };
        self.send(&at, request.body(encode(fields)).unwrap()).await
    }

    /// Reads a part of the list like the island, if it has changed since the entity tag.
    pub async fn list(&mut self, query: &str, tag: Option<&str>) -> Page {
        let path = format!("/bff/todos{query}");
        let request =
            self.request(Method::GET, &path).header("accept", "application/json").header("sec-fetch-site", "same-origin");
        let headers = [("holdfast-account", self.account.as_deref()), ("if-none-match", tag)];
        let request = headers.iter().fold(request, |request, (name, value)| match value {
            Some(value) => request.header(*name, *value),
            None => request,
        });
        let at = self.at.clone();
        self.send(&at, request.body(Body::empty()).unwrap()).await
    }

    /// Submits the form of the button like a browser without scripting, with the form's values and the given input.
    pub async fn press(&mut self, page: &Page, button: &str, input: &[(&str, &str)]) -> Page {
        let (function, fields) = page.form_of(button, input);
        let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.submit(&function, &fields).await
    }

    pub async fn follow(&mut self, page: &Page, link: &str) -> Page {
        let links = page.named("a", link, |link| link.attr("href").unwrap().to_owned());
        assert_eq!(links.len(), 1, "links {link:?}");
        let folder = &self.at[..=self.at.rfind('/').unwrap()];
        let path = if links[0].starts_with('/') { links[0].clone() } else { format!("{folder}{}", links[0]) };
        self.open(&path).await
    }

    /// A request with cookies and `Referer`, without `Origin` and `Sec-Fetch-Site`.
    pub fn request(&self, method: Method, path: &str) -> Builder {
        let mut request = Request::builder().method(method).uri(path).header("host", "127.0.0.1:3000");
        request = request.extension(ConnectInfo(self.peer));
        if self.at != "/" {
            request = request.header("referer", format!("{ORIGIN}{}", self.at));
        }
        if !self.cookies.is_empty() {
            let pairs: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header("cookie", pairs.join("; "));
        }
        request
    }

    async fn send(&mut self, path: &str, request: Request<Body>) -> Page {
        let mut first = None;
        self.fragment = None;
        let (mut path, mut request) = (path.to_owned(), request);
        for _ in 0..5 {
            let response = self.app.send(request).await;
            self.keep_cookies(response.headers());
            let (status, headers) = (response.status(), response.headers().clone());
            let (first_status, first_headers) = first.get_or_insert_with(|| (status, headers.clone())).clone();
            if status != StatusCode::SEE_OTHER {
                path.clone_into(&mut self.at);
                return Page { status, headers, html: body_text(response).await, first_status, first_headers };
            }
            path = headers["location"].to_str().unwrap().to_owned();
            self.fragment = path.split_once('#').map(|(_, fragment)| fragment.to_owned());
            path.truncate(path.find('#').unwrap_or(path.len()));
            assert!(path.starts_with('/'), "a redirect leaves the site: {path}");
            request = self.request(Method::GET, &path).header("accept", "text/html").body(Body::empty()).unwrap();
        }
        panic!("redirect loop");
    }

    /// Decrypts the token in the cookie, which a real browser can't.
    pub fn token(&self) -> String {
        let (name, value) = self.cookies.iter().next().unwrap();
        let mut jar = CookieJar::new();
        jar.add_original(Cookie::parse_encoded(format!("{name}={value}")).unwrap());
        jar.private(&cookie_key()).get(name).unwrap().value().to_owned()
    }

    /// Replaces the token in the encrypted cookie.
    pub fn take_token(&mut self, token: &str) {
        for (name, value) in &mut self.cookies {
            let mut jar = CookieJar::new();
            jar.private_mut(&cookie_key()).add(Cookie::new(name.clone(), token.to_owned()));
            let cookie = jar.get(name).unwrap().encoded().to_string();
            cookie.split_once('=').unwrap().1.clone_into(value);
        }
    }

    /// Backdates the token, as after so many seconds without a use.
    pub fn age(&mut self, seconds: i64) {
        let mut claims = claims(&self.token());
        for claim in ["iat", "exp"] {
            claims[claim] = (claims[claim].as_i64().unwrap() - seconds).into();
        }
        // A token can't be older than its session.
        claims["auth_time"] = claims["auth_time"].as_i64().unwrap().min(claims["iat"].as_i64().unwrap()).into();
        self.take_token(&sign(&claims));
    }

    fn keep_cookies(&mut self, headers: &HeaderMap) {
        if self.refuses_cookies {
            return;
        }
        for cookie in headers.get_all("set-cookie") {
            let (pair, attributes) = cookie.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

fn cookie_key() -> Key {
    Key::derive_from(SECRET.as_bytes())
}

/// The address of a client with this IP.
pub fn peer(ip: &str) -> SocketAddr {
    SocketAddr::new(ip.parse().unwrap(), 4711)
}

pub fn encode(fields: &[(&str, &str)]) -> Body {
    let escape = |text: &str| {
        let escaped = text.bytes().map(|byte| match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        });
        escaped.collect::<String>()
    };
    let pairs: Vec<_> = fields.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value))).collect();
    Body::from(pairs.join("&"))
}

impl Page {
    /// The visible error messages: above the form and below its fields.
    pub fn complaints(&self) -> Vec<String> {
        self.texts("p[role=alert]:not([hidden]), [role=alert]:not([hidden]) p, .field-message.field-error")
    }

    /// The text of each selected element.
    pub fn texts(&self, selector: &str) -> Vec<String> {
        let selector = Selector::parse(selector).unwrap();
        let visible = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        Html::parse_document(&self.html).select(&selector).map(|element| visible(&element.text().collect::<String>())).collect()
    }

    /// The value of each selected input.
    pub fn values(&self, selector: &str) -> Vec<String> {
        let selector = Selector::parse(selector).unwrap();
        Html::parse_document(&self.html).select(&selector).map(value_of).collect()
    }

    /// An attribute of each selected element that has it.
    pub fn attributes(&self, selector: &str, name: &str) -> Vec<String> {
        let selector = Selector::parse(selector).unwrap();
        let document = Html::parse_document(&self.html);
        document.select(&selector).filter_map(|element| element.value().attr(name)).map(str::to_owned).collect()
    }

    pub fn titles(&self) -> Vec<String> {
        self.texts(".todo-list label")
    }

    /// Maps each visible button or link with this accessible name.
    fn named<T>(&self, selector: &str, name: &str, map: impl Fn(ElementRef<'_>) -> T) -> Vec<T> {
        let selector = Selector::parse(selector).unwrap();
        let is_named = |element: &ElementRef<'_>| match element.attr("aria-label") {
            Some(label) => label == name,
            None => element.text().collect::<String>().trim() == name,
        };
        let is_visible = |element: &ElementRef<'_>| {
            let ancestors = element.ancestors().filter_map(ElementRef::wrap);
            ancestors.chain([*element]).all(|element| element.attr("hidden").is_none())
        };
        Html::parse_document(&self.html).select(&selector).filter(is_named).filter(is_visible).map(map).collect()
    }

    /// The server function of the button's form, and its fields.
    fn form_of(&self, button: &str, input: &[(&str, &str)]) -> (String, Vec<(String, String)>) {
        let inputs = Selector::parse("input[name]:not([type=checkbox]:not([checked])), textarea[name]:not([disabled])").unwrap();
        let mut forms = self.named("button:not([type=button])", button, |button| {
            let form = button.ancestors().filter_map(ElementRef::wrap).find(|element| element.value().name() == "form").unwrap();
            assert_eq!(form.attr("method"), Some("post"));
            let action = button.attr("formaction").or(form.attr("action")).unwrap();
            let field = |element: ElementRef<'_>| {
                let name = element.attr("name").unwrap();
                let typed = input.iter().find(|(field, _)| *field == name).map(|(_, text)| *text);
                (name.to_owned(), typed.map_or_else(|| value_of(element), str::to_owned))
            };
            let own = button.attr("name").map(|name| (name.to_owned(), button.attr("value").unwrap_or_default().to_owned()));
            let fields: Vec<_> = form.select(&inputs).map(field).chain(own).collect();
            assert!(input.iter().all(|(name, _)| fields.iter().any(|(other, _)| other == name)), "no field for {input:?}");
            (action.strip_prefix("/bff/").unwrap().to_owned(), fields)
        });
        assert_eq!(forms.len(), 1, "buttons {button:?}");
        forms.remove(0)
    }

    pub fn id_of(&self, title: &str) -> String {
        let at = self.titles().iter().position(|other| other == title).unwrap();
        self.attributes(".todo-list label", "id")[at].strip_prefix("t-").unwrap().to_owned()
    }
}

/// Of an input or a textarea.
fn value_of(input: ElementRef<'_>) -> String {
    if input.value().name() == "textarea" { input.text().collect() } else { input.attr("value").unwrap_or_default().to_owned() }
}
