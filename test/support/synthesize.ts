import { App, Chart, type ChartProps } from 'cdk8s';
import type { Construct } from 'constructs';
import { Platform, type PlatformProps } from '../../lib';
import type { Manifest } from './manifests';

/** Options of a chart in a plain cdk8s app, for a test. */
export interface TestChartProps extends ChartProps {
  readonly platform?: PlatformProps;
}

/** Returns the objects of a chart in a plain cdk8s app. */
export function synthesizeChart(build: (chart: Chart) => void, props: TestChartProps = {}): Manifest[] {
  const chart = new Chart(new App(), 'test', props);
  if (props.platform) Platform.define(chart, props.platform);
  build(chart);
  return chart.toJson();
}

/** Returns the message of the error that a construct throws. @throws Error if the construct throws none */
export function refusalMessage(build: (chart: Construct) => void, props?: TestChartProps): string {
  try {
    synthesizeChart(build, props);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('nothing was refused');
}
