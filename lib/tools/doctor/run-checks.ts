import { apiGroups, namespaces, version } from './api';
import { certificatePushes } from './certificate-push';
import type { Check, CheckContext } from './check';
import { devices } from './devices';
import { edgePods } from './edge-pods';
import type { Finding } from './finding';
import { foreignObjects } from './foreign-objects';
import { gateways } from './gateways';
import { hosts } from './hosts';
import { nodeCertificates } from './node-certificates';
import { edgeNodes } from './nodes';
import { privateCa } from './private-ca';
import { prometheusOperator } from './prometheus-operator';
import { pushes } from './push';
import { remoteStore, remoteStoreLogins } from './remote-store';
import { secrets } from './secrets';
import { certManager, ingressClass, storageClass } from './services';
import { victoriaMetrics } from './victoria-metrics';

/** Checks that change nothing, in the order in which users should fix problems. */
const READ_ONLY_CHECKS: readonly Check[] = [
  ...[
    version,
    apiGroups,
    namespaces,
    foreignObjects,
    edgeNodes,
    nodeCertificates,
    devices,
    ingressClass,
    certManager,
    gateways,
    prometheusOperator,
    remoteStore,
    victoriaMetrics,
    storageClass,
    secrets,
    privateCa,
    edgePods,
    hosts,
  ],
];

/** Options for `runChecks`. */
export interface CheckOptions {
  /** Whether to also push test data, which the stores of metrics and logs keep for their retention time. */
  readonly push: boolean;
  /** Called with the name of each check before it runs. @default - progress is not reported */
  readonly onCheck?: (check: string) => void;
}

/**
 * Runs all checks, even if some checks fail or cannot be performed.
 * @throws Error when the cluster cannot be reached.
 */
export async function runChecks(context: CheckContext, { push, onCheck }: CheckOptions): Promise<Finding[]> {
  onCheck?.('the API server');
  await context.kubectl('version', '--output', 'json');
  const findings: Finding[] = [];
  for (const { name, run } of [
    ...READ_ONLY_CHECKS,
    ...(push ? [pushes, certificatePushes, remoteStoreLogins] : []),
  ]) {
    onCheck?.(name);
    const found = await run(context).catch(findingsOfCheckThatThrew);
    findings.push(...found.map((one) => ({ check: name, ...one })));
  }
  return findings;
}

const findingsOfCheckThatThrew = (error: Error): Omit<Finding, 'check'>[] => [
  {
    verdict: 'unknown',
    message: `the check could not be performed: ${error.message}`,
    remedy:
      'fix the error that stopped the check; if a permission is missing, use an account that may read the objects',
  },
];
