// Makes Rust's panics in a WASM file plain traps: `trap-panics.mjs FILE`, called by `rustc-wasm-lto`.
//
// The page needs no message (`components::IslandGuard` reports any trap), and composing it takes 5 KB of formatting code, which
// wasm-opt then removes. Rust has this as `panic = "immediate-abort"`, which is not stable. `wasm-streams` is part of Leptos'
// server functions, which the island does not call; its exports and their promises would keep 3 KB. The places in the source code
// that the messages would name become blanks, which compress to nothing.

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
// Control flow that is built anew from a flat form is smaller. (Not `module.optimize()`, with which wasm-bindgen makes a file that traps.)
binaryen.setOptimizeLevel(2);
binaryen.setShrinkLevel(2);
module.runPasses(['inlining-optimizing', 'flatten', 'rereloop', 'remove-unused-brs', 'merge-blocks', 'simplify-locals', 'coalesce-locals', 'code-folding', 'vacuum', 'reorder-locals']);
writeFileSync(file, withoutPlaces(Buffer.from(module.emitBinary())));

/** Without the `core::panic::Location`s: pointer and length of a file name, line and column, of 4 bytes each. */
function withoutPlaces(bytes) {
  const segments = dataSegments(bytes);
  const offsetOf = (address, length) => {
    const segment = segments.find(({ start, end }) => start <= address && address + length <= end);
    return segment && segment.offset + address - segment.start;
  };
  const places = [];
  for (const { offset, start, end } of segments) {
    for (let address = (start + 3) & ~3; address + 16 <= end; address += 4) {
      const place = offset + address - start;
      const [pointer, length, line, column] = [0, 4, 8, 12].map((member) => bytes.readUInt32LE(place + member));
      const name = line > 0 && column > 0 && length < 250 ? offsetOf(pointer, length) : undefined;
      if (name === undefined || !/^[-\w/.]+\.rs$/.test(bytes.toString('latin1', name, name + length))) continue;
      places.push([place, place + 16], [name, name + length]);
    }
  }
  if (places.length < 100) throw new Error(`only ${places.length / 2} places were found in ${file}: Rust may have another form for them`);
  // Not zeros, at which wasm-opt would split the data.
  for (const [from, to] of places) bytes.fill(' ', from, to);
  return bytes;
}

/** The addresses of the active data segments, and their offsets in the file (WebAssembly, sections 5.5.14 and 5.2.2). */
function dataSegments(bytes) {
  const segments = [];
  let at = 8;
  const number = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const [id, size] = [bytes[at++], number()];
    const next = at + size;
    if (id === 11) {
      for (let left = number(); left > 0; left -= 1) {
        // `i32.const address end`, as wasm-ld writes it.
        if (bytes[at++] !== 0 || bytes[at++] !== 0x41) throw new Error('a data segment is not active');
        const start = number();
        at += 1;
        const length = number();
        segments.push({ start, end: start + length, offset: at });
        at += length;
      }
    }
    at = next;
  }
  return segments;
}
