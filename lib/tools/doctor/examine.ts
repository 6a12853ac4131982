import { apiGroups, namespaces, version } from './api';
import { certificatePushes } from './certificate-push';
import { devices } from './devices';
import { edgePods } from './edge-pods';
import type { Check, Examination } from './examination';
import type { Finding } from './finding';
import { foreignObjects } from './foreign';
import { gateways } from './gateways';
import { hosts } from './hosts';
import { nodeCertificates } from './node-certificates';
import { edgeNodes } from './nodes';
import { privateCa } from './private-ca';
import { prometheusOperator } from './prometheus-operator';
import { pushes } from './push';
import { secrets } from './secrets';
import { certManager, ingressClass, storageClass } from './services';

/** Read-only checks, in the order in which their findings are best fixed. */
const READING: readonly Check[] = [
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
    storageClass,
    secrets,
    privateCa,
    edgePods,
    hosts,
  ],
];

/** Options of a run. */
export interface ExaminationOptions {
  /** Whether to also push test data, which stays in the stores for a while. */
  readonly push: boolean;
  /** Called before each check. */
  readonly onLook?: (check: string) => void;
}

/**
 * Runs all checks, even if some fail or cannot be performed.
 * @throws Error when the cluster cannot be reached.
 */
export async function runChecks(
  examination: Examination,
  { push, onLook }: ExaminationOptions,
): Promise<Finding[]> {
  onLook?.('the API server');
  await examination.kubectl('version', '--output', 'json');
  const findings: Finding[] = [];
  for (const { name, look } of [...READING, ...(push ? [pushes, certificatePushes] : [])]) {
    onLook?.(name);
    const found = await look(examination).catch(checkFailed);
    findings.push(...found.map((one) => ({ check: name, ...one })));
  }
  return findings;
}

const checkFailed = (error: Error): Omit<Finding, 'check'>[] => [
  {
    verdict: 'unknown',
    message: `the check could not be performed: ${error.message}`,
    remedy: 'fix the error, or use an account with permission to read it',
  },
];
