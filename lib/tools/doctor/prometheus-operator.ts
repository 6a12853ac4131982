import { promqlSeconds } from '../../core/promql-numbers';
import type { RequiredPrometheus } from '../../core/required-prometheus';
import { type ClusterObject, getObjectIfExists, listObjects } from '../process/kubectl';
import { abbreviateList, type Check, type CheckContext } from './check';
import { type Found, ok, problem } from './finding';
import { type LabelSelector, matchesSelector } from './label-selector';

const GROUP = 'monitoring.coreos.com';
const OBJECTS = `prometheuses.${GROUP}`;
const DEFINITIONS = [OBJECTS, `prometheusrules.${GROUP}`, `scrapeconfigs.${GROUP}`];

/** Checks the Prometheus object of a Prometheus Operator, whose spec the manifests do not contain. */
export const prometheusOperator: Check = {
  name: 'Prometheus Operator',
  run: async (context) => {
    const { kubectl, prometheus } = context;
    if (!prometheus.length) return [];
    const missing: string[] = [];
    for (const name of DEFINITIONS) {
      if (!(await getObjectIfExists(kubectl, 'get', 'customresourcedefinitions', name))) missing.push(name);
    }
    if (missing.length) return missing.map(missingCrdProblem);
    const found: Found[] = [];
    for (const required of prometheus) found.push(...(await checkPrometheusObject(required, context)));
    return found;
  },
};

const missingCrdProblem = (name: string): Found =>
  problem(
    `the CRD ${name} does not exist`,
    'install the Prometheus Operator 0.65 or later with all its CRDs, such as by kube-prometheus-stack',
  );

async function checkPrometheusObject(
  required: RequiredPrometheus,
  { kubectl, objects }: CheckContext,
): Promise<readonly Found[]> {
  const { name, namespace, ownNamespace } = required;
  const object = await getObjectIfExists(kubectl, 'get', OBJECTS, name, '--namespace', namespace);
  if (!object) {
    const all = await listObjects(kubectl, OBJECTS, '--all-namespaces');
    const names = all.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
    return [
      problem(
        `the Prometheus object ${namespace}/${name} does not exist; existing: ${abbreviateList(names) || 'none'}`,
        'set prometheus.name and namespace of prometheusOperator() to one of them',
      ),
    ];
  }
  const own = await getObjectIfExists(kubectl, 'get', 'namespace', ownNamespace);
  const namespaceLabels = { 'kubernetes.io/metadata.name': ownNamespace, ...own?.metadata.labels };
  const problems = [
    ...checkPrometheusSpec(required, object.spec),
    ...(['ScrapeConfig', 'PrometheusRule'] as const).flatMap((kind) => {
      const labels = objects.find(({ manifest }) => manifest.kind === kind)?.manifest.metadata.labels ?? {};
      return checkSelectors(required, object.spec, { kind, labels, namespaceLabels });
    }),
  ];
  return problems.length
    ? problems
    : [ok(`${namespace}/${name} takes the samples of the gateway, and selects the objects of this stack`)];
}

function checkPrometheusSpec(required: RequiredPrometheus, spec: ClusterObject): Found[] {
  const { outOfOrderSeconds, replicas } = required;
  const { enableRemoteWriteReceiver, tsdb, shards = 1, web, routePrefix = '/' } = spec;
  const window = tsdb?.outOfOrderTimeWindow ?? '0s';
  const wrong: [boolean, string, string][] = [
    [
      enableRemoteWriteReceiver !== true,
      'does not take remote write: edge samples stay in the queue of the gateway',
      'set enableRemoteWriteReceiver: true',
    ],
    [
      promqlSeconds(window) < outOfOrderSeconds,
      `has the out-of-order window ${window}: it rejects requests with samples that edge nodes send after an outage`,
      `set tsdb.outOfOrderTimeWindow to ${outOfOrderSeconds}s or more`,
    ],
    [
      (spec.replicas ?? 1) !== replicas,
      `has ${spec.replicas ?? 1} replicas, and the gateway writes to ${replicas}`,
      'set prometheus.replicas of prometheusOperator() to the same number',
    ],
    [shards !== 1, `has ${shards} shards, of which the gateway writes to the first only`, 'set shards: 1'],
    [
      web?.tlsConfig !== undefined || routePrefix !== '/',
      'serves HTTPS or has a route prefix, which the gateway does not use',
      'remove web.tlsConfig and routePrefix',
    ],
  ];
  return wrong
    .filter(([isWrong]) => isWrong)
    .map(([, message, remedy]) => prometheusProblem(required, message, remedy));
}

interface Selected {
  readonly kind: 'ScrapeConfig' | 'PrometheusRule';
  readonly labels: Readonly<Record<string, string>>;
  readonly namespaceLabels: Readonly<Record<string, string>>;
}

/** Without a selector, nothing is selected; without one of namespaces, only the namespace of the object. */
function checkSelectors(
  required: RequiredPrometheus,
  spec: ClusterObject,
  { kind, labels, namespaceLabels }: Selected,
): Found[] {
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
          prometheusProblem(
            required,
            `selects no ${kind} of this stack: ${field}Selector is ${JSON.stringify(selector ?? null)}`,
            'set labels of prometheusOperator() to those that it selects',
          ),
        ]),
    ...(isInOwn
      ? []
      : [
          prometheusProblem(
            required,
            `selects no ${kind} in the namespace ${required.ownNamespace}: ${field}NamespaceSelector is ${JSON.stringify(namespaces ?? null)}`,
            `set ${field}NamespaceSelector: {}, or to labels of that namespace`,
          ),
        ]),
  ];
}

const prometheusProblem = ({ namespace, name }: RequiredPrometheus, message: string, remedy: string): Found =>
  problem(`the Prometheus object ${namespace}/${name} ${message}`, remedy);
