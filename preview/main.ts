import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { formatValue } from '../lib/core/validation';
import type { CommandContext, CommandModule } from '../lib/tools/commands/command';
import { type CommandLine, parseWholeNumberOrKeepText } from '../lib/tools/commands/command-line';
import { runCommandModule } from '../lib/tools/commands/program';
import { createIoOfThisProcess } from '../lib/tools/process/process-io';
import { UsageError } from '../lib/tools/process/usage-error';
import { readProvisioned } from './provisioned';
import { PreviewServer } from './server';
import { SynthesizedSources, watchFolder } from './sources';
import type { Upstream } from './upstream';

const MAX_PORT = 65_535;

interface Values {
  readonly prometheus?: string;
  readonly loki?: string;
  readonly environment?: string;
  readonly manifests?: string;
  readonly port: number | string;
}

/**
 * The command `npm run preview`, which draws the dashboards of an environment with data from your Prometheus and Loki.
 */
const preview: CommandModule = { define: definePreviewOptions, run: runPreview };

function definePreviewOptions(line: CommandLine): void {
  line
    .description(
      'Draws the dashboards of an environment in a browser as Grafana lays them out, without Grafana. Sends the queries of ' +
        'the dashboards to your Prometheus and Loki. Reloads the page when a source changes. Writes nothing. Only this ' +
        'machine can reach the page.',
    )
    .option('--prometheus <url>', 'address of the Prometheus to query, such as http://localhost:9090')
    .option('--loki <url>', 'address of the Loki to query, such as http://localhost:3100')
    .option(
      '--environment <name>',
      'environment with the dashboards to show (default: reference, or the first environment if there is no reference)',
    )
    .option(
      '--manifests <folder>',
      'folder with existing manifests (default: manifests from a synthesis of main.ts, repeated after each change)',
    )
    .option('--port <number>', 'port of the page', parseWholeNumberOrKeepText, 3000);
}

async function runPreview(line: CommandLine, { io }: CommandContext): Promise<void> {
  const { prometheus, loki, environment, manifests, port } = line.opts<Values>();
  if (typeof port !== 'number' || port < 1 || port > MAX_PORT)
    throw new UsageError(`--port is ${formatValue(port)}; allowed: a number from 1 to ${MAX_PORT}`);
  if (!prometheus && !loki)
    throw new UsageError('--prometheus or --loki is required: set the address of a server to query');
  const sources = manifests === undefined ? new SynthesizedSources() : undefined;
  try {
    await sources?.synthesize();
    const root = manifests ?? sources?.folder ?? '';
    const name = chooseEnvironment(root, environment);
    const server = await PreviewServer.start({
      preview: () => ({ title: name, troubles: [], ...readProvisioned(join(root, name)) }),
      port,
      prometheus: parseUpstream('--prometheus', 'Prometheus', prometheus),
      loki: parseUpstream('--loki', 'Loki', loki),
    });
    const reportError = (error: Error) => io.stderr(`${error.message}\n`);
    const notifyIfWritten = (isWritten: boolean) => isWritten && server.notifyChanged();
    sources?.onChange(() => void sources.synthesize().then(notifyIfWritten, reportError));
    const watcher = sources ? undefined : watchFolder(root, () => server.notifyChanged());
    io.stdout(`the dashboards of ${name}: http://127.0.0.1:${port}/\nCtrl-C stops the preview.\n`);
    await waitForSignal();
    watcher?.close();
    await server.stop();
  } finally {
    await sources?.close();
  }
}

/**
 * Returns the name of the environment: the given name, or `reference`, or the first folder with manifests.
 * @throws UsageError if there is no such folder
 */
function chooseEnvironment(root: string, given?: string): string {
  if (!existsSync(root))
    throw new UsageError(`--manifests is ${formatValue(root)}; allowed: an existing folder with manifests`);
  const names = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
  const name = given ?? (names.includes('reference') ? 'reference' : names[0]);
  if (name !== undefined && names.includes(name)) return name;
  throw new UsageError(
    `--environment is ${given === undefined ? 'missing' : formatValue(given)}; allowed: ${names.join(', ') || 'none, because there are no manifests'}`,
  );
}

/**
 * Parses the address of a server. Returns `undefined` if no address is given.
 * @throws UsageError if the value is not an HTTP or HTTPS address
 */
function parseUpstream(option: string, name: string, given?: string): Upstream | undefined {
  if (given === undefined) return undefined;
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url && /^https?:$/.test(url.protocol)) return { name, url };
  throw new UsageError(
    `${option} is ${formatValue(given)}; allowed: an address such as http://localhost:9090`,
  );
}

function waitForSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
  });
}

void (async () => {
  process.exitCode = await runCommandModule('preview', preview, process.argv.slice(2), {
    environments: {},
    io: createIoOfThisProcess(),
  });
})();
