import { parseAbsolutePromqlSeconds } from '../../core/promql-numbers';
import type { RequiredPrometheus } from '../../core/required-prometheus';
import { type ClusterObject, getObjectIfExists, listObjects } from '../process/kubectl';
import { abbreviateList, type Check, type CheckContext } from './check';
import { type CheckFinding, okFinding, problemFinding } from './finding';
import { type LabelSelector, matchesSelector } from './label-selector';

const GROUP = 'monitoring.coreos.com';
const OBJECTS = `prometheuses.${GROUP}`;
const DEFINITIONS = [OBJECTS, `prometheusrules.${GROUP}`, `scrapeconfigs.${GROUP}`];

/**
 * Checks whether the CRDs of the Prometheus Operator exist, and whether the Prometheus object that stores the samples meets the
 * requirements of this stack. The Prometheus object belongs to the operator, and is not part of the manifests.
 */
export const prometheusOperator: Check = {
  name: 'Prometheus Operator',
  run: async (context) => {
    const { kubectl, prometheus } = context;
    if (!prometheus.length) return [];
    const missing: string[] = [];
    for (const name of DEFINITIONS) {
      if (!(await getObjectIfExists(kubectl, 'get', 'customresourcedefinitions', name))) missing.push(name);
    }
    if (missing.length) return missing.map(missingCrdFinding);
    const found: CheckFinding[] = [];
    for (const required of prometheus) found.push(...(await checkPrometheusObject(required, context)));
    return found;
  },
};

const missingCrdFinding = (name: string): CheckFinding =>
  problemFinding(
    `the CRD ${name} does not exist`,
    'install the Prometheus Operator 0.65 or newer with all of its CRDs, for example with kube-prometheus-stack',
  );

async function checkPrometheusObject(
  required: RequiredPrometheus,
  { kubectl, objects }: CheckContext,
): Promise<readonly CheckFinding[]> {
  const { name, namespace, ownNamespace } = required;
  const object = await getObjectIfExists(kubectl, 'get', OBJECTS, name, '--namespace', namespace);
  if (!object) {
    const all = await listObjects(kubectl, OBJECTS, '--all-namespaces');
    const names = all.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
    return [
      problemFinding(
        `the Prometheus object ${namespace}/${name} does not exist; existing objects: ${abbreviateList(names) || 'none'}`,
        'set prometheus.name and namespace of prometheusOperator() to an existing Prometheus object',
      ),
    ];
  }
  const own = await getObjectIfExists(kubectl, 'get', 'namespace', ownNamespace);
  const namespaceLabels = { 'kubernetes.io/metadata.name': ownNamespace, ...own?.metadata.labels };
  const problems = [
    ...checkPrometheusSpec(required, object.spec),
    ...(['ScrapeConfig', 'PrometheusRule'] as const).flatMap((kind) => {
      const labels = objects.find(({ manifest }) => manifest.kind === kind)?.manifest.metadata.labels ?? {};
      return checkPrometheusSelectors(required, object.spec, { kind, labels, namespaceLabels });
    }),
  ];
  return problems.length
    ? problems
    : [
        okFinding(
          `${namespace}/${name} accepts the samples of the gateway, and selects the objects of this stack`,
        ),
      ];
}

function checkPrometheusSpec(required: RequiredPrometheus, spec: ClusterObject): CheckFinding[] {
  const { outOfOrderSeconds, replicas } = required;
  const prometheus = formatPrometheusReference(required);
  const { enableRemoteWriteReceiver, tsdb, shards = 1, web, routePrefix = '/' } = spec;
  const window = tsdb?.outOfOrderTimeWindow ?? '0s';
  const wrong: [boolean, string, string][] = [
    [
      enableRemoteWriteReceiver !== true,
      `${prometheus} does not accept remote write, so samples of the edge stay in the queue of the gateway`,
      'set enableRemoteWriteReceiver: true in the spec of the Prometheus object',
    ],
    [
      parseAbsolutePromqlSeconds(window) < outOfOrderSeconds,
      `${prometheus} has the out-of-order window ${window}, so it rejects the samples that edge nodes send after an outage`,
      `set tsdb.outOfOrderTimeWindow to ${outOfOrderSeconds}s or more in the spec of the Prometheus object`,
    ],
    [
      (spec.replicas ?? 1) !== replicas,
      `${prometheus} has ${spec.replicas ?? 1} replicas, but the gateway writes to ${replicas} replicas`,
      'set prometheus.replicas of prometheusOperator() to the number of replicas of the Prometheus object',
    ],
    [
      shards !== 1,
      `${prometheus} has ${shards} shards, but the gateway only writes to the first shard`,
      'set shards: 1 in the spec of the Prometheus object',
    ],
    [
      web?.tlsConfig !== undefined || routePrefix !== '/',
      `${prometheus} serves HTTPS or has a route prefix, but the gateway writes by HTTP and without a prefix`,
      'remove web.tlsConfig and routePrefix from the spec of the Prometheus object',
    ],
  ];
  return wrong.filter(([isWrong]) => isWrong).map(([, message, remedy]) => problemFinding(message, remedy));
}

interface Selected {
  readonly kind: 'ScrapeConfig' | 'PrometheusRule';
  readonly labels: Readonly<Record<string, string>>;
  readonly namespaceLabels: Readonly<Record<string, string>>;
}

/**
 * Checks whether the Prometheus object selects the ScrapeConfigs or PrometheusRules of this stack. A Prometheus object without a
 * selector selects nothing. Without a namespace selector, it only selects objects in its own namespace.
 */
function checkPrometheusSelectors(
  required: RequiredPrometheus,
  spec: ClusterObject,
  { kind, labels, namespaceLabels }: Selected,
): CheckFinding[] {
  const prometheus = formatPrometheusReference(required);
  const field = kind === 'ScrapeConfig' ? 'scrapeConfig' : 'rule';
  const selector: LabelSelector | undefined = spec[`${field}Selector`];
  const namespaces: LabelSelector | undefined = spec[`${field}NamespaceSelector`];
  const isInOwn = namespaces
    ? matchesSelector(namespaces, namespaceLabels)
    : required.namespace === required.ownNamespace;
  return [
    ...(selector && matchesSelector(selector, labels)
      ? []
      : [
          problemFinding(
            `${prometheus} selects no ${kind} of this stack: ${field}Selector is ${JSON.stringify(selector ?? null)}`,
            `set labels of prometheusOperator() to labels that ${field}Selector matches`,
          ),
        ]),
    ...(isInOwn
      ? []
      : [
          problemFinding(
            `${prometheus} selects no ${kind} in the namespace ${required.ownNamespace}: ${field}NamespaceSelector is ${JSON.stringify(namespaces ?? null)}`,
            `set ${field}NamespaceSelector in the spec of the Prometheus object to {}, or to labels of this namespace`,
          ),
        ]),
  ];
}

const formatPrometheusReference = ({ namespace, name }: RequiredPrometheus): string =>
  `the Prometheus object ${namespace}/${name}`;
