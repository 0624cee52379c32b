//! The examples in the documentation run as printed.

use std::{fs, process::Command};

use crate::support::{ANN, PASSWORD, Program};

/// Runs the examples against a fresh server.
struct Reader(Program);

impl Reader {
    /// Fails if any command of the script fails.
    fn run(&self, script: &str) -> String {
        let script = format!("set -euo pipefail\n{}", script.replace("http://127.0.0.1:3000", &self.0.origin()));
        let output = Command::new("bash").arg("-c").arg(&script).current_dir(self.0.folder.path()).output().unwrap();
        let text = |bytes| String::from_utf8_lossy(bytes).replace(&self.0.origin(), "http://127.0.0.1:3000");
        assert!(output.status.success(), "{script}\n{}\n{}", text(&output.stdout), text(&output.stderr));
        text(&output.stdout)
    }

    fn sign_up(&self) {
        let fields = format!("--data-urlencode email={ANN} --data-urlencode 'password={PASSWORD}'");
        self.run(&format!("curl -sf -o /dev/null http://127.0.0.1:3000/bff/sign_up -H 'Origin: http://127.0.0.1:3000' {fields}"));
    }
}

/// The shell blocks that call the API, each with the `text` block after it: the documented output.
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

/// Compares text with a pattern in which `…` matches anything.
fn matches(pattern: &str, text: &str) -> bool {
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
fn documentation_examples_print_the_documented_output() {
    for (file, least) in [("docs/todos-api.md", 8), ("README.md", 1)] {
        let reader = Reader(Program::start(&[]));
        reader.sign_up();
        let examples = examples(file);
        assert!(examples.len() >= least, "only {} examples were found in {file}", examples.len());
        // All blocks share one shell, because later ones use variables of earlier ones.
        let script: Vec<_> = examples.iter().map(|(block, _)| format!("{block}\necho '=== end of block ==='")).collect();
        let output = reader.run(&script.join("\n"));
        for ((block, printed), output) in examples.iter().zip(output.split("=== end of block ===\n")) {
            if let Some(printed) = printed {
                assert!(matches(printed, output), "{file}:\n{block}\nsays\n{printed}\nand prints\n{output}");
            }
        }
    }
}

/// Each gets a token and lists the todos with its language's standard HTTP client.
const PROGRAMS: [(&str, &str); 4] = [
    (
        "node",
        r#"node -e "
        const json = { method: 'POST', headers: { 'content-type': 'application/json' }, body: process.argv[2] };
        fetch(process.argv[1] + '/token', json)
            .then(answer => answer.json())
            .then(token => fetch(process.argv[1] + '/todos', { headers: { authorization: 'Bearer ' + token.access_token } }))
            .then(answer => answer.text())
            .then(todos => console.log(todos))
        " "$api" "$account""#,
    ),
    (
        "python3",
        r#"python3 -c "
import json, sys, urllib.request as http
api, account = sys.argv[1:]
ask = lambda path, headers, body=None: http.urlopen(http.Request(api + path, body, headers)).read().decode()
token = json.loads(ask('/token', {'content-type': 'application/json'}, account.encode()))['access_token']
print(ask('/todos', {'authorization': 'Bearer ' + token}))
        " "$api" "$account""#,
    ),
    (
        "perl",
        r#"perl -MHTTP::Tiny -MJSON::PP -e '
        my ($http, $api, $account) = (HTTP::Tiny->new, @ARGV);
        my $json = { headers => { "content-type" => "application/json" }, content => $account };
        my $token = decode_json($http->post("$api/token", $json)->{content})->{access_token};
        print $http->get("$api/todos", { headers => { authorization => "Bearer $token" } })->{content}, "\n"
        ' "$api" "$account""#,
    ),
    (
        "wget",
        r#"token=$(wget -qO- --header 'content-type: application/json' --post-data "$account" "$api/token" |
            sed 's/.*"access_token":"\([^"]*\)".*/\1/')
        wget -qO- --header "authorization: Bearer $token" "$api/todos"; echo"#,
    ),
];

#[test]
fn clients_in_four_languages_get_a_token() {
    let reader = Reader(Program::start(&[]));
    reader.sign_up();
    let account = format!(r#"{{"email":"{ANN}","password":"{PASSWORD}"}}"#);
    for (name, script) in PROGRAMS {
        if Command::new(name).arg("--version").output().is_err() {
            eprintln!("NOT DONE: there is no {name} here");
            continue;
        }
        let text = reader.run(&format!("api=http://127.0.0.1:3000/api/v1 account='{account}'\n{script}"));
        assert_eq!(text, "[]\n", "{name}");
    }
}

#[test]
fn ellipsis_matches_any_text() {
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
        assert_eq!(matches(pattern, text), fit, "{pattern} {text}");
    }
}
