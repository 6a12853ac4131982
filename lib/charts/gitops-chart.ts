import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import { invalid } from '../core/validation';
import { ArgoCdApplications } from '../gitops/argo-cd-applications';
import { checkSettings } from './check-settings';
import type { Settings } from './settings';

/** What a GitOpsChart is made of. */
export interface GitOpsChartProps {
  readonly settings: Settings;
  /** The charts of the environment, in the order in which Argo CD begins with them. */
  readonly charts: readonly Chart[];
}

/** What Argo CD needs to know: apply it once to the cluster of Argo CD, and again when it changes. */
export class GitOpsChart extends Chart {
  /** What applies the charts; add charts of your own to it. */
  readonly applications: ArgoCdApplications;

  /** @throws InvalidOptionError when a setting is not allowed, or `gitOps` is missing. */
  constructor(scope: Construct, id: string, { settings, charts }: GitOpsChartProps) {
    super(scope, id);
    checkSettings(this, settings);
    if (!settings.gitOps) {
      throw invalid(
        this,
        'settings.gitOps is missing; such as { repository: "https://...", path: "dist/..." }',
      );
    }
    const name = `observability-${settings.cluster}`;
    this.applications = new ArgoCdApplications(this, 'applications', { name, ...settings.gitOps });
    for (const chart of charts) this.applications.addChart(chart);
  }
}
