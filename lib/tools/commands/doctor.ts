import { readFileSync } from 'node:fs';
import type { App } from 'cdk8s';
import { Platform } from '../../core/platform';
import { requiredPrometheus } from '../../core/required-prometheus';
import { requiredSecrets } from '../../core/required-secrets';
import type { CheckContext } from '../doctor/check';
import { type NodeKeyPair, network } from '../doctor/network';
import { formatFindings, hasNoProblems } from '../doctor/report';
import { runChecks } from '../doctor/run-checks';
import { runKubectl } from '../process/kubectl';
import { createPainter, createProgressLine } from '../process/terminal';
import { UsageError } from '../process/usage-error';
import { createSingleClusterApp } from '../synthesis/environment';
import { renderApp } from '../synthesis/render';
import type { CommandContext, CommandModule } from './command';
import type { CommandLine } from './command-line';
import { chooseEnvironmentName } from './environments';
import { EXIT } from './exit-codes';

interface Values {
  readonly environment?: string;
  readonly push?: boolean;
  readonly certificate?: string;
  readonly key?: string;
  readonly json?: boolean;
}

/** Command `doctor`: checks whether a cluster meets the requirements of an environment, with remedies. */
export const doctor: CommandModule = { define: defineDoctorOptions, run: runDoctor };

function defineDoctorOptions(line: CommandLine): void {
  line
    .description(
      "Checks whether the cluster of kubectl's current context meets the requirements of an environment: version, edge nodes, " +
        'ingress class, issuers, storage class and Secrets, and whether its hosts are in DNS and have certificates that ' +
        'clients trust. Prints a remedy for each problem. Changes nothing.',
    )
    .option('--environment <name>', 'the environment (optional if there is only one)')
    .option(
      '--push',
      "also pushes with the edge's passwords: an empty group to each Pushgateway, an empty remote write, and one line " +
        `to Loki, all with the job edge-observability-doctor`,
    )
    .option(
      '--certificate <file>',
      'with --push: the certificate of a node in PEM, where nodes show certificates',
    )
    .option('--key <file>', 'with --certificate: its key in PEM')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
Exit code ${EXIT.failed}: a check failed or could not be performed.
DNS and TLS are checked from this machine. Of Secrets, only the names of keys are read; with --push also the
passwords of the edge.`,
    );
}

const PASSWORDS_NOT_TESTED = "Passwords were not tested: use --push to push with the edge's passwords.\n";

async function runDoctor(line: CommandLine, { environments, io }: CommandContext): Promise<number> {
  const { environment, push = false, json = false, certificate, key } = line.opts<Values>();
  const nodeCertificate = readNodeKeyPair(push, certificate, key);
  const name = chooseEnvironmentName(environment, environments);
  const checkContext = { ...createCheckContext(createSingleClusterApp(name, environments)), nodeCertificate };
  const context = (await runKubectl('config', 'current-context')).trim();
  const show = createProgressLine(io);
  const findings = await runChecks(checkContext, {
    push,
    onCheck: (check) => show(`looking at ${check} ...`),
  }).finally(() => show(''));
  const reportText = () =>
    `environment ${name}, context ${context}\n\n${formatFindings(findings, createPainter(io))}${push ? '' : PASSWORDS_NOT_TESTED}`;
  io.stdout(json ? `${JSON.stringify({ environment: name, context, findings }, null, 2)}\n` : reportText());
  return hasNoProblems(findings) ? EXIT.done : EXIT.failed;
}

function readNodeKeyPair(push: boolean, certificate?: string, key?: string): NodeKeyPair | undefined {
  if (certificate === undefined && key === undefined) return undefined;
  if (!push || certificate === undefined || key === undefined) {
    throw new UsageError('--certificate FILE and --key FILE go with each other and with --push');
  }
  return { cert: readPemFile('--certificate', certificate), key: readPemFile('--key', key) };
}

function readPemFile(flag: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`${flag} cannot be read: ${(error as Error).message}`);
  }
}

function createCheckContext(app: App): CheckContext {
  const objects = renderApp(app);
  const platforms = app.node.children.map((chart) => Platform.of(chart));
  const platform = platforms.find(({ privateCa }) => privateCa);
  return {
    objects,
    secrets: requiredSecrets(app),
    prometheus: requiredPrometheus(app),
    kubernetesMinor: Math.max(...platforms.map(({ kubernetesMinor }) => kubernetesMinor)),
    ...(platform?.privateCa && {
      privateCa: { ...platform.privateCa, namespace: platform.namespaces.edge },
    }),
    kubectl: runKubectl,
    network,
  };
}
