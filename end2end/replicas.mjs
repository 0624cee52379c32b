// Starts two servers on one Postgres, behind a round-robin proxy. Tests fail if state such as a session, a list or an undo is kept
// in one server's memory, because the next request goes to the other.
//
//     node replicas.mjs 3113      serves until a signal stops it; the two servers use the next ports
//
// TEST_POSTGRES_URL is that of a superuser (see scripts/with-postgres), for a temporary database.

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Agent, createServer } from 'node:http';
import { forward } from './forward.mjs';
import { createDatabase } from './postgres.mjs';
import { serveUntilSignal, start } from './server.mjs';

async function open(port) {
  const origin = `http://127.0.0.1:${port}`;
  const database = await createDatabase(process.env.TEST_POSTGRES_URL);
  const settings = {
    DATABASE_URL: database.url,
    JWT_SECRET: randomBytes(32).toString('base64'),
    PUBLIC_ORIGIN: origin,
    RATE_LIMITS: 'off',
  };
  // In parallel, so that their migrations race as well.
  const starts = await Promise.allSettled([1, 2].map((number) => start(port + number, settings)));
  const servers = starts.flatMap(({ value }) => value ?? []);
  const closeAll = async () => {
    await Promise.all(servers.map((server) => server.stop()));
    await database.drop();
  };
  const fault = starts.find(({ reason }) => reason)?.reason;
  if (fault) {
    await closeAll();
    throw fault;
  }

  const counts = servers.map(() => 0);
  let turn = 0;
  // Below the servers' idle timeout of ten seconds, to avoid sending on a connection that they are closing.
  const agent = new Agent({ keepAlive: true, timeout: 5_000 });
  const proxy = createServer((incoming, outgoing) => {
    turn = (turn + 1) % servers.length;
    counts[turn] += 1;
    forward(incoming, outgoing, servers[turn].origin, agent);
  });
  proxy.listen(port, '127.0.0.1');
  await once(proxy, 'listening');

  const stop = async () => {
    console.log(`replicas: ${counts.join(' and ')} requests`);
    proxy.close();
    proxy.closeAllConnections();
    agent.destroy();
    await closeAll();
  };
  return { stop, ended: Promise.all(servers.map((server) => server.ended)) };
}

await serveUntilSignal(() => open(Number(process.argv[2])));
