// Forwards a request to a server unchanged, and returns its response, like a proxy.

import { request } from 'node:http';

/**
 * @param {import('node:http').IncomingMessage} incoming
 * @param {import('node:http').ServerResponse} outgoing
 * @param {string} origin the server
 * @param {import('node:http').Agent} [agent] the connection pool
 */
export function forward(incoming, outgoing, origin, agent) {
  const upstream = request(origin + incoming.url, { method: incoming.method, headers: incoming.headers, agent }, (response) => {
    // Hop-by-hop headers.
    const { connection, 'transfer-encoding': encoding, ...headers } = response.headers;
    outgoing.writeHead(response.statusCode, headers);
    response.pipe(outgoing);
    // Propagates an aborted response, or the browser would wait.
    response.on('error', () => outgoing.destroy());
  });
  upstream.on('error', () => (outgoing.headersSent ? outgoing.destroy() : outgoing.writeHead(502).end()));
  outgoing.on('close', () => upstream.destroy());
  incoming.pipe(upstream);
}
