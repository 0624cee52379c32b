// Lets schemathesis try the whole REST API by its own OpenAPI document, with all of its checks: no 5xx, no status, header or
// body that the document does not have, no bad input accepted, no good input refused, no operation without a token that needs
// one, no todo shown to somebody else. Then makes sure that this tested something.
//
//     node fuzz-api.mjs [seed] [examples]       another seed or more examples per operation than `make fuzz` takes

import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { start } from './server.mjs';

const [seed = '1', examples = '100'] = process.argv.slice(2);
const program = fileURLToPath(new URL('../.tools/schemathesis/bin/schemathesis', import.meta.url));
const config = fileURLToPath(new URL('schemathesis.toml', import.meta.url));
const hooks = fileURLToPath(new URL('schemathesis-hooks.py', import.meta.url));

// What these do when they succeed would end the token: see schemathesis.toml.
const NEVER_SUCCEED = ['POST /me/password', 'DELETE /me'];
// It ends the token that everything is asked with, and all that follows would test nothing. tests/it has each of its answers.
const ENDS_THE_TOKEN = 'DELETE /token';
const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

const faults = [];
// Whatever schemathesis writes goes here, and is removed.
const folder = await mkdtemp(join(tmpdir(), 'holdfast-fuzz-'));
let server;
try {
  // With its limits, most answers would soon be 429.
  server = await start(3110, { RATE_LIMITS: 'off' });
  const api = `${server.origin}/api/v1`;
  const tokens = { ann: await signUp('fuzz-ann@example.org', randomUUID()), bob: await signUp('fuzz-bob@example.org', randomUUID()) };
  // The account in the document's example of how to get a token, which is good therefore.
  await signUp('ann@example.org', 'correct horse battery staple');
  const document = await (await fetch(`${api}/openapi.json`)).text();

  const users = Object.entries(tokens).map(([name, token]) => ({ name, fixedHeaders: [{ name: 'Authorization', value: `Bearer ${token}` }] }));
  await writeFile(join(folder, 'users.json'), JSON.stringify({ auth: users }), { mode: 0o600 });
  // By its address, schemathesis would not test the operation that serves it.
  await writeFile(join(folder, 'openapi.json'), document);
  const status = await schemathesis(api);
  if (status !== 0) faults.push(`schemathesis ended with ${status}; what it found is above.`);

  const report = JSON.parse(await readFile(join(folder, 'report.json'), 'utf8'));
  verify(report, operationsOf(JSON.parse(document)).filter((name) => name !== ENDS_THE_TOKEN));
  for (const [name, token] of Object.entries(tokens)) {
    const answer = await fetch(`${api}/me`, { headers: { authorization: `Bearer ${token}` } });
    if (answer.status !== 200) faults.push(`The token of ${name} ended during the run (${answer.status}), so part of it tested nothing.`);
  }
  if (faults.length === 0) {
    console.log(`fuzz: ${report.test_cases.generated} test cases for ${report.operations.tested} operations, nothing found`);
  }
} catch (error) {
  faults.push(`${error.message}.`);
} finally {
  await server?.stop();
  await rm(folder, { recursive: true });
}
for (const fault of faults) console.error(`fuzz: ${fault}`);
process.exitCode = faults.length > 0 ? 1 : 0;

/** Makes an account and gives a token for it. */
async function signUp(email, password) {
  const headers = { accept: 'text/html', origin: server.origin };
  const account = await fetch(`${server.origin}/bff/sign_up`, { method: 'POST', redirect: 'manual', headers, body: new URLSearchParams({ email, password }) });
  if (!account.headers.has('set-cookie')) throw new Error(`sign-up answered ${account.status} ${account.headers.get('location') ?? ''}`);
  // Not by fetch, which is taken for a browser (Sec-Fetch-Mode).
  const token = request(`${server.origin}/api/v1/token`, { method: 'POST', headers: { 'content-type': 'application/json' } });
  token.end(JSON.stringify({ email, password }));
  const [answer] = await once(token, 'response');
  const body = Buffer.concat(await answer.toArray()).toString();
  if (answer.statusCode !== 200) throw new Error(`/token answered ${answer.statusCode} ${body}`);
  return JSON.parse(body).access_token;
}

/** Runs it, and gives its exit status. */
async function schemathesis(api) {
  const options = [
    ...['--url', api, '--checks', 'all', '--phases', 'examples,coverage,fuzzing,stateful', '--exclude-name', ENDS_THE_TOKEN],
    ...['--max-examples', examples, '--seed', seed, '--generation-database', 'none', '--continue-on-failure'],
    ...['--report', 'json', '--report-json-path', 'report.json'],
  ];
  // It would use a proxy for the loopback too, and Python would leave its compiled hooks in the checkout.
  const env = { ...process.env, SCHEMATHESIS_HOOKS: hooks, NO_PROXY: '127.0.0.1', no_proxy: '127.0.0.1', PYTHONDONTWRITEBYTECODE: '1' };
  const run = spawn(program, ['--config-file', config, 'run', 'openapi.json', ...options], { cwd: folder, env, stdio: 'inherit' });
  return new Promise((end, reject) => {
    run.once('exit', (code, signal) => end(code ?? signal));
    run.once('error', (error) => reject(new Error(`${error.message}: 'make setup-test' installs it`)));
  });
}

/** The names that the report has for all operations of the document. */
function operationsOf({ paths }) {
  const names = Object.entries(paths).map(([path, item]) => METHODS.filter((method) => item[method]).map((method) => `${method.toUpperCase()} ${path}`));
  return names.flat();
}

/** That every operation was tested, in every phase, and has answered with success at least once. */
function verify({ operations, phases, valid_rates: rates }, names) {
  if (operations?.tested !== names.length) faults.push(`It tested ${operations?.tested} of ${names.length} operations.`);
  for (const [phase, { status, skip_reason: reason }] of Object.entries(phases ?? {})) {
    if (status === 'skip') faults.push(`It skipped the phase ${phase}: ${reason}.`);
  }
  for (const name of names.filter((name) => !NEVER_SUCCEED.includes(name))) {
    const accepted = Object.values(rates[name] ?? {}).reduce((sum, rate) => sum + rate.accepted, 0);
    if (accepted === 0) faults.push(`${name} never succeeded.`);
  }
}
