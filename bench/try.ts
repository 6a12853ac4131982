/**
 * How long `npm run try` takes until it says where to look, and until its first dashboard shows figures in each panel that is not
 * empty by design; and how long the page takes to draw after the last answer. Beside it the processor time of the command and of all
 * that it started: elapsed time depends on what else the machine does.
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
