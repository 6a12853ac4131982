import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import { dnsLabel } from '../core/option-rules';
import { type OptionTable, optionsOf } from '../core/option-table';
import { displayValue, invalid, type Rule } from '../core/validation';
import { ArgoCdApplications } from '../gitops/argo-cd-applications';
import { checkSettings, settingsOption } from './check-settings';
import type { Settings } from './settings';

/** Properties for `GitOpsChart`. */
export interface GitOpsChartProps {
  readonly settings: Settings;
  /** The charts of the environment, in the order in which Argo CD applies them first. */
  readonly charts: readonly Chart[];
}

const listOfCharts: Rule = {
  allowed: 'a list of charts',
  accepts: (value) => Array.isArray(value) && value.every(Chart.isChart),
};

/** The options of `GitOpsChart`. */
export const GIT_OPS_CHART_OPTIONS = {
  settings: settingsOption,
  charts: { rule: listOfCharts },
} satisfies OptionTable<GitOpsChartProps>;

/**
 * The Argo CD objects of an environment. Apply them to Argo CD's cluster once, and again when they change.
 */
export class GitOpsChart extends Chart {
  /** The Applications; add your own charts to them. */
  readonly applications: ArgoCdApplications;

  /** @throws InvalidOptionError when a setting is invalid, or `gitOps` is missing. */
  constructor(scope: Construct, id: string, props: GitOpsChartProps) {
    super(scope, id);
    const { settings, charts } = optionsOf(this, props, GIT_OPS_CHART_OPTIONS);
    checkSettings(this, settings);
    if (!settings.gitOps) {
      throw invalid(
        this,
        'settings.gitOps is missing; such as { repository: "https://...", path: "dist/..." }',
      );
    }
    const { name = this.projectNameOf(settings.cluster), ...gitOps } = settings.gitOps;
    this.applications = new ArgoCdApplications(this, 'applications', { ...gitOps, name });
    for (const chart of charts) this.applications.addChart(chart);
  }

  private projectNameOf(cluster: string): string {
    const name = `observability-${cluster}`;
    if (dnsLabel.accepts(name)) return name;
    throw invalid(
      this,
      `settings.gitOps.name is missing, and ${displayValue(name)} is not allowed; allowed: ${dnsLabel.allowed}`,
    );
  }
}
