import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { syntaxOrTypeProblem } from '../../lib/core/rule-syntax';
import { startBrowser } from '../../preview/browser';
import { readProvisioned } from '../../preview/provisioned';
import { CLOCK } from '../../preview/seed/fleet';
import { SeededLoki } from '../../preview/seed/loki';
import { SeededPrometheus } from '../../preview/seed/store';
import { PreviewServer } from '../../preview/server';
import { freePort } from '../runtime/free-port';
import { fleetDist } from '../stacks/reference-stack';
import { WRITTEN_LOGQL } from '../support/logql-cases';
import { dashboards, drawn, panelsOf, statesOf, unexplained } from './panels';

/** Of the page of the seeded fleet. */
let port: number;
let root: string;

let folder: string;
let prometheus: SeededPrometheus;
/** If its program is given. */
let loki: SeededLoki | undefined;
let server: PreviewServer;
let browser: Browser;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), `e2e-${process.pid}-dashboards-`));
  [prometheus, browser] = await Promise.all([
    SeededPrometheus.start(folder, fleetDist(), CLOCK),
    startBrowser(),
  ]);
  if (process.env.E2E_LOKI) loki = await SeededLoki.start(join(folder, 'loki'), CLOCK);
  port = await freePort();
  root = `http://127.0.0.1:${port}`;
  server = await serve(port, fleetDist());
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await prometheus?.stop();
  await loki?.stop();
  rmSync(folder, { recursive: true });
});

if (process.env.E2E_LOKI) {
  test('LogQL that Loki refuses is refused at synthesis, and no other', async () => {
    const span = `start=${CLOCK - 60}&end=${CLOCK}`;
    const differences: string[] = [];
    for (const expression of WRITTEN_LOGQL) {
      const query = `query=${encodeURIComponent(expression)}&${span}`;
      const { status } = await fetch(`${loki?.url}/loki/api/v1/query_range?${query}`);
      if ((status === 400) !== (syntaxOrTypeProblem('LogQL', expression) !== undefined)) {
        differences.push(`${expression}: ${status}`);
      }
    }
    expect(differences).toEqual([]);
  });
} else test.todo('LogQL that Loki refuses: NOT RUN, set E2E_LOKI');

const serve = (at: number, manifests: string) =>
  PreviewServer.start({
    preview: () => ({ title: 'fleet', troubles: [], ...readProvisioned(manifests) }),
    port: at,
    prometheus: { name: 'Prometheus', url: prometheus.url },
    loki: loki && { name: 'Loki', url: loki.url },
  });

/** Content of a dashboard for six hours in the past. */
const SPAN = `from=${(CLOCK - 6 * 3_600) * 1_000}&to=${CLOCK * 1_000}&refresh=`;

interface Opened {
  readonly page: Page;
  /** Console messages and exceptions of the page. */
  readonly complaints: readonly string[];
}

async function opened(
  address: string,
  { width = 1_400, scheme = 'light' as 'light' | 'dark' } = {},
): Promise<Opened> {
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    colorScheme: scheme,
    timezoneId: 'UTC',
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(`${error}`));
  await page.goto(address);
  await drawn(page);
  return { page, complaints };
}

/** A property of an element, as the browser computed it. */
const styleOf = (element: Locator, property: string): Promise<string> =>
  element.evaluate((one, name) => {
    // This function runs in the browser; the tests are compiled without the types of a browser.
    const styled = one as unknown as { computedStyleMap(): Map<string, object> };
    return `${styled.computedStyleMap().get(name)}`;
  }, property);

