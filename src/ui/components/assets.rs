//! The hashed files of the site, and the script that starts the island.

use std::{env, fs, sync::LazyLock};

use leptos::{nonce::use_nonce, prelude::*};
use leptos_meta::Link;

#[derive(Clone)]
struct Assets {
    style: String,
    script: String,
    wasm: String,
}

impl Assets {
    /// Leptos' own components read the names for each page.
    fn of(options: LeptosOptions) -> Self {
        let LeptosOptions { site_pkg_dir: folder, output_name: name, hash_files, .. } = options;
        static HASHES: LazyLock<String> = LazyLock::new(hashes);
        // `cargo leptos watch` renames files while the server runs.
        let latest = env::var_os("LEPTOS_WATCH").map(|_| hashes());
        let hashes = latest.as_ref().unwrap_or(&HASHES);
        let file = |kind: &str, unhashed: &str| {
            let hash = hashes.lines().filter(|_| hash_files).find_map(|line| line.strip_prefix(kind)?.strip_prefix(": "));
            let hash = hash.map_or_else(|| unhashed.to_owned(), |hash| format!(".{hash}"));
            format!("/{folder}/{name}{hash}.{kind}")
        };
        Self { style: file("css", ""), script: file("js", ""), wasm: file("wasm", "_bg") }
    }
}

/// `cargo leptos` writes the file beside the binary.
fn hashes() -> String {
    let path = env::current_exe().ok().and_then(|program| Some(program.parent()?.join("hash.txt")));
    path.and_then(|path| fs::read_to_string(path).ok()).unwrap_or_default()
}

#[component]
pub fn Style(options: LeptosOptions) -> impl IntoView {
    view! { <link id="leptos" rel="stylesheet" href=Assets::of(options).style /> }
}

/// Loads and compiles the WASM while the browser still reads the page, and hydrates as soon as the page is complete. Leptos' own
/// script waits until the browser is idle.
#[component]
pub fn IslandScript(options: LeptosOptions) -> impl IntoView {
    let Assets { script, wasm, .. } = Assets::of(options);
    // `reportError` tells the guard of a trap before any effect runs.
    let start = [
        "import start, * as app from '",
        &script,
        "';await start({module_or_path:'",
        &wasm,
        "'});if(document.readyState==='loading')await new Promise((ready)=>addEventListener('DOMContentLoaded',ready));try{\
         app.hydrate();for(const island of document.querySelectorAll('leptos-island'))app[island.dataset.component](island)\
         }catch(error){reportError(error)}",
    ];
    view! {
        <Link rel="modulepreload" href=script.clone() />
        <Link rel="preload" href=wasm.clone() as_="fetch" type_="application/wasm" crossorigin="anonymous" />
        <script type="module" r#async=true nonce=use_nonce()>{start.concat()}</script>
    }
}
