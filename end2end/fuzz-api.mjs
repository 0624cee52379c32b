// Fuzzes the REST API with schemathesis by its OpenAPI document, with all checks: no 5xx, no undocumented status, header or body,
// no invalid input accepted, no valid input refused, no missing authentication, no todo of another user. Then verifies coverage.
//
//     node fuzz-api.mjs [seed] [examples]       another seed or number of examples per operation than in `make fuzz`

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

// They need the password: see schemathesis.toml.
const NEVER_SUCCEED = [
  ...['POST /me/email', 'POST /me/password', 'DELETE /me'],
  // Other operations delete the todo with the tag. tests/it covers its responses.
  'PUT /tags/{name}',
];
// It would revoke the token of the run, so that the rest tests nothing. tests/it covers its responses.
const REVOKES_THE_TOKEN = 'DELETE /token';
const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

const faults = [];
// For the files of schemathesis.
const folder = await mkdtemp(join(tmpdir(), 'holdfast-fuzz-'));
let server;
try {
  // With rate limits most responses would soon be 429.
  server = await start(3110, { RATE_LIMITS: 'off' });
  const api = `${server.origin}/api/v1`;
  const tokens = { ann: await signUp('fuzz-ann@example.org', randomUUID()), bob: await signUp('fuzz-bob@example.org', randomUUID()) };
  // The account of the document's token example, so that the example succeeds.
  await signUp('ann@example.org', 'correct horse battery staple');
  const document = await (await fetch(`${api}/openapi.json`)).text();

  const users = Object.entries(tokens).map(([name, token]) => ({ name, fixedHeaders: [{ name: 'Authorization', value: `Bearer ${token}` }] }));
  await writeFile(join(folder, 'users.json'), JSON.stringify({ auth: users }), { mode: 0o600 });
  // From a URL, schemathesis would not test the operation that serves the document.
  await writeFile(join(folder, 'openapi.json'), document);
  const status = await schemathesis(api);
  if (status !== 0) faults.push(`schemathesis exited with ${status}; see its findings above.`);

  const report = JSON.parse(await readFile(join(folder, 'report.json'), 'utf8'));
  verify(report, operationsOf(JSON.parse(document)).filter((name) => name !== REVOKES_THE_TOKEN));
  for (const [name, token] of Object.entries(tokens)) {
    const answer = await fetch(`${api}/me`, { headers: { authorization: `Bearer ${token}` } });
    if (answer.status !== 200) faults.push(`The token of ${name} was revoked during the run (${answer.status}), so part of it tested nothing.`);
  }
  if (faults.length === 0) {
    console.log(`fuzz: ${report.test_cases.generated} test cases for ${report.operations.tested} operations, no findings`);
  }
} catch (error) {
  faults.push(`${error.message}.`);
} finally {
  await server?.stop();
  await rm(folder, { recursive: true });
}
for (const fault of faults) console.error(`fuzz: ${fault}`);
process.exitCode = faults.length > 0 ? 1 : 0;

/** Creates an account and returns a token for it. */
async function signUp(email, password) {
  const headers = { accept: 'text/html', origin: server.origin };
  const account = await fetch(`${server.origin}/bff/sign_up`, { method: 'POST', redirect: 'manual', headers, body: new URLSearchParams({ email, password }) });
  if (!account.headers.has('set-cookie')) throw new Error(`sign-up answered ${account.status} ${account.headers.get('location') ?? ''}`);
  // Not with fetch, which the server takes for a browser (Sec-Fetch-Mode).
  const token = request(`${server.origin}/api/v1/token`, { method: 'POST', headers: { 'content-type': 'application/json' } });
  token.end(JSON.stringify({ email, password }));
  const [answer] = await once(token, 'response');
  const body = Buffer.concat(await answer.toArray()).toString();
  if (answer.statusCode !== 200) throw new Error(`/token answered ${answer.statusCode} ${body}`);
  return JSON.parse(body).access_token;
}

/** Runs it and returns its exit status. */
async function schemathesis(api) {
  const options = [
    ...['--url', api, '--checks', 'all', '--phases', 'examples,coverage,fuzzing,stateful', '--exclude-name', REVOKES_THE_TOKEN],
    ...['--max-examples', examples, '--seed', seed, '--generation-database', 'none', '--continue-on-failure'],
    ...['--report', 'json', '--report-json-path', 'report.json'],
  ];
  // Bypasses proxies for loopback, and keeps compiled hooks out of the checkout.
  const env = { ...process.env, SCHEMATHESIS_HOOKS: hooks, NO_PROXY: '127.0.0.1', no_proxy: '127.0.0.1', PYTHONDONTWRITEBYTECODE: '1' };
  const run = spawn(program, ['--config-file', config, 'run', 'openapi.json', ...options], { cwd: folder, env, stdio: 'inherit' });
  return new Promise((end, reject) => {
    run.once('exit', (code, signal) => end(code ?? signal));
    run.once('error', (error) => reject(new Error(`${error.message}: 'make setup-test' installs it`)));
  });
}

/** The report's names of all operations in the document. */
function operationsOf({ paths }) {
  const names = Object.entries(paths).map(([path, item]) => METHODS.filter((method) => item[method]).map((method) => `${method.toUpperCase()} ${path}`));
  return names.flat();
}

/** Checks that every operation was tested, in every phase, and succeeded at least once. */
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
