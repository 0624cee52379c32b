// A user with todos, created with forms like a browser without scripting. For scripts that need many.

import { randomUUID } from 'node:crypto';
import { request } from 'node:http';

export class TodoSite {
  constructor(origin) {
    this.origin = origin;
    this.account = { email: `${randomUUID()}@example.org`, password: 'correct horse battery staple' };
  }

  /** With a new account and this many todos. */
  static async withTodos(origin, todos) {
    const site = new TodoSite(origin);
    const answer = await site.post('/bff/sign_up', site.account);
    const cookie = answer.headers.getSetCookie()[0]?.split(';')[0];
    if (!cookie) throw new Error('sign-up set no cookie');
    site.cookie = cookie;
    for (let n = 1; n <= todos; n += 1) await site.post('/bff/add_todo', { title: `Todo number ${n}, as long as most are` });
    return site;
  }

  /** A token for the API. */
  async token() {
    // Not with fetch, which sends a browser's headers; browsers get no token.
    const answer = await new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json' };
      request(`${this.origin}/api/v1/token`, { method: 'POST', headers }, resolve).on('error', reject).end(JSON.stringify(this.account));
    });
    return JSON.parse(Buffer.concat(await answer.toArray())).access_token;
  }

  async post(path, form) {
    const headers = { accept: 'text/html', 'sec-fetch-site': 'same-origin', ...(this.cookie && { cookie: this.cookie }) };
    const answer = await fetch(this.origin + path, { method: 'POST', redirect: 'manual', headers, body: new URLSearchParams(form) });
    if (answer.status !== 303) throw new Error(`${path} answered ${answer.status}`);
    return answer;
  }
}
