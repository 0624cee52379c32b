//! The rules of the layout, held by looking at the source.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src");

/// Each module and what it may import of ours; a longer path goes before a shorter one.
const EDGES: [(&str, &[&str]); 15] = [
    ("domain", &[]),
    ("contract", &["domain"]),
    ("bff", &["domain", "contract", "server::gateway"]),
    ("ui/todo_list/model", &["domain", "contract"]),
    ("ui", &["domain", "contract", "bff"]),
    (
        "server/store",
        &[
            "domain",
            "server::folding",
            "server::mail_address",
            "server::observability::metrics",
            "server::tags",
            "server::time_zone",
        ],
    ),
    (
        "server/config",
        &["domain", "server::http::client_address", "server::observability::logging::LogFormat", "server::store::DatabaseUrl"],
    ),
    ("server/http", &["server::config"]),
    ("server/observability", &["domain", "server::http", "server::shutdown", "server::store"]),
    (
        "server/identity",
        &[
            "domain",
            "server::store",
            "server::clock",
            "server::config",
            "server::http::client_address",
            "server::mail_address",
            "server::observability",
            "server::rate_limit",
            "server::time_zone",
        ],
    ),
    (
        "server/api",
        &[
            "domain",
            "contract",
            "server::identity",
            "server::store",
            "server::clock",
            "server::config",
            "server::folding",
            "server::http",
            "server::observability",
            "server::rate_limit",
            "server::tags",
            "server::time_zone",
        ],
    ),
    (
        "server/gateway",
        &[
            "domain",
            "contract",
            "bff",
            "server::identity",
            "server::api",
            "server::clock",
            "server::config",
            "server::folding",
            "server::http",
            "server::matches",
            "server::observability",
            "server::tags",
            "server::store::StoreError",
            "server::time_zone",
            "ui::page_context",
        ],
    ),
    (
        "server/site",
        &[
            "domain",
            "contract",
            "bff::paths",
            "ui",
            "server::api",
            "server::clock",
            "server::config",
            "server::gateway",
            "server::http",
            "server::identity",
            "server::observability",
            "server::shutdown",
            "server::store",
        ],
    ),
    // What puts the program together may know everything.
    ("server/cli", &["domain", "server"]),
    ("server", &["domain", "server::clock", "server::config", "server::store"]),
];

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn sources() -> Vec<(String, String)> {
    let mut files = Vec::new();
    rust_files(Path::new(SOURCE), &mut files);
    files.sort();
    let name = |path: &Path| path.strip_prefix(SOURCE).unwrap().to_str().unwrap().to_owned();
    files.iter().map(|path| (name(path), fs::read_to_string(path).unwrap())).collect()
}

