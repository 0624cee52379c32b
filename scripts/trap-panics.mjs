// Makes Rust's panics in a WASM file plain traps: `trap-panics.mjs FILE`, called by `rustc-wasm-lto`.
//
// The page needs no message (`components::IslandGuard` reports any trap), and composing it takes 5 KB of formatting code, which
// wasm-opt then removes. Rust has this as `panic = "immediate-abort"`, which is not stable. `wasm-streams` is part of Leptos'
// server functions, which the island does not call; its exports and their promises would keep 3 KB.

import { readFileSync, writeFileSync } from 'node:fs';
import binaryen from '../end2end/node_modules/binaryen/index.js';

/** Mangled names. `Debug` is only for messages of panics. */
const UNUSED = [
  /core.{0,8}9panicking/,
  /3std9panicking/,
  /handle_alloc_error|capacity_overflow|expect_failed|unwrap_failed|slice_error_fail|slice_index_fail|rust_panic|throw_str/,
  /Debug\$GT\$3fmt|5Debug3fmt|escape_debug/,
  /^intounderlying(byte)?(source|sink)_|js_sys7futures17future_to_promise/,
];

const [file] = process.argv.slice(2);
const module = binaryen.readBinary(readFileSync(file));
// Keeps the names: wasm-bindgen finds its functions by them.
binaryen.setDebugInfo(true);
let found = 0;
for (let index = 0; index < module.getNumFunctions(); index += 1) {
  const pointer = module.getFunctionByIndex(index);
  const { name, module: imported } = binaryen.getFunctionInfo(pointer);
  if (imported || !UNUSED.some((pattern) => pattern.test(name))) continue;
  binaryen.Function.setBody(pointer, module.unreachable());
  found += 1;
}
if (found < 20) throw new Error(`only ${found} functions of panics were found in ${file}: Rust may have renamed them`);
writeFileSync(file, module.emitBinary());
