//! The script that starts the island.

use leptos::{nonce::use_nonce, prelude::*};
use leptos_meta::Link;

use crate::ui::page_context::{Assets, PageContext};

/// Loads and compiles the WASM while the browser still reads the page, and hydrates as soon as the page is complete. Leptos' own
/// script waits until the browser is idle.
#[component]
pub fn IslandScript() -> impl IntoView {
    let Assets { script, wasm, .. } = PageContext::current().assets;
    // The guard (`IslandGuard`) then restores modified nodes; `reportError` tells it of a trap.
    let start = [
        "import start, * as app from '",
        &script,
        "';await start({module_or_path:'",
        &wasm,
        "'});if(document.readyState==='loading')await new Promise((ready)=>addEventListener('DOMContentLoaded',ready));try{\
         dispatchEvent(new Event('beforehydration'));app.hydrate()}catch(error){reportError(error)}",
    ];
    view! {
        <Link rel="modulepreload" href=script.clone() />
        <Link rel="preload" href=wasm.clone() as_="fetch" type_="application/wasm" crossorigin="anonymous" />
        <script type="module" r#async=true nonce=use_nonce()>{start.concat()}</script>
    }
}
