/**
 * Measures the time of `npm run try` until it prints its URLs, and until each panel of its first dashboard that is not
 * empty by design has data; and the time of the page for drawing after the last response. Beside these, it prints the
 * CPU time of the command and its child processes, because elapsed time depends on the load of the machine.
 *
 *   sudo npm run bench:try [-- --nodes 50]
 */
import { loadavg } from 'node:os';
import { environmentDashboards } from '../lib/charts/environment-dashboards';
import { startBrowser } from '../preview/browser';
import { eventually } from '../test/runtime/wait';
import { PORT, Try } from '../test/stacks/try-command';
import { parseArguments, runMain, Table } from './support/main';
import { treeSeconds } from './support/processes';

const WAIT = { seconds: 300, pauseMs: 50 };

const options = parseArguments({ nodes: { type: 'string' } });

const panels = environmentDashboards()
  .flatMap(({ dashboards }) => dashboards)
  .filter(({ uid }) => uid === 'edge-fleet')
  .flatMap(({ rows }) => rows.flatMap((row) => row.panels))
  .filter(({ emptyWhen }) => emptyWhen === undefined)
  .map(({ title }) => title);

async function measureTry(): Promise<void> {
  console.log(`load of the machine before: ${loadavg()[0]?.toFixed(1)}`);
  const browser = await startBrowser();
  const began = performance.now();
  const one = new Try(options.nodes === undefined ? [] : ['--nodes', options.nodes]);
  const table = new Table([
    ['', 50],
    ['elapsed s', 9],
    ['processor s', 11],
  ]);
  const row = (what: string) => {
    const elapsed = ((performance.now() - began) / 1_000).toFixed(1);
    table.addRow(what, elapsed, treeSeconds(one.pid).toFixed(1));
  };
  try {
    await eventually(
      () => `it says where to look: ${one.stderr}`,
      () => one.stdout.includes('Ctrl-C'),
      WAIT,
    );
    row('it says where to look');
    const page = await browser.newPage({ viewport: { width: 1_400, height: 900 } });
    await page.goto(`http://127.0.0.1:${PORT}/`);
    await Promise.all(
      panels.map((title) =>
        page.waitForSelector(`[data-panel="${title}"][data-state=data]`, { timeout: WAIT.seconds * 1_000 }),
      ),
    );
    row(`the first dashboard shows ${panels.length} panels`);
    await page.waitForSelector('html[data-state=drawn]');
    console.log(`drawn ${await page.locator('html').getAttribute('data-drawing')}`);
  } finally {
    await browser.close();
    await one.end('SIGINT');
  }
}

void runMain(measureTry);
