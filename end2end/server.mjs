// Starts the release binary as a test wants it: nothing of this machine's own settings, an empty database, a new secret.
//
//     node server.mjs 3107        serves until it is told to stop (SIGTERM or SIGINT)
//
// HOLDFAST_BINARY and LEPTOS_SITE_ROOT name another build than the one in target/.

import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
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
 * @param {Record<string, string>} settings more variables of its environment
 */
export async function start(port, settings = {}) {
  const origin = `http://127.0.0.1:${port}`;
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-end2end-'));
  const server = spawn(binary, {
    // Not the checkout: its .env has the settings of whoever works there.
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
    stdio: 'inherit',
  });
  const ended = new Promise((end) => {
    server.once('exit', (code, signal) => end(`it ended with ${code ?? signal}`));
    server.once('error', (error) => end(`${error.message}: 'make build' makes it`));
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

/** Says nothing once the server answers, and what is wrong when it does not. */
async function ready(origin) {
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; ) {
    const answer = await fetch(`${origin}/readyz`).catch(() => undefined);
    if (answer?.ok) return undefined;
    await new Promise((wake) => setTimeout(wake, 50));
  }
  return 'it was not ready within 20 seconds';
}

/**
 * Serves what `open` starts until this program is told to stop.
 * @param {() => Promise<{ stop: () => Promise<void>, ended: Promise<unknown> }>} open
 */
export async function serveUntilTold(open) {
  const told = new Promise((resolve) => ['SIGTERM', 'SIGINT'].forEach((signal) => process.once(signal, resolve)));
  const served = await open();
  await Promise.race([told, served.ended]);
  // Ctrl-C and Playwright tell the server as well; told twice, it would not finish what it does.
  await Promise.race([served.ended, new Promise((wake) => setTimeout(wake, 2_000))]);
  await served.stop();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  // All people of the tests come from one address, which may make twenty accounts.
  await serveUntilTold(() => start(Number(process.argv[2]), { RATE_LIMITS: 'off' }));
}
