// Passes a request on to a server as it came, and its answer back: what a proxy does.

import { request } from 'node:http';

/**
 * @param {import('node:http').IncomingMessage} asked
 * @param {import('node:http').ServerResponse} answered
 * @param {string} origin where the request goes
 * @param {import('node:http').Agent} [agent] keeps the connections to there
 */
export function passOn(asked, answered, origin, agent) {
  const onward = request(origin + asked.url, { method: asked.method, headers: asked.headers, agent }, (answer) => {
    // These two are about one connection only.
    const { connection, 'transfer-encoding': encoding, ...headers } = answer.headers;
    answered.writeHead(answer.statusCode, headers);
    answer.pipe(answered);
    // What breaks off there breaks off here, or the browser would wait.
    answer.on('error', () => answered.destroy());
  });
  onward.on('error', () => (answered.headersSent ? answered.destroy() : answered.writeHead(502).end()));
  // A browser that has gone away waits for nothing.
  answered.on('close', () => onward.destroy());
  asked.pipe(onward);
}
