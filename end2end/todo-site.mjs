// Somebody with an account and todos, made by forms as a browser without scripting sends them. For scripts that need many.

import { randomUUID } from 'node:crypto';

export class TodoSite {
  constructor(origin) {
    this.origin = origin;
  }

  /** With a new account and this many todos. */
  static async withTodos(origin, todos) {
    const site = new TodoSite(origin);
    const answer = await site.post('/bff/sign_up', { email: `${randomUUID()}@example.org`, password: 'correct horse battery staple' });
    const cookie = answer.headers.getSetCookie()[0]?.split(';')[0];
    if (!cookie) throw new Error('sign-up set no cookie');
    site.cookie = cookie;
    for (let n = 1; n <= todos; n += 1) await site.post('/bff/add_todo', { title: `Todo number ${n}, as long as most are` });
    return site;
  }

  async post(path, form) {
    const headers = { accept: 'text/html', 'sec-fetch-site': 'same-origin', ...(this.cookie && { cookie: this.cookie }) };
    const answer = await fetch(this.origin + path, { method: 'POST', redirect: 'manual', headers, body: new URLSearchParams(form) });
    if (answer.status !== 303) throw new Error(`${path} answered ${answer.status}`);
    return answer;
  }
}
