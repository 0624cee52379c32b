import { chromium } from '@playwright/test';
import { start } from './server.mjs';
import { TodoSite } from './todo-site.mjs';
const server = await start(3191, { RATE_LIMITS: 'off', MAX_TODOS: '10000000' }, true);
try {
  for (const n of [100, 1000, 10000]) {
    const site = await TodoSite.withTodos(server.origin, n);
    for (const rate of n === 100 ? [1, 4] : [1]) {
    const all = [];
    for (let round = 0; round < 7; round++) {
      const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--enable-precise-memory-info'] });
      const context = await browser.newContext({ baseURL: site.origin });
      const [name, value] = site.cookie.split(/=(.*)/s);
      await context.addCookies([{ name, value, domain: '127.0.0.1', path: '/', httpOnly: true, secure: true, sameSite: 'Strict' }]);
      const page = await context.newPage();
      const cdp = await context.newCDPSession(page);
      await cdp.send('Emulation.setCPUThrottlingRate', { rate });
      await page.addInitScript(() => {
        const t = (globalThis.T = {});
        const mark = (k) => (t[k] ??= performance.now());
        const inst = WebAssembly.instantiateStreaming;
        WebAssembly.instantiateStreaming = async (...a) => { mark('wasm called'); const r = await inst.apply(WebAssembly, a); mark('wasm ready'); globalThis.wasm = r.instance; return r; };
        addEventListener('beforehydration', () => mark('hydration begins'));
        new MutationObserver(() => { if (document.querySelector('.todo-list li')) mark('first row'); if ('hydrated' in (document.documentElement?.dataset ?? {})) mark('hydrated'); }).observe(document, { subtree: true, childList: true, attributes: true });
        const click = () => { const i = document.querySelector('.todo-list li'); const b = i?.className; i?.querySelector('.toggle')?.click(); setTimeout(() => (b !== undefined && i.className !== b ? mark('click works') : click()), 1); };
        click();
        addEventListener('DOMContentLoaded', () => mark('DOM loaded'));
        new PerformanceObserver((l) => l.getEntries().forEach((e) => e.name === 'first-contentful-paint' && (t['painted'] = e.startTime))).observe({ type: 'paint', buffered: true });
      });
      await page.goto('/todos');
      await page.waitForFunction(() => globalThis.T['click works']);
      await page.waitForLoadState('networkidle');
      const t = await page.evaluate(() => { const n = performance.getEntriesByType('navigation')[0]; const w = performance.getEntriesByType('resource').find((r) => r.name.endsWith('.wasm')); return { ...globalThis.T, 'request sent': n.requestStart, 'first byte': n.responseStart, 'page received': n.responseEnd, 'wasm asked': w.startTime, 'wasm received': w.responseEnd }; });
      await cdp.send('HeapProfiler.collectGarbage');
      const heap = await cdp.send('Runtime.getHeapUsage');
      const dom = await cdp.send('Memory.getDOMCounters');
      const wasm = await page.evaluate(() => globalThis.wasm?.exports.memory.buffer.byteLength);
      all.push({ ...t, heapKB: heap.usedSize / 1000, nodes: dom.nodes, wasmKB: wasm / 1000 });
      await browser.close();
    }
    const med = (k) => all.map((x) => x[k]).sort((a, b) => a - b)[3];
    const keys = Object.keys(all[0]).sort((a, b) => med(a) - med(b));
    console.log(n, 'todos, CPU /', rate, keys.map((k) => `${k} ${Math.round(med(k))}`).join(', '));
    }
  }
} finally { await server.stop(); }
