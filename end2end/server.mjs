// Starts the release binary for a test: without local settings, with an empty database and a new secret.
//
//     node server.mjs 3107        serves until SIGTERM or SIGINT
//
// HOLDFAST_BINARY and LEPTOS_SITE_ROOT select a build other than the one in target/.

import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { openSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const target = fileURLToPath(new URL('../target', import.meta.url));
const binary = resolve(process.env.HOLDFAST_BINARY ?? join(target, 'release/holdfast'));
const site = resolve(process.env.LEPTOS_SITE_ROOT ?? join(target, 'site'));

/**
 * Starts a server on a loopback port; `stop` ends it and removes its database.
 * @param {number} port
 * @param {Record<string, string>} settings additional environment variables
 * @param {boolean} isQuiet whether its log goes to a file
 */
export async function start(port, settings = {}, isQuiet = false) {
  const origin = `http://127.0.0.1:${port}`;
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-end2end-'));
  const server = spawn(binary, {
    // Not the checkout, whose .env has a developer's settings.
    cwd: folder,
    env: {
      DATABASE_URL: `sqlite://${join(folder, 'test.db')}`,
      JWT_SECRET: randomBytes(32).toString('base64'),
      LEPTOS_SITE_ADDR: `127.0.0.1:${port}`,
      LEPTOS_SITE_ROOT: site,
      PUBLIC_ORIGIN: origin,
      RUST_LOG: process.env.RUST_LOG ?? 'warn',
      ...settings,
    },
    stdio: ['inherit', isQuiet ? openSync(join(folder, 'log'), 'w') : 'inherit', 'inherit'],
  });
  const ended = new Promise((end) => {
    server.once('exit', (code, signal) => end(`it exited with ${code ?? signal}`));
    server.once('error', (error) => end(`${error.message}: 'make build' builds it`));
  });
  const stop = async () => {
    server.kill();
    await ended;
    await rm(folder, { recursive: true });
  };

  const fault = await Promise.race([ready(origin), ended]);
  if (fault) {
    await stop();
    throw new Error(`the server did not start: ${fault}`);
  }
  return { origin, pid: server.pid, stop, ended };
}

/** Resolves to undefined once the server answers, or to the fault. */
async function ready(origin) {
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; ) {
    const answer = await fetch(`${origin}/readyz`).catch(() => undefined);
    if (answer?.ok) return undefined;
    await new Promise((wake) => setTimeout(wake, 5));
  }
  return 'it was not ready within 20 seconds';
}

/**
 * Runs `open` and stops its server on a signal.
 * @param {() => Promise<{ stop: () => Promise<void>, ended: Promise<unknown> }>} open
 */
export async function serveUntilSignal(open) {
  const signalled = new Promise((resolve) => ['SIGTERM', 'SIGINT'].forEach((signal) => process.once(signal, resolve)));
  const served = await open();
  await Promise.race([signalled, served.ended]);
  // Ctrl-C and Playwright signal the server as well; a second signal would abort its requests.
  await Promise.race([served.ended, new Promise((wake) => setTimeout(wake, 2_000))]);
  await served.stop();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  // All test users share one address, which may create only twenty accounts.
  await serveUntilSignal(() => start(Number(process.argv[2]), { RATE_LIMITS: 'off' }));
}
