// Records the traffic between a browser and the server, as far as a script in the page could see it.

import type { BrowserContext, Request, Response } from '@playwright/test';

/** A recorded text, and its location. */
export interface RecordedText {
  where: string;
  text: string;
}

export class Traffic {
  /** Requests with an `Authorization` header. */
  readonly authorizations: string[] = [];
  /** The values of all session cookies, which browsers hide from the page. */
  readonly cookies = new Set<string>();
  /** Responses that the browser discarded on navigation before they could be read; they are fetched again at the end. */
  private readonly missed = new Set<string>();
  private readonly pending: Promise<RecordedText[]>[] = [];

  constructor(private readonly context: BrowserContext) {
    context.on('request', (request) => this.pending.push(this.sent(request)));
    context.on('response', (response) => this.pending.push(this.received(response)));
  }

  async recorded(): Promise<RecordedText[]> {
    const recorded = await Promise.all(this.pending);
    const again = [...this.missed].map(async (url) => {
      const body = await (await this.context.request.get(url)).body();
      return { where: `response ${url} body`, text: body.toString('latin1') };
    });
    return [...recorded.flat(), ...(await Promise.all(again))];
  }

  private async sent(request: Request): Promise<RecordedText[]> {
    const where = `request ${request.method()} ${request.url()}`;
    const headers = await request.allHeaders();
    if (headers['authorization']) this.authorizations.push(where);
    // The browser adds it, and no script can read it.
    delete headers['cookie'];
    return [
      { where, text: request.url() },
      { where: `${where} headers`, text: JSON.stringify(headers) },
      { where: `${where} body`, text: request.postData() ?? '' },
    ];
  }

  private async received(response: Response): Promise<RecordedText[]> {
    const where = `response ${response.status()} ${response.url()}`;
    const headers = await response.headersArray();
    const cookies = headers.filter(({ name }) => name.toLowerCase() === 'set-cookie');
    for (const { value } of cookies) this.cookies.add(value.replace(/^[^=]*=/, '').replace(/;.*$/s, ''));
    const isRedirect = response.status() >= 300 && response.status() < 400;
    const body = isRedirect ? undefined : await response.body().catch(() => void this.missed.add(response.url()));
    return [
      { where: `${where} headers`, text: JSON.stringify(headers.filter((header) => !cookies.includes(header))) },
      { where: `${where} body`, text: body?.toString('latin1') ?? '' },
    ];
  }
}
