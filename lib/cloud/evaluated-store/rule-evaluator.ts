import type { Construct } from 'constructs';
import { CloudWorkload } from '../../core/cloud-workload';
import type { Files } from '../../core/config-files';
import { goMemoryLimitEnvVar } from '../../core/go-memory';
import type { Resources } from '../../core/pods';
import { httpProbes } from '../../core/probes';
import type { Duration } from '../../core/units';
import type { ExternalStoreProps } from '../metrics-gateway';
import type { StoreQueryProps } from './options';
import { StoreAccess } from './store-access';

/** Name of the Kubernetes objects of the vmalerts, and of their scrape job. */
export const EVALUATOR = 'metrics-rules';

const PORT = 8880;
const RULES_DIR = '/etc/metrics-rules';

/** Properties for `createRuleEvaluatorWorkload`. */
interface EvaluatorProps {
  readonly write: ExternalStoreProps;
  readonly query: StoreQueryProps;
  readonly scrapeInterval: Duration;
  readonly resources: Resources;
}

/**
 * Functions that return the rule files and the Alertmanagers. Both functions are called at the end of the synthesis,
 * when all rules and Alertmanagers have been added.
 */
export interface EvaluatorInputs {
  readonly files: () => Files;
  /** Host and port of each Alertmanager. */
  readonly alertmanagers: () => readonly string[];
}

/**
 * Creates a workload of two vmalerts. Each vmalert evaluates all rules by querying the store. Both vmalerts therefore
 * send the same alerts, which Alertmanager deduplicates, and record the same samples, which the store deduplicates.
 * The flags were checked against `vmalert -help` of version 1.145 and
 * https://docs.victoriametrics.com/victoriametrics/vmalert/.
 */
export function createRuleEvaluatorWorkload(
  scope: Construct,
  { write, query, scrapeInterval, resources }: EvaluatorProps,
  rules: EvaluatorInputs,
): CloudWorkload {
  const [writing, querying] = [new StoreAccess('write', write), new StoreAccess('query', query)];
  const args = [
    `-httpListenAddr=:${PORT}`,
    `-rule=${RULES_DIR}/*.yaml`,
    `-evaluationInterval=${scrapeInterval}`,
    ...querying.vmalertClientFlags('datasource'),
    // After a restart, vmalert queries the store for the time at which each alert became active.
    ...querying.vmalertClientFlags('remoteRead'),
    ...writing.vmalertClientFlags('remoteWrite'),
    '-remoteWrite.disablePathAppend=true',
    // By default, vmalert adds the label alertgroup to alerts. Prometheus does not add this label.
    '-disableAlertgroupLabel=true',
    // Without -enableTCP6, vmalert neither listens on IPv6 addresses nor connects to IPv6 addresses.
    '-enableTCP6=true',
  ];
  return new CloudWorkload(scope, 'Rules', {
    name: EVALUATOR,
    image: 'vmalert',
    uid: 65_534,
    replicas: 2,
    spreadOverZones: true,
    headless: true,
    ports: { http: PORT },
    config: [
      { name: 'rules', mountPath: RULES_DIR, files: rules.files },
      {
        name: 'notifiers',
        mountPath: `${RULES_DIR}-notifiers`,
        files: () => ({
          'notifiers.yaml': JSON.stringify({ static_configs: [{ targets: rules.alertmanagers() }] }),
        }),
      },
    ],
    secrets: { ...writing.secrets, ...querying.secrets },
    volumes: [...writing.volumes, ...querying.volumes],
    container: {
      args: [...args, `-notifier.config=${RULES_DIR}-notifiers/notifiers.yaml`],
      env: [goMemoryLimitEnvVar(resources)],
      resources,
      volumeMounts: [...writing.volumeMounts, ...querying.volumeMounts],
      ...httpProbes({ ready: '/health', live: '/health' }),
    },
  });
}
