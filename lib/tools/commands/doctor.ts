import { readFileSync } from 'node:fs';
import type { App } from 'cdk8s';
import { Platform } from '../../core/platform';
import { requiredPrometheusObjectsOfApp } from '../../core/required-prometheus';
import { requiredSecrets } from '../../core/required-secrets';
import type { CheckContext } from '../doctor/check';
import { type NodeKeyPair, network } from '../doctor/network';
import { formatFindings, haveAllChecksPassed } from '../doctor/report';
import { runChecks } from '../doctor/run-checks';
import { runKubectl } from '../process/kubectl';
import { createProgressPrinter, createTextColorizer } from '../process/terminal';
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

/** Command `doctor`: checks whether a cluster meets the requirements of an environment, and prints remedies. */
export const doctor: CommandModule = { define: defineDoctorOptions, run: runDoctor };

function defineDoctorOptions(line: CommandLine): void {
  line
    .description(
      "Checks whether the cluster of kubectl's current context meets the requirements of an environment: Kubernetes version, edge nodes, ingress class, certificate issuers, storage class and Secrets. " +
        'Also checks whether the public hosts are in DNS and have certificates that clients trust. Prints a remedy for each problem. Changes nothing in the cluster.',
    )
    .option('--environment <name>', 'the environment (optional if there is only one)')
    .option(
      '--push',
      'also pushes test data with the passwords of the edge nodes: an empty metric group to each Pushgateway, an empty remote-write request, and one log line to Loki, all with the job edge-observability-doctor',
    )
    .option(
      '--certificate <file>',
      'with --push: the certificate of a node (PEM), if nodes authenticate with certificates',
    )
    .option('--key <file>', 'with --certificate: the private key of this certificate (PEM)')
    .option('--json', 'prints JSON')
    .addHelpText(
      'after',
      `
Exit code ${EXIT.failed}: a check failed or could not be performed.
DNS and TLS are checked from this machine. The command reads only the names of the keys in Secrets, not their
values. With --push, it also reads the passwords of the edge nodes.`,
    );
}

const PASSWORDS_NOT_TESTED =
  'Passwords were not tested. Use --push to push test data with the passwords of the edge nodes.\n';

async function runDoctor(line: CommandLine, { environments, io }: CommandContext): Promise<number> {
  const { environment, push = false, json = false, certificate, key } = line.opts<Values>();
  const nodeCertificate = readNodeCertificateAndKey(push, certificate, key);
  const name = chooseEnvironmentName(environment, environments);
  const checkContext = { ...createCheckContext(createSingleClusterApp(name, environments)), nodeCertificate };
  const context = (await runKubectl('config', 'current-context')).trim();
  const show = createProgressPrinter(io);
  const findings = await runChecks(checkContext, {
    push,
    onCheck: (check) => show(`checking ${check} ...`),
  }).finally(() => show(''));
  const formatReport = () =>
    `environment ${name}, context ${context}\n\n${formatFindings(findings, createTextColorizer(io))}${push ? '' : PASSWORDS_NOT_TESTED}`;
  io.stdout(json ? `${JSON.stringify({ environment: name, context, findings }, null, 2)}\n` : formatReport());
  return haveAllChecksPassed(findings) ? EXIT.done : EXIT.failed;
}

function readNodeCertificateAndKey(
  push: boolean,
  certificate?: string,
  key?: string,
): NodeKeyPair | undefined {
  if (certificate === undefined && key === undefined) return undefined;
  if (!push || certificate === undefined || key === undefined) {
    throw new UsageError(
      '--certificate and --key require each other and --push: use --push --certificate FILE --key FILE',
    );
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
    prometheus: requiredPrometheusObjectsOfApp(app),
    kubernetesMinor: Math.max(...platforms.map(({ kubernetesMinor }) => kubernetesMinor)),
    ...(platform?.privateCa && {
      privateCa: { ...platform.privateCa, namespace: platform.namespaces.edge },
    }),
    kubectl: runKubectl,
    network,
  };
}
