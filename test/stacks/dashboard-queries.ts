import type { Dashboard } from '../../preview/grafana/model';
import { type Choices, replaceQueryVariables } from '../../preview/grafana/variables';
import type { Manifest } from '../support/manifests';
import type { Query } from './compared-stores';

/** A query of a panel as Grafana asks it. */
export interface DashboardQuery {
  /** Dashboard, panel and query. */
  readonly id: string;
  readonly query: Query;
  /** Whether the fleet's cluster is chosen, and not all clusters. */
  readonly ofFleet: boolean;
}

/** Seconds between two points, and between two samples as the data source says it. */
const [STEP, SCRAPES] = [60, 30];

/** Queries in PromQL of all dashboards: with the cluster chosen, and after these with all clusters. */
export function dashboardQueries(
  objects: readonly Manifest[],
  cluster: string,
  span: readonly [from: number, to: number],
): DashboardQuery[] {
  const files = objects.flatMap(({ kind, data = {} }) =>
    kind === 'ConfigMap' ? Object.entries<string>(data) : [],
  );
  const dashboards = files
    .filter(([file]) => file.endsWith('.json'))
    .map(([, text]) => JSON.parse(text) as Dashboard)
    .filter(({ panels }) => panels);
  const listQueries = (choices: Choices, ofFleet: boolean) =>
    dashboards.flatMap((dashboard) => panelQueries(dashboard, choices, ofFleet, span));
  return [...listQueries({ cluster: [cluster] }, true), ...listQueries({}, false)];
}

function panelQueries(
  { uid, panels, templating }: Dashboard,
  choices: Choices,
  ofFleet: boolean,
  [from, to]: readonly [number, number],
): DashboardQuery[] {
  const asked = {
    choices,
    variables: templating?.list ?? [],
    range: { from, to },
    interval: STEP,
    scrapeInterval: SCRAPES,
  };
  return panels
    .filter(({ datasource }) => datasource?.type === 'prometheus')
    .flatMap(({ title, targets = [] }) =>
      targets.map(({ refId, expr: written, instant }) => {
        const expr = replaceQueryVariables(written, asked);
        return {
          id: `${uid}: ${title} ${refId}`,
          ofFleet,
          query: instant ? { expr, from: to } : { expr, from, to, step: STEP },
        };
      }),
    );
}
