// Whatever goes wrong in a browser during a test, even where the page looks right: messages in the console (violations
// of the Content-Security-Policy are among them), uncaught errors, requests that fail.

import { expect, type BrowserContext } from '@playwright/test';

/** What happens to a page whose session has ended, once it asks for anything. */
export const SESSION_ENDED = [/answered 401: .*\/bff\//, /console: .*401/];

export class Problems {
  private readonly found: string[] = [];
  private readonly expected: RegExp[] = [];

  constructor(private readonly scripting: boolean) {}

  watch(context: BrowserContext): void {
    context.on('console', (message) => {
      // The page can't know that nobody will use the WASM.
      const unwanted = !this.scripting && /\.wasm was preloaded using link preload but not used/.test(message.text());
      if (['error', 'warning'].includes(message.type()) && !unwanted) {
        this.found.push(`console: ${message.text()} (${message.location().url})`);
      }
    });
    context.on('weberror', (error) => this.found.push(`uncaught: ${error.error().message}`));
    context.on('requestfailed', (request) => {
      const why = request.failure()?.errorText;
      // So Chromium reports a script that it leaves out because scripting is off.
      const unwanted = !this.scripting && request.url().endsWith('.js') && why === 'csp';
      // These come last, and may be on their way still when a test goes on to the next page. One that is really missing
      // shows all the same: the page stays without its island.
      const late = /\.(svg|js|wasm)$|\/bff\/current_user$/.test(request.url()) && why === 'net::ERR_ABORTED';
      if (!unwanted && !late) this.found.push(`failed: ${request.url()} ${why}`);
    });
    context.on('response', (response) => {
      if (response.status() >= 400) this.found.push(`answered ${response.status()}: ${response.url()}`);
    });
  }

  /** Some tests make something fail on purpose; then this must happen. */
  expect(...problems: RegExp[]): void {
    this.expected.push(...problems);
  }

  verify(): void {
    const unexpected = this.found.filter((problem) => !this.expected.some((expected) => expected.test(problem)));
    expect(unexpected, 'problems in the browser').toEqual([]);
    const missing = this.expected.filter((expected) => !this.found.some((problem) => expected.test(problem)));
    expect(missing, 'problems that were to be').toEqual([]);
  }
}
