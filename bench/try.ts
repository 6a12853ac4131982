/**
 * Measures how long `npm run try` takes until it prints its URLs, and until the panels of its first dashboard have data.
 * Panels that are empty by design do not count. Also measures how long the page draws after the last response. The CPU
 * time of the command and its child processes is printed in addition, because elapsed time depends on the load of the
 * machine.
 *
 *   sudo npm run bench:try [-- --nodes 50]
 */
import { loadavg } from 'node:os';
import { environmentDashboards } from '../lib/charts/environment-dashboards';
import { startBrowser } from '../preview/browser';
import { eventually } from '../test/runtime/wait';
import { PORT, Try } from '../test/stacks/try-command';
import { parseArguments, runBench, Table } from './support/main';
import { processTreeCpuSeconds } from './support/processes';

const WAIT = { seconds: 300, pauseMs: 50 };

const options = parseArguments({ nodes: { type: 'string' } });

const panels = environmentDashboards()
  .flatMap(({ dashboards }) => dashboards)
  .filter(({ uid }) => uid === 'edge-fleet')
  .flatMap(({ rows }) => rows.flatMap((addTimeRow) => addTimeRow.panels))
  .filter(({ emptyWhen }) => emptyWhen === undefined)
  .map(({ title }) => title);

async function measureTry(): Promise<void> {
  console.log(`load average of the machine before the start: ${loadavg()[0]?.toFixed(1)}`);
  const browser = await startBrowser();
  const began = performance.now();
  const one = new Try(options.nodes === undefined ? [] : ['--nodes', options.nodes]);
  const table = new Table([
    ['', 50],
    ['elapsed s', 9],
    ['CPU s', 11],
  ]);
  const row = (what: string) => {
    const elapsed = ((performance.now() - began) / 1_000).toFixed(1);
    table.addRow(what, elapsed, processTreeCpuSeconds(one.pid).toFixed(1));
  };
  try {
    await eventually(
      () => `npm run try prints its URLs; its errors: ${one.stderr}`,
      () => one.stdout.includes('Ctrl-C'),
      WAIT,
    );
    row('npm run try prints its URLs');
    const page = await browser.newPage({ viewport: { width: 1_400, height: 900 } });
    await page.goto(`http://127.0.0.1:${PORT}/`);
    await Promise.all(
      panels.map((title) =>
        page.waitForSelector(`[data-panel="${title}"][data-state=data]`, { timeout: WAIT.seconds * 1_000 }),
      ),
    );
    row(`all ${panels.length} panels of the first dashboard have data`);
    await page.waitForSelector('html[data-state=drawn]');
    console.log(`drawn ${await page.locator('html').getAttribute('data-drawing')}`);
  } finally {
    await browser.close();
    await one.end('SIGINT');
  }
}

void runBench(measureTry);
