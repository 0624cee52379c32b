// Puts an HTTPS proxy in front of a server, for browsers that refuse the session cookie over plain http.

import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { forward } from './forward.mjs';

/**
 * Listens on a loopback port until `stop`, with a self-signed certificate for localhost.
 * @param {number} port
 * @param {string} origin the server
 * @param {string} folder for key and certificate
 */
export async function startHttpsProxy(origin, port, folder) {
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  await promisify(execFile)('openssl', ['req', '-x509', ...kind, '-keyout', key, '-out', certificate, ...names]);

  const pair = { key: await readFile(key), cert: await readFile(certificate) };
  const proxy = createServer(pair, (incoming, outgoing) => forward(incoming, outgoing, origin));
  proxy.listen(port, '127.0.0.1');
  await once(proxy, 'listening');
  const stop = async () => {
    proxy.close();
    proxy.closeAllConnections();
    await once(proxy, 'close');
  };
  return { certificate, stop };
}
