import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { EXIT } from '../../lib/tools/commands/exit-codes';
import { startBrowser } from '../../preview/browser';
import type { Preview } from '../../preview/grafana/model';
import { eventually } from '../runtime/wait';
import { referenceDist } from '../stacks/reference-stack';
import { PORT, Try, traces } from '../stacks/try-command';
import { HAS_LOKI } from '../try/logs';
import { dashboards, drawn, statesOf, unexplained } from './panels';

const ROOT = `http://127.0.0.1:${PORT}`;

/**
 * Alerts about the problems of simulated nodes that are listed above the dashboards; for the silent node, after
 * minutes.
 */
const ALERTS = ['EdgeAgentQueueGrowing', 'EdgeClockUnsynchronized', 'EdgeDiskFull', 'EdgeTemperatureHigh'];

/** Panels about programs that are not run. */
const NOT_RUN = ['Notifications', ...(HAS_LOKI ? [] : ['Loki requests', 'Loki streams'])];

/** Panels with measurements of this machine, by the path of their dashboard. */
const SHOWN = {
  '/': ['Nodes', 'Groups', 'Nodes sending data', 'Systems', 'CPU usage', 'Memory usage'],
  '/d/edge-node?var-node=edge-1': [
    'Last data',
    'Uptime',
    'CPU usage',
    'Memory usage',
    'Load average',
    'Network traffic',
  ],
  '/d/edge-pushes': ['Time since last data', 'Push requests'],
};

const saysWhereToLook = (one: Try) =>
  eventually(
    () => `it says where to look: ${one.stderr}`,
    () => one.stdout.includes('Ctrl-C'),
    { seconds: 300 },
  );

let tried: Try | undefined;

afterEach(async () => {
  if (!tried) return;
  await tried.end('SIGKILL').catch(() => undefined);
  rmSync(tried.folder, { recursive: true });
  tried = undefined;
});

test('npm run try shows an edge node, and leaves nothing behind after Ctrl-C', async () => {
  const one = new Try([]);
  tried = one;
  await saysWhereToLook(one);
  expect(one.stdout).toContain(`dashboards           ${ROOT}/\n`);
  const { title, dashboards, sources } = (await (
    await fetch(`${ROOT}/preview/dashboards`)
  ).json()) as Preview;
  expect(title).toBe(`edge-1 of ${referenceDist()}`);
  expect(dashboards.map(({ uid }) => uid)).toContain('edge-fleet');
  expect(sources).toEqual(['prometheus', ...(HAS_LOKI ? ['loki'] : [])]);
  const browser = await startBrowser();
  try {
    const page = await browser.newPage();
    for (const [address, panels] of Object.entries(SHOWN)) {
      await page.goto(`${ROOT}${address}`);
      for (const panel of panels)
        await page.waitForSelector(`[data-panel="${panel}"][data-state=data]`, { timeout: 60_000 });
    }
  } finally {
    await browser.close();
  }
  const { id = 'none', folder } = one;
  expect(traces(id, folder).length).toBeGreaterThan(10);
  await one.end('SIGINT');
  expect(traces(id, folder)).toEqual([]);
});

test('with simulated nodes every panel of every dashboard shows something, and their troubles raise alerts', async () => {
  const one = new Try(['--nodes', '12']);
  tried = one;
  await saysWhereToLook(one);
  const browser = await startBrowser();
  try {
    const page = await browser.newPage();
    await page.goto(`${ROOT}/`);
    await page.waitForSelector('.trouble >> text=has no room left on /data');
    for (const alert of ALERTS)
      await page.waitForSelector(`[data-alert=${alert}][data-state=firing]`, {
        state: 'attached',
        timeout: 60_000,
      });
    await page.waitForSelector('[data-panel=Nodes] >> text=13', { timeout: 60_000 });
    for (const { uid } of dashboards) {
      // The real node has no past: some of its panels have a point every two minutes.
      await page.goto(`${ROOT}/d/${uid}${uid === 'edge-node' ? '?var-node=plant-01' : ''}`);
      let missing: object[] = [];
      await eventually(
        () => `${uid} is full; not so: ${JSON.stringify(missing)}`,
        async () => {
          await drawn(page);
          const all = unexplained(uid, await statesOf(page), HAS_LOKI);
          missing = all.filter(({ title }) => !NOT_RUN.includes(title));
          return missing.length === 0;
        },
        { seconds: 60 },
      );
    }
  } finally {
    await browser.close();
  }
  await one.end('SIGINT');
});

test('it leaves nothing behind when it is ended while it starts', async () => {
  const one = new Try([]);
  tried = one;
  const id = await eventually('it has begun', () => one.id);
  await one.end('SIGTERM');
  // npm itself does not wait for its end.
  await eventually(
    () => `all is gone: ${traces(id, one.folder).join('\n')}`,
    () => traces(id, one.folder).length === 0,
  );
});

describe('what is missing is said at once', () => {
  test('a port that is taken', async () => {
    const server = createServer().listen(PORT, '127.0.0.1');
    await once(server, 'listening');
    tried = new Try([]);
    expect(await tried.code()).toBe(EXIT.failed);
    expect(tried.stderr).toMatch(/^try: port 19090 of this machine cannot be used .*EADDRINUSE.*--port\n$/);
    server.close();
  });

  test('programs, with the packages that hold them and what installs those', async () => {
    tried = new Try([], { E2E_PROGRAMS: '/nowhere' });
    expect(await tried.code()).toBe(EXIT.failed);
    expect(tried.stderr).toContain('prometheus (package prometheus), ');
    expect(tried.stderr).toContain('vmagent (package victoria-metrics); ');
    expect(tried.stderr).toContain('sudo sh test/e2e/install.sh\n');
  });

  test('an environment', async () => {
    tried = new Try(['--environment', 'nobody']);
    expect(await tried.code()).toBe(EXIT.usage);
    expect(tried.stderr).toContain('try: --environment is "nobody"; allowed: fleet, reference ');
  });
});
