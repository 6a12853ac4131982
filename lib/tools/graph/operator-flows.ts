import type { RenderedObject } from '../synthesis/render';
import type { Flow, Place } from './flow-graph';
import { findMentionedAddresses, findScrapeTargetsOfJob, type Mention, SCRAPE_LABEL } from './mentions';

/** Prefix of the IDs of graph nodes for Services that a configuration mentions and that the manifests do not create. */
export const EXTERNAL_SERVICE = 'service:';

/**
 * Node of the graph for the Grafana of a Prometheus Operator. No configuration of this stack contains the address of this Grafana.
 */
export const OPERATOR_GRAFANA: Place = { id: 'operator-grafana', name: 'Grafana', detail: 'external' };

/** Returns the node of the graph for a Service that the manifests do not create. */
export function createExternalServiceGraphNode(id: string): Place {
  const [namespace, name = ''] = id.slice(EXTERNAL_SERVICE.length).split('/');
  return { id, name, detail: `external, in ${namespace}` };
}

/**
 * Returns the flows between the workloads of this stack and the Prometheus, Alertmanager and Grafana of a Prometheus
 * Operator. Derives these flows from the ScrapeConfigs, the PrometheusRules and the ConfigMaps with data sources.
 * Returns an empty list if the stack does not use a Prometheus Operator.
 * @param mentioned IDs of the nodes of the graph that workloads send data to
 * @param sourcesOf returns the IDs of the workloads at an address
 */
export function prometheusOperatorFlows(
  objects: readonly RenderedObject[],
  mentioned: readonly string[],
  sourcesOf: (mention: Mention) => readonly string[],
): Flow[] {
  const manifests = objects.map(({ manifest }) => manifest);
  const namespace = findPrometheusOperatorNamespace(mentioned);
  const scraped = manifests.filter(({ kind }) => kind === 'ScrapeConfig');
  if (!namespace || !scraped.length) return [];
  const prometheus = `${EXTERNAL_SERVICE}${namespace}/prometheus-operated`;
  const alertmanager = `${EXTERNAL_SERVICE}${namespace}/alertmanager-operated`;
  const targets = scraped.filter(({ spec }) => spec.honorLabels || spec.kubernetesSDConfigs);
  const sources = manifests.flatMap(({ kind, data }) =>
    kind === 'ConfigMap'
      ? Object.values<string>(data ?? {}).filter((text) => /^datasources:/m.test(text))
      : [],
  );
  const flowsToDestination = (to: string, mentions: readonly Mention[], label: string): Flow[] =>
    mentions.flatMap((mention) => sourcesOf(mention).map((from) => ({ from, to, label })));
  return [
    ...flowsToDestination(
      prometheus,
      targets.flatMap(({ spec }) => findScrapeTargetsOfJob(JSON.stringify(spec))),
      SCRAPE_LABEL,
    ),
    ...(manifests.some(({ kind }) => kind === 'PrometheusRule')
      ? [{ from: prometheus, to: alertmanager, label: 'alerts' }]
      : []),
    { from: prometheus, to: OPERATOR_GRAFANA.id, label: 'query results' },
    ...flowsToDestination(OPERATOR_GRAFANA.id, sources.flatMap(findMentionedAddresses), 'query results'),
  ];
}

const findPrometheusOperatorNamespace = (mentioned: readonly string[]): string | undefined =>
  mentioned.map((id) => /^service:([^/]+)\/(prometheus|alertmanager)-operated$/.exec(id)?.[1]).find(Boolean);
