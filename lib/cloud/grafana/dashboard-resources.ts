import { Construct } from 'constructs';
import type { DashboardSource } from '../../contracts/dashboards';
import { ConfigFiles } from '../../core/config-files';
import { type DashboardOptions, dashboardJson } from '../../core/dashboard-model';
import { dashboards, uid } from '../../core/dashboard-rules';
import { Identity } from '../../core/labels';
import { dnsLabel, labels } from '../../core/option-rules';
import { Platform } from '../../core/platform';
import { runbooksAddress } from '../../core/rule-rules';
import { type RuleTable, verifyOptions } from '../../core/structure-rules';
import { invalid, verify } from '../../core/validation';

/** What a DashboardResources is made of. */
export interface DashboardResourcesProps extends DashboardOptions {
  /** Beginning of the names of the objects. @default "edge-observability" */
  readonly name?: string;
  /** Where its objects are made. @default - that of its chart, else `cloud` of the platform's */
  readonly namespace?: string;
  /** Labels by which Grafana's sidecar finds them. @default - `{ grafana_dashboard: '1' }` */
  readonly labels?: Readonly<Record<string, string>>;
}

const OPTIONS: RuleTable<DashboardResourcesProps> = {
  name: dnsLabel,
  namespace: dnsLabel,
  labels,
  metrics: uid,
  logs: uid,
  runbooks: runbooksAddress,
};

/** Dashboards as labelled ConfigMaps, one for each, for those who bring their own Grafana with its sidecar. */
export class DashboardResources extends Construct {
  /** @throws InvalidOptionError when an option is not allowed. */
  constructor(
    scope: Construct,
    id: string,
    private readonly props: DashboardResourcesProps = {},
  ) {
    super(scope, id);
    verifyOptions(this, props, OPTIONS);
  }

  /** Writes dashboards. @throws InvalidOptionError when one is not allowed, or a dashboard of that uid is there already. */
  addDashboards(source: DashboardSource): void {
    verify(this, { dashboards: [source?.dashboards ?? null, dashboards] });
    const { name = 'edge-observability', namespace, labels: own = { grafana_dashboard: '1' } } = this.props;
    for (const dashboard of source.dashboards) {
      if (this.node.tryFindChild(dashboard.uid)) {
        throw invalid(this, `the dashboard ${dashboard.uid} is there already: give one another uid`);
      }
      new ConfigFiles(this, dashboard.uid, {
        name: `${name}-${dashboard.uid}`,
        namespace: Platform.of(this).namespaceOf(this, 'cloud', namespace),
        identity: new Identity(name, undefined, own),
        files: () => ({
          [`${dashboard.uid}.json`]: dashboardJson(dashboard, this.props),
        }),
      });
    }
  }
}
