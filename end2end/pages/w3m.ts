// The text browser w3m, without scripts and styles, in a pseudo-terminal from Python.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect } from '@playwright/test';

const ENTER = '\r';
const TAB = '\t';
const RIGHT = 'l';
const CLEAR_LINE = '\x15';

export class W3m {
  private written = '';
  private saved = 0;

  private constructor(
    private readonly terminal: ChildProcessWithoutNullStreams,
    private readonly folder: string,
  ) {
    terminal.stdout.setEncoding('utf8').on('data', (text: string) => (this.written += text));
  }

  /** Opens a page with this server certificate; the folder is w3m's home. */
  static async open(url: string, certificate: string, folder: string): Promise<W3m> {
    const options = [`ssl_ca_file=${certificate}`, 'ssl_verify_server=1', 'accept_cookie=1', 'ignorecase_search=0'];
    // For a text of several lines.
    options.push(`editor=cp ${join(folder, 'text')} %s`);
    const w3m = ['w3m', '-cookie', ...options.flatMap((option) => ['-o', option]), url];
    const at50By100 = ['sh', '-c', 'stty rows 50 cols 100; exec "$@"', 'sh'];
    const env = { PATH: process.env['PATH'], HOME: folder, TERM: 'xterm', LANG: 'C.UTF-8' };
    const terminal = spawn('python3', ['-c', 'import pty, sys; pty.spawn(sys.argv[1:])', ...at50By100, ...w3m], { env });
    const browser = new W3m(terminal, folder);
    await browser.until('Viewing');
    return browser;
  }

  async close(): Promise<void> {
    const ended = once(this.terminal, 'exit');
    this.terminal.stdin.write('Q');
    await ended;
  }

  /** After a failure. Does nothing to one that is closed. */
  kill(): void {
    this.terminal.kill();
  }

  /** Types into the field after this word, or with this text. */
  async fill(word: string, text: string): Promise<void> {
    await this.find(word);
    await this.press((word.startsWith('[') ? RIGHT : TAB) + ENTER, /TEXT:|Password:/i);
    await this.press(CLEAR_LINE + text + ENTER);
  }

  /** Replaces the field of several lines that has this text. */
  async rewrite(before: string, text: string): Promise<void> {
    await writeFile(join(this.folder, 'text'), text);
    await this.find(`[${before}`);
    await this.press(RIGHT + ENTER);
  }

  /** Presses the button after the filled field. */
  async send(): Promise<void> {
    await this.press(TAB + ENTER);
  }

  /** Follows the link or presses the button with this text. */
  async follow(text: string): Promise<void> {
    await this.find(text);
    await this.press(ENTER);
  }

  async expectText(text: string | RegExp): Promise<void> {
    await expect.poll(() => this.text(), { timeout: 10_000 }).toMatch(text);
  }

  /** The text of the page. */
  async text(): Promise<string> {
    this.saved += 1;
    const file = join(this.folder, `page-${this.saved}`);
    await this.press('S', 'Save buffer to:');
    await this.press(CLEAR_LINE + file + ENTER);
    let text: string | undefined;
    while (!text) {
      await setTimeout(50);
      text = await readFile(file, 'utf8').catch(() => undefined);
    }
    return text;
  }

  /** Moves the cursor to the text. */
  private async find(text: string): Promise<void> {
    await this.press('g/', 'Forward:');
    await this.press(text.replaceAll(/[[\]()]/g, '\\$&') + ENTER);
  }

  private async press(keys: string, answer?: string | RegExp): Promise<void> {
    this.written = '';
    this.terminal.stdin.write(keys);
    if (answer) await this.until(answer);
  }

  private async until(answer: string | RegExp): Promise<void> {
    await expect.poll(() => this.written, { timeout: 10_000, intervals: [20] }).toMatch(answer);
  }
}
