//! Parses `.env`: one `NAME=value` per line. Not by a crate: those expand `$name`, so `a$bc.db` would open `a.db`.

use std::{collections::HashMap, fs, io::ErrorKind, path::Path};

/// A missing file is empty. The last assignment of a variable wins, as in a shell.
///
/// # Errors
/// A sentence without text of the file, which may hold the secret.
pub fn read(path: &Path) -> Result<HashMap<String, String>, String> {
    let unreadable = |why: String| format!("{} can't be read: {why}", path.display());
    match fs::symlink_metadata(path) {
        // The working directory may be inaccessible, as after `sudo -u` in another user's home.
        Err(error) if [ErrorKind::NotFound, ErrorKind::PermissionDenied].contains(&error.kind()) => return Ok(HashMap::new()),
        Err(error) => return Err(unreadable(error.to_string())),
        Ok(_) => {}
    }
    let bytes = fs::read(path).map_err(|error| unreadable(error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|_| unreadable("it is not UTF-8".to_owned()))?;
    parse(&text).map_err(|line| unreadable(format!("line {line} is not NAME=value, or its quotes are not closed")))
}

/// Values may be quoted; `\` escapes the next character, except in single quotes. An unquoted value ends at white space. The
/// error is the line number.
fn parse(text: &str) -> Result<HashMap<String, String>, usize> {
    // Some editors write a byte order mark.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut values = HashMap::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        if rest.starts_with('#') {
            rest = rest.split_once('\n').map_or("", |(_, after)| after.trim_start());
            continue;
        }
        let line = || text[..text.len() - rest.len()].matches('\n').count() + 1;
        let (name, after) = rest.split_once('=').ok_or_else(line)?;
        let name = name.trim_end();
        let name = name.strip_prefix("export ").map_or(name, str::trim_start);
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.';
        if name.is_empty() || !name.bytes().all(is_name) {
            return Err(line());
        }
        let (value, after) = parse_value(after).ok_or_else(line)?;
        values.insert(name.to_owned(), value);
        rest = after.trim_start();
    }
    Ok(values)
}

/// Returns the value and the text after its line.
fn parse_value(text: &str) -> Option<(String, &str)> {
    let text = text.trim_start_matches([' ', '\t']);
    let (mut value, mut quote) = (String::new(), None);
    let mut characters = text.char_indices();
    while let Some((at, c)) = characters.next() {
        match (quote, c) {
            (None, ' ' | '\t' | '\r' | '\n') => return after_line_end(&text[at..]).map(|after| (value, after)),
            (None, '#') if at == 0 => return after_line_end(text).map(|after| (value, after)),
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            (None | Some('"'), '\\') => value.push(match characters.next()?.1 {
                'n' => '\n',
                c @ ('\\' | '\'' | '"' | '$' | ' ') => c,
                _ => return None,
            }),
            _ => value.push(c),
        }
    }
    quote.is_none().then_some((value, ""))
}

/// The text after the line, which must be empty or a comment.
fn after_line_end(text: &str) -> Option<&str> {
    let (line, after) = text.split_once('\n').unwrap_or((text, ""));
    let line = line.trim();
    (line.is_empty() || line.starts_with('#')).then_some(after)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn value_is_unquoted_and_not_expanded() {
        for (line, value) in [
            ("A=b", "b"),
            ("A=a$bc.db", "a$bc.db"),
            ("A=\"a$HOME${HOME}\"", "a$HOME${HOME}"),
            ("A='a\\$b \"c\"'", "a\\$b \"c\""),
            ("A=a\\$b\\ c", "a$b c"),
            ("A=\"a \\\"b\\\"\\nc\"", "a \"b\"\nc"),
            ("A=\"two\nlines\" # and a comment", "two\nlines"),
            (" export  A = b # it's a comment", "b"),
            ("A=b#c", "b#c"),
            ("A=x'y z'w\r", "xy zw"),
            ("A=", ""),
            ("A= # nothing", ""),
            ("A=1=2", "1=2"),
            ("\u{feff}# it isn't\n\nA=first\nA=b", "b"),
        ] {
            let text = format!("{line}\nB=next\n");
            let values = parse(&text).unwrap();
            assert_eq!((values["A"].as_str(), values["B"].as_str(), values.len()), (value, "next", 2), "{line:?}");
        }
    }

    #[test]
    fn invalid_line_is_reported_by_its_number() {
        for (text, line) in [
            ("A=b\nhunter2\n", 2),
            ("hunter2\nA=b", 1),
            ("A=b\n\n# c\nB='hunter2\nC=d", 4),
            ("A=\"hunter2", 1),
            ("A=hunter 2", 1),
            ("A=hunter\\2", 1),
            ("A=hunter2\\", 1),
            ("=hunter2", 1),
            ("A B=hunter2", 1),
        ] {
            assert_eq!(parse(text), Err(line), "{text:?}");
        }
    }
}