describe.each(dashboards.map(({ title, uid }) => [title, uid] as const))('%s', (_, uid) => {
  test('shows something in each panel, but in those that may be empty, and says why it shows none', async () => {
    const { page, complaints } = await opened(`${root}/d/${uid}?${SPAN}`);
    const states = await statesOf(page);
    expect(Object.keys(states).sort()).toEqual(
      expect.arrayContaining(
        panelsOf(uid)
          .map(({ title }) => title)
          .sort(),
      ),
    );
    expect(unexplained(uid, states, loki !== undefined)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});

test('figures, units, thresholds and tables are those of the seeded fleet', async () => {
  const { page } = await opened(`${root}/d/edge-fleet?${SPAN}`);
  const states = await statesOf(page);
  expect(states.Nodes?.text).toBe('27');
  expect(states.Silent?.text).toBe('3.70%');
  const color = await styleOf(page.locator('[data-panel=Silent] b'), 'color');
  // Yellow of the light theme: from one node of a hundred on.
  expect(color).toBe('rgb(242, 204, 12)');
  expect(states['Silent nodes']?.text).toMatch(/vehicle-07.*40 mins/s);
  const link = page.locator('[data-panel="Silent nodes"] td a').first();
  expect(await link.getAttribute('href')).toContain('/d/edge-node?var-node=vehicle-07&from=');
  await link.click();
  await drawn(page);
  expect(await page.locator('[data-variable=node] summary').innerText()).toBe('node: vehicle-07');
  await page.context().close();
});

test('the dashboard of a node opens with one, and a choice at the top asks again, for what was chosen', async () => {
  const { page } = await opened(`${root}/d/edge-node?${SPAN}`);
  await page.locator('[data-variable=node] summary').click();
  const asked = page.waitForRequest(
    (one) => one.url().includes('query_range') && decodeURIComponent(one.url()).includes('plant-05'),
  );
  await page.getByLabel('plant-05').check();
  await asked;
  await drawn(page);
  expect(new URL(page.url()).searchParams.getAll('var-node')).toEqual(['kiosk-01', 'plant-05']);
  expect(await page.locator('[data-panel="Load average"] .legend li').allInnerTexts()).toEqual([
    'kiosk-01',
    'plant-05',
    'kiosk-01 cores',
    'plant-05 cores',
  ]);
  await page.context().close();
});

test.each(['light', 'dark'] as const)(
  'a narrow window is read from top to bottom, in a %s theme',
  async (scheme) => {
    const { page } = await opened(`${root}/d/edge-fleet?${SPAN}`, { width: 390, scheme });
    const boxes = await Promise.all((await page.locator('.panel').all()).map((panel) => panel.boundingBox()));
    for (const box of boxes) {
      expect(box?.x).toBeGreaterThanOrEqual(0);
      expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(390);
      expect(box?.height).toBeGreaterThan(100);
    }
    expect(boxes.every((box, index) => index === 0 || (box?.y ?? 0) > (boxes[index - 1]?.y ?? 0))).toBe(true);
    const panel = page.locator('.panel').first();
    const colors = [await styleOf(panel, 'color'), await styleOf(panel, 'background-color')];
    const [text = 0, background = 0] = colors.map((color) => Number(/\d+/.exec(color)?.[0]));
    expect(scheme === 'dark' ? text - background : background - text).toBeGreaterThan(150);
    await page.context().close();
  },
);

describe('what cannot be drawn says so', () => {
  const panel = (title: string, type: string, expr: string, more = {}) => ({
    title,
    type,
    gridPos: { x: 0, y: 0, w: 12, h: 8 },
    datasource: { type: 'prometheus', uid: 'prometheus' },
    targets: [{ refId: 'A', expr, instant: true }],
    ...more,
  });
  const own = {
    uid: 'own',
    title: 'Our own',
    panels: [
      panel('Wrong', 'stat', 'sum by ('),
      panel('Strange', 'geomap', 'up'),
      panel('Mapped', 'stat', 'vector(1)', {
        fieldConfig: {
          defaults: { mappings: [{ type: 'value', options: { 1: { text: 'open' } } }] },
          overrides: [],
        },
      }),
      panel('Script', 'text', '', { options: { content: '*kept* <img src=x onerror=alert(1)>' } }),
      panel('Nothing', 'table', 'absent_metric'),
    ],
  };
  let manifests: string;
  let other: PreviewServer;
  let otherPort: number;

  const write = (title: string) => {
    const data = { 'own.json': JSON.stringify({ ...own, title }) };
    writeFileSync(join(manifests, 'cm.yaml'), JSON.stringify({ kind: 'ConfigMap', data }));
  };

  beforeAll(async () => {
    manifests = join(folder, 'manifests');
    mkdirSync(manifests);
    write('Our own');
    otherPort = await freePort();
    other = await serve(otherPort, manifests);
  });

  afterAll(() => other?.stop());

  test('a failing query shows the error of the server, an unknown type its name', async () => {
    const { page } = await opened(`http://127.0.0.1:${otherPort}/`);
    const states = await statesOf(page);
    expect(states.Wrong?.state).toBe('error');
    expect(states.Wrong?.text).toContain('parse error');
    expect(states.Strange).toEqual({
      state: 'unknown',
      text: 'The preview does not support panels of the type "geomap".',
    });
    expect(states.Mapped).toEqual({ state: 'data', text: 'open' });
    expect(states.Script?.text).toBe('kept <img src=x onerror=alert(1)>');
    expect(states.Nothing).toEqual({ state: 'empty', text: 'No data' });
    write('Changed');
    const loaded = page.waitForEvent('load');
    other.notifyChanged();
    await loaded;
    await drawn(page);
    expect(await page.title()).toBe('Changed - fleet');
    await page.context().close();
  });
});

describe('the server reads what dashboards ask, and nothing else', () => {
  const ask = async (path: string, { method = 'GET', host = `127.0.0.1:${port}` } = {}) => {
    const asked = request({ port, host: '127.0.0.1', method, path, headers: { Host: host } }).end();
    const [answer] = await once(asked, 'response');
    answer.resume();
    return answer.statusCode;
  };

  test.each([
    ['/api/v1/query?query=up', {}, 200],
    ['/api/v1/query?query=up', { method: 'POST' }, 405],
    ['/api/v1/query?query=up', { host: 'evil.example.com' }, 403],
    ['/api/v1/admin/tsdb/delete_series?match[]=up', {}, 404],
    ['/api/v1/status/config', {}, 404],
    ['/api/v1/query/../status/config', {}, 404],
    ['/preview/../../package.json', {}, 404],
    ['/preview/%2e%2e/%2e%2e/package.json', {}, 404],
    ['//evil.example.com/api/v1/query', {}, 404],
    ['/loki/api/v1/push', { method: 'POST' }, 405],
    ['/loki/api/v1/delete?query={a="b"}', {}, 404],
    ['/d/edge-fleet', {}, 200],
  ])('%s %j is answered with %i', async (path, options, status) => {
    expect(await ask(path, options)).toBe(status);
  });
});
