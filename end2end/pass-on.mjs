// Forwards a request to a server unchanged, and returns its response, like a proxy.

import { request } from 'node:http';

/**
 * @param {import('node:http').IncomingMessage} asked
 * @param {import('node:http').ServerResponse} answered
 * @param {string} origin the server
 * @param {import('node:http').Agent} [agent] the connection pool
 */
export function passOn(asked, answered, origin, agent) {
  const onward = request(origin + asked.url, { method: asked.method, headers: asked.headers, agent }, (answer) => {
    // Hop-by-hop headers.
    const { connection, 'transfer-encoding': encoding, ...headers } = answer.headers;
    answered.writeHead(answer.statusCode, headers);
    answer.pipe(answered);
    // Propagates an aborted response, or the browser would wait.
    answer.on('error', () => answered.destroy());
  });
  onward.on('error', () => (answered.headersSent ? answered.destroy() : answered.writeHead(502).end()));
  answered.on('close', () => onward.destroy());
  asked.pipe(onward);
}
