//! The examples of the documentation: run to the letter.

use std::{fs, process::Command};

use crate::support::{ANN, PASSWORD, Program};

/// The program on a port of its own, where the documentation has it on the usual one.
struct Server(Program);

impl Server {
    /// Runs a script in bash; any command that fails ends it.
    fn run(&self, script: &str) -> String {
        let origin = format!("http://{}", self.0.address);
        let script = format!("set -euo pipefail\n{}", script.replace("http://127.0.0.1:3000", &origin));
        let output = Command::new("bash").arg("-c").arg(&script).current_dir(self.0.folder.path()).output().unwrap();
        let said = |bytes| String::from_utf8_lossy(bytes).replace(&origin, "http://127.0.0.1:3000");
        assert!(output.status.success(), "{script}\n{}\n{}", said(&output.stdout), said(&output.stderr));
        said(&output.stdout)
    }

    fn sign_up(&self) {
        let fields = format!("--data-urlencode email={ANN} --data-urlencode 'password={PASSWORD}'");
        self.run(&format!("curl -sf -o /dev/null http://127.0.0.1:3000/bff/sign_up -H 'Origin: http://127.0.0.1:3000' {fields}"));
    }
}

/// The code blocks of a language, of the files of documentation, that call the API; with what they are said to print, which is the
/// block after it if it is of another language.
fn examples(file: &str) -> Vec<(String, Option<String>)> {
    let text = fs::read_to_string(format!("{}/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let mut blocks: Vec<(String, String)> = Vec::new();
    let mut open = None;
    for line in text.lines() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(language), None) => open = Some((language.to_owned(), String::new())),
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (None, Some((_, block))) => block.extend([line, "\n"]),
            (None, None) => {}
        }
    }
    let is_example = |(language, block): &(String, String)| language == "sh" && block.contains("curl");
    let printed = |at: usize| blocks.get(at + 1).filter(|(language, _)| language == "text").map(|(_, block)| block.clone());
    blocks
        .iter()
        .enumerate()
        .filter(|(_, block)| is_example(block))
        .map(|(at, (_, block))| (block.clone(), printed(at)))
        .collect()
}

/// Whether the text is what the pattern says, where `…` stands for anything.
fn fits(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.trim().split('…');
    let text = text.trim().replace('\r', "");
    let Some(mut rest) = text.strip_prefix(parts.next().unwrap()) else { return false };
    let parts: Vec<_> = parts.collect();
    for (at, part) in parts.iter().enumerate() {
        let last = at + 1 == parts.len();
        let found = if last { rest.ends_with(part).then(|| rest.len() - part.len()) } else { rest.find(part) };
        let Some(found) = found else { return false };
        rest = &rest[found + part.len()..];
    }
    !parts.is_empty() || rest.is_empty()
}

#[test]
fn examples_of_the_documentation_run_and_print_what_they_say() {
    for (file, least) in [("docs/todos-api.md", 8), ("README.md", 1)] {
        let server = Server(Program::start(&[]));
        server.sign_up();
        let examples = examples(file);
        assert!(examples.len() >= least, "only {} examples were found in {file}", examples.len());
        // One shell for all of them, as a reader would have it.
        let script: Vec<_> = examples
            .iter()
            .map(|(block, _)| {
                format!(
                    "{block}
echo '=== end of block ==='"
                )
            })
            .collect();
        let output = server.run(&script.join("\n"));
        for ((block, printed), output) in examples.iter().zip(output.split("=== end of block ===\n")) {
            if let Some(printed) = printed {
                assert!(fits(printed, output), "{file}:\n{block}\nsays\n{printed}\nand prints\n{output}");
            }
        }
    }
}

#[test]
fn pattern_tells_what_fits() {
    for (pattern, text, fit) in [
        ("a…c", "abc", true),
        ("a…c", "ac", true),
        ("a…c", "abd", false),
        ("abc", "abc", true),
        ("abc", "abcd", false),
        ("a…", "abc", true),
        ("a…b…c", "a1b2c", true),
        ("a…b…c", "a1c", false),
    ] {
        assert_eq!(fits(pattern, text), fit, "{pattern} {text}");
    }
}
