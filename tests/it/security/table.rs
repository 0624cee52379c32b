//! The tests that docs/security.md names for each promise exist.

use std::{fs, path::Path};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The concatenated files of a folder.
fn read_tree(folder: &Path) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            text += &read_tree(&path);
        } else {
            text += &fs::read_to_string(&path).unwrap_or_default();
        }
    }
    text
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
    assert_eq!(ids, (1..=82).map(|n| format!("A-{n:02}")).collect::<Vec<_>>());
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

/// A script covers A-69, and nothing covers A-71.
#[test]
fn every_id_is_part_of_a_test_name() {
    for row in rows().iter().filter(|row| !["A-69", "A-71"].contains(&row[0].as_str())) {
        let (function, title) = (format!("a_{}_", &row[0][2..]), &row[0]);
        assert!(row[2].contains(&function) || row[2].contains(title), "no test has {title} in its name");
    }
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

#[test]
fn every_id_in_a_test_name_has_a_row_with_that_test() {
    let sources = read_tree(&Path::new(ROOT).join("tests"));
    let rows = rows();
    let tests = sources.split("fn a_").skip(1).map(|rest| format!("a_{}", rest.split('(').next().unwrap()));
    for test in tests {
        let mut words = test.split('_').peekable();
        while words.next_if_eq(&"a").is_some() {
            let Some(number) = words.next_if(|word| word.len() == 2 && word.parse::<u8>().is_ok()) else { break };
            let row = rows.iter().find(|row| row[0] == format!("A-{number}")).unwrap();
            assert!(row[2].contains(&format!("`{test}`")), "{} does not name {test}", row[0]);
        }
    }
}
