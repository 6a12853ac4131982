import type { Component } from '../../core/component';
import { pushesDashboard } from './dashboard';

/** How samples of exporters get to the cloud, as an environment knows it. */
export const exporterComponent: Component = { dashboards: () => [pushesDashboard()] };