/// The paths that a `use` names, with braces spelled out: `a::{b, c::{d, e}}` is `a::b`, `a::c::d` and `a::c::e`.
fn spelled_out(tree: &str) -> Vec<String> {
    let Some((prefix, rest)) = tree.split_once('{') else { return vec![tree.trim().to_owned()] };
    let inside = rest.rsplit_once('}').unwrap().0;
    let (mut depth, mut start, mut branches) = (0, 0, Vec::new());
    for (at, c) in inside.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                branches.push(&inside[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    branches.push(&inside[start..]);
    let branches = branches.into_iter().filter(|branch| !branch.trim().is_empty());
    branches.flat_map(spelled_out).map(|path| format!("{}{path}", prefix.trim())).collect()
}

/// A module's path below the crate.
fn module_of(file: &str) -> Vec<&str> {
    let path = file.trim_end_matches(".rs").trim_end_matches("/mod");
    path.split('/').filter(|name| *name != "lib").collect()
}

/// A file as it is compiled without its unit tests, which may import more.
fn without_tests(source: &str) -> &str {
    source.split("\n#[cfg(test)]\nmod tests").next().unwrap_or_default()
}

/// The paths below the crate that the `use` statements of a file name, with whether they are re-exports.
fn uses(file: &str, source: &str) -> Vec<(bool, String)> {
    let module = module_of(file);
    let mut found = Vec::new();
    for statement in source.split(';') {
        let line =
            statement.rsplit_once("use ").map(|(before, tree)| (before.rsplit('\n').next().unwrap_or_default().trim(), tree));
        let Some((visibility, tree)) = line.filter(|(before, _)| before.is_empty() || before.starts_with("pub")) else {
            continue;
        };
        for path in spelled_out(tree) {
            let path: String = path.split(" as ").next().unwrap_or_default().split_whitespace().collect();
            let ups = path.matches("super::").count();
            let below = path.replace("super::", "").replace("self::", "").replace("crate::", "");
            let base = match path.split("::").next() {
                Some("crate") => &[][..],
                Some("super") => &module[..module.len() - ups],
                Some("self") => &module[..],
                // A folder re-exports its own files, with or without `self`.
                _ if !visibility.is_empty() => &module[..],
                _ => continue,
            };
            let path = base.iter().copied().chain([below.trim_end_matches("::self")]).collect::<Vec<_>>().join("::");
            found.push((!visibility.is_empty(), path));
        }
    }
    found
}

/// Everything of ours that a file imports or names, as a path below the crate.
fn imports(file: &str, source: &str) -> Vec<String> {
    let source = without_tests(source);
    let mut found: Vec<_> = uses(file, source).into_iter().map(|(_, path)| path).collect();
    // Paths that are written out where they are used.
    for path in source.split("crate::").skip(1) {
        let path: String = path.chars().take_while(|c| c.is_alphanumeric() || "_:".contains(*c)).collect();
        // What ends in a brace was spelled out above.
        if !path.is_empty() && !path.ends_with("::") {
            found.push(path);
        }
    }
    found
}

#[test]
fn modules_import_only_what_their_layer_may() {
    let mut checked = 0;
    for (file, source) in sources() {
        let Some((layer, allowed)) = EDGES.iter().find(|(layer, _)| file.starts_with(&format!("{layer}/"))) else {
            continue;
        };
        let own = layer.replace('/', "::");
        for import in imports(&file, &source) {
            let within = |module: &str| import == module || import.starts_with(&format!("{module}::"));
            assert!(within(&own) || allowed.iter().any(|module| within(module)), "src/{file} must not import {import}");
            checked += 1;
        }
    }
    assert!(checked > 50, "only {checked} imports were found: the test no longer sees them");
}

#[test]
fn import_reader_reads_nested_and_relative_imports() {
    let source = "use crate::{a::{B, c::D}, e};\nuse super::f::G;\n    use super::super::h;\n  crate::i::J::new()";
    assert_eq!(imports("x/y/z.rs", source), ["a::B", "a::c::D", "e", "x::y::f::G", "x::h", "i::J::new"]);
    assert_eq!(imports("x/y/mod.rs", "use super::f;"), ["x::f"]);
    assert_eq!(
        uses("x/y/mod.rs", "mod z;\npub use self::z::{self, Z};"),
        [(true, "x::y::z".to_owned()), (true, "x::y::z::Z".to_owned())]
    );
}

/// A re-export is no import: an import depends on the file that defines the name.
#[test]
fn no_files_import_each_other_in_a_circle() {
    let sources = sources();
    let module = |file: &str| module_of(file).join("::");
    let is_below = |path: &str, name: &str| path == name || path.starts_with(&format!("{name}::"));
    let files: BTreeMap<String, &str> = sources.iter().map(|(file, _)| (module(file), file.as_str())).collect();
    let uses_of: Vec<_> = sources.iter().map(|(file, source)| (file.as_str(), uses(file, without_tests(source)))).collect();
    let mut re_exports = BTreeMap::new();
    for (file, uses) in &uses_of {
        for (_, path) in uses.iter().filter(|(is_public, _)| *is_public) {
            let name = format!("{}::{}", module(file), path.rsplit("::").next().unwrap());
            // A file and its function can have one name, as in `copy::copy`: the path then begins with the name of the file.
            if !is_below(path, &name) {
                re_exports.insert(name, path);
            }
        }
    }
    let defined_in = |path: &str| {
        let mut path = path.to_owned();
        while let Some((name, to)) = re_exports.iter().find(|(name, _)| is_below(&path, name)) {
            path = format!("{to}{}", &path[name.len()..]);
        }
        loop {
            match files.get(&path) {
                Some(file) => return *file,
                None => path.truncate(path.rfind("::").unwrap_or(0)),
            }
        }
    };
    let mut imports: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (file, uses) in &uses_of {
        let imported = uses.iter().filter(|(is_public, _)| !is_public).map(|(_, path)| defined_in(path));
        imports.entry(file).or_default().extend(imported.filter(|other| other != file));
    }
    // A file is in no circle if it imports none of the others, or none of them imports it.
    let is_free = |imports: &BTreeMap<&str, BTreeSet<&str>>, file: &str| {
        !imports[file].iter().any(|other| imports.contains_key(other)) || !imports.values().any(|of| of.contains(file))
    };
    while let Some(free) = imports.keys().copied().find(|file| is_free(&imports, file)) {
        imports.remove(free);
    }
    assert!(imports.is_empty(), "{imports:#?}");
}

/// So that its tests need no browser.
#[test]
fn model_of_the_list_is_plain_rust() {
    for (file, source) in sources().iter().filter(|(file, _)| file.starts_with("ui/todo_list/model/")) {
        for foreign in ["leptos", "web_sys", "wasm_bindgen", "js_sys"] {
            assert!(!source.contains(foreign), "src/{file} names {foreign}");
        }
    }
}

#[test]
fn domain_knows_neither_web_nor_database() {
    for (file, source) in sources().iter().filter(|(file, _)| file.starts_with("domain/")) {
        for foreign in ["axum", "leptos", "sqlx", "tokio", "web_sys"] {
            assert!(!source.contains(foreign), "src/{file} names {foreign}");
        }
    }
}

#[test]
fn features_are_told_apart_only_in_lib_rs() {
    for (file, source) in sources() {
        let lines = source.lines().filter(|line| line.contains("cfg") && line.contains("feature")).count();
        assert_eq!(lines, if file == "lib.rs" { 2 } else { 0 }, "src/{file}");
    }
}

#[test]
fn sql_stands_in_the_store_and_names_the_owner_of_todos() {
    for (file, source) in sources() {
        assert!(file.starts_with("server/store/") || !source.contains("sqlx"), "src/{file} names sqlx");
    }
    // Tests in server/store/tests.rs look at each statement as it is run; here, none is written in another way.
    let mut checked = 0;
    for (file, source) in sources() {
        for function in source.split("fn ").filter(|_| file != "server/store/tests.rs") {
            if !["from todos", "into todos", "update todos"].iter().any(|sql| function.contains(sql)) {
                continue;
            }
            assert!(file.starts_with("server/store/"), "src/{file} has a statement about todos");
            // The purge of old todos and upkeep cover all users, and a backup everything.
            let purges = function.starts_with("purge_todos(") || file == "server/store/upkeep.rs";
            let backup = file == "server/store/sqlite/backup.rs";
            // Fragments of pages and updates get the session elsewhere.
            let has_session = ["{SESSION}", "{columns}", "update(statement, "].iter().any(|part| function.contains(part));
            let has_owner = function.contains("user_id = $1") || function.contains("select users.id");
            assert!(purges || backup || has_owner && has_session, "src/{file}: {function}");
            checked += 1;
        }
    }
    assert!(checked >= 7, "{checked}");
}

/// The source files with this text in them.
fn files_with(text: &str) -> Vec<String> {
    sources().into_iter().filter(|(_, source)| source.contains(text)).map(|(file, _)| file).collect()
}

/// What is typed or sent has to be parsed. A cursor is only compared.
#[test]
fn only_the_store_and_a_cursor_take_a_value_without_its_rules() {
    assert_eq!(files_with("Email::stored("), ["server/store/columns.rs"]);
    assert_eq!(files_with("TimeZone::stored("), ["server/store/columns.rs"]);
    // The list of the page comes from there.
    let model = ["change", "editor", "list"].map(|file| format!("ui/todo_list/model/{file}.rs"));
    assert_eq!(files_with("TodoTitle::stored("), [&["server/store/columns.rs".to_owned()], &model[..]].concat());
    assert_eq!(files_with("TodoOrder::stored("), ["server/api/paging.rs", "server/store/columns.rs", "server/store/tests.rs"]);
}

#[test]
fn one_place_each_knows_the_cookie_and_the_clock() {
    assert_eq!(files_with("__Host-Http-session"), ["server/gateway/cookie.rs"]);
    assert_eq!(files_with("SystemTime::now"), ["server/clock.rs"]);
    assert_eq!(files_with("leptos_axum::redirect"), ["server/gateway/answer.rs", "server/gateway/local_path.rs"]);
}

#[test]
fn nothing_that_crosses_to_a_browser_has_a_type_for_a_token() {
    for (file, source) in sources() {
        if ["domain/", "contract/", "bff/", "ui/"].iter().any(|layer| file.starts_with(layer)) {
            assert!(!source.contains("AccessToken") && !source.contains("Bearer"), "src/{file}");
        }
    }
}

#[test]
fn user_text_is_never_put_where_it_is_not_escaped() {
    for (file, source) in sources().iter().filter(|(file, _)| file.starts_with("ui/")) {
        // Icons are constants, and `view/html.rs` escapes what stands in a row.
        let source = source.replace("inner_html=icon::", "").replace("inner_html=move || icon::", "");
        let source = source
            .replace("inner_html=rows", "")
            .replace("inner_html=failures", "")
            .replace("inner_html=text", "")
            .replace("inner_html=views", "");
        let source = source.replace("set_inner_html(icon::", "");
        let is_escaped = ["groups", "row", "editor", "list", "session_notice", "texts"]
            .iter()
            .any(|it| *file == format!("ui/todo_list/view/{it}.rs"));
        for raw in ["inner_html", "adjacent_html", "<textarea", "<style", "style="] {
            let is_written = is_escaped && (raw.ends_with("html") || raw == "<textarea");
            assert!(!source.contains(raw) || is_written, "src/{file} has {raw}");
        }
    }
}

#[test]
fn every_dependency_has_a_reason() {
    let read = |file: &str| fs::read_to_string(format!("{}/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let manifest = read("Cargo.toml");
    let mut found = 0;
    for section in ["[dependencies]", "[dev-dependencies]"] {
        let lines = manifest.split(&format!("\n{section}\n")).nth(1).unwrap().split("\n[").next().unwrap();
        // A list of features goes on in further lines, up to its closing bracket.
        let entries = lines.replace("[\n", "[").replace("\",\n", "\",").replace("\n]", "]");
        for entry in entries.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let reason = entry.rsplit_once("# ").map_or("", |(_, reason)| reason);
            assert!(reason.len() > 3, "{section} {entry}");
            found += 1;
        }
    }
    assert!(found > 30, "{found}");
    let reasons = read("end2end/README.md");
    let packages: serde_json::Value = serde_json::from_str(&read("end2end/package.json")).unwrap();
    for package in packages["devDependencies"].as_object().unwrap().keys() {
        assert!(reasons.contains(&format!("| `{package}` | ")), "{package}");
    }
}

#[test]
fn every_file_opens_with_a_sentence_that_says_what_it_is() {
    for (file, source) in sources() {
        assert!(source.starts_with("//! "), "src/{file}");
    }
}
