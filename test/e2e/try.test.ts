import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXIT } from '../../lib/tools/commands/exit-codes';
import { startBrowser } from '../../preview/browser';
import type { Preview } from '../../preview/grafana/model';
import { run as runProgram } from '../runtime/programs';
import { eventually } from '../runtime/wait';
import { examplesFolder } from '../stacks/examples-folder';
import { referenceDist } from '../stacks/reference-stack';

const PORT = 19_090;
const ROOT = `http://127.0.0.1:${PORT}`;

/** Panels that show what is measured on this machine, by the address of their dashboard. */
const SHOWN = {
  '/': ['Nodes', 'Groups', 'Nodes heard of', 'Systems', 'Processor', 'Memory'],
  '/d/edge-node?var-node=edge-1': ['Heard of', 'Runs for', 'Processor', 'Memory', 'Load', 'Network'],
  '/d/edge-pushes': ['Time since nodes were heard of', 'Pushes by answer'],
};

/** One call of the command, in a process group of its own as a terminal gives it, and a temporary folder. */
class Try {
  readonly folder = mkdtempSync(join(tmpdir(), 'try-'));
  stdout = '';
  stderr = '';
  private readonly child: ChildProcess;
  private readonly exit: Promise<unknown[]>;

  constructor(args: string[], env = {}) {
    const options = {
      detached: true,
      env: { ...process.env, CDK8S_OUTDIR: examplesFolder(), TMPDIR: this.folder, ...env },
    };
    this.child = spawn('npm', ['run', '--silent', 'try', '--', '--port', `${PORT}`, ...args], options);
    this.child.stdout?.on('data', (text) => {
      this.stdout += text;
    });
    this.child.stderr?.on('data', (text) => {
      this.stderr += text;
    });
    this.exit = once(this.child, 'exit');
  }

  /** By what names everything begins that it makes. */
  get id(): string | undefined {
    return readdirSync(this.folder).find((name) => name.startsWith('e2e-'));
  }

  /** As a terminal does on Ctrl-C: every process of the group gets it. */
  async end(signal: NodeJS.Signals): Promise<void> {
    process.kill(-(this.child.pid ?? 0), signal);
    await this.exit;
  }

  async code(): Promise<number> {
    const [code] = await this.exit;
    return code as number;
  }
}

/** What is on the machine of one call: namespaces, control groups, mounts, files, processes. */
function traces(id: string, folder: string): string[] {
  const groups = ['/sys/fs/cgroup', '/sys/fs/cgroup/memory'].filter((path) => existsSync(path));
  return [
    ...runProgram('ip', 'netns', 'list').split('\n'),
    ...groups.flatMap((path) => readdirSync(path)),
    ...readFileSync('/proc/self/mounts', 'utf8').split('\n'),
    ...processes(),
  ]
    .filter((line) => line.includes(id) || line.includes(folder))
    .concat(readdirSync(folder));
}

/** Command line and environment of every process but this one. */
function processes(): string[] {
  const numbers = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && name !== `${process.pid}`);
  return numbers.flatMap((number) => {
    try {
      return [['cmdline', 'environ'].map((file) => readFileSync(`/proc/${number}/${file}`, 'utf8')).join()];
    } catch {
      return []; // It ended meanwhile.
    }
  });
}

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
  await eventually(
    () => `it says where to look: ${one.stderr}`,
    () => one.stdout.includes('Ctrl-C'),
    { seconds: 90 },
  );
  expect(one.stdout).toContain(`its dashboards       ${ROOT}/\n`);
  const { title, dashboards, sources } = (await (
    await fetch(`${ROOT}/preview/dashboards`)
  ).json()) as Preview;
  expect(title).toBe(`edge-1 of ${referenceDist()}`);
  expect(dashboards.map(({ uid }) => uid)).toContain('edge-fleet');
  expect(sources).toEqual(['prometheus']);
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
    expect(tried.stderr).toMatch(/^try: port 19090 of this machine cannot be had .*EADDRINUSE.*--port\n$/);
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
