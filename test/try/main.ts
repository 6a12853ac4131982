import { readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { formatValue } from '../../lib/core/validation';
import type { CommandContext, CommandModule } from '../../lib/tools/commands/command';
import { type CommandLine, parseWholeNumberOrKeepText } from '../../lib/tools/commands/command-line';
import { runCommandModule } from '../../lib/tools/commands/program';
import { createIoOfThisProcess } from '../../lib/tools/process/process-io';
import { createProgressPrinter } from '../../lib/tools/process/terminal';
import { UsageError } from '../../lib/tools/process/usage-error';
import { outputFolder } from '../../lib/tools/synthesis/synthesize';
import { METRICS_PATH, requirePrograms } from '../runtime/programs';
import { sweep } from '../runtime/sweep';
import type { Running } from './message';
import { Worker } from './worker';

/** Default environment. */
const FIRST = 'reference';

/** Environment with simulated nodes. */
const LARGE = 'fleet';

const MAX_PORT = 65_535;

/** Capacity of one machine beside the programs themselves. */
const MAX_NODES = 200;

interface Values {
  readonly environment?: string;
  readonly port: number | string;
  readonly nodes?: number | string;
}

/** Command `sudo npm run try`: runs the programs of an environment for metrics on this machine, without a cluster. */
const tryOut: CommandModule = { define, run };

function define(line: CommandLine): void {
  line
    .description(
      'Runs the programs of an environment that send, receive and store metrics, on this machine and as dist/ configures ' +
        'them: an edge node that scrapes itself and pushes, nginx as the ingress with TLS and a password, the programs behind the ingress, and Prometheus. Each ' +
        'program runs in its own sandbox and network, without a cluster. Prints the addresses of the dashboards and of ' +
        'Prometheus, runs until Ctrl-C, and leaves no processes, networks or files. Requires root, and the programs that ' +
        'test/e2e/install.sh installs.',
    )
    .option('--environment <name>', `environment of dist/ (default: the only one, or ${FIRST})`)
    .option(
      '--port <number>',
      'port of the dashboards and of Prometheus, reachable only from this machine',
      parseWholeNumberOrKeepText,
      9090,
    )
    .option(
      '--nodes <number>',
      `number of simulated nodes in addition to the real node; some have problems, and all use remote write (default environment: ${LARGE})`,
      parseWholeNumberOrKeepText,
    );
}

async function run(line: CommandLine, { io }: CommandContext): Promise<void> {
  const { environment, port, nodes = 0 } = line.opts<Values>();
  const name = environmentOf(environment, nodes ? LARGE : FIRST);
  const allowed = `a number from 1 to ${MAX_PORT}`;
  if (typeof port !== 'number' || port < 1 || port > MAX_PORT)
    throw new UsageError(`--port is ${formatValue(port)}; allowed: ${allowed}`);
  if (typeof nodes !== 'number' || nodes > MAX_NODES)
    throw new UsageError(`--nodes is ${formatValue(nodes)}; allowed: a number from 1 to ${MAX_NODES}`);
  requirePrograms('try', METRICS_PATH);
  await requirePort(port);
  const ended = signalled();
  const show = createProgressPrinter(io);
  const worker = new Worker(join(outputFolder(), name), port, nodes, (doing) => show(`${doing} ...`));
  try {
    const running = await Promise.race([worker.running, ended]);
    show('');
    if (running) {
      io.stdout(formatAddresses(name, port, running));
      await Promise.race([worker.failed, ended]);
    }
  } finally {
    show('stopping ...');
    await worker.stop();
    await sweep();
    show('');
  }
}

function environmentOf(given: string | undefined, first: string): string {
  const names = readdirSync(outputFolder(), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
  const name = given ?? (names.length === 1 ? names[0] : first);
  if (name !== undefined && names.includes(name)) return name;
  const problem = given === undefined ? 'missing' : formatValue(given);
  throw new UsageError(
    `--environment is ${problem}; allowed: ${names.join(', ')} (the environments in dist/, which npm run synth writes)`,
  );
}

/** @throws Error if another program uses the port. */
function requirePort(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', ({ message }) =>
      reject(
        new Error(
          `port ${port} of this machine cannot be used (${message}): choose another port with --port`,
        ),
      ),
    );
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve()));
  });
}

/** Resolves when the user stops the command; a second Ctrl-C does not interrupt the cleanup. */
function signalled(): Promise<undefined> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.on(signal, () => resolve(undefined));
  });
}

function formatAddresses(environment: string, port: number, { node, expression, hasPage }: Running): string {
  const root = `http://127.0.0.1:${port}`;
  const query = encodeURIComponent(expression);
  return `${node} of the environment ${environment} sends its metrics to Prometheus:

  dashboards           ${root}/
  Prometheus's web UI  ${hasPage ? `${root}/query?g0.expr=${query}&g0.tab=graph&g0.range_input=15m` : "none, because Debian's Prometheus has no web UI"}
  Prometheus's API     ${root}/api/v1/query?query=${query}

Ctrl-C stops everything, and leaves no processes, networks or files.
`;
}

void (async () => {
  const context = { environments: {}, io: createIoOfThisProcess() };
  process.exitCode = await runCommandModule('try', tryOut, process.argv.slice(2), context);
})();
