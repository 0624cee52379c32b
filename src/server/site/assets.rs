//! The names of the files that cargo-leptos has built, for the pages.

use std::{env, fs, path::PathBuf};

use leptos::prelude::LeptosOptions;

use crate::ui::page_context::Assets;

/// cargo-leptos writes `hash.txt` beside the binary if file names are hashed.
pub fn hash_file() -> Option<PathBuf> {
    Some(env::current_exe().ok()?.parent()?.join("hash.txt")).filter(|file| file.exists())
}

pub fn read(options: &LeptosOptions) -> Assets {
    let hashes = hash_file().and_then(|file| fs::read_to_string(file).ok()).unwrap_or_default();
    let (folder, name) = (&options.site_pkg_dir, &options.output_name);
    let path = |kind: &str, unhashed: &str| {
        let hash = hashes.lines().find_map(|line| line.strip_prefix(kind)?.strip_prefix(':'));
        let hash = hash.map_or_else(|| unhashed.to_owned(), |hash| format!(".{}", hash.trim()));
        format!("/{folder}/{name}{hash}.{kind}")
    };
    Assets { style: path("css", ""), script: path("js", ""), wasm: path("wasm", "_bg") }
}

/// `cargo leptos watch` renames files while the server runs.
pub fn latest(assets: &Assets, options: &LeptosOptions) -> Assets {
    if env::var_os("LEPTOS_WATCH").is_some() { read(options) } else { assets.clone() }
}
