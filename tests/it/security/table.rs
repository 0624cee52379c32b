//! The tests that docs/security.md names for each promise exist.

use std::{fs, path::Path};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The names and texts of all files below the folder.
fn files(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if let Ok(text) = fs::read_to_string(&path) {
            found.push((path.file_name().unwrap().to_string_lossy().into_owned(), text));
        }
    }
    found
}

fn read_tree(folder: &Path) -> String {
    files(folder).into_iter().map(|(_, text)| text).collect()
}

/// The ids above each test, and the test as the table names it: a Rust function, or a browser test as `file: title`.
fn tests_with_ids() -> Vec<(Vec<String>, String)> {
    let mut found = Vec::new();
    for (folder, comment, start) in [("tests", "/// A-", "fn "), ("src", "/// A-", "fn "), ("end2end/tests", "// A-", "test(")] {
        for (file, text) in files(&Path::new(ROOT).join(folder)) {
            let lines: Vec<_> = text.lines().map(str::trim).collect();
            for (at, ids) in lines.iter().enumerate().filter(|(_, line)| line.starts_with(comment)) {
                let test = lines[at..].iter().find_map(|line| Some(line.split_once(start)?.1)).unwrap();
                let test = match test.strip_prefix(['\'', '`']) {
                    // Up to the end of the title, or to what a template puts into it.
                    Some(title) => {
                        let end = ["',", "`,", "${"].iter().filter_map(|end| title.find(end)).min().unwrap();
                        format!("{file}: {}", &title[..end])
                    }
                    None => test.split('(').next().unwrap().to_owned(),
                };
                found.push((ids.trim_start_matches('/').split(", ").map(|id| id.trim().to_owned()).collect(), test));
            }
        }
    }
    assert!(found.len() > 100, "{}", found.len());
    found
}

fn rows() -> Vec<Vec<String>> {
    let table = fs::read_to_string(format!("{ROOT}/docs/security.md")).unwrap();
    let rows = table.lines().filter(|line| line.starts_with("| A-"));
    rows.map(|row| row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()).collect()
}

#[test]
fn every_promise_has_a_row_with_a_test_or_a_reason() {
    let rows = rows();
    let mut ids: Vec<_> = rows.iter().map(|row| row[0].clone()).collect();
    ids.sort();
    assert_eq!(ids, (1..=82).chain([85]).map(|n| format!("A-{n:02}")).collect::<Vec<_>>());
    for row in &rows {
        assert!(row.len() == 4 && !row[1].is_empty() && (row[2].contains('`') || !row[3].is_empty()), "{row:?}");
    }
}

#[test]
fn every_test_named_in_the_table_exists() {
    let sources = read_tree(&Path::new(ROOT).join("tests")) + &read_tree(&Path::new(ROOT).join("src"));
    let scripts = read_tree(&Path::new(ROOT).join("end2end/tests"));
    let mut named = 0;
    for row in rows() {
        for name in row[2].split('`').skip(1).step_by(2) {
            // A name is a Rust function, a script, or a browser test as `file: title`.
            let exists = match name.split_once(": ") {
                Some((file, title)) => Path::new(ROOT).join("end2end/tests").join(file).exists() && scripts.contains(title),
                None if name.contains(['/', '.', ' ']) => Path::new(ROOT).join(name.split(' ').next().unwrap()).exists(),
                None => sources.contains(&format!("fn {name}(")),
            };
            assert!(exists, "{}: there is no test {name}", row[0]);
            named += 1;
        }
    }
    assert!(named > 100, "{named}");
}

#[test]
fn every_log_event_is_documented() {
    let events = fs::read_to_string(format!("{ROOT}/src/server/observability/audit.rs")).unwrap();
    let mut events: Vec<_> = events.split("=> \"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    let text = fs::read_to_string(format!("{ROOT}/docs/security.md")).unwrap();
    let table = text.split("| event | when |").nth(1).unwrap();
    let rows = table.lines().skip(2).take_while(|line| line.starts_with("| `"));
    let mut explained: Vec<_> = rows.flat_map(|row| row.split('|').nth(1).unwrap().split('`').skip(1).step_by(2)).collect();
    events.sort_unstable();
    explained.sort_unstable();
    assert_eq!(events, explained);
}

/// A script covers A-69, and nothing covers A-71.
#[test]
fn every_promise_has_a_test_with_its_id_and_every_id_a_row_with_its_test() {
    let (rows, tests) = (rows(), tests_with_ids());
    for row in rows.iter().filter(|row| !["A-69", "A-71"].contains(&row[0].as_str())) {
        assert!(tests.iter().any(|(ids, _)| ids.contains(&row[0])), "no test has the id {}", row[0]);
    }
    // The table has the beginning of a browser test's title.
    let names =
        |name: &str, test: &str| test == name || name.contains(": ") && (test.starts_with(name) || name.starts_with(test));
    let is_named = |id: &str, test: &str| {
        let row = rows.iter().find(|row| row[0] == id).unwrap_or_else(|| panic!("{test}: there is no promise {id}"));
        row[2].split('`').skip(1).step_by(2).any(|name| names(name, test))
    };
    let pairs = tests.iter().flat_map(|(ids, test)| ids.iter().map(move |id| (id, test))).filter(|(id, _)| id.starts_with("A-"));
    let unnamed: Vec<_> = pairs.filter(|(id, test)| !is_named(id, test)).collect();
    assert!(unnamed.is_empty(), "{unnamed:#?}");
}
