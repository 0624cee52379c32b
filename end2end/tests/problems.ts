// Collects browser problems during a test, even if the page looks right: console messages (including violations of the
// Content-Security-Policy), uncaught errors, failed requests.

import { expect, type BrowserContext } from '@playwright/test';

/** The problems of a request after the end of the session. */
export const SESSION_ENDED = [/answered 401: .*\/bff\//, /console: .*401/];

export class Problems {
  private readonly found: string[] = [];
  private readonly expected: RegExp[] = [];
  private readonly allowed: RegExp[] = [];

  constructor(private readonly scripting: boolean) {}

  watch(context: BrowserContext): void {
    context.on('console', (message) => {
      // The page preloads the WASM also for browsers without scripting.
      const unwanted = !this.scripting && /\.wasm was preloaded using link preload but not used/.test(message.text());
      if (['error', 'warning'].includes(message.type()) && !unwanted) {
        this.found.push(`console: ${message.text()} (${message.location().url})`);
      }
    });
    context.on('weberror', (error) => this.found.push(`uncaught: ${error.error().message}`));
    context.on('requestfailed', (request) => {
      const why = request.failure()?.errorText;
      // Chromium's report of a script that it skips because scripting is off.
      const unwanted = !this.scripting && request.url().endsWith('.js') && why === 'csp';
      // These load last, and may be aborted by the next navigation. A missing one would still be noticed, as a page without its island.
      const late = /\.(svg|js|wasm)$|\/bff\/(current_user|todos)(\?|$)/.test(request.url()) && why === 'net::ERR_ABORTED';
      if (!unwanted && !late) this.found.push(`failed: ${request.url()} ${why}`);
    });
    context.on('response', (response) => {
      if (response.status() >= 400) this.found.push(`answered ${response.status()}: ${response.url()}`);
    });
  }

  /** Declares problems that the test causes on purpose, and that must occur. */
  expect(...problems: RegExp[]): void {
    this.expected.push(...problems);
  }

  /** Declares problems that may occur, depending on when the browser asks. */
  allow(...problems: RegExp[]): void {
    this.allowed.push(...problems);
  }

  verify(): void {
    const known = [...this.expected, ...this.allowed];
    const unexpected = this.found.filter((problem) => !known.some((known) => known.test(problem)));
    expect(unexpected, 'problems in the browser').toEqual([]);
    const missing = this.expected.filter((expected) => !this.found.some((problem) => expected.test(problem)));
    expect(missing, 'expected problems that did not occur').toEqual([]);
  }
}
